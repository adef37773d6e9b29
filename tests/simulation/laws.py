"""The laws of product.md, asked of a world that has come to rest. Each law yields a sentence for every breach."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tests.simulation import district
from tests.simulation.memory import Store, counted

from wc_contract.model.apply import RowWrite, apply_entry
from wc_contract.model.changes import AccessRecorded, DoseLogged, Entry
from wc_contract.model.ids import slot_case_id
from wc_contract.model.instants import instant_from_text
from wc_contract.model.kinds import (
    ALLERGY,
    DISTRICT,
    DOSE,
    KINDS,
    MEDICATION,
    ORDER,
    ORDER_VERSION,
    REVIEW_CASE,
    RecordKind,
)
from wc_contract.model.kinds.fields import FieldType
from wc_contract.rules.arrival import Evaluation, evaluate
from wc_contract.rules.book import fact_book
from wc_contract.rules.facts import AllergyFacts, MedicationFacts, OrderFacts, OrderVersionFacts
from wc_contract.rules.findings import Code
from wc_contract.rules.policy import Policy
from wc_contract.wire.codes import Outcome
from wc_contract.wire.digests import digest_rows
from wc_contract.wire.entries import entry_from_body
from wc_contract.wire.messages import Receipt

if TYPE_CHECKING:
    from tests.simulation.machine import Machine
    from tests.simulation.world import World

_EFFECT = frozenset({Outcome.APPLIED, Outcome.MERGED, Outcome.CASE_OPENED})
_GIVEN = frozenset({"ADMINISTERED", "PARTIAL", "SELF_ADMINISTERED", "OFF_SITE"})
_SAID = frozenset({"REFUSED", "ABSENT"})
_NOT_OF_THE_ENTRY = frozenset({"flags", "row_version"})


def broken(world: "World") -> list[str]:
    """Return every breach of a law."""
    store = world.backend.store()
    entries = dict(_effective(store))
    return [
        *_answers(world, store),
        *_effects(world, store, entries),
        *_audit(store, entries),
        *_double_doses(store),
        *_judged_alike(store, entries),
        *_forks(world, store),
        *(said for machine in world.machines for said in _of_machine(world, machine, store)),
    ]


def _effective(store: Store) -> Iterator[tuple[str, Entry]]:
    for stored in store.answers():
        if stored.receipt.outcome in _EFFECT:
            yield stored.receipt.hash, entry_from_body(stored.body)


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
        yield from _outcome(who, found[0], kept=text in kept, poisoned=authored.poisoned)


def _outcome(who: str, receipt: Receipt, *, kept: bool, poisoned: bool) -> Iterator[str]:
    if receipt.outcome is Outcome.WAITING:
        yield f"{who} still waits"
    refused = receipt.outcome is Outcome.REFUSED
    if refused and not kept:
        yield f"{who} was refused and not kept"
    if refused and not poisoned:
        yield f"{who} was refused: {receipt.code} {receipt.fields}"
    if poisoned and not refused:
        yield f"{who} has effect in spite of the database: {receipt.outcome}"


def _effects(world: "World", store: Store, entries: Mapping[str, Entry]) -> Iterator[str]:
    """What an effective entry writes stands there as it wrote it, and no event stands there that nobody wrote."""
    written: Counter[tuple[str, str]] = Counter()
    for entry in entries.values():
        for write in apply_entry(entry):
            written[write.kind.name, write.id] += 1
            yield from _stands(store, entry, write)
    yield from (f"{name} {record} has effect {count} times" for (name, record), count in written.items() if count > 1)
    for kind, record in _events(store):
        if (kind.name, record) not in written:
            yield f"{kind.name} {record} was written by no entry that has effect"
        if record not in world.ledger.attempted:
            yield f"{kind.name} {record} was never authored"


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


def _events(store: Store) -> Iterator[tuple[RecordKind, str]]:
    for kind in KINDS:
        for record, row in store.rows[kind.name].items():
            if row.values.get("entry_id") is not None:
                yield kind, record


def _audit(store: Store, entries: Mapping[str, Entry]) -> Iterator[str]:
    """Every record, look, refusal, case and fork is on record, exactly once where it happened once."""
    lines = counted(store.audit)
    by_record: Counter[tuple[str, str]] = Counter()
    for (_, record, entry), count in lines.items():
        by_record[record, entry] += count
    for entry in entries.values():
        for write in apply_entry(entry):
            count = by_record[write.id, str(entry.id)]
            if count != 1:
                yield f"{write.kind.name} of entry {entry.number} is {count} times on record"
        looks = Counter((c.action.value, c.entity_id) for c in entry.changes if isinstance(c, AccessRecorded))
        for (action, record), count in looks.items():
            if lines[action, record, str(entry.id)] != count:
                yield f"a look of entry {entry.number} is not on record"
    yield from _told(store, {f"{action} {record}" for action, record, _ in lines})


def _told(store: Store, lines: set[str]) -> Iterator[str]:
    """What the server itself did is on record, and people are told of cases."""
    for stored in store.answers():
        receipt = stored.receipt
        if receipt.outcome is Outcome.REFUSED and f"ENTRY_REFUSED {receipt.entry_id}" not in lines:
            yield f"the refusal of entry {receipt.number} is not on record"
    for record in store.rows[REVIEW_CASE.name]:
        if f"CASE_OPENED {record}" not in lines:
            yield f"case {record} is not on record"
        if not any(key.startswith(f"case/{record}/") for key in store.letters):
            yield f"nobody is told of case {record}"
    for device, known in store.devices.items():
        if known.forked and f"DEVICE_FORKED {device}" not in lines:
            yield f"the fork of {device} is not on record"


def _double_doses(store: Store) -> Iterator[str]:
    """A case for every double dose, and none for what is none; worked out from the doses without the rules."""
    slots: dict[str, list[Mapping[str, Any]]] = {}
    for row in store.rows[DOSE.name].values():
        if row.values["slot_id"] is not None:
            slots.setdefault(row.values["slot_id"], []).append(row.values)
    wanted = {str(slot_case_id(slot)) for slot, doses in slots.items() if _is_double(doses)}  # type: ignore[arg-type]
    found = {
        record
        for record, row in store.rows[REVIEW_CASE.name].items()
        if row.values["kind"] == Code.POSSIBLE_DOUBLE_DOSE.value
    }
    for case in sorted(wanted - found):
        yield f"no case {case} for a double dose"
    for case in sorted(found - wanted):
        yield f"case {case} for no double dose"


def _is_double(doses: Iterable[Mapping[str, Any]]) -> bool:
    doses = list(doses)
    given = [dose for dose in doses if dose["status"] in _GIVEN]
    said = [dose for dose in doses if dose["status"] in _SAID]
    if len(given) > 1:
        return True
    return any(
        not (one["device_id"] == other["device_id"] and one["device_seq"] > other["device_seq"])
        for one in given
        for other in said
    )


def _judged_alike(store: Store, entries: Mapping[str, Entry]) -> Iterator[str]:
    """Flags and cases are those of judging everything at once: the order of arrival changed nothing (X4)."""
    at_once = _at_once(store, entries.values())
    for dose, flags in at_once.flags.items():
        row = store.rows[DOSE.name].get(str(dose))
        if row is not None and tuple(json.loads(row.values["flags"])) != tuple(flags):
            yield f"dose {dose} is flagged {row.values['flags']}, at once it would be {list(flags)}"
    wanted = {str(draft.id): [str(subject) for subject in draft.subject_ids] for draft in at_once.cases}
    for record, subjects in wanted.items():
        case = store.rows[REVIEW_CASE.name].get(record)
        if case is None:
            yield f"judged at once there would be a case {record}"
        elif json.loads(case.values["subject_ids"]) != sorted(subjects):
            yield f"case {record} has other subjects than judged at once"
    for record in store.rows[REVIEW_CASE.name]:
        if record not in wanted:
            yield f"case {record} would not be there, judged at once"


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
    """Every clinical fact that was written on a machine is on its screens, confirmed or not."""
    if machine.desk is None:
        return []
    said = []
    forked, epoch = world.is_forked(machine), world.backend.epoch
    answered = {row[1]: row[4] for row in machine.journal_rows()} if forked else {}
    for text in world.ledger.held[machine.name]:
        if answered.get(text) not in {None, epoch}:
            # Answered before the server went back, and then forked: kept, but no screen of this machine shows it.
            continue
        authored = world.ledger.authored[text]
        said += [
            f"{write.kind.name} of entry {authored.entry.number} is not to be seen on {machine.name}"
            for write in apply_entry(authored.entry)
            if machine.desk.records.find(write.kind, write.id) is None
        ]
    return said
