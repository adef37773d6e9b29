"""Photos of children and content of documents: what is here is shown, what is not is asked for."""

from collections.abc import Mapping

from wc_contract.model.blobs import hash_of
from wc_contract.model.care_values import DocumentKind
from wc_contract.model.changes import AccessRecorded
from wc_contract.model.ids import StudentId
from wc_contract.model.instants import whole_millis
from wc_contract.model.kinds import DOCUMENT, ORDER
from wc_contract.model.values import AccessAction, OrderStatus
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.documents import may_see
from wc_desktop.domain.blob_views import Content, ContentFacts
from wc_desktop.domain.failures import NotFound
from wc_desktop.ports import Row

# A picture larger than this is a scan, not a face: it is fetched when somebody opens it.
LARGEST_PHOTO = 2 * 1_048_576
_A_STEP = 1_048_576


def photo_of(desk: Desk, student: StudentId) -> bytes | None:
    """Return a child's photo, None when there is none or it is not here yet; then it is asked for."""
    row = _photos(desk, {str(student)}).get(str(student))
    facts = None if row is None else _facts(row)
    if facts is None or facts.size > LARGEST_PHOTO or not _here_or_asked_for(desk, facts):
        return None
    content = _proved(desk, facts, desk.blobs.read(facts.sha256, 0, facts.size))
    return None if content is None else content.octets


class OpeningDocument:
    """Reads a document's content, a short step at a time: a dose waits for the step that has begun, not for a scan."""

    def __init__(self, desk: Desk, document: str) -> None:
        self._desk = desk
        self._document = document
        self._facts: ContentFacts | None = None
        self._read = bytearray()
        self.content: Content | None = None

    def go_on(self) -> bool:
        """Read the next part; return whether there is more. Raises NotFound.

        Then content is all of it, and that it was looked at is written; None when it is asked for and on its way.
        """
        desk, facts = self._desk, self._facts
        if facts is None:
            row = desk.records.find(DOCUMENT, self._document)
            if row is None or not may_see(desk, row):
                raise NotFound(self._document)
            self._facts = _facts(row)
            return _here_or_asked_for(desk, self._facts)
        part = desk.blobs.read(facts.sha256, len(self._read), _A_STEP)
        self._read += part
        if part and len(self._read) < facts.size:
            return True
        self.content = _proved(desk, facts, bytes(self._read))
        if self.content is not None:
            self._look()
        return False

    def _look(self) -> None:
        at = whole_millis(self._desk.clock.now())
        look = AccessRecorded(
            action=AccessAction.VIEW, entity_type=DOCUMENT.name, entity_id=self._document, at=at, fields=("content",)
        )
        self._desk.author((look,), at)


def want_photos(desk: Desk) -> int:
    """Ask for the photos of children with orders, to have them when the network is gone; return how many are not here.

    Nobody waits for them: they come when there is nothing else to do.
    """
    children = {
        str(order["student_id"]) for order in desk.records.every(ORDER) if order["status"] == OrderStatus.ACTIVE.value
    }
    photos = [_facts(row) for row in _photos(desk, children).values()]
    return desk.blobs.want_ahead([facts for facts in photos if facts.size <= LARGEST_PHOTO])


def _photos(desk: Desk, students: set[str]) -> Mapping[str, Row]:
    """Return, by child, the newest photo among the documents: ids grow with time."""
    rows = [
        row
        for row in desk.records.where(DOCUMENT, "student_id", students)
        if row["kind"] == DocumentKind.PHOTO.value and row["size_bytes"]
    ]
    return {str(row["student_id"]): row for row in sorted(rows, key=_id)}


def _here_or_asked_for(desk: Desk, facts: ContentFacts) -> bool:
    return desk.blobs.want(facts, asked=True)


def _proved(desk: Desk, facts: ContentFacts, octets: bytes) -> Content | None:
    blobs = desk.blobs
    if hash_of(octets) == facts.sha256:
        blobs.touch(facts.sha256)
        return Content(facts=facts, octets=octets)
    # Damaged on this disk: it is fetched again, and nothing of it is shown.
    blobs.drop_pieces(facts.sha256)
    blobs.want(facts, asked=True)
    return None


def _facts(row: Row) -> ContentFacts:
    return ContentFacts(
        sha256=str(row["sha256"]), size=int(str(row["size_bytes"] or 1)), media_type=str(row["media_type"])
    )


def _id(row: Row) -> str:
    return str(row["id"])
