"""Keeping a photo or document that somebody chose: its content first, then the record that names it."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from uuid import UUID

from wc_contract.model.apply import WireValue
from wc_contract.model.authoring import authored_fields
from wc_contract.model.blobs import place_of
from wc_contract.model.care_values import DocumentKind
from wc_contract.model.changes import RecordAdded
from wc_contract.model.ids import EntryId, IncidentId, StudentId, new_uuid
from wc_contract.model.instants import Instant, instant_to_text, whole_millis
from wc_contract.model.kinds import DOCUMENT, INCIDENT, INCIDENT_ADDENDUM, STUDENT
from wc_contract.rules.findings import Code
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.records import builds_on, found
from wc_desktop.domain.blob_views import ContentFacts
from wc_desktop.domain.documents import ADDS_DOCUMENTS
from wc_desktop.domain.failures import DiskFailed, NotAllowed, NotFound

# A dose waits for the step that has begun: so much is written in some milliseconds.
_A_STEP = 262_144


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentDraft:
    """What a person says of a file they attach.

    incident names a signed report that it belongs to; addendum is what is added to that report, in the same entry.
    """

    student: StudentId
    kind: DocumentKind
    title: str | None = field(default=None, repr=False)
    is_confidential: bool = False
    incident: IncidentId | None = None
    addendum: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenDocument:
    """A file that a person chose, and what they say of it."""

    draft: DocumentDraft
    path: Path = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedDocument:
    """A document whose content is here for good and waits to be sent; values are those of its record."""

    draft: DocumentDraft = field(repr=False)
    facts: ContentFacts
    record: str
    values: dict[str, WireValue] = field(repr=False)


class Attaching:
    """Writes content into the workstation's file, a short step at a time, and with the last one its record."""

    def __init__(self, desk: Desk, draft: DocumentDraft, facts: ContentFacts, content: bytes) -> None:
        self.draft = draft
        self._desk = desk
        self._facts = facts
        self._content = content
        self._at = 0
        self._begun = False
        self._over = False

    @cached_property
    def _record(self) -> UUID:
        return new_uuid(whole_millis(self._desk.clock.now()), self._desk.chance)

    @property
    def document(self) -> AttachedDocument:
        """What its record says; to be asked once go_on returned False."""
        values: dict[str, WireValue] = {
            "student_id": str(self.draft.student),
            "kind": self.draft.kind.value,
            "title": self.draft.title,
            "media_type": self._facts.media_type,
            "size_bytes": self._facts.size,
            "sha256": self._facts.sha256,
            "blob_ref": place_of(self._facts.sha256),
            "expires_on": None,
            "is_confidential": self.draft.is_confidential,
        }
        assert values.keys() == set(authored_fields(DOCUMENT.name))  # noqa: S101
        return AttachedDocument(draft=self.draft, facts=self._facts, record=str(self._record), values=values)

    def go_on(self) -> bool:
        """Write the next part, unless all is written or it failed; return whether there is more.

        When it has returned False content and record are durable, and will be sent even if the program ends now.
        Raises NotFound, NotAllowed, SendAgainFirst, DocumentsShut, DocumentsNewer, DiskFull, DiskFailed; then no record
        names the content.
        """
        if not self._over:
            self._over = True
            self._over = not self._write_part()
        return not self._over

    def finish(self) -> None:
        """Write all that is left."""
        while self.go_on():
            continue

    def _write_part(self) -> bool:
        blobs = self._desk.blobs
        if not self._begun:
            self._begun = True
            self._check()
            if blobs.begin_own(self._facts):
                return True
        else:
            part = self._content[self._at : self._at + _A_STEP]
            before, self._at = self._at, blobs.keep_piece(self._facts.sha256, self._at, part)
            if self._at <= before:
                raise DiskFailed("the file was begun anew meanwhile")
            if self._at < self._facts.size:
                return True
            blobs.finish(self._facts)
        self._write_record()
        return False

    def _check(self) -> None:
        if self._desk.person.role not in ADDS_DOCUMENTS:
            raise NotAllowed((Code.NOT_ENTITLED.value,))
        if self._desk.records.find(STUDENT, str(self.draft.student)) is None:
            raise NotFound(str(self.draft.student))
        self._built_on()

    def _built_on(self) -> tuple[EntryId, ...]:
        incident = self.draft.incident
        if incident is None:
            return ()
        found(self._desk, INCIDENT, incident)
        return builds_on(self._desk, INCIDENT, incident)

    def _write_record(self) -> None:
        at = whole_millis(self._desk.clock.now())
        added = RecordAdded(kind=DOCUMENT.name, id=self._record, values=self.document.values)
        incident = self.draft.incident
        addenda = () if incident is None else (self._addendum(incident, at),)
        self._desk.author((added, *addenda), at, depends_on=self._built_on())

    def _addendum(self, incident: IncidentId, at: Instant) -> RecordAdded:
        record: UUID = new_uuid(at, self._desk.chance)
        values: dict[str, WireValue] = {
            "incident_id": str(incident),
            "text": self.draft.addendum,
            "signed_at": instant_to_text(at),
        }
        return RecordAdded(kind=INCIDENT_ADDENDUM.name, id=record, values=values)
