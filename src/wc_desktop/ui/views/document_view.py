"""One photo or document, opened: the picture, or in words why there is none yet and what can be done."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from wc_desktop.domain.documents import DocumentRow
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.viewmodels.document_words import (
    SHOWN_HERE,
    added_words,
    document_kind_words,
    media_words,
    name_words,
    size_words,
)
from wc_desktop.ui.viewmodels.documents import DocumentModel, Stage
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.words import JOINT
from wc_desktop.ui.views.window_sheet import WindowSheet
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.announce import announce
from wc_desktop.ui.widgets.buttons import QuietButton, SecondaryButton
from wc_desktop.ui.widgets.card import Card
from wc_desktop.ui.widgets.empty_state import EmptyState
from wc_desktop.ui.widgets.flow_row import FlowRow
from wc_desktop.ui.widgets.key_hints import KeyHint
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.picture_area import PictureArea
from wc_desktop.ui.widgets.picture_reader import PictureRead, read_page
from wc_desktop.ui.widgets.progress_panel import ProgressPanel
from wc_desktop.ui.widgets.scroller import Scroller


class DocumentView(QWidget):
    """Shows what the model opens. `back_wanted` by Esc, Alt+Left or the button."""

    back_wanted = Signal()

    def __init__(self, session: Session, model: DocumentModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("area", "clear")
        self._session = session
        self._model = model
        self._turn = 0
        self._page = 0
        self._build_head()
        self._build_parts()
        self._build_sheet()
        self._lay_out()
        self._bind()

    # -- building ------------------------------------------------------------------------------------------

    def _build_head(self) -> None:
        self._back = QuietButton(self.tr("&Back"), self, icon=Icon.CHEVRON_LEFT)
        self._name = TextLabel("", LabelStyle.HEADING, self)
        self._facts = TextLabel("", LabelStyle.MUTED, self)
        self.larger_button = SecondaryButton(self.tr("&Larger"), self, icon=Icon.PLUS)
        self.larger_button.setAccessibleDescription(self.tr("Key: +"))
        self.whole_button = SecondaryButton(self.tr("&Whole"), self)
        self.whole_button.setAccessibleDescription(self.tr("Key: 0"))
        self.earlier_button = SecondaryButton(self.tr("&Previous page"), self, icon=Icon.CHEVRON_LEFT)
        self.next_button = SecondaryButton(self.tr("&Next page"), self, icon=Icon.CHEVRON_RIGHT)
        self.copy_button = SecondaryButton(self.tr("&Save a copy…"), self, icon=Icon.SAVE)
        self.copy_button.setAccessibleDescription(self.tr("The copy is not encrypted; that it is made is on record"))
        self.saved = AlertBanner(Tone.INFO, "", self)
        self.saved.hide()

    def _build_parts(self) -> None:
        self.picture = PictureArea(self)
        self.nothing = EmptyState(Icon.FILE_TEXT, "", action=self.tr("&Try again"), parent=self)
        self.progress = ProgressPanel(self.tr("Fetching"), self, cancellable=False)
        self._waits = Scroller(self.tr("Document"), self)
        self._waits.body.addWidget(self.nothing, 1)
        self._waits.body.addWidget(self.progress)

    def _build_sheet(self) -> None:
        self.warning = WindowSheet(
            self.tr("Save a copy outside White Cross?"),
            self.tr("&Choose where…"),
            self,
            leave=self.tr("&Back"),
            danger=True,
        )
        told = TextLabel(
            self.tr(
                "The copy is not encrypted. Whoever finds it can read it. Save it only where you must, and delete it "
                "when you no longer need it. That you saved it is put on record."
            ),
            LabelStyle.BODY,
            self.warning,
        )
        self.warning.body.addWidget(told)
        self.warning.set_first_focus(self.warning.leave_button)

    def _lay_out(self) -> None:
        scale = current_scale()
        words = QVBoxLayout()
        words.setSpacing(scale.px(2))
        words.addWidget(self._name)
        words.addWidget(self._facts)
        head = QHBoxLayout()
        head.setSpacing(scale.px(12))
        head.addWidget(self._back, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        foot = FlowRow(self)
        for button in (
            self.larger_button,
            self.whole_button,
            self.earlier_button,
            self.next_button,
            self.copy_button,
        ):
            foot.add(button)
        card = Card(self)
        holder = QWidget(card)
        holder.setProperty("area", "clear")
        self._parts = QStackedLayout(holder)
        self._parts.setContentsMargins(0, 0, 0, 0)
        self._parts.addWidget(self._waits)
        self._parts.addWidget(self.picture)
        card.body.addWidget(holder)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(scale.px(10))
        column.addLayout(head)
        column.addWidget(self.saved)
        column.addWidget(card, 1)
        column.addWidget(foot)

    def _bind(self) -> None:
        self._back.clicked.connect(self.back_wanted)
        self.larger_button.clicked.connect(self.picture.larger)
        self.whole_button.clicked.connect(self.picture.whole)
        self.earlier_button.clicked.connect(self._on_earlier)
        self.next_button.clicked.connect(self._on_next)
        self.copy_button.clicked.connect(self.warning.open)
        self.warning.completed.connect(self._on_copy_wanted)
        self.warning.lock_wanted.connect(self._session.lock_wanted)
        self.nothing.action_wanted.connect(self._model.try_again)
        self._model.moved.connect(self._on_moved)
        self._model.opened.connect(self._on_opened)
        self._model.copy_saved.connect(self._on_copy_saved)
        self._model.copy_failed.connect(self._on_copy_failed)
        back = QShortcut(QKeySequence("Alt+Left"), self)
        back.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        back.activated.connect(self.back_wanted)

    # -- showing -------------------------------------------------------------------------------------------

    def open(self, row: DocumentRow) -> None:
        """Show a document."""
        self._turn += 1
        self._page = 0
        self.saved.hide()
        self._name.setText(name_words(row))
        parts = (
            document_kind_words(row.kind) if row.title else "",
            media_words(row.media_type),
            size_words(row.size),
            self.tr("added {when}").format(when=added_words(row, self._session.zone)) if row.added_at else "",
            row.author,
            self.tr("Confidential") if row.is_confidential else "",
        )
        self._facts.setText(JOINT.join(part for part in parts if part))
        self._show_buttons(pages=0)
        self._model.open(row)

    def put_away(self) -> None:
        """Forget the document; nothing of it stays in memory."""
        self.warning.hide()
        self._turn += 1
        self.picture.show_image(None, "")
        self._model.close()

    def key_hints(self) -> tuple[KeyHint, ...]:
        """Return the keys that work here."""
        return (
            KeyHint(keys=("+", "-", "0"), words=self.tr("larger, smaller, whole")),
            KeyHint(keys=("Esc",), words=self.tr("back")),
        )

    def take_focus(self) -> None:
        """Go to the picture where there is one, else to the way back."""
        (self.picture if self._parts.currentWidget() is self.picture else self._back).setFocus(
            Qt.FocusReason.OtherFocusReason
        )

    def _show_buttons(self, *, pages: int) -> None:
        """Offer what can be done: pages is 0 while there is no picture."""
        for button in (self.larger_button, self.whole_button):
            button.setVisible(pages > 0)
        for button, there in ((self.earlier_button, self._page > 0), (self.next_button, self._page < pages - 1)):
            button.setVisible(pages > 1)
            button.setEnabled(there)
        self.copy_button.setVisible(self._model.content is not None)

    @Slot()
    def _on_moved(self) -> None:
        title, words = self._model.words()
        stage = self._model.stage
        if stage in {Stage.READING, Stage.FETCHING, Stage.FAILED}:
            self._say(title, "" if self._model.is_on_its_way else words)
        self.nothing.offer_action(offered=stage is Stage.FAILED)
        self.progress.setVisible(self._model.is_on_its_way)
        if self._model.is_on_its_way:
            held, size = self._model.progress
            self.progress.show_progress(held, size or None, words)

    def _say(self, title: str, words: str) -> None:
        self.nothing.set_words(title, words)
        if self._parts.currentWidget() is not self._waits:
            had = self.picture.hasFocus()
            self._parts.setCurrentWidget(self._waits)
            if had:
                self._back.setFocus()

    @Slot()
    def _on_opened(self) -> None:
        content = self._model.content
        if content is None:
            return
        self._show_buttons(pages=0)
        if content.facts.media_type in SHOWN_HERE:
            self._say(self.tr("Reading…"), "")
            self._read(content.octets)
            return
        self._say(
            self.tr("White Cross does not show this kind of file"),
            self.tr("It is here, whole. Save a copy to look at it with another program; the copy is not encrypted."),
        )
        self.copy_button.setFocus()

    def _read(self, octets: bytes, page: int = 0) -> None:
        self._turn += 1
        self._session.run_beside(partial(read_page, octets, page), done=partial(self._on_read, self._turn))

    def _on_read(self, turn: int, read: PictureRead) -> None:
        row = self._model.row
        if row is None or turn != self._turn:
            return
        if read.image is None:
            self._say(
                self.tr("The picture does not read"),
                self.tr("Its content is whole, as it was added. Save a copy to try another program."),
            )
            self._show_buttons(pages=0)
            return
        self._page = read.page
        said = name_words(row)
        if read.pages > 1:
            said = self.tr("{name}, page {page} of {pages}").format(name=said, page=read.page + 1, pages=read.pages)
            self._name.setText(said)
        self._parts.setCurrentWidget(self.picture)
        self.picture.show_image(read.image, said)
        self._show_buttons(pages=read.pages)
        self.picture.setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self.picture, said)

    @Slot()
    def _on_earlier(self) -> None:
        self._turn_to(self._page - 1)

    @Slot()
    def _on_next(self) -> None:
        self._turn_to(self._page + 1)

    def _turn_to(self, page: int) -> None:
        content = self._model.content
        if content is not None:
            self._read(content.octets, page)

    # -- a copy outside ------------------------------------------------------------------------------------

    @Slot()
    def _on_copy_wanted(self) -> None:
        self.warning.finish()
        dialog = QFileDialog(self, self.tr("Save a copy"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.selectFile(self._model.suggested_name())
        dialog.fileSelected.connect(self._on_target)
        dialog.open()

    @Slot(str)
    def _on_target(self, path: str) -> None:
        self._model.save_copy(Path(path))

    @Slot(str)
    def _on_copy_saved(self, words: str) -> None:
        self._say_of_copy(Tone.WARNING, words)

    @Slot(str)
    def _on_copy_failed(self, words: str) -> None:
        self._say_of_copy(Tone.DANGER, words)

    def _say_of_copy(self, tone: Tone, words: str) -> None:
        self.saved.set_alert(tone, words)
        self.saved.show()
        announce(self.saved, words)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.back_wanted.emit()
            return
        super().keyPressEvent(event)
