"""What the server tells others: a short letter of codes and ids, never a word about anybody's health."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from wc_contract.model.errors import Defect
from wc_contract.model.ids import SchoolId
from wc_contract.model.instants import Instant

_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")

# Two and a half days: a receiver that is away over a weekend still gets its letters.
TRIES = 20
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=6)


class MessageKind(StrEnum):
    """What happened."""

    INCIDENT_SEVERE = "incident_severe"  # a report of severity HIGH or CRITICAL was received
    CASE_OPENED = "case_opened"  # a review case was opened, or opened again by something new


class Channel(StrEnum):
    """A way to tell it."""

    WEBHOOK = "webhook"
    EMAIL = "email"


class LetterStatus(StrEnum):
    """Life of a letter. A dead one waits for a person: `wc-sync-server outbox retry`."""

    WAITING = "WAITING"
    DELIVERED = "DELIVERED"
    DEAD = "DEAD"


class MessageTalks(Defect):
    """A message holds something other than codes and ids. Names the field, never what it holds."""

    code = "message_talks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Something to be told: what happened, to which record, in which school.

    key tells one happening from another: the same key is told once on each channel, however often it is written.
    codes are short codes and numbers. Raises MessageTalks for anything longer.
    """

    kind: MessageKind
    subject: UUID
    school: SchoolId | None
    key: str
    codes: Mapping[str, str | int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, value in self.codes.items():
            if isinstance(value, str) and not _CODE.fullmatch(value):
                raise MessageTalks(f"{name} of {self.kind.value} is no code")

    def payload(self) -> dict[str, str | int | None]:
        """Return what the letter says."""
        school = None if self.school is None else str(self.school)
        return {"kind": self.kind.value, "subject_id": str(self.subject), "school_id": school, **self.codes}


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message on one channel, taken by a worker. id is its idempotency key: the same at every try.

    attempt counts this try; written_at is when what it tells was committed.
    """

    id: UUID
    kind: str
    channel: Channel
    payload: Mapping[str, str | int | None]
    attempt: int
    written_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterCount:
    """How many letters of a kind are how far on a channel; oldest is when the oldest of them was written."""

    kind: str
    channel: str
    status: LetterStatus
    letters: int
    oldest: Instant
    last_error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A try that failed, by code: 'http_503', 'timeout', 'not_configured'. Never the other side's words."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The other side took it."""


Outcome = Delivered | Failed


def pause_after(attempt: int, jitter: Callable[[], float]) -> timedelta | None:
    """Return how long to wait after a failed try: between half and all of a doubling, capped pause. None: no more."""
    if attempt >= TRIES:
        return None
    longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * (1 << (attempt - 1)))
    return longest * (0.5 + jitter() / 2)
