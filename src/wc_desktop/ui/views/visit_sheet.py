"""One visit to read, with what stood before; from here it is corrected."""

from collections.abc import Callable, Iterator

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from wc_contract.model.instants import Instant
from wc_desktop.domain.screens import VisitView
from wc_desktop.domain.visit_views import VisitHistory
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.visit_words import ENDS, measures_words, reason_words, said
from wc_desktop.ui.viewmodels.words import JOINT, day_words, full_name, grade_words, local, when_words
from wc_desktop.ui.views.visit_table import stay_words
from wc_desktop.ui.views.window_sheet import WindowSheet
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.fact_list import Fact, FactList
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel


class VisitSheet(WindowSheet):
    """`correct_wanted` carries the visit's id."""

    correct_wanted = Signal(object)

    def __init__(self, session: Session, now: Callable[[], Instant], parent: QWidget) -> None:
        super().__init__("", "", parent, width=620)
        self.set_title(self.tr("Clinic visit"))
        self.action_button.setText(self.tr("C&orrect…"))
        self.leave_button.setText(self.tr("C&lose"))
        self._session = session
        self._now = now
        self._visit: VisitView | None = None
        self._who = TextLabel("", LabelStyle.HEADING, self)
        self._facts = FactList(self)
        self._twice = AlertBanner(
            Tone.WARNING, self.tr("Two entries stand for this visit. Read both, then correct one of them."), self
        )
        self._before = TextLabel(self.tr("What stood before"), LabelStyle.EYEBROW, self)
        self._earlier = QVBoxLayout()
        self._earlier.setSpacing(current_scale().px(12))
        for part in (self._who, self._twice, self._facts, self._before):
            self.body.addWidget(part)
        self.body.addLayout(self._earlier)
        self._lists: list[FactList] = []
        self.set_first_focus(self.leave_button)
        self.completed.connect(self._on_completed)

    def show_history(self, history: VisitHistory, *, twice: bool) -> None:
        """Open with a visit and what was written of it before."""
        self._visit = visit = history.visit
        child = visit.student
        if child is not None:
            born = self.tr("Born {day}").format(day=day_words(child.date_of_birth))
            self._who.setText(JOINT.join((full_name(child), grade_words(child), born)))
        self._who.setVisible(child is not None)
        self._twice.setVisible(twice)
        self._facts.set_facts(tuple(self._facts_of(visit)))
        self._before.setVisible(bool(history.earlier))
        for old in self._lists:
            self._earlier.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._lists = []
        for earlier in history.earlier:
            facts = FactList(self.inside)
            facts.set_facts(tuple(self._facts_of(earlier)))
            self._earlier.addWidget(facts)
            self._lists.append(facts)
        self.open()
        self.fit_soon()

    def _facts_of(self, visit: VisitView) -> Iterator[Fact]:
        zone = self._session.zone
        day = day_words(local(visit.arrived_at, zone).date())
        yield Fact(
            label=self.tr("In the clinic"), value=JOINT.join((day, stay_words(visit, zone, self._now()))), strong=True
        )
        end = said(ENDS, visit.disposition)
        for label, value in (
            (self.tr("Reason"), reason_words(visit.reason, visit.said)),
            (self.tr("Measured"), measures_words(visit.vitals)),
            (self.tr("Care given"), visit.care),
            (self.tr("Then"), end),
            (self.tr("With whom"), visit.fetched_by),
            (self.tr("Confidential"), self.tr("yes") if visit.is_confidential else ""),
            (self.tr("Written again because"), visit.amend_reason or ""),
            (self.tr("Written by"), self._written(visit)),
        ):
            if value:
                yield Fact(label=label, value=value)

    def _written(self, visit: VisitView) -> str:
        zone = self._session.zone
        at = when_words(visit.saved_at, zone, local(self._now(), zone).date())
        return JOINT.join(part for part in (visit.author or self.tr("Not known here"), at) if part)

    @Slot()
    def _on_completed(self) -> None:
        self.finish()
        if self._visit is not None:
            self.correct_wanted.emit(self._visit.id)

    def take_focus(self) -> None:
        """Go to Close, so that Enter changes nothing."""
        self.leave_button.setFocus(Qt.FocusReason.OtherFocusReason)
