"""Documents and photos of children, for the office: the records, and the content that they name."""

from collections.abc import Callable
from uuid import UUID

from wc_contract.model import kinds
from wc_contract.model.blobs import place_of
from wc_contract.model.ids import SchoolId
from wc_contract.model.instants import instant_to_text
from wc_sync_server.db.repositories.blob_store import Blob, BlobStore
from wc_sync_server.db.repositories.records import joins
from wc_sync_server.db.repositories.records.desk import Desk, Seat
from wc_sync_server.db.repositories.records.lists import Listing, of_schools, the_one
from wc_sync_server.db.repositories.records.seen import seen_one, seen_page
from wc_sync_server.db.repositories.records.writing import (
    Changes,
    add_record,
    hold_school_of_student,
    school_of_student,
)
from wc_sync_server.domain.blobs import Bringer, Part, PieceCipher
from wc_sync_server.domain.records import answers
from wc_sync_server.domain.records.pages import Page, Row, Window
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.questions import DocumentsAsked
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem

LISTING = Listing(
    kind=kinds.DOCUMENT,
    shape=answers.DOCUMENT,
    order=("id",),
    descending=True,
    joins=joins.STUDENT,
    joined=joins.STUDENT_NAMES,
)


class PostgresDocuments:
    """Documents of the person's schools (api.records_ports.Documents)."""

    def __init__(self, desk: Desk, cipher: PieceCipher) -> None:
        self._desk = desk
        self._cipher = cipher

    def listed(self, person: Person, wanted: DocumentsAsked, window: Window) -> Page:
        """Return a page of documents, the newest first."""
        conditions = [of_schools(wanted.school)]
        if wanted.kind is not None:
            conditions.append("t.kind = %(kind)s")
        look = seen_page(
            LISTING, conditions, {"school": wanted.school, "kind": wanted.kind}, window, child=wanted.student
        )
        return self._desk.read(person, look, school=wanted.school)

    def one(self, person: Person, document: UUID) -> Row:
        """Return what is known of a document. Raises RecordRefused(NO_RECORD)."""
        return self._desk.read(person, seen_one(LISTING, document))

    def bringer(self, person: Person, student: UUID) -> Bringer:
        """Return a person as somebody who brings content about a student. Raises RecordRefused(INVALID)."""

        def look(seat: Seat) -> SchoolId:
            return school_of_student(seat, student)

        school = self._desk.read(person, look)
        return Bringer(district=person.district, school=school, user=person.user, role=person.role)

    def add(self, person: Person, values: Changes) -> Row:
        """Add a document to a child's chart, once its content is there. Raises RecordRefused: INVALID, TAKEN."""

        def work(seat: Seat) -> Row:
            school = hold_school_of_student(seat, UUID(str(values["student_id"])))
            blob = BlobStore(seat.uow, self._cipher).whole(school, str(values["sha256"]))
            if blob is None:
                raise RecordRefused(RecordsProblem.INVALID, fields=("sha256",))
            derived: Changes = {
                "media_type": blob.media_type,
                "size_bytes": blob.size,
                "blob_ref": place_of(blob.sha256),
                "added_by": str(person.user),
                "added_at": instant_to_text(seat.uow.at),
            }
            add_record(seat, kinds.DOCUMENT, answers.DOCUMENT, school, values, derived)
            return the_one(seat.uow, LISTING, values["id"])

        return self._desk.write(person, work)

    def content(self, person: Person, document: UUID, offset: int, length: int) -> Part:
        """Return a range of a document's content. Raises RecordRefused(NO_RECORD), also when it has not arrived yet."""

        def look(seat: Seat) -> Part | Row:
            row = the_one(seat.uow, LISTING, document)
            store = BlobStore(seat.uow, self._cipher)
            blob = store.whole(row["school_id"], row["sha256"])
            if blob is None:
                return row
            return self._shown(seat, row, blob, offset, length)

        found = self._desk.read(person, look)
        if isinstance(found, Part):
            return found
        # The child came from another school, with its records; their content is looked for where they were.
        return self._desk.read(person, self._left_behind(found, offset, length), everywhere=True)

    def _left_behind(self, row: Row, offset: int, length: int) -> Callable[[Seat], Part]:
        def look(seat: Seat) -> Part:
            blob = BlobStore(seat.uow, self._cipher).left_behind([row["id"]], row["sha256"])
            if blob is None:
                raise RecordRefused(RecordsProblem.NO_RECORD)
            return self._shown(seat, row, blob, offset, length)

        return look

    def _shown(self, seat: Seat, row: Row, blob: Blob, offset: int, length: int) -> Part:
        part = BlobStore(seat.uow, self._cipher).part(blob, offset, length)
        seat.saw_fields(answers.DOCUMENT, row, ("content",), via="content")
        return part
