"""The laws of product.md, asked of a world that has come to rest. Each law yields a sentence for every breach."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from tests.simulation import district
from tests.simulation.laws_of_records import (
    TOLD,
    of_records,
    rightly_refused,
    still_waits,
    subjects_of,
    unshown,
)
from tests.simulation.ledger import Authored
from tests.simulation.memory import EFFECT, Store, TakenIn, counted
from tests.simulation.retelling import entries_of, retold

from wc_contract.model.apply import RowWrite, apply_entry
from wc_contract.model.changes import (
    AccessRecorded,
    CaseAnswered,
    Change,
    DoseLogged,
    Entry,
    IncidentSigned,
    RecordAdded,
    RecordChanged,
)
from wc_contract.model.ids import SlotId, slot_case_id
from wc_contract.model.instants import instant_from_text
from wc_contract.model.kinds import (
    ALLERGY,
    DISTRICT,
    DOSE,
    INCIDENT,
    KINDS,
    MEDICATION,
    ORDER,
    ORDER_VERSION,
    REVIEW_CASE,
)
from wc_contract.model.kinds.fields import FieldType
from wc_contract.model.values import DoseState
from wc_contract.rules.arrival import Evaluation, evaluate
from wc_contract.rules.book import fact_book
from wc_contract.rules.facts import AllergyFacts, MedicationFacts, OrderFacts, OrderVersionFacts
from wc_contract.rules.findings import Code
from wc_contract.rules.policy import Policy
from wc_contract.wire.codes import Outcome
from wc_contract.wire.digests import digest_rows
from wc_contract.wire.messages import Receipt

if TYPE_CHECKING:
    from tests.simulation.machine import Machine
    from tests.simulation.world import World

Entries: TypeAlias = Mapping[Any, Entry]  # those that had an effect, by id, as they were taken
_EVENTS = (DOSE, INCIDENT)
_ACTIONS: Mapping[type, str] = {
    DoseLogged: "DOSE_LOGGED",
    IncidentSigned: "INCIDENT_SIGNED",
    RecordAdded: "RECORD_ADDED",
    RecordChanged: "RECORD_CHANGED",
}
# A line about an entry that waited stays when it has its effect.
_OF_THE_SERVER = frozenset({"ENTRY_WAITS"})
_GIVEN = frozenset({"ADMINISTERED", "PARTIAL", "SELF_ADMINISTERED", "OFF_SITE"})
_SAID = frozenset({"REFUSED", "ABSENT"})
_NOT_OF_THE_ENTRY = frozenset({"flags", "row_version"})


def broken(world: "World") -> list[str]:
    """Return every breach of a law."""
    store = world.backend.store()
    entries = entries_of(store)
    effective = {id_ for id_ in store.receipts if store.answer_to(id_).outcome in EFFECT}
    if entries.keys() != effective:
        return ["what had an effect is not what the receipts say"]
    return [
        *_answers(world, store),
        *_effects(world, store, entries),
        *of_records(store, entries, retold(store, entries)),
        *_audit(store, entries),
        *_double_doses(store, entries),
        *_judged_alike(store, entries),
        *_forks(world, store),
        *(said for machine in world.machines for said in _of_machine(world, machine, store)),
    ]


def _answers(world: "World", store: Store) -> Iterator[str]:
    """Every authored entry has exactly one final receipt; on a forked device its text is at least kept somewhere."""
    receipts: dict[str, list[Receipt]] = {}
    for stored in store.answers():
        receipts.setdefault(stored.receipt.hash, []).append(stored.receipt)
    kept = {text for _, text in store.kept}
    in_files = {row[1] for machine in world.machines if machine.desk is not None for row in machine.journal_rows()}
    for text, authored in world.ledger.authored.items():
        found = receipts.get(text, [])
        who = f"entry {authored.entry.number} of {authored.machine}"
        if len(found) > 1:
            yield f"{who} has {len(found)} receipts"
        if text in world.ledger.gone:
            continue
        forked = store.devices[authored.entry.device_id].forked
        if not found:
            if not forked:
                yield f"{who} has no receipt"
            elif text not in kept and text not in in_files:
                yield f"{who} vanished in a fork"
            continue
        yield from _outcome(world, store, who, authored, found[0])


def _outcome(world: "World", store: Store, who: str, authored: Authored, receipt: Receipt) -> Iterator[str]:
    """What has no effect is kept whole, and there is a reason for it."""
    refused, waits = receipt.outcome is Outcome.REFUSED, receipt.outcome is Outcome.WAITING
    if waits and not still_waits(store, authored.entry):
        yield f"{who} still waits"
    if (refused or waits) and (authored.entry.device_id, receipt.hash) not in store.kept:
        yield f"{who} was refused and not kept"
    if authored.poisoned and not refused:
        yield f"{who} has effect in spite of the database: {receipt.outcome}"
    elif refused and not authored.poisoned and not rightly_refused(world, store, authored.entry, receipt):
        yield f"{who} was refused: {receipt.code} {receipt.fields}"


def _effects(world: "World", store: Store, entries: Entries) -> Iterator[str]:
    """What an effective entry writes stands there as it wrote it, and no event stands there that nobody wrote."""
    written: Counter[tuple[str, str]] = Counter()
    for entry in entries.values():
        for write in apply_entry(entry):
            written[write.kind.name, write.id] += 1
            if write.kind in _EVENTS:
                yield from _stands(store, entry, write)
    for (name, record), count in written.items():
        if count > 1:
            yield f"{name} {record} has effect {count} times"
        if record not in world.ledger.attempted:
            yield f"{name} {record} was never authored"
    for kind in _EVENTS:
        for record in store.rows[kind.name]:
            if (kind.name, record) not in written:
                yield f"{kind.name} {record} was written by no entry that has effect"


def _stands(store: Store, entry: Entry, write: RowWrite) -> Iterator[str]:
    row = store.rows[write.kind.name].get(write.id)
    if row is None or row.deleted:
        yield f"{write.kind.name} of entry {entry.number} vanished"
    elif not all(_alike(write, name, row.values[name]) for name in write.values.keys() - _NOT_OF_THE_ENTRY):
        yield f"{write.kind.name} of entry {entry.number} differs from what was written"


def _alike(write: RowWrite, name: str, stored: Any) -> bool:
    """Whether a value is the one written, however the database spells it."""
    written: Any = write.values[name]
    if stored is None or written is None or name == "id":
        return bool(stored == written)
    match write.kind.field(name).type:
        case FieldType.DECIMAL:
            return Decimal(stored) == Decimal(written)
        case FieldType.JSON:
            return bool(json.loads(stored) == json.loads(written))
        case FieldType.INSTANT:
            return instant_from_text(stored) == instant_from_text(written)
        case _:
            return bool(stored == written)


def _audit(store: Store, entries: Entries) -> Iterator[str]:
    """Every record, change, answer, look, refusal, case and fork is on record, exactly once where it happened once."""
    lines = counted(store.audit)
    by_entry: dict[str, Counter[tuple[str, str]]] = {}
    for (action, record, entry_id), count in lines.items():
        by_entry.setdefault(entry_id, Counter())[action, record] += count
    for id_, entry in entries.items():
        wanted, there = Counter(map(_line_about, entry.changes)), by_entry.get(str(id_), Counter())
        for action, record in (wanted - there) + (there - wanted):
            if action not in _OF_THE_SERVER:
                found = there[action, record]
                yield f"{action} {record} of entry {entry.number} is {found} times on record"
    yield from _told(store, {f"{action} {record}" for action, record, _ in lines})


def _line_about(change: Change) -> tuple[str, str]:
    match change:
        case AccessRecorded():
            return change.action.value, change.entity_id
        case CaseAnswered():
            return "CASE_ANSWERED", str(change.case_id)
        case _:
            return _ACTIONS[type(change)], str(change.id)


def _told(store: Store, lines: set[str]) -> Iterator[str]:
    """What the server itself did is on record, and people are told of cases."""
    for stored in store.answers():
        receipt = stored.receipt
        if receipt.outcome is Outcome.REFUSED and f"ENTRY_REFUSED {receipt.entry_id}" not in lines:
            yield f"the refusal of entry {receipt.number} is not on record"
        waited = store.receipts[receipt.entry_id].receipt.outcome is Outcome.WAITING
        if waited and f"ENTRY_WAITS {receipt.entry_id}" not in lines:
            yield f"that entry {receipt.number} waited is not on record"
    for record in store.rows[REVIEW_CASE.name]:
        if f"CASE_OPENED {record}" not in lines:
            yield f"case {record} is not on record"
        if not any(key.startswith(f"case/{record}/") for key in store.letters):
            yield f"nobody is told of case {record}"
    for device, known in store.devices.items():
        if known.forked and f"DEVICE_FORKED {device}" not in lines:
            yield f"the fork of {device} is not on record"
    if any(line.startswith("SERVER_WENT_BACK ") for line in lines):
        # Here each restore mints an epoch.
        yield "the district is told that the server was put back without a word"


def _double_doses(store: Store, entries: Entries) -> Iterator[str]:
    """A case for every double dose, and none for what never was one; worked out from the doses without the rules."""
    wanted = {str(slot_case_id(SlotId(UUID(slot)))) for slot in _doubled(store, entries)}
    found = {
        record
        for record, row in store.rows[REVIEW_CASE.name].items()
        if row.values["kind"] == Code.POSSIBLE_DOUBLE_DOSE.value
    }
    for case in sorted(wanted - found):
        yield f"no case {case} for a double dose"
    for case in sorted(found - wanted):
        yield f"case {case} for no double dose"


def _doubled(store: Store, entries: Entries) -> set[str]:
    """Return the slots that were a double dose when some transaction ended; a correction may have come later."""
    slots: dict[str, list[Mapping[str, Any]]] = {}
    doubled: set[str] = set()
    for step in store.history:
        ids = [entries[one] for one in step.entries] if isinstance(step, TakenIn) else []
        doses = [store.rows[DOSE.name][str(c.id)].values for e in ids for c in e.changes if isinstance(c, DoseLogged)]
        for dose in doses:
            slots.setdefault(dose["slot_id"], []).append(dose)
        doubled |= {slot for slot in {dose["slot_id"] for dose in doses} - {None} if _is_double(slots[slot])}
    return doubled


def _is_double(doses: Iterable[Mapping[str, Any]]) -> bool:
    doses = list(doses)
    amends = {dose["id"]: dose["amends_id"] for dose in doses}
    standing = [dose for dose in doses if dose["id"] not in amends.values()]
    given = [dose for dose in standing if dose["status"] in _GIVEN]
    said = [dose for dose in standing if dose["status"] in _SAID]
    return any(
        _first(one, amends) != _first(other, amends) and (other in given or not _knew(one, other))
        for one in given
        for other in (*given, *said)
    )


def _first(dose: Mapping[str, Any], amends: Mapping[str, str | None]) -> str:
    """Return the dose that a line of corrections began with: two of them speak of one dose."""
    first: str = dose["id"]
    while (before := amends.get(first)) is not None:
        first = before
    return first


def _knew(given: Mapping[str, Any], said: Mapping[str, Any]) -> bool:
    """Whether who gave knew of what was said: at the same machine before, or they went on in spite of it."""
    same_machine = given["device_id"] == said["device_id"] and given["device_seq"] > said["device_seq"]
    return same_machine or Code.SLOT_ANSWERED_TWICE.value in given["overrides"]


def _judged_alike(store: Store, entries: Entries) -> Iterator[str]:
    """Flags and cases are those of judging everything at once: the order of arrival changed nothing (X4).

    A double dose that a later correction resolved keeps its case, with all that it was about.
    """
    at_once = _at_once(store, entries.values())
    for dose, flags in at_once.flags.items():
        row = store.rows[DOSE.name].get(str(dose))
        if row is not None and tuple(json.loads(row.values["flags"])) != tuple(flags):
            yield f"dose {dose} is flagged {row.values['flags']}, at once it would be {list(flags)}"
    wanted = {str(draft.id): {str(subject) for subject in draft.subject_ids} for draft in at_once.cases}
    cases = {id_: row.values for id_, row in store.rows[REVIEW_CASE.name].items() if row.values["kind"] not in TOLD}
    for record, subjects in wanted.items():
        if record not in cases:
            yield f"judged at once there would be a case {record}"
            continue
        there, corrected = subjects_of(cases[record]), cases[record]["kind"] == Code.POSSIBLE_DOUBLE_DOSE.value
        if there != subjects and not (corrected and there > subjects):
            yield f"case {record} has other subjects than judged at once"
    for record, case in cases.items():
        if record not in wanted and case["kind"] != Code.POSSIBLE_DOUBLE_DOSE.value:
            yield f"case {record} of {case['kind']} would not be there, judged at once"


def _at_once(store: Store, entries: Iterable[Entry]) -> Evaluation:
    arrivals = [(entry, change) for entry in entries for change in entry.changes if isinstance(change, DoseLogged)]
    (row,) = store.rows[DISTRICT.name].values()
    book = fact_book(
        zone=ZoneInfo("America/Chicago"),
        policy=Policy.from_json(row.values["policy"]),
        orders=[OrderFacts.from_row(row.values) for row in store.rows[ORDER.name].values()],
        versions=[OrderVersionFacts.from_row(row.values) for row in store.rows[ORDER_VERSION.name].values()],
        medications=[MedicationFacts.from_row(row.values) for row in store.rows[MEDICATION.name].values()],
        allergies=[AllergyFacts.from_row(row.values) for row in store.rows[ALLERGY.name].values()],
    )
    return evaluate(arrivals, (), book)


def _forks(world: "World", store: Store) -> Iterator[str]:
    """Where one number of a device stood for two texts that both arrived, the fork is known; else there is none."""
    texts: dict[tuple[Any, int], set[str]] = {}
    for stored in store.answers():
        texts.setdefault((stored.device, stored.receipt.number), set()).add(stored.receipt.hash)
    for kept in store.kept.values():
        if kept.number is not None:
            texts.setdefault((kept.device, kept.number), set()).add(kept.hash)
    twice = {device for (device, _), found in texts.items() if len(found) > 1}
    for device, known in store.devices.items():
        if device in twice and not known.forked:
            yield f"device {device} used a number twice and nobody noticed"
        if known.forked and not _was_copied(world):
            yield f"device {device} is held for forked, and nobody copied anything"


def _was_copied(world: "World") -> bool:
    return bool(world.counts["files put back from an image"] or world.counts["files copied to a second machine"])


def _of_machine(world: "World", machine: "Machine", store: Store) -> Iterator[str]:
    if machine.desk is None:
        yield f"{machine.name} is off"
        return
    yield from unseen(world, machine)
    if world.is_forked(machine):
        return
    yield from _receipts_alike(machine, store)
    yield from _replica_alike(machine, store)


def _receipts_alike(machine: "Machine", store: Store) -> Iterator[str]:
    by_hash = {stored.receipt.hash: stored.receipt for stored in store.answers()}
    for number, text, outcome, receipt, _ in machine.journal_rows():
        theirs = by_hash.get(text)
        if theirs is None:
            yield f"{machine.name} holds an answer to {number} ({outcome}) that the server does not know"
        elif theirs.outcome is not Outcome.DUPLICATE and Receipt.model_validate_json(receipt or "") != theirs:
            yield f"{machine.name} holds another answer to {number} than the server gave"


def _replica_alike(machine: "Machine", store: Store) -> Iterator[str]:
    ours: dict[str, dict[str, dict[str, Any]]] = {kind.name: {} for kind in KINDS}
    for name, row in machine.replica_rows():
        ours[name][row["id"]] = row
    told = {} if machine.desk is None else machine.desk.records.digests()
    for kind in KINDS:
        theirs = {row.values["id"]: row.values for row in store.living(kind, district.SCHOOL)}
        mine = ours[kind.name]
        if mine.keys() != theirs.keys():
            missing, more = len(theirs.keys() - mine.keys()), len(mine.keys() - theirs.keys())
            yield f"{machine.name}: {kind.name} lacks {missing}, has {more} too many"
        for record in mine.keys() & theirs.keys():
            differ = [name for name in kind.columns if mine[record][name] != theirs[record][name]]
            if differ:
                yield f"{machine.name}: {kind.name} {record} differs in {differ}"
        summed = digest_rows((values["id"], values["row_version"]) for values in theirs.values())
        if tuple(told[kind.name]) != (summed.count, summed.sum):
            yield f"{machine.name}: the digest of {kind.name} differs"


def unseen(world: "World", machine: "Machine") -> list[str]:
    """Everything that was written on a machine is on its screens, confirmed or not, until it is answered."""
    if machine.desk is None:
        return []
    said: list[str] = []
    rows = {row[1]: row for row in machine.journal_rows()}
    unanswered: list[Entry] = []
    replaced = machine.replaced()
    for text in world.ledger.held[machine.name]:
        entry, row = world.ledger.authored[text].entry, rows.get(text)
        if row is None:
            said.append(f"entry {entry.number} is no longer in the journal of {machine.name}")
        elif str(entry.id) not in replaced:
            said += _hidden(world, machine, entry, row[2])
            unanswered += [entry] if row[2] in {None, Outcome.WAITING.value} else []
    return [*said, *unshown(machine, unanswered)]


def _hidden(world: "World", machine: "Machine", entry: Entry, outcome: str | None) -> Iterator[str]:
    refused = outcome == Outcome.REFUSED.value
    if refused and not machine.lists_refused(entry.id):
        yield f"entry {entry.number} was refused, and is not to be seen on {machine.name}"
    if refused and any(isinstance(change, CaseAnswered) for change in entry.changes):
        # Nothing of a refused answer stands: the case is open, its drug blocked.
        return
    for write in apply_entry(entry):
        if refused and write.values.get("status") == DoseState.ENTERED_IN_ERROR.value:
            # A void that was refused takes nothing back: the dose stands.
            continue
        if machine.shown(write.kind, write.id) is None and not _taken_away(world, write):
            yield f"{write.kind.name} of entry {entry.number} is not to be seen on {machine.name}"


def _taken_away(world: "World", write: RowWrite) -> bool:
    """Whether the office took a record away since."""
    row = world.backend.store().rows[write.kind.name].get(write.id)
    return row is not None and row.deleted
