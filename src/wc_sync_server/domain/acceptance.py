"""Whose word counts: an author judged by their rights as they wrote and as they are now (sync.md, 'Late work')."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from wc_contract.model.ids import SchoolId, UserId
from wc_contract.model.instants import Instant
from wc_contract.wire.codes import Refusal
from wc_sync_server.domain.access import Assignment


class Doubt(StrEnum):
    """Findings about who wrote an entry. They stand in the receipt, on the record and in the review case."""

    UNAUTHORISED_PERIOD = "unauthorised_period"
    OUT_OF_ASSIGNMENT = "out_of_assignment"
    LATE_FROM_PREVIOUS_SCHOOL = "late_from_previous_school"
    CHART_MERGED = "chart_merged"


# An entry for a chart that was found to be another's too is nobody's fault and needs nobody's answer. One that comes
# from a school which the child has left is nobody's fault either, but the nurse there has not seen it: she looks.
REVIEWED: frozenset[Doubt] = frozenset(
    {Doubt.UNAUTHORISED_PERIOD, Doubt.OUT_OF_ASSIGNMENT, Doubt.LATE_FROM_PREVIOUS_SCHOOL}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorFacts:
    """An author as the district knows them; assignments are those to the device's school, past ones too."""

    id: UserId
    role: str
    is_active: bool
    revoked_at: Instant | None
    assignments: tuple[Assignment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Refused, and why; or taken, with what is doubtful about it."""

    refusal: Refusal | None = None
    doubts: tuple[Doubt, ...] = ()


def judge_author(
    author: AuthorFacts | None,
    *,
    authored_at: Instant,
    school_day: date,
    device_revoked_at: Instant | None,
    after_lease: bool = False,
) -> Verdict:
    """Return what to make of an entry by its author. Nobody who ever belonged to the school is refused.

    after_lease: the entry says itself that its workstation's lease had ended.
    """
    if author is None:
        return Verdict(refusal=Refusal.UNKNOWN_AUTHOR)
    if not author.assignments:
        return Verdict(refusal=Refusal.NEVER_IN_SCOPE)
    return Verdict(doubts=tuple(_doubts(author, authored_at, school_day, device_revoked_at, after_lease=after_lease)))


def judge_student(
    present_school: SchoolId | None, *, device_school: SchoolId, was_here: bool, merged: bool = False
) -> Verdict:
    """Return what to make of an entry about a student who is now at present_school, None for nobody we know.

    merged: the entry names a chart that was found to be another child's chart too, and was merged into that.
    """
    if present_school is None:
        return Verdict(refusal=Refusal.UNKNOWN_STUDENT)
    doubts = (Doubt.CHART_MERGED,) if merged else ()
    if present_school == device_school:
        return Verdict(doubts=doubts)
    if not was_here:
        return Verdict(refusal=Refusal.NEVER_IN_SCOPE)
    return Verdict(doubts=(*doubts, Doubt.LATE_FROM_PREVIOUS_SCHOOL))


def _doubts(
    author: AuthorFacts,
    authored_at: Instant,
    school_day: date,
    device_revoked_at: Instant | None,
    *,
    after_lease: bool,
) -> Iterator[Doubt]:
    if not any(assignment.covers(school_day) for assignment in author.assignments):
        yield Doubt.OUT_OF_ASSIGNMENT
    disabled = not author.is_active and (author.revoked_at is None or authored_at >= author.revoked_at)
    if after_lease or disabled or (device_revoked_at is not None and authored_at >= device_revoked_at):
        yield Doubt.UNAUTHORISED_PERIOD
