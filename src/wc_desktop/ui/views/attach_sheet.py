"""Adding a photo or document: whose, which file, what it is. What was chosen stays until it is kept."""

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from wc_contract.model.care_values import DocumentKind
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.viewmodels.attaching import KINDS, OF_AN_INCIDENT, AttachModel, AttachTo
from wc_desktop.ui.viewmodels.document_words import document_kind_words
from wc_desktop.ui.viewmodels.words import JOINT, day_words, full_name, grade_words
from wc_desktop.ui.views.window_sheet import WindowSheet
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.announce import announce
from wc_desktop.ui.widgets.buttons import SecondaryButton
from wc_desktop.ui.widgets.check_box import CheckBox
from wc_desktop.ui.widgets.choice_fields import Choice, ChoiceList
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.text_fields import TextField

_LONGEST_TITLE = 120


class AttachSheet(WindowSheet):
    """`ask` opens it on a child. It closes when the file is kept; `kept` is passed on."""

    kept = Signal()

    def __init__(self, model: AttachModel, parent: QWidget) -> None:
        super().__init__("", "", parent, leave="", width=620)
        self.set_title(self.tr("Add a photo or document"))
        self.action_button.setText(self.tr("A&dd to the chart"))
        self.leave_button.setText(self.tr("&Back"))
        self._model = model
        self._to: AttachTo | None = None
        self._path: Path | None = None
        self._about = TextLabel("", LabelStyle.HEADING, self)
        self._comes = AlertBanner(Tone.INFO, "", self, icon=Icon.LOCK)
        self.choose_button = SecondaryButton(self.tr("Choose &file…"), self, icon=Icon.FILE_TEXT)
        self._chosen = TextLabel("", LabelStyle.BODY, self)
        self.kind = ChoiceList(self.tr("&What it is"), (), most_lines=9)
        self.title = TextField(self.tr("What it is &called"), placeholder=self.tr("May stay empty"))
        self.title.set_max_length(_LONGEST_TITLE)
        self.confidential = CheckBox(self.tr("C&onfidential: only nurses and supervisors see it"), self)
        self._original = TextLabel(
            self.tr("The file that you choose stays where it is. Delete it there when you no longer need it."),
            LabelStyle.MUTED,
            self,
        )
        self._failure = AlertBanner(Tone.DANGER, "", self)
        line = QHBoxLayout()
        line.setSpacing(current_scale().px(12))
        line.addWidget(self.choose_button)
        line.addWidget(self._chosen, 1)
        self.body.addWidget(self._about)
        self.body.addWidget(self._comes)
        self.body.addLayout(line)
        for part in (self.kind, self.title, self.confidential, self._original, self._failure):
            self.body.addWidget(part)
        self.set_first_focus(self.choose_button)
        self.choose_button.clicked.connect(self._on_choose)
        self.kind.changed.connect(self._on_changed)
        self.completed.connect(self._on_completed)
        model.kept.connect(self._on_kept)
        model.not_kept.connect(self._on_not_kept)

    def ask(self, to: AttachTo) -> None:
        """Open for a child; what was typed for the same child before is there still."""
        if self._to != to:
            self._path = None
            self.title.set_text(to.title)
            self.confidential.setChecked(False)
            kinds = OF_AN_INCIDENT if to.of_incident else KINDS
            self.kind.choose(None)
            self.kind.set_choices(tuple(Choice(key=kind.value, words=self._kind_words(kind)) for kind in kinds))
            self._failure.hide()
        self._to = to
        child = to.child
        born = self.tr("Born {day}").format(day=day_words(child.date_of_birth))
        self._about.setText(JOINT.join((full_name(child), grade_words(child), born)))
        self._comes.set_alert(Tone.INFO, self._model.what_comes_of_it())
        self.confidential.setVisible(self._model.may_hide)
        self._on_changed()
        self.open()
        self.fit_soon()

    def _kind_words(self, kind: DocumentKind) -> str:
        if kind is DocumentKind.PHOTO:
            return self.tr("Face of the child, shown on the chart")
        return document_kind_words(kind)

    def take_file(self, path: Path) -> None:
        """Take a chosen file."""
        self._path = path
        self._failure.hide()
        self._on_changed()
        (self.kind if self.kind.key is None else self.title).setFocus()

    @Slot()
    def _on_choose(self) -> None:
        dialog = QFileDialog(self, self.tr("A photo or document"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(
            [
                self.tr("Pictures and PDF") + " (*.jpg *.jpeg *.png *.webp *.heic *.tif *.tiff *.pdf)",
                self.tr("All files") + " (*)",
            ]
        )
        dialog.fileSelected.connect(self._on_file_selected)
        dialog.open()

    @Slot(str)
    def _on_file_selected(self, path: str) -> None:
        self.take_file(Path(path))

    @Slot()
    def _on_changed(self) -> None:
        self._chosen.setText(self._model.what_is_taken() if self._path is None else self._path.name)
        if self._model.is_busy:
            step = self.tr("It is being kept…")
        elif self._path is None:
            step = self.tr("Choose a file.")
        elif self.kind.key is None:
            step = self.tr("Say what it is.")
        else:
            step = ""
        self.say_step(step)
        self.set_ready(ready=not step)
        self.fit_soon()

    @Slot()
    def _on_completed(self) -> None:
        to, path, kind = self._to, self._path, self.kind.key
        if to is None or path is None or kind is None:
            return
        self._failure.hide()
        self._model.add(to, path, DocumentKind(kind), self.title.text, confidential=self.confidential.isChecked())
        self._on_changed()

    @Slot(object)
    def _on_kept(self, to: AttachTo) -> None:
        if to != self._to:
            # Another child's is being chosen by now.
            self._on_changed()
            return
        self._to = self._path = None
        self.finish()
        self.kept.emit()

    @Slot(object, str)
    def _on_not_kept(self, to: AttachTo, words: str) -> None:
        if to != self._to or not self.isVisible():
            self._model.tell_not_kept(to, words)
            self._on_changed()
            return
        self._failure.set_alert(Tone.DANGER, words)
        self._failure.show()
        self._on_changed()
        announce(self._failure, words, urgent=True)
