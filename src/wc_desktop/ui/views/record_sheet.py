"""A refused entry of any kind, put right on a form that is made from what its records are declared to be."""

from collections.abc import Callable
from datetime import date, datetime

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from wc_desktop.domain.link_views import EntryText, RefusedRecord
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.viewmodels.entry_words import child_words, why_words
from wc_desktop.ui.viewmodels.record_form import Editor, FormRow, edited, next_step, rows_of
from wc_desktop.ui.viewmodels.record_words import kind_words
from wc_desktop.ui.viewmodels.sync_screen import SyncModel
from wc_desktop.ui.views.typed_moment import ComingDayField, MomentField
from wc_desktop.ui.views.window_sheet import WindowSheet
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.announce import announce
from wc_desktop.ui.widgets.check_box import CheckBox
from wc_desktop.ui.widgets.choice_fields import Choice, ChoiceList
from wc_desktop.ui.widgets.fact_list import Fact, FactList
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.text_fields import NotesField, TextField

_CHILD = "student_id"
Now = Callable[[], datetime]
FormEditor = TextField | NotesField | ChoiceList | MomentField | ComingDayField | CheckBox


class RecordPart(QWidget):
    """The form of one record. `changed` by every key."""

    changed = Signal()

    def __init__(self, record: RefusedRecord, entry: EntryText, model: SyncModel, now: Now, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("area", "clear")
        self.record = record
        self.rows = {row.name: row for row in rows_of(record, model.zone)}
        self.editors: dict[str, FormEditor] = {}
        self._now = now
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(current_scale().px(10))
        column.addWidget(TextLabel(kind_words(record.kind), LabelStyle.EYEBROW, self))
        fixed = [row for row in self.rows.values() if row.editor is Editor.FIXED]
        said = ((row.label, child_words(entry.row) if row.name == _CHILD else row.said) for row in fixed)
        named = tuple(Fact(label=label, value=words) for label, words in said if words)
        if named:
            facts = FactList(self)
            facts.set_facts(named)
            column.addWidget(facts)
        for row in self.rows.values():
            editor = self._make(row)
            if editor is not None:
                self.editors[row.name] = editor
                column.addWidget(editor)

    def _today(self) -> date:
        return self._now().date()

    def _make(self, row: FormRow) -> FormEditor | None:
        if row.editor is Editor.FIXED:
            return None
        if row.editor is Editor.LEAVE_OUT:
            box = CheckBox(self.tr("Leave out what it refers to: {field}").format(field=row.label), self)
            box.toggled.connect(self.changed)
            return box
        made = self._field(row)
        made.changed.connect(self.changed)
        return made

    def _field(self, row: FormRow) -> TextField | NotesField | ChoiceList | MomentField | ComingDayField:
        if row.editor is Editor.CHOICE:
            choices = tuple(Choice(key=key, words=words) for key, words in row.choices)
            choice = ChoiceList(row.label, choices, most_lines=5, parent=self)
            choice.choose(row.typed)
            return choice
        if row.editor in {Editor.MOMENT, Editor.DAY}:
            moment = (
                MomentField(row.label, self._now, parent=self)
                if row.editor is Editor.MOMENT
                else ComingDayField(row.label, self._today, parent=self)
            )
            moment.set_value(row.typed)
            return moment
        words = (
            NotesField(row.label, lines=2, parent=self)
            if row.editor is Editor.NOTES
            else TextField(row.label, parent=self)
        )
        words.set_text(row.typed)
        return words

    def typed(self) -> dict[str, str]:
        """Return what each field holds."""
        return {name: self._typed(row) for name, row in self.rows.items()}

    def _typed(self, row: FormRow) -> str:
        editor = self.editors.get(row.name)
        match editor:
            case None:
                return row.typed
            case CheckBox():
                return "" if editor.isChecked() else row.typed
            case ChoiceList():
                return editor.key or ""
            case MomentField() | ComingDayField():
                return editor.value
            case TextField() | NotesField():
                return editor.text

    def first(self) -> QWidget | None:
        """Return where typing begins."""
        editor = next(iter(self.editors.values()), None)
        return editor if editor is None or isinstance(editor, CheckBox) else editor.editor


class RecordSheet(WindowSheet):
    """`send_wanted` carries, by place in the entry, what was changed. Stays open until `finish`."""

    send_wanted = Signal(object)

    def __init__(self, model: SyncModel, now: Now, parent: QWidget) -> None:
        super().__init__("", "", parent, width=640)
        self.set_title(self.tr("Edit and send again"))
        self.action_button.setText(self.tr("&Send again"))
        self.leave_button.setText(self.tr("&Back"))
        self._model = model
        self._now = now
        self._parts: list[RecordPart] = []
        self._about = TextLabel("", LabelStyle.HEADING, self)
        self._why = AlertBanner(Tone.INFO, "", self, icon=Icon.HISTORY)
        self._failure = AlertBanner(Tone.DANGER, "", self)
        self._forms = QVBoxLayout()
        self._forms.setSpacing(current_scale().px(16))
        self.body.addWidget(self._about)
        self.body.addWidget(self._why)
        self.body.addLayout(self._forms)
        self.body.addWidget(self._failure)
        self.completed.connect(self._on_completed)

    @property
    def parts(self) -> tuple[RecordPart, ...]:
        """The forms, one for each record of the entry."""
        return tuple(self._parts)

    def ask(self, entry: EntryText) -> None:
        """Open, filled in with what an entry says."""
        for part in self._parts:
            self._forms.removeWidget(part)
            part.hide()
            part.deleteLater()
        self._parts = [RecordPart(record, entry, self._model, self._now, self.inside) for record in entry.records]
        for part in self._parts:
            self._forms.addWidget(part)
            part.changed.connect(self._on_changed)
        self._about.setText(self._model.about(entry.row))
        self._why.set_alert(Tone.INFO, why_words(entry.row))
        self._failure.hide()
        first = next((stop for part in self._parts if (stop := part.first()) is not None), self.action_button)
        self.set_first_focus(first)
        self._on_changed()
        self.open()
        self.fit_soon()

    def say_failure(self, words: str) -> None:
        """Say why it was not sent; what was typed stays."""
        self._failure.set_alert(Tone.DANGER, words)
        self._failure.show()
        announce(self._failure, words, urgent=True)
        self.fit_soon()

    @Slot()
    def _on_changed(self) -> None:
        step = next((words for part in self._parts if (words := next_step(part.rows, part.typed()))), "")
        self.say_step(step)
        self.set_ready(ready=not step)

    @Slot()
    def _on_completed(self) -> None:
        self.send_wanted.emit(
            {part.record.place: edited(part.record.kind, part.rows, part.typed()) for part in self._parts}
        )
