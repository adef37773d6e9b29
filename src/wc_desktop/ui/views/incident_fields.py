"""The fields of an incident form, bound to its model one by one."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from itertools import pairwise
from typing import Final

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from wc_desktop.domain.screens import StudentRow
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.viewmodels.incident_faults import LONGEST_LINE, Fault
from wc_desktop.ui.viewmodels.incident_form import IncidentForm, Value
from wc_desktop.ui.viewmodels.incident_words import (
    BODY_REGIONS,
    DISPOSITIONS,
    ERROR_TYPES,
    HARM_CATEGORIES,
    INJURY_KINDS,
    SEVERITIES,
    TYPES,
    said,
)
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.student_search import SearchVerbs
from wc_desktop.ui.viewmodels.words import local
from wc_desktop.ui.views.child_picker import ChildPicker
from wc_desktop.ui.views.entry_rows import ContactRows, EntryRows, WitnessRows
from wc_desktop.ui.views.side_by_side import SideBySide
from wc_desktop.ui.views.typed_moment import ComingDayField, MomentField
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.body_picture import BodyPicture
from wc_desktop.ui.widgets.choice_fields import CheckList, Choice, ChoiceList
from wc_desktop.ui.widgets.field import FormField
from wc_desktop.ui.widgets.text_fields import NotesField, TextField

_NARROW: Final = 820
_FORM_ORDER: Final = (
    "student_id",
    "occurred_at",
    "location",
    "activity",
    "type",
    "severity",
    "witnesses",
    "med_error_type",
    "ncc_merp",
    "narrative",
    "body_regions",
    "injury_kind",
    "care_given",
    "disposition",
    "notifications",
    "follow_up_due",
)


FaultyField = ChildPicker | FormField | EntryRows


class Bound(QObject):
    """Tells the model what one field holds each time it changes."""

    def __init__(self, fields: "IncidentFields", name: str, read: Callable[[], Value]) -> None:
        super().__init__(fields)
        self._fields = fields
        self._name = name
        self._read = read

    @Slot()
    def on_changed(self) -> None:
        self._fields.take(self._name, self._read())


class IncidentFields(QWidget):
    """Two columns, one where the window is narrow. `fill` puts the model's draft into the fields."""

    def __init__(
        self, session: Session, model: IncidentForm, verbs: SearchVerbs, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("area", "clear")
        self._session = session
        self._model = model
        self._filling = False
        self._build_who(verbs)
        self._build_what()
        self._build_after()
        self._lay_out()
        self._bind()
        model.child_changed.connect(self._on_child_changed)
        model.sections_changed.connect(self._show_sections)
        model.faults_changed.connect(self._on_faults_changed)

    def _now(self) -> datetime:
        return local(self._session.now(), self._session.zone)

    def _today(self) -> date:
        return self._now().date()

    # -- building ------------------------------------------------------------------------------------------

    def _build_who(self, verbs: SearchVerbs) -> None:
        self.child = ChildPicker(self._session, verbs, self)
        self.when = MomentField(self.tr("Wh&en"), self._now, parent=self)
        self.where = TextField(self.tr("Whe&re"), placeholder=self.tr("Playground, room 12, bus"), parent=self)
        self.activity = TextField(
            self.tr("Acti&vity, surface or equipment"), placeholder=self.tr("Climbing frame, recess"), parent=self
        )
        for line in (self.where, self.activity):
            line.set_max_length(LONGEST_LINE)
        self.type = ChoiceList(self.tr("&Kind of incident"), _choices(TYPES), parent=self)
        self.severity = ChoiceList(self.tr("How &serious"), _choices(SEVERITIES), parent=self)

    def _build_what(self) -> None:
        self.head = AlertBanner(Tone.WARNING, "", self, icon=Icon.CLOCK_ALERT)
        self.head.set_alert(
            Tone.WARNING,
            self.tr(
                "Head injury: check the child now, after 15 and 30 minutes, and before leaving. "
                "Vomiting, drowsiness, confusion, unequal pupils or a fit: call 911."
            ),
        )
        self.error_type = ChoiceList(
            self.tr("Kind of medication err&or"), _choices(ERROR_TYPES), most_lines=10, parent=self
        )
        self.harm = ChoiceList(
            self.tr("Har&m category (NCC MERP)"), _choices(HARM_CATEGORIES), most_lines=9, parent=self
        )
        self.narrative = NotesField(
            self.tr("What happe&ned"), hint=self.tr("Facts as seen or told, and by whom. Name no other child."), lines=5
        )
        self.body = CheckList(
            self.tr("&Parts of the body"), _choices(BODY_REGIONS), hint=self.tr("Space marks a line"), most_lines=8
        )
        names = {code: said(BODY_REGIONS, code) for code in BODY_REGIONS}
        captions = (self.tr("Face"), self.tr("Front"), self.tr("Back"))
        self.picture = BodyPicture(names, captions, (self.tr("R"), self.tr("L")), self)
        self.picture.setAccessibleName(self.tr("Picture of the body; the list names the same parts"))
        self.injury = ChoiceList(self.tr("Kind of in&jury"), _choices(INJURY_KINDS), most_lines=6, parent=self)

    def _build_after(self) -> None:
        self.care = NotesField(self.tr("Care &given"), lines=3, parent=self)
        self.disposition = ChoiceList(self.tr("Then the chil&d"), _choices(DISPOSITIONS), parent=self)
        self.witnesses = WitnessRows(self)
        self.contacts = ContactRows(self._now, self)
        self.follow_up = ComingDayField(self.tr("&Follow-up due"), self._today, parent=self)

    def _lay_out(self) -> None:
        first = (self.child, self.when, self.where, self.activity, self.type, self.severity, self.witnesses)
        second = (
            self.head,
            self.error_type,
            self.harm,
            self.narrative,
            self.picture,
            self.body,
            self.injury,
            self.care,
            self.disposition,
            self.contacts,
            self.follow_up,
        )
        both = SideBySide(_column(first, self), _column(second, self), self, least=_NARROW, gap=28)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(2, 2, current_scale().px(8), 2)
        whole.addWidget(both)
        # From editor to editor: what has no focus of its own has no place in the order either.
        order = [_stop(part) for part in (*first, *second) if isinstance(part, FormField | EntryRows)]
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)

    def _bind(self) -> None:
        choices = {
            "type": self.type,
            "severity": self.severity,
            "injury_kind": self.injury,
            "disposition": self.disposition,
            "med_error_type": self.error_type,
            "ncc_merp": self.harm,
        }
        texts: dict[str, TextField | NotesField] = {
            "location": self.where,
            "activity": self.activity,
            "narrative": self.narrative,
            "care_given": self.care,
        }
        self._choices = choices
        self._texts = texts
        self._typed: Mapping[str, MomentField | ComingDayField] = {
            "occurred_at": self.when,
            "follow_up_due": self.follow_up,
        }
        self._rows: Mapping[str, WitnessRows | ContactRows] = {
            "witnesses": self.witnesses,
            "notifications": self.contacts,
        }
        for name, choice in choices.items():
            choice.changed.connect(Bound(self, name, _ChoiceKey(choice)).on_changed)
        for name, text in texts.items():
            text.changed.connect(Bound(self, name, _Text(text)).on_changed)
        for name, typed in self._typed.items():
            typed.changed.connect(Bound(self, name, _Typed(typed)).on_changed)
        for name, rows in self._rows.items():
            rows.changed.connect(Bound(self, name, _Rows(rows)).on_changed)
        self.body.changed.connect(Bound(self, "body_regions", self._regions).on_changed)
        self.body.changed.connect(self._on_body_changed)
        self.picture.part_clicked.connect(self._on_part_clicked)
        self.child.child_chosen.connect(self._on_child_chosen)

    @Slot()
    def _on_body_changed(self) -> None:
        self.picture.mark(self.body.keys)

    @Slot(str)
    def _on_part_clicked(self, code: str) -> None:
        self.body.mark(self.body.keys ^ {code})

    def _regions(self) -> Value:
        marked = self.body.keys
        return tuple(code for code in BODY_REGIONS if code in marked)

    # -- between fields and model --------------------------------------------------------------------------

    def take(self, name: str, value: Value) -> None:
        """Pass on what a field holds, unless the fields are being filled."""
        if not self._filling:
            self._model.put(name, value)

    def fill(self) -> None:
        """Put the draft into the fields exactly as it was left."""
        self._filling = True
        self.child.show_child(self._model.child)
        for name, choice in self._choices.items():
            choice.choose(self._model.text(name) or None)
        for name, text in self._texts.items():
            text.set_text(self._model.text(name))
        for name, typed in self._typed.items():
            typed.set_value(self._model.text(name))
        for name, rows in self._rows.items():
            rows.set_values(self._model.many(name))
        self.body.mark(self._model.many("body_regions"))
        self._filling = False
        self._show_sections()
        self._on_faults_changed()

    @Slot(object)
    def _on_child_chosen(self, child: StudentRow | None) -> None:
        self._model.choose_child(child)
        if child is not None:
            self.when.setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _on_child_changed(self) -> None:
        self.child.show_child(self._model.child)

    @Slot()
    def _show_sections(self) -> None:
        for part in (self.picture, self.body, self.injury):
            part.setVisible(self._model.asks_for_body)
        for part in (self.error_type, self.harm):
            part.setVisible(self._model.asks_for_error)
        self.head.setVisible(self._model.is_head_injury)

    # -- faults --------------------------------------------------------------------------------------------

    def field_of(self, name: str) -> QWidget | None:
        """Return the field that a fault stands beside."""
        return self._faulty().get(name)

    def in_order(self, faults: Iterable[Fault]) -> list[Fault]:
        """Return faults in the order of the form, so that the first is the first that the eye meets."""
        places = {name: place for place, name in enumerate(_FORM_ORDER)}
        return sorted(faults, key=_Place(places))

    @Slot()
    def _on_faults_changed(self) -> None:
        sentences: dict[str, list[str]] = {}
        for fault in self._model.faults:
            if fault.blocks:
                sentences.setdefault(fault.field, []).append(fault.sentence)
        for name, field in self._faulty().items():
            field.set_fault(" ".join(sentences.get(name, ())))

    def _faulty(self) -> dict[str, FaultyField]:
        return {
            "student_id": self.child,
            "body_regions": self.body,
            **self._choices,
            **self._texts,
            **self._typed,
            **self._rows,
        }


