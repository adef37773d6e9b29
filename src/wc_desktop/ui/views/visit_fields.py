"""The fields of a clinic visit, bound to its model."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Final

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from wc_contract.model.care_values import VitalSignKind
from wc_contract.rules.visit import SCALES
from wc_desktop.domain.screens import StudentRow
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.viewmodels.incident_faults import LONGEST_LINE, Fault
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.student_search import SearchVerbs
from wc_desktop.ui.viewmodels.visit_form import VisitForm
from wc_desktop.ui.viewmodels.visit_words import ENDS, REASONS, measure_hint, said
from wc_desktop.ui.viewmodels.words import local
from wc_desktop.ui.views.child_picker import ChildPicker
from wc_desktop.ui.views.side_by_side import SideBySide
from wc_desktop.ui.views.typed_moment import MomentField
from wc_desktop.ui.widgets.check_box import CheckBox
from wc_desktop.ui.widgets.choice_fields import Choice, ChoiceList
from wc_desktop.ui.widgets.field import FormField
from wc_desktop.ui.widgets.text_fields import NotesField, TextField

_NARROW: Final = 820
_VITALS_NARROW: Final = 300
_YES: Final = "yes"
_LONGEST_MEASURE: Final = 8


class VisitFields(QWidget):
    """Two columns, one where the window is narrow. `fill` puts the model's draft into the fields."""

    def __init__(self, session: Session, model: VisitForm, verbs: SearchVerbs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("area", "clear")
        self._session = session
        self._model = model
        self._filling = False
        self._build_coming(verbs)
        self._build_measures()
        self._build_leaving()
        self._lay_out()
        self._bind()

    def _now(self) -> datetime:
        return local(self._session.now(), self._session.zone)

    # -- building ------------------------------------------------------------------------------------------

    def _build_coming(self, verbs: SearchVerbs) -> None:
        self.child = ChildPicker(self._session, verbs, self)
        self.came = MomentField(self.tr("C&ame to the clinic"), self._now, parent=self)
        self.reason = ChoiceList(self.tr("&Reason"), _choices(REASONS), most_lines=8, parent=self)
        self.told = NotesField(
            self.tr("What was &said and seen"), hint=self.tr("By the child, a teacher, you. Name no other child.")
        )
        self.confidential = CheckBox(self.tr("&Confidential: only nurses and supervisors see it"), self)
        self.confidential.setVisible(self._model.may_hide)

    def _build_measures(self) -> None:
        labels = {
            VitalSignKind.TEMPERATURE: self.tr("&Temperature"),
            VitalSignKind.PULSE: self.tr("&Pulse a minute"),
            VitalSignKind.RESPIRATION: self.tr("&Breaths a minute"),
            VitalSignKind.OXYGEN_SATURATION: self.tr("O&xygen, %"),
            VitalSignKind.SYSTOLIC: self.tr("Blood pressure, &upper"),
            VitalSignKind.DIASTOLIC: self.tr("Blood pressure, lo&wer"),
            VitalSignKind.BLOOD_GLUCOSE: self.tr("Blood su&gar, mg/dL"),
            VitalSignKind.PEAK_FLOW: self.tr("Peak &flow, L/min"),
            VitalSignKind.PAIN: self.tr("Pa&in, 0 to 10"),
        }
        self.measures = {kind: TextField(label, parent=self) for kind, label in labels.items()}
        for kind, field in self.measures.items():
            field.set_max_length(_LONGEST_MEASURE)
            field.set_hint(measure_hint(kind, "", SCALES[kind]))

    def _build_leaving(self) -> None:
        self.care = NotesField(self.tr("Care give&n"), lines=3, parent=self)
        self.end = ChoiceList(self.tr("Then the chil&d"), _choices(ENDS), most_lines=6, parent=self)
        self.fetched = TextField(
            self.tr("With wh&om"), placeholder=self.tr("Mother, Ana Ruiz, showed her licence"), parent=self
        )
        self.fetched.set_max_length(LONGEST_LINE)
        self.left = MomentField(self.tr("&Left at"), self._now, parent=self)
        self.why = TextField(
            self.tr("Wh&y this is written again"), hint=self.tr("What stood before stays readable."), parent=self
        )
        self.why.set_max_length(LONGEST_LINE)

    def _lay_out(self) -> None:
        measures = list(self.measures.values())
        half = (len(measures) + 1) // 2
        # By the eye and by Tab in lines: temperature, pulse, breaths, oxygen.
        pairs = SideBySide(
            _column(measures[0::2], self), _column(measures[1::2], self), self, least=_VITALS_NARROW, gap=14
        )
        first: tuple[QWidget, ...] = (self.child, self.came, self.reason, self.told, self.confidential)
        second: tuple[QWidget, ...] = (pairs, self.care, self.end, self.fetched, self.left, self.why)
        both = SideBySide(_column(first, self), _column(second, self), self, least=_NARROW, gap=28)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(2, 2, current_scale().px(8), 2)
        whole.addWidget(both)
        in_lines = [field for row in range(half) for field in measures[2 * row : 2 * row + 2]]
        fields = (self.came, self.reason, self.told, *in_lines, self.care, self.end, self.fetched, self.left, self.why)
        stops = [field.editor for field in fields]
        stops.insert(3, self.confidential)
        for before, after in pairwise(stops):
            QWidget.setTabOrder(before, after)

    def _bind(self) -> None:
        self._texts: Mapping[str, TextField | NotesField] = {
            "said": self.told,
            "care_given": self.care,
            "fetched_by": self.fetched,
            "amend_reason": self.why,
            **{kind.value: field for kind, field in self.measures.items()},
        }
        self._moments: Mapping[str, MomentField] = {"arrived_at": self.came, "left_at": self.left}
        for field in (*self._texts.values(), *self._moments.values(), self.reason):
            field.changed.connect(self._on_changed)
        self.end.changed.connect(self._on_end_changed)
        self.confidential.toggled.connect(self._on_changed)
        self.child.child_chosen.connect(self._on_child_chosen)
        self._model.child_changed.connect(self._on_child_changed)
        self._model.sections_changed.connect(self._show_sections)
        self._model.faults_changed.connect(self._on_faults_changed)

    # -- between fields and model --------------------------------------------------------------------------

    @Slot()
    def _on_changed(self) -> None:
        """Pass on what the fields hold, unless they are being filled; the model knows what is new of it."""
        if self._filling:
            return
        for name, text in self._texts.items():
            self._model.put(name, text.text)
        for name, moment in self._moments.items():
            self._model.put(name, moment.value)
        self._model.put("reason", self.reason.key or "")
        self._model.put("confidential", _YES if self.confidential.isChecked() else "")
        self._tell_measures()

    @Slot()
    def _on_end_changed(self) -> None:
        if self._filling:
            return
        self._model.end_as(self.end.key or "")
        self._filling = True
        self.left.set_value(self._model.text("left_at"))
        self._filling = False

    def fill(self) -> None:
        """Put the draft into the fields exactly as it was left."""
        self._filling = True
        self.child.show_child(self._model.child)
        for name, text in self._texts.items():
            text.set_text(self._model.text(name))
        for name, moment in self._moments.items():
            moment.set_value(self._model.text(name))
        self.reason.choose(self._model.text("reason") or None)
        self.end.choose(self._model.text("disposition"))
        self.confidential.setChecked(self._model.text("confidential") == _YES)
        self._filling = False
        # A visit that stands is about the child that it is about: another one is another visit.
        self.child.change.setVisible(self._model.child is not None and not self._model.amends)
        self._tell_measures()
        self._show_sections()
        self._on_faults_changed()

    def _tell_measures(self) -> None:
        for kind, field in self.measures.items():
            field.set_hint(measure_hint(kind, field.text, SCALES[kind]))

    @Slot(object)
    def _on_child_chosen(self, child: StudentRow | None) -> None:
        self._model.choose_child(child)
        if child is not None:
            self.reason.setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _on_child_changed(self) -> None:
        self.child.show_child(self._model.child)

    @Slot()
    def _show_sections(self) -> None:
        self.fetched.setVisible(self._model.asks_who_fetched)
        self.left.setVisible(bool(self._model.text("disposition") or self._model.text("left_at")))
        self.why.setVisible(self._model.amends)

    # -- faults --------------------------------------------------------------------------------------------

    def measures_of(self, kind: str) -> TextField:
        """Return the field of a measure, by its VitalSignKind value."""
        return self.measures[VitalSignKind(kind)]

    def field_of(self, name: str) -> ChildPicker | FormField | None:
        """Return the field that a fault stands beside."""
        return self._faulty().get(name)

    def in_order(self, faults: Iterable[Fault]) -> list[Fault]:
        """Return faults in the order of the form, so that the first is the first that the eye meets."""
        places = {name: place for place, name in enumerate(self._faulty())}
        return sorted(faults, key=lambda fault: places.get(fault.field, len(places)))

    @Slot()
    def _on_faults_changed(self) -> None:
        sentences: dict[str, list[str]] = {}
        for fault in self._model.faults:
            if fault.blocks:
                sentences.setdefault(fault.field, []).append(fault.sentence)
        for name, field in self._faulty().items():
            field.set_fault(" ".join(sentences.get(name, ())))

    def _faulty(self) -> dict[str, ChildPicker | FormField]:
        return {
            "student_id": self.child,
            "arrived_at": self.came,
            "reason": self.reason,
            "said": self.told,
            **{kind.value: field for kind, field in self.measures.items()},
            "care_given": self.care,
            "disposition": self.end,
            "fetched_by": self.fetched,
            "left_at": self.left,
            "amend_reason": self.why,
        }


def _choices(words: Mapping[str, str]) -> tuple[Choice, ...]:
    return tuple(Choice(key=code, words=said(words, code)) for code in words)


def _column(fields: Iterable[QWidget], parent: QWidget) -> QWidget:
    holder = QWidget(parent)
    holder.setProperty("area", "clear")
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(current_scale().px(14))
    for field in fields:
        column.addWidget(field)
    column.addStretch(1)
    return holder
