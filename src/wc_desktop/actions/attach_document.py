"""Keeping a photo or document that somebody chose, so that a record can name it at once; the content follows."""

from dataclasses import dataclass, field

from wc_contract.model.apply import WireValue
from wc_contract.model.blobs import place_of
from wc_contract.model.care_values import DocumentKind
from wc_contract.model.ids import StudentId, new_uuid
from wc_contract.model.instants import whole_millis
from wc_contract.model.kinds import DOCUMENT, STUDENT
from wc_desktop.actions.desk import Desk
from wc_desktop.domain.blob_views import ContentFacts
from wc_desktop.domain.failures import DiskFailed, NotFound

# A dose waits for the step that has begun: so much is written in some milliseconds.
_A_STEP = 262_144


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentDraft:
    """What a person says of a file they attach."""

    student: StudentId
    kind: DocumentKind
    title: str | None = field(default=None, repr=False)
    is_confidential: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedDocument:
    """A document whose content is here for good and waits to be sent; values are those of its record."""

    facts: ContentFacts
    record: str
    values: dict[str, WireValue] = field(repr=False)


class Attaching:
    """Writes content into the workstation's file, a short step at a time."""

    def __init__(self, desk: Desk, draft: DocumentDraft, facts: ContentFacts, content: bytes) -> None:
        self._desk = desk
        self._draft = draft
        self._facts = facts
        self._content = content
        self._at = 0
        self._begun = False
        self._record = str(new_uuid(whole_millis(desk.clock.now()), desk.chance))

    @property
    def document(self) -> AttachedDocument:
        """What its record says; to be asked once go_on returned False."""
        values: dict[str, WireValue] = {
            "student_id": str(self._draft.student),
            "kind": self._draft.kind.value,
            "title": self._draft.title,
            "media_type": self._facts.media_type,
            "size_bytes": self._facts.size,
            "sha256": self._facts.sha256,
            "blob_ref": place_of(self._facts.sha256),
            "expires_on": None,
            "is_confidential": self._draft.is_confidential,
        }
        assert values.keys() == {each.name for each in DOCUMENT.fields}  # noqa: S101
        return AttachedDocument(facts=self._facts, record=self._record, values=values)

    def go_on(self) -> bool:
        """Write the next part; return whether there is more. Raises NotFound, DiskFull, DiskFailed.

        When it has returned False the content is durable, and will be sent even if the program ends now.
        """
        blobs = self._desk.blobs
        if not self._begun:
            if self._desk.records.find(STUDENT, str(self._draft.student)) is None:
                raise NotFound(str(self._draft.student))
            self._begun = True
            return blobs.begin_own(self._facts)
        part = self._content[self._at : self._at + _A_STEP]
        before, self._at = self._at, blobs.keep_piece(self._facts.sha256, self._at, part)
        if self._at <= before:
            raise DiskFailed("the file was begun anew meanwhile")
        if self._at < self._facts.size:
            return True
        blobs.finish(self._facts)
        return False
