"""A child's photos and documents: what there is, where it is, and a copy that leaves the workstation, on record."""

import os
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from wc_contract.model.care_values import DocumentKind
from wc_contract.model.changes import AccessRecorded
from wc_contract.model.errors import Unavailable
from wc_contract.model.instants import Instant, whole_millis
from wc_contract.model.kinds import DOCUMENT
from wc_contract.model.values import AccessAction
from wc_contract.rules.rows import date_or_none, instant_or_none
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.reading import people
from wc_desktop.domain.blob_views import ContentPlace, ContentState
from wc_desktop.domain.documents import SEES_CONFIDENTIAL, DocumentRow
from wc_desktop.domain.failures import CopyFailed, NotFound
from wc_desktop.domain.views import author_name, text, text_or_none
from wc_desktop.ports import Row

_AWAY: Final = ContentState(place=ContentPlace.AWAY)
_TIME_ORDERED: Final = 7


def documents_of(desk: Desk, charts: Collection[str]) -> tuple[DocumentRow, ...]:
    """Return the photos and documents of a child's charts that the person at the desk may see, newest first."""
    rows = [row for row in desk.records.where(DOCUMENT, "student_id", charts) if may_see(desk, row)]
    if not rows:
        return ()
    states = content_states(desk, {text(row, "sha256") for row in rows})
    staff = people(desk)
    made = [
        DocumentRow(
            id=UUID(text(row, "id")),
            kind=DocumentKind(text(row, "kind")),
            title=text(row, "title"),
            media_type=text(row, "media_type"),
            size=int(str(row["size_bytes"] or 0)),
            added_at=instant_or_none(text_or_none(row, "added_at")) or _made_at(UUID(text(row, "id"))),
            author=author_name(staff, text(row, "added_by")),
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


def record_copy(desk: Desk, document: str) -> None:
    """Write that a document's content leaves the workstation; to be durable before it does."""
    at = whole_millis(desk.clock.now())
    left = AccessRecorded(
        action=AccessAction.EXPORT, entity_type=DOCUMENT.name, entity_id=document, at=at, fields=("content",)
    )
    desk.author((left,), at)


def write_copy(octets: bytes, target: Path) -> None:
    """Write a document's content as a file outside, which nothing encrypts, durably. Raises CopyFailed.

    Never on the replica thread: a stick or a share may take its time.
    """
    try:
        target.touch(mode=0o600)
        with target.open("wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        raise CopyFailed("a copy") from None


def _made_at(document: UUID) -> Instant | None:
    """Return when an id was made, as far as it tells (UUIDv7): of before documents said when they were added."""
    if document.version != _TIME_ORDERED:
        return None
    return datetime.fromtimestamp((document.int >> 80) / 1000, tz=UTC)


def _id(row: DocumentRow) -> UUID:
    return row.id
