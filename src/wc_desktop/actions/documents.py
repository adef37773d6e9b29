"""A child's photos and documents: what there is, where it is, and a copy that leaves the workstation, on record."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from wc_contract.model.care_values import DocumentKind
from wc_contract.model.changes import AccessRecorded, RecordAdded
from wc_contract.model.errors import Unavailable
from wc_contract.model.ids import UserId
from wc_contract.model.instants import Instant, whole_millis
from wc_contract.model.kinds import DOCUMENT
from wc_contract.model.values import AccessAction
from wc_contract.rules.rows import date_or_none
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.reading import people
from wc_desktop.domain.blob_views import ContentPlace, ContentState
from wc_desktop.domain.documents import SEES_CONFIDENTIAL, DocumentRow
from wc_desktop.domain.failures import CopyFailed, NotFound
from wc_desktop.domain.views import author_name, text, text_or_none
from wc_desktop.ports import Row

_AWAY: Final = ContentState(place=ContentPlace.AWAY)
_ADDING: Final = f"record.add:{DOCUMENT.name}"
# So far back it is looked who of this workstation added a document: the record itself does not say.
_NEWEST: Final = 300
_TIME_ORDERED: Final = 7
_A_STEP: Final = 1_048_576


def documents_of(desk: Desk, charts: Collection[str]) -> tuple[DocumentRow, ...]:
    """Return the photos and documents of a child's charts that the person at the desk may see, newest first."""
    rows = [row for row in desk.records.where(DOCUMENT, "student_id", charts) if may_see(desk, row)]
    if not rows:
        return ()
    states = content_states(desk, {text(row, "sha256") for row in rows})
    added_by, staff = _added_by(desk, charts), people(desk)
    made = [
        DocumentRow(
            id=UUID(text(row, "id")),
            kind=DocumentKind(text(row, "kind")),
            title=text(row, "title"),
            media_type=text(row, "media_type"),
            size=int(str(row["size_bytes"] or 0)),
            added_at=_made_at(UUID(text(row, "id"))),
            author=author_name(staff, str(added_by.get(text(row, "id"), ""))),
            expires_on=date_or_none(text_or_none(row, "expires_on")),
            is_confidential=bool(row["is_confidential"]),
            is_waiting=bool(row["waiting"]),
            content=states.get(text(row, "sha256"), _AWAY),
        )
        for row in rows
    ]
    return tuple(sorted(made, key=_id, reverse=True))


def content_state(desk: Desk, document: str) -> ContentState:
    """Return where a document's content is. Raises NotFound."""
    row = desk.records.find(DOCUMENT, document)
    if row is None or not may_see(desk, row):
        raise NotFound(document)
    name = text(row, "sha256")
    return content_states(desk, {name}).get(name, _AWAY)


def content_states(desk: Desk, names: Collection[str]) -> Mapping[str, ContentState]:
    """Return where content is; nothing of all when the file of photos and documents cannot be used just now."""
    try:
        return desk.blobs.states(names)
    except Unavailable:
        return {}


def may_see(desk: Desk, row: Row) -> bool:
    """Return whether the person at the desk may see a record; what is confidential is not there for the others."""
    return not row.get("is_confidential") or desk.person.role in SEES_CONFIDENTIAL


class SavingCopy:
    """Writes a document's content as a file outside, a short step at a time. Nothing encrypts that file."""

    def __init__(self, desk: Desk, document: str, octets: bytes, target: Path) -> None:
        self._desk = desk
        self._document = document
        self._octets = octets
        self._target = target
        self._at = 0

    def go_on(self) -> bool:
        """Write the next part, that it leaves on record first; return whether there is more. Raises CopyFailed."""
        if self._at == 0:
            self._record()
        part = self._octets[self._at : self._at + _A_STEP]
        try:
            self._target.touch(mode=0o600)
            with self._target.open("wb" if self._at == 0 else "ab") as file:
                file.write(part)
        except OSError:
            raise CopyFailed(str(self._document)) from None
        self._at += len(part)
        return self._at < len(self._octets)

    def _record(self) -> None:
        at = whole_millis(self._desk.clock.now())
        left = AccessRecorded(
            action=AccessAction.EXPORT, entity_type=DOCUMENT.name, entity_id=self._document, at=at, fields=("content",)
        )
        self._desk.author((left,), at)


def _added_by(desk: Desk, charts: Collection[str]) -> Mapping[str, UserId]:
    """Return, by document, who of this workstation added it lately."""
    found: dict[str, UserId] = {}
    for record in desk.journal.newest(_NEWEST):
        if record.verb != _ADDING or record.student_id not in charts:
            continue
        entry = desk.journal.entry(record.id)
        for change in () if entry is None else entry.changes:
            if isinstance(change, RecordAdded) and change.kind == DOCUMENT.name:
                found[str(change.id)] = record.author_id
    return found


def _made_at(document: UUID) -> Instant | None:
    """Return when an id was made, as far as it tells (UUIDv7)."""
    if document.version != _TIME_ORDERED:
        return None
    return datetime.fromtimestamp((document.int >> 80) / 1000, tz=UTC)


def _id(row: DocumentRow) -> UUID:
    return row.id
