"""Two entries for one slot: which pairs mean that a child may have had the medicine twice (X2, X3).

Pure functions of the set of entries: no clock, no order of arrival, so that every device and the server agree.

What occupies a slot, and why:
- Medicine that went in (administered, partial, self-administered, off site) occupies it. Two of them conflict,
  whoever wrote them: two partial doses may be halves of one or one and a half; a person looks.
- A statement that nothing went in (refused, absent, held …) contradicts medicine that went in: one of the two is
  wrong, or nobody knew of the other. It does not when whoever gave knew of the statement: the same device wrote
  it earlier, or the author went on in spite of slot_answered_twice. 'Refused, then took it' is an ordinary noon.
- Two statements that nothing went in cannot add up to a double dose: no conflict, both stay readable.
- Vomited follows a given dose of the same slot and is then part of it. Without one it stands for the medicine
  itself, and a dose after it is a repeat, which needs a direction: conflict.
- Two entries that amend one dose speak of one dose: between them a person chooses (A3), no child had it twice.
- Wasted occupies nothing (a replacement is allowed), nor does entered in error, nor what an amendment replaced.
"""

from collections.abc import Iterable, Mapping, Sequence

from wc_contract.model.ids import DoseId
from wc_contract.model.values import DoseState
from wc_contract.rules.amending import root_of
from wc_contract.rules.facts import DoseFacts
from wc_contract.rules.findings import Code

_WENT_IN = frozenset({DoseState.ADMINISTERED, DoseState.PARTIAL, DoseState.SELF_ADMINISTERED, DoseState.OFF_SITE})
_EMPTY = frozenset({DoseState.WASTED, DoseState.ENTERED_IN_ERROR})


def live(doses: Iterable[DoseFacts]) -> list[DoseFacts]:
    """Return the doses that stand: each once (X1), none that another amends or voids, none entered in error."""
    known = {dose.id: dose for dose in doses}
    replaced = {dose.amends_id for dose in known.values() if dose.amends_id is not None}
    return [d for d in known.values() if d.id not in replaced and d.status is not DoseState.ENTERED_IN_ERROR]


def answers(slot_doses: Iterable[DoseFacts]) -> bool:
    """Whether the entries of one slot say what happened in it; a dropped tablet does not (W4)."""
    return any(dose.status not in _EMPTY for dose in live(slot_doses))


def conflicting(slot_doses: Iterable[DoseFacts]) -> tuple[DoseFacts, ...]:
    """Return the entries of one slot that may be a double dose, by id; none when nothing conflicts (X2)."""
    slot_doses = tuple(slot_doses)
    doses = live(slot_doses)
    roots = _roots(slot_doses, doses)
    went_in = [d for d in doses if d.status in _WENT_IN]
    stated = [d for d in doses if d.status not in _WENT_IN | _EMPTY and d.status is not DoseState.VOMITED]
    found = {d.id: d for d in _twice(went_in, doses, roots)}
    for given in went_in:
        for statement in stated:
            if roots[given.id] != roots[statement.id] and not _knew(given, statement):
                found |= {given.id: given, statement.id: statement}
    return tuple(sorted(found.values(), key=_id))


def attached_to(vomited: DoseFacts, went_in: Sequence[DoseFacts]) -> DoseFacts | None:
    """Return the given dose of the slot that a 'vomited' entry belongs to: the last one not after it."""
    before = [d for d in went_in if d.administered_at <= vomited.administered_at]
    return max(before, key=_time_and_id, default=None)


def _twice(went_in: list[DoseFacts], doses: list[DoseFacts], roots: Mapping[DoseId, DoseId]) -> list[DoseFacts]:
    alone = [d for d in doses if d.status is DoseState.VOMITED and attached_to(d, went_in) is None]
    if went_in and len({roots[d.id] for d in went_in + alone}) > 1:
        return went_in + alone
    return []


def _roots(slot_doses: Sequence[DoseFacts], doses: Sequence[DoseFacts]) -> dict[DoseId, DoseId]:
    if all(dose.amends_id is None for dose in doses):
        return {dose.id: dose.id for dose in doses}
    known = {dose.id: dose for dose in slot_doses}
    return {dose.id: root_of(dose, known) for dose in doses}


def _knew(given: DoseFacts, statement: DoseFacts) -> bool:
    same_device = given.device_id == statement.device_id and given.device_seq > statement.device_seq
    return same_device or Code.SLOT_ANSWERED_TWICE.value in given.acknowledged


def _id(dose: DoseFacts) -> int:
    return dose.id.int


def _time_and_id(dose: DoseFacts) -> tuple[object, int]:
    return dose.administered_at, dose.id.int
