"""What a review case compares, in words: entries, two versions of a record, a shelf and what brought it there."""

from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication

from wc_contract.model.instants import Instant
from wc_contract.model.quantity import plain
from wc_contract.rules.findings import Code
from wc_desktop.domain.case_views import CaseRow, MovementRow, ShelfRow, SideRow, SubjectRow
from wc_desktop.domain.screens import Confirmed, DoseView
from wc_desktop.ui.messages.findings import finding_title
from wc_desktop.ui.viewmodels.record_words import kind_words, said_fields
from wc_desktop.ui.viewmodels.record_words import tr as tr_record
from wc_desktop.ui.viewmodels.words import JOINT, clock_words, day_words, dose_state_words, dose_words, full_name

_CONTEXT: Final = "CaseSides"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSide:
    """One of the sides that a case compares: a heading, and label and value of each fact."""

    heading: str
    facts: tuple[tuple[str, str], ...]


def tr(text: str) -> str:
    """Translate one of the words of this module."""
    return QCoreApplication.translate(_CONTEXT, text)


def moment_words(at: Instant, zone: ZoneInfo) -> str:
    """Return '23 Nov 2026 11:45' in the school's zone."""
    return f"{day_words(at.astimezone(zone).date())} {clock_words(at, zone)}"


def entry_lines(case: CaseRow, zone: ZoneInfo) -> tuple[tuple[DoseView, str], ...]:
    """Return the entries of which one may stand, each in a line: who, when, where."""
    made: list[tuple[DoseView, str]] = []
    for number, dose in enumerate(sorted(case.doses, key=_written), start=1):
        if dose.stands:
            amount = "" if dose.quantity is None else dose_words(dose.quantity)
            what = " ".join(part for part in (dose_state_words(dose.status), amount) if part)
            line = tr("Entry {number}: {what}, {when}, {who}").format(
                number=number,
                what=what,
                when=moment_words(dose.administered_at, zone),
                who=dose.author or tr("not known here"),
            )
            made.append((dose, line))
    return tuple(made)


def sides_of(case: CaseRow, zone: ZoneInfo) -> tuple[CaseSide, ...]:
    """Return the entries of a case as they were written, what two hands said of a record, and what is on a shelf."""
    doses = sorted(case.doses, key=_written)
    entries = (_side(number, dose, doses, zone) for number, dose in enumerate(doses, start=1))
    shelf = () if case.shelf is None else _shelf(case.shelf, zone)
    return (
        *entries,
        *(_version(side, zone) for side in case.sides),
        *(_other(other, zone) for other in case.others),
        *shelf,
    )


def _other(other: SubjectRow, zone: ZoneInfo) -> CaseSide:
    facts = (
        (tr("Child"), "" if other.child is None else full_name(other.child)),
        (tr("Who"), other.author),
        (tr("Written"), "" if other.at is None else moment_words(other.at, zone)),
        *said_fields(other.record_kind, other.values, zone),
    )
    return CaseSide(heading=kind_words(other.record_kind), facts=tuple(pair for pair in facts if pair[1]))


def _shelf(shelf: ShelfRow, zone: ZoneInfo) -> tuple[CaseSide, ...]:
    now = "" if shelf.on_record is None else f"{plain(shelf.on_record)} {shelf.unit}".strip()
    facts = (
        (tr("What"), shelf.name),
        (tr("Where"), shelf.where),
        (tr("Lot"), shelf.lot),
        (tr("On record"), now),
    )
    moved = tuple((moment_words(one.at, zone), _movement(one, shelf.unit)) for one in shelf.movements)
    sides = CaseSide(heading=tr("On the shelf"), facts=tuple(pair for pair in facts if pair[1]))
    return (sides, CaseSide(heading=tr("What brought it there"), facts=moved)) if moved else (sides,)


def _movement(moved: MovementRow, unit: str) -> str:
    amount = "" if moved.quantity is None else f"{plain(moved.quantity)} {unit}".strip()
    what = tr_record(moved.event.replace("_", " ").capitalize())
    return JOINT.join(part for part in (what, amount, moved.author, moved.note) if part)


def _version(side: SideRow, zone: ZoneInfo) -> CaseSide:
    heading = tr("What stands now") if side.stands else tr("The other version")
    before = tr("What the record said before")
    facts = (
        (tr("Record"), kind_words(side.record_kind)),
        (tr("Who"), side.author or before),
        (tr("Written"), "" if side.authored_at is None else moment_words(side.authored_at, zone)),
        *said_fields(side.record_kind, side.values, zone, empty=True),
    )
    return CaseSide(heading=heading, facts=tuple(pair for pair in facts if pair[1]))


def _side(number: int, dose: DoseView, doses: list[DoseView], zone: ZoneInfo) -> CaseSide:
    here = tr("This workstation") if dose.device_is_this else tr("Another workstation")
    waiting = tr("Waiting to be sent") if dose.confirmed is Confirmed.WAITING else tr("At the district")
    facts = (
        (tr("Who"), dose.author or tr("Not known here")),
        (tr("When"), moment_words(dose.administered_at, zone)),
        (tr("Written"), "" if dose.recorded_at is None else moment_words(dose.recorded_at, zone)),
        (tr("Where"), here),
        (tr("State"), dose_state_words(dose.status)),
        (tr("Amount"), "" if dose.quantity is None else dose_words(dose.quantity)),
        (tr("Reason"), dose.reason or ""),
        (tr("For the dose of"), _slot(dose)),
        (tr("Could know"), _could_know(dose, doses, zone)),
        (tr("Marks"), ", ".join(finding_title(code) for code in dose.flags)),
        (tr("Since then"), tr("Corrected; another entry stands for it") if dose.is_replaced else ""),
        (tr("Corrects an entry"), dose.amend_reason or ""),
        (tr("Sent"), waiting),
    )
    return CaseSide(heading=tr("Entry {number}").format(number=number), facts=tuple(pair for pair in facts if pair[1]))


def _slot(dose: DoseView) -> str:
    if dose.slot_date is None:
        return ""
    return day_words(dose.slot_date) + ("" if dose.slot_time is None else f" {dose.slot_time:%H:%M}")


def _could_know(dose: DoseView, doses: list[DoseView], zone: ZoneInfo) -> str:
    """Say whether the author had the other entry in view, as far as the entries tell."""
    earlier = [other for other in doses if other.id != dose.id and _written(other) < _written(dose)]
    if not earlier:
        return tr("Nothing of the other entry: it was written later")
    if Code.SLOT_ANSWERED_TWICE.value in dose.flags:
        return tr("The other entry: a second answer was given on purpose")
    if any(other.device_is_this == dose.device_is_this is True for other in earlier):
        return tr("The other entry: it was written on the same workstation")
    if dose.replica_as_of is None:
        return tr("Not known: the entry does not say how old its data was")
    as_of = moment_words(dose.replica_as_of, zone)
    if all(dose.replica_as_of < _written(other) for other in earlier):
        return tr("Not the other entry: the data shown was of {moment}").format(moment=as_of)
    return tr("Perhaps the other entry: the data shown was of {moment}").format(moment=as_of)


def _written(dose: DoseView) -> Instant:
    return dose.recorded_at or dose.administered_at