class _Place:
    def __init__(self, places: Mapping[str, int]) -> None:
        self._places = places

    def __call__(self, fault: Fault) -> int:
        return self._places.get(fault.field, len(self._places))


class _ChoiceKey:
    def __init__(self, field: ChoiceList) -> None:
        self._field = field

    def __call__(self) -> Value:
        return self._field.key or ""


class _Text:
    def __init__(self, field: TextField | NotesField) -> None:
        self._field = field

    def __call__(self) -> Value:
        return self._field.text


class _Typed:
    def __init__(self, field: MomentField | ComingDayField) -> None:
        self._field = field

    def __call__(self) -> Value:
        return self._field.value


class _Rows:
    def __init__(self, field: WitnessRows | ContactRows) -> None:
        self._field = field

    def __call__(self) -> Value:
        return self._field.values


def _choices(words: Mapping[str, str]) -> tuple[Choice, ...]:
    return tuple(Choice(key=code, words=said(words, code)) for code in words)


def _column(fields: tuple[QWidget, ...], parent: QWidget) -> QWidget:
    holder = QWidget(parent)
    holder.setProperty("area", "clear")
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(current_scale().px(14))
    for field in fields:
        column.addWidget(field)
    column.addStretch(1)
    return holder


def _stop(part: FormField | EntryRows) -> QWidget:
    """Return where Tab stops; rows put themselves before their button."""
    return part.add_button if isinstance(part, EntryRows) else part.editor
