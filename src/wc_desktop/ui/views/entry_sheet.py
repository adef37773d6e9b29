"""One refused or waiting entry, as it was written: what it is, why the district says no, what can be done."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from wc_desktop.domain.link_views import EntryText
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.viewmodels.entry_words import is_refused, what_to_do, why_words
from wc_desktop.ui.viewmodels.record_words import verb_words
from wc_desktop.ui.viewmodels.sync_screen import SyncModel
from wc_desktop.ui.views.window_sheet import WindowSheet
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.buttons import SecondaryButton
from wc_desktop.ui.widgets.fact_list import Fact, FactList
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel


class EntrySheet(WindowSheet):
    """`edit_wanted` and `aside_wanted` carry the EntryText whose button was pressed."""

    edit_wanted = Signal(object)
    aside_wanted = Signal(object)

    def __init__(self, model: SyncModel, parent: QWidget) -> None:
        super().__init__("", self.tr("&Edit and send again"), parent, leave=self.tr("&Close"), width=640)
        self._model = model
        self._entry: EntryText | None = None
        self._about = TextLabel("", LabelStyle.HEADING, self)
        self._why = AlertBanner(Tone.DANGER, "", self, icon=Icon.CIRCLE_X)
        self._do = TextLabel("", LabelStyle.BODY, self)
        self.aside_button = SecondaryButton(self.tr("Set &aside…"), self)
        self.aside_button.setAccessibleDescription(self.tr("It is not sent again and stays readable"))
        self.aside_button.clicked.connect(self._on_aside)
        self._parts: list[tuple[TextLabel, FactList]] = []
        for part in (self._about, self._why, self._do):
            self.body.addWidget(part)
        self.add_to_foot(self.aside_button)
        self.completed.connect(self._on_completed)

    def show_entry(self, entry: EntryText) -> None:
        """Open with this entry."""
        self._entry = entry
        row = entry.row
        self.set_title(verb_words(row.what))
        self._about.setText(self._model.about(row))
        self._why.set_alert(Tone.DANGER if is_refused(row) else Tone.INFO, why_words(row))
        self._do.setText(what_to_do(entry))
        parts = self._model.parts(entry)
        while len(self._parts) < len(parts):
            made = TextLabel("", LabelStyle.EYEBROW, self), FactList(self)
            for widget in made:
                self.body.addWidget(widget)
            self._parts.append(made)
        for number, (heading, facts) in enumerate(self._parts):
            shown = number < len(parts)
            heading.setVisible(shown)
            facts.setVisible(shown)
            if shown:
                heading.setText(parts[number][0])
                facts.set_facts(tuple(Fact(label=label, value=value) for label, value in parts[number][1]))
        editable = entry.dose is not None or entry.incident is not None or bool(entry.records)
        self.aside_button.setVisible(entry.can_be_set_aside)
        self.action_button.setVisible(editable)
        self.set_ready(ready=editable)
        self.set_first_focus(self.action_button if editable else self.leave_button)
        self.open()
        self.fit_soon()

    @Slot()
    def _on_completed(self) -> None:
        if self._entry is not None:
            self.edit_wanted.emit(self._entry)

    @Slot()
    def _on_aside(self) -> None:
        if self._entry is not None:
            self.aside_wanted.emit(self._entry)
