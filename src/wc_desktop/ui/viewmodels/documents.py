"""One photo or document, opened: read when it is here, fetched when it is not, shown with every state in words."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Final, Protocol, assert_never

from PySide6.QtCore import QObject, Signal, Slot

from wc_contract.model.blobs import MediaType
from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.kinds import DOCUMENT
from wc_desktop.actions import documents
from wc_desktop.actions.photos import OpeningDocument
from wc_desktop.domain.blob_views import Content, ContentPlace, ContentState
from wc_desktop.domain.documents import DocumentRow
from wc_desktop.domain.link_views import LinkState
from wc_desktop.ui.messages.failures import failure_code_sentence, failure_sentence
from wc_desktop.ui.viewmodels.document_words import size_words
from wc_desktop.ui.viewmodels.session import Session


class Opening(Protocol):
    """Reads content, a step at a time."""

    @property
    def content(self) -> Content | None: ...

    def go_on(self) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentVerbs:
    """What opening does on the replica thread, and saving a copy beside it."""

    opening: Callable[..., Opening] = OpeningDocument
    content_state: Callable[..., ContentState] = documents.content_state
    record_copy: Callable[..., None] = documents.record_copy
    write_copy: Callable[[bytes, Path], None] = documents.write_copy


REAL: Final = DocumentVerbs()
_ENDINGS: Final = {
    MediaType.JPEG.value: "jpg",
    MediaType.PNG.value: "png",
    MediaType.WEBP.value: "webp",
    MediaType.HEIC.value: "heic",
    MediaType.TIFF.value: "tif",
    MediaType.PDF.value: "pdf",
}


class Stage(StrEnum):
    """How far an opened document is."""

    CLOSED = "closed"
    READING = "reading"
    FETCHING = "fetching"
    OPEN = "open"
    FAILED = "failed"


class DocumentModel(QObject):
    """One document at a time. `moved`: stage, progress or words changed. `opened`: its content is here."""

    moved = Signal()
    opened = Signal()
    copy_saved = Signal(str)  # what is to be said of it
    copy_failed = Signal(str)  # why

    def __init__(self, session: Session, verbs: DocumentVerbs = REAL, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._verbs = verbs
        self._row: DocumentRow | None = None
        self._content: Content | None = None
        self._stage = Stage.CLOSED
        self._state = ContentState(place=ContentPlace.AWAY)
        self._why = ""
        self._turn = 0
        self._saving = False
        session.content_moved.connect(self._on_moved)
        session.link_changed.connect(self._on_link_changed)
        session.records_changed.connect(self._on_records_changed)

    @property
    def row(self) -> DocumentRow | None:
        return self._row

    @property
    def content(self) -> Content | None:
        return self._content

    @property
    def stage(self) -> Stage:
        return self._stage

    @property
    def progress(self) -> tuple[int, int]:
        """How many bytes are here, of how many."""
        return self._state.held, 0 if self._row is None else self._row.size

    @property
    def is_on_its_way(self) -> bool:
        """Whether pieces come: there is a network, and the district has it."""
        online = self._session.link.state is not LinkState.OFFLINE
        return self._stage is Stage.FETCHING and online and self._state.place is not ContentPlace.LATER

    def suggested_name(self) -> str:
        """Return a name for a copy that tells nothing of the child."""
        media = "" if self._content is None else self._content.facts.media_type
        return f"document.{_ENDINGS.get(media, 'bin')}"

    def open(self, row: DocumentRow) -> None:
        """Open a document; that it is looked at is on record once its content shows."""
        self.close()
        self._row = row
        self._read()

    def try_again(self) -> None:
        """Ask once more for what failed."""
        if self._row is not None and self._stage is Stage.FAILED:
            self._read()

    def close(self) -> None:
        """Forget the document and its content."""
        self._turn += 1
        self._row = self._content = None
        self._state = ContentState(place=ContentPlace.AWAY)
        self._go_to(Stage.CLOSED)

    # -- reading and fetching ------------------------------------------------------------------------------

    def _read(self) -> None:
        if self._row is None:
            return
        self._turn += 1
        self._go_to(Stage.READING)
        self._step(self._turn, self._verbs.opening(self._session.desk, str(self._row.id)))

    def _step(self, turn: int, opening: Opening) -> None:
        # Each step is a job of its own: a dose goes between two of them.
        self._session.run(
            opening.go_on, done=partial(self._on_step, turn, opening), failed=partial(self._on_failed, turn)
        )

    def _on_step(self, turn: int, opening: Opening, more: bool) -> None:  # noqa: FBT001 - what the job answers
        if turn != self._turn:
            return
        if more:
            self._step(turn, opening)
        elif opening.content is not None:
            self._content = opening.content
            self._go_to(Stage.OPEN)
            self.opened.emit()
        else:
            self._go_to(Stage.FETCHING)
            self._session.content_wanted.emit()
            self._look(turn)

    def _on_failed(self, turn: int, failure: WhiteCrossError) -> None:
        if turn == self._turn:
            self._why = failure_sentence(failure)
            self._go_to(Stage.FAILED)

    @Slot()
    def _on_moved(self) -> None:
        if self._stage is Stage.FETCHING:
            self._look(self._turn)

    @Slot(object)
    def _on_link_changed(self, _link: object) -> None:
        if self._stage is Stage.FETCHING:
            self.moved.emit()

    @Slot(object)
    def _on_records_changed(self, kinds: frozenset[str]) -> None:
        if DOCUMENT.name in kinds:
            self._on_moved()

    def _look(self, turn: int) -> None:
        if self._row is not None:
            self._session.run(
                partial(self._verbs.content_state, self._session.desk, str(self._row.id)),
                done=partial(self._on_state, turn),
                failed=partial(self._on_failed, turn),
            )

    def _on_state(self, turn: int, state: ContentState) -> None:
        if turn != self._turn or self._stage is not Stage.FETCHING:
            return
        self._state = state
        if state.place in {ContentPlace.HERE, ContentPlace.SENDING}:
            self._read()
        elif state.place is ContentPlace.REFUSED:
            self._why = failure_code_sentence(state.refused or "")
            self._go_to(Stage.FAILED)
        else:
            self.moved.emit()

    def _go_to(self, stage: Stage) -> None:
        self._stage = stage
        self.moved.emit()

    # -- a copy outside ------------------------------------------------------------------------------------

    def save_copy(self, target: Path) -> None:
        """Write the content as a file outside, on record before; `copy_saved` or `copy_failed` follows."""
        if self._row is not None and self._content is not None and not self._saving:
            self._saving = True
            self._session.run(
                partial(self._verbs.record_copy, self._session.desk, str(self._row.id)),
                done=partial(self._on_recorded, self._content.octets, target),
                failed=self._on_not_copied,
            )

    def _on_recorded(self, octets: bytes, target: Path, _nothing: None) -> None:
        self._session.run_beside(
            partial(self._verbs.write_copy, octets, target),
            done=partial(self._on_copied, target),
            failed=self._on_not_copied,
        )

    def _on_copied(self, target: Path, _nothing: None) -> None:
        self._saving = False
        words = self.tr("Saved as {path}. It is not encrypted: delete it when you no longer need it.")
        self.copy_saved.emit(words.format(path=target))

    def _on_not_copied(self, failure: WhiteCrossError) -> None:
        self._saving = False
        self.copy_failed.emit(failure_sentence(failure))

    # -- words ---------------------------------------------------------------------------------------------

    def words(self) -> tuple[str, str]:
        """Return what is said while there is nothing to see: a headline, and what comes of it."""
        match self._stage:
            case Stage.CLOSED | Stage.OPEN:
                return "", ""
            case Stage.READING:
                return self.tr("Reading…"), ""
            case Stage.FAILED:
                return self.tr("It cannot be shown"), self._why
            case Stage.FETCHING:
                return self._fetching_words()
            case _:
                assert_never(self._stage)

    def _fetching_words(self) -> tuple[str, str]:
        if self._session.link.state is LinkState.OFFLINE:
            return (
                self.tr("It is not on this workstation"),
                self.tr("It is fetched as soon as the network is back. You can go on; nothing waits for it."),
            )
        if self._state.place is ContentPlace.LATER:
            return (
                self.tr("The district does not have it yet"),
                self.tr("The workstation that added it has not sent it. It is asked for again by itself."),
            )
        held, size = self.progress
        return (
            self.tr("It is being fetched from the district"),
            self.tr("{held} of {size}").format(held=size_words(held), size=size_words(size)),
        )
