"""Unfinished incident forms: kept, encrypted, on this workstation until signed (docs/adr/0005)."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from wc_contract.model.apply import compact
from wc_contract.model.ids import IncidentId, StudentId, UserId
from wc_contract.model.instants import Instant, instant_from_text, instant_to_text
from wc_desktop.cipher.engine import Connection, writing
from wc_desktop.domain.screens import IncidentDraft

_SAVE = """INSERT INTO drafts (id, author_id, student_id, fields, saved_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET
        student_id = excluded.student_id, fields = excluded.fields, saved_at = excluded.saved_at"""


def save_draft(connection: Connection, draft: IncidentDraft, *, author: UserId, at: Instant) -> None:
    """Keep a form as it stands; whoever began it stays its author."""
    student = None if draft.student_id is None else str(draft.student_id)
    fields = compact({name: list(v) if isinstance(v, tuple) else v for name, v in draft.fields.items()})
    with writing(connection):
        connection.execute(_SAVE, (str(draft.id), str(author), student, fields, instant_to_text(at)))


def all_drafts(connection: Connection) -> Sequence[tuple[IncidentDraft, UserId]]:
    """Return the forms and who began them, newest first."""
    rows = connection.execute("SELECT id, author_id, student_id, fields, saved_at FROM drafts ORDER BY saved_at DESC")
    return [_read(row) for row in rows]


def one_draft(connection: Connection, incident: IncidentId) -> IncidentDraft | None:
    """Return one form."""
    row = connection.execute(
        "SELECT id, author_id, student_id, fields, saved_at FROM drafts WHERE id = ?", (str(incident),)
    ).fetchone()
    return None if row is None else _read(row)[0]


def discard_draft(connection: Connection, incident: IncidentId) -> None:
    """Forget a form."""
    with writing(connection):
        connection.execute("DELETE FROM drafts WHERE id = ?", (str(incident),))


def _read(row: Sequence[Any]) -> tuple[IncidentDraft, UserId]:
    fields = {name: tuple(v) if isinstance(v, list) else v for name, v in json.loads(row[3]).items()}
    draft = IncidentDraft(
        id=IncidentId(UUID(row[0])),
        student_id=None if row[2] is None else StudentId(UUID(row[2])),
        fields=fields,
        saved_at=instant_from_text(row[4]),
    )
    return draft, UserId(UUID(row[1]))
