"""One desk from unlock to lock: its session, its frame, its sync."""

import logging
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.kinds import DOCUMENT, INCIDENT_ADDENDUM
from wc_desktop.actions.access import record_list, record_search
from wc_desktop.actions.attach_document import AttachedDocument, DocumentDraft
from wc_desktop.actions.capture import left_behind
from wc_desktop.actions.desk import Desk
from wc_desktop.app.emergency import CardWriter
from wc_desktop.app.pages import page_specs
from wc_desktop.app.parts import Parts, opened_of, station_of
from wc_desktop.background.attacher import Attacher
from wc_desktop.background.blob_thread import BlobThread
from wc_desktop.background.card_keeper import CardKeeper
from wc_desktop.background.runner import Runner
from wc_desktop.background.stall_meter import StallMeter
from wc_desktop.background.sync_thread import SyncThread
from wc_desktop.domain.capture import CaptureDraft
from wc_desktop.domain.link_views import LinkStatus
from wc_desktop.ui.messages.failures import failure_code_sentence
from wc_desktop.ui.viewmodels.head_watch import HeadWatch
from wc_desktop.ui.viewmodels.lease_words import left_behind_words
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.views.frame import Frame
from wc_desktop.ui.views.med_pass import MedPassPage
from wc_desktop.ui.views.notices import Notice

_log = logging.getLogger(__name__)
_TOLD_FROM_MS = 250


class Unlocked(QObject):
    """Joins what the sync thread says with what the screens show. `end` may be called once."""

    lock_wanted = Signal()
    wipe_asked = Signal()
    due_list_painted = Signal()

    def __init__(
        self,
        desk: Desk,
        runner: Runner,
        parts: Parts,
        notices: tuple[Notice, ...],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.desk = desk
        self.session = Session(desk, runner, self)
        self.frame = Frame(self.session, page_specs(), notices)
        self.head_watch = HeadWatch(self.session, parent=self)
        link = parts.link_of(desk)
        self._sync = SyncThread(runner, desk, link, self)
        self._blobs = BlobThread(runner, desk, link, parent=self)
        self.attacher = Attacher(runner, desk, self)
        self.cards = CardKeeper(runner, desk, CardWriter(station_of(desk)), self)
        self.stalls = StallMeter(parent=self)
        self._painted: QWidget | None = None
        self._bind()

    def _bind(self) -> None:
        self.frame.lock_wanted.connect(self.lock_wanted)
        self.frame.page_shown.connect(self._on_page_shown)
        self.session.search_begun.connect(self._on_search_begun)
        self._sync.link_changed.connect(self._on_link_changed)
        self._sync.records_changed.connect(self._on_pulled)
        self._sync.wipe_asked.connect(self.wipe_asked)
        self._sync.link_changed.connect(self._blobs.on_link_changed)
        self._sync.records_changed.connect(self._blobs.on_records_changed)
        self._blobs.arrived.connect(self._on_arrived)
        self._blobs.changed.connect(self._on_content_moved)
        self._sync.records_changed.connect(self.cards.on_records_changed)
        self.session.records_changed.connect(self.cards.on_records_changed)
        self.attacher.attached.connect(self._blobs.on_attached)
        self.attacher.attached.connect(self._on_attached)
        self.attacher.not_attached.connect(self._on_not_attached)
        self.session.document_chosen.connect(self.attacher.attach_file)
        self.session.content_wanted.connect(self._blobs.wake)
        self.stalls.stalled.connect(self._on_stalled)
        self.session.sync_now_wanted.connect(self._sync.wake)
        self.session.sync_now_wanted.connect(self._blobs.wake)

    def start(self, section: str) -> None:
        """Show the first page, then begin to sync."""
        self.frame.start(section)
        page = self.frame.page
        if isinstance(page, MedPassPage):
            self._painted = page.table.view.viewport()
            self._painted.installEventFilter(self)
        if opened_of(self.desk).journal_came_back:
            self.session.tell(failure_code_sentence("journal_came_back"), urgent=True)
        self.head_watch.look()
        self.session.run(partial(left_behind, self.desk), done=self._on_left_behind)
        self._sync.start()
        self._blobs.start()
        self.cards.start()
        self.stalls.start()

    def end(self, failed: Callable[[WhiteCrossError], None]) -> int:
        """Let the pages queue what is unsaved, drop every answer, and tell the threads to stop; nothing waits.

        Return how many photos and documents were chosen and are not kept; failed is told of one that cannot be
        written to its end.
        """
        self.stalls.stop()
        if self._painted is not None:
            self._painted.removeEventFilter(self)
        self.frame.put_away()
        self.session.end()
        self._sync.ask_to_stop()
        self._blobs.ask_to_stop()
        self.cards.ask_to_stop()
        return self.attacher.end(failed)

    def _on_left_behind(self, draft: CaptureDraft | None) -> None:
        if draft is not None and self.session.is_open:
            self.session.tell(left_behind_words(draft), urgent=True)

    @Slot(str)
    def _on_page_shown(self, section: str) -> None:
        self.session.run(partial(record_list, self.desk, section))

    @Slot()
    def _on_search_begun(self) -> None:
        self.session.run(partial(record_search, self.desk))

    @property
    def is_over(self) -> bool:
        """Whether all threads have ended; then nothing needs this desk any more."""
        return self._sync.is_over and self._blobs.is_over and self.cards.is_over

    def join(self) -> None:
        """Wait for the threads; for the end of the program."""
        self._sync.stop()
        self._blobs.stop()
        self.cards.stop()

    @Slot(object)
    def _on_link_changed(self, link: LinkStatus) -> None:
        if self.session.is_open:
            self.session.show_link(link)

    @Slot(int)
    def _on_stalled(self, milliseconds: int) -> None:
        # Only a stall longer than every one before it, so that a bad day does not fill the log.
        if milliseconds > _TOLD_FROM_MS and milliseconds >= self.stalls.longest_stall_ms:
            _log.info("screen.stalled", extra={"ms": milliseconds, "section": self.frame.section})

    @Slot(str)
    def _on_arrived(self, _name: str) -> None:
        # A page that shows a photo or document reads it now.
        if self.session.is_open:
            self.session.records_changed.emit(frozenset({DOCUMENT.name}))

    @Slot(object)
    def _on_attached(self, document: AttachedDocument) -> None:
        if self.session.is_open:
            self.session.document_kept.emit(document)
            self.session.changed(DOCUMENT.name, INCIDENT_ADDENDUM.name)

    @Slot(object, object)
    def _on_not_attached(self, draft: DocumentDraft, failure: WhiteCrossError) -> None:
        if self.session.is_open:
            self.session.document_not_kept.emit(draft, failure)

    @Slot()
    def _on_content_moved(self) -> None:
        if self.session.is_open:
            self.session.content_moved.emit()

    @Slot(object)
    def _on_pulled(self, kinds: frozenset[str]) -> None:
        if self.session.is_open:
            self.session.records_changed.emit(kinds)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        page = self.frame.page
        if event.type() is QEvent.Type.Paint and isinstance(page, MedPassPage) and page.model.is_read:
            self.due_list_painted.emit()
        return False
