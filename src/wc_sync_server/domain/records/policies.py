"""Policy documents: what may become of a version, and what of it stays as it was read. Pure.

    DRAFT -> ACTIVE -> RETIRED

A version that is active may hold from a later day on; until then the one before it does. People acknowledge the
newest active version, ahead of its day too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from wc_contract.model.ids import SchoolId
from wc_contract.model.instants import Instant
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem


class DocumentStatus(StrEnum):
    """Life of a version."""

    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    RETIRED = "RETIRED"


_REVIEW = frozenset({"review_due"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PoliciesAsked:
    """Versions of policies; current: the newest active one of each code."""

    code: str | None = None
    status: str | None = None
    current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadAsked:
    """Who has not acknowledged a version, of a school's staff or of everybody's whom the asker may see."""

    document: UUID
    school: SchoolId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledging:
    """Somebody has read a version: at once by themselves, or at some time on paper, put on record at the office."""

    id: UUID
    document: UUID
    user: UUID
    at: Instant | None = None


def require_changeable(status: str, changed: Iterable[str]) -> None:
    """Raise RecordRefused(WRONG_STATE) naming what may no longer be changed: people acknowledged these words."""
    if status == DocumentStatus.DRAFT.value:
        return
    open_ = _REVIEW if status == DocumentStatus.ACTIVE.value else frozenset()
    fixed = tuple(sorted(set(changed) - open_))
    if fixed:
        raise RecordRefused(RecordsProblem.WRONG_STATE, fields=fixed)


def require_step(present: str, wanted: DocumentStatus) -> None:
    """Raise RecordRefused(WRONG_STATE) unless a version may go from present to wanted."""
    steps = {DocumentStatus.ACTIVE: DocumentStatus.DRAFT, DocumentStatus.RETIRED: DocumentStatus.ACTIVE}
    if steps.get(wanted) != present:
        raise RecordRefused(RecordsProblem.WRONG_STATE, fields=("status",))
