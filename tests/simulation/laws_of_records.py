"""The laws of what several hands write: records, the two sides of a conflict, cases and the answers to them.

What must be is told by the history (retelling.py); here it is held against what is.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tests.simulation.memory import Store
from tests.simulation.retelling import Retold, meant, sides_of

from wc_contract.model.changes import CaseAnswered, DoseLogged, Entry, RecordAdded, RecordChanged
from wc_contract.model.instants import instant_from_text
from wc_contract.model.kinds import BY_NAME, CASE_SIDE, DOSE, INCIDENT, KINDS, REVIEW_CASE
from wc_contract.rules.findings import Code
from wc_contract.wire.codes import Outcome, Refusal
from wc_contract.wire.messages import Receipt
from wc_sync_server.reconcile.touched import references

if TYPE_CHECKING:
    from tests.simulation.machine import Machine
    from tests.simulation.world import World

_ENTRIES_OWN = frozenset({DOSE.name, INCIDENT.name, REVIEW_CASE.name, CASE_SIDE.name})
# Cases that the history tells of; the others follow from doses.
TOLD = frozenset(code.value for code in (Code.FIELD_CONFLICT, Code.BASE_CHANGED, Code.STOCK_NEGATIVE, Code.LEFT_OUT))


def of_records(store: Store, entries: Mapping[Any, Entry], told: Retold) -> Iterator[str]:
    """Yield every breach: records, sides, cases and answers are what the history comes to."""
    yield from _records(store, told)
    yield from _sides(store, told)
    yield from _cases(store, told)
    yield from _answers(store, told)
    yield from _outcomes(store, entries, told)


def _records(store: Store, told: Retold) -> Iterator[str]:
    """Each record says what the changes of it come to, in the order in which they were taken; none is there besides."""
    for kind in KINDS:
        if kind.name in _ENTRIES_OWN:
            continue
        wanted = {id_: values for (name, id_), values in told.records.items() if name == kind.name}
        there = {id_: row.values for id_, row in store.rows[kind.name].items() if not row.deleted}
        for id_ in sorted(wanted.keys() ^ there.keys()):
            yield f"{kind.name} {id_} is {'missing' if id_ in wanted else 'there, and nobody wrote it'}"
        for id_ in wanted.keys() & there.keys():
            now = meant(kind, there[id_])
            differ = sorted(name for name, value in wanted[id_].items() if now[name] != value)
            if differ:
                yield f"{kind.name} {id_} says something else than its changes come to, in {differ}"


def _sides(store: Store, told: Retold) -> Iterator[str]:
    """Both sides of each conflict are kept, once, and no others are."""
    kept = list(sides_of(store))
    there = Counter(side for side, _ in kept)
    for (kind, record), entry, _, _ in (told.sides - there).elements():
        yield f"no side is kept of {kind} {record} by {entry}"
    for (kind, record), entry, _, _ in (there - told.sides).elements():
        yield f"a side of {kind} {record} by {entry} is kept, and there is none"
    cases = store.rows[REVIEW_CASE.name]
    for (key, _, _, _), case in kept:
        if case not in cases:
            yield f"a side of {key[0]} {key[1]} is kept for no case"


def _cases(store: Store, told: Retold) -> Iterator[str]:
    """There is one case for each record on which two hands differed, about all of those who did."""
    there: dict[tuple[str, str], set[str]] = {}
    for row in store.rows[REVIEW_CASE.name].values():
        code, subjects = row.values["kind"], subjects_of(row.values)
        if code in TOLD:
            about = [record for (kind, record) in told.wanted if kind == code and record in subjects]
            if len(about) != 1 or (code, about[0]) in there:
                yield f"case {row.values['id']} of {code} is about nothing that happened"
            else:
                there[code, about[0]] = subjects
    for place, subjects in told.wanted.items():
        if place not in there:
            yield f"no case {place[0]} about {place[1]}"
        elif there[place] != subjects:
            yield f"case {place[0]} about {place[1]} has other subjects than those who differ"


def _answers(store: Store, told: Retold) -> Iterator[str]:
    """Answers settle each case once, by all that it is about; two that differ leave it open, and people are told."""
    for id_, row in store.rows[REVIEW_CASE.name].items():
        case, values = told.answered[id_], row.values
        at = None if values["resolved_at"] is None else instant_from_text(values["resolved_at"])
        now = values["status"], values["resolution"], values["resolved_by"], at, values["note"]
        if now != (case.status, case.resolution, case.by, case.at, case.note):
            yield f"case {id_} is {now[:2]}, by its answers it would be {case.status, case.resolution}"
        if subjects_of(values) != case.subjects:
            yield f"case {id_} has lost a subject"
    for id_, entry in told.reopened:
        if not any(key.startswith(f"case/{id_}/") and key.endswith(f"/{entry}") for key in store.letters):
            yield f"nobody is told that two answers to case {id_} differ"


def _outcomes(store: Store, entries: Mapping[Any, Entry], told: Retold) -> Iterator[str]:
    """Who came into a conflict is told so, and nobody else is."""
    for id_, entry in entries.items():
        if any(isinstance(change, DoseLogged) for change in entry.changes):
            continue
        opened = store.answer_to(id_).outcome is Outcome.CASE_OPENED
        if str(id_) in told.opened and not opened:
            yield f"entry {entry.number} came into a conflict and was not told"
        changes = all(isinstance(change, RecordChanged | CaseAnswered) for change in entry.changes)
        if opened and changes and str(id_) not in told.opened:
            yield f"entry {entry.number} was told of a conflict that there is not"


def subjects_of(case: Mapping[str, Any]) -> set[str]:
    """Return the records that a case is about."""
    return set(meant(REVIEW_CASE, {"subject_ids": case["subject_ids"]})["subject_ids"])


# What the district may refuse, besides what the database would not take.


def rightly_refused(world: "World", store: Store, entry: Entry, receipt: Receipt) -> bool:
    """Whether an entry had to be refused: what it is about was not there, or its author had no right to answer."""
    if receipt.code == Refusal.SAID_AGAIN.value:
        return any(one.entry.replaces == entry.id for one in world.ledger.authored.values())
    never = any(not _was_always_there(world, store, name) for name in _named(entry))
    if _is_early(store, entry) or (_waits_for_what_was_lost(store, entry) and not never):
        # Without its ground it has to wait.
        return False
    match receipt.code:
        case Refusal.UNKNOWN_RECORD.value:
            return never
        case Refusal.NOT_ENTITLED.value:
            return any(_wrote_about(store, entry, change) for change in entry.changes)
        case _:
            return False


def _named(entry: Entry) -> Iterator[str]:
    for change in entry.changes:
        match change:
            case RecordAdded():
                yield from (str(id_) for _, _, id_ in references(BY_NAME[change.kind], change.values))
            case RecordChanged():
                yield str(change.id)
            case DoseLogged() if change.amends_id is not None:
                yield str(change.amends_id)
            case CaseAnswered():
                yield str(change.case_id)
            case _:
                continue


def _was_always_there(world: "World", store: Store, record: str) -> bool:
    """Whether a record was there from when anybody could write of it: the office took it away, or it was refused."""
    removed = any(row.id == record and row.values is None for row in store.history if hasattr(row, "values"))
    return not removed and record not in world.server.poison


def _wrote_about(store: Store, entry: Entry, change: object) -> bool:
    """Whether a case is about a dose that its own author gave (X3)."""
    if not isinstance(change, CaseAnswered):
        return False
    doses = store.rows[DOSE.name]
    about = subjects_of(store.rows[REVIEW_CASE.name][str(change.case_id)].values)
    return any(doses[id_].values["author_user_id"] == str(entry.author_id) for id_ in about if id_ in doses)


def still_waits(store: Store, entry: Entry) -> bool:
    """Whether something that an entry waits for is missing still."""
    return _is_early(store, entry) or _waits_for_what_was_lost(store, entry)


def _is_early(store: Store, entry: Entry) -> bool:
    """Whether an entry on which it depends has no effect yet."""
    settled = {id_ for id_, known in store.receipts.items() if store.answer_to(id_).outcome in _SETTLED and known}
    settled |= {kept.entry for kept in store.kept.values() if kept.answered}
    return not settled.issuperset(entry.depends_on)


def _waits_for_what_was_lost(store: Store, entry: Entry) -> bool:
    """Whether its author saw, at a server that was put back since, what is not there again."""
    if store.since is None or entry.replica_as_of is None or entry.replica_as_of >= store.since:
        return False
    there = {id_ for rows in store.rows.values() for id_ in rows}
    return any(name not in there for name in _named(entry))


_SETTLED = frozenset({Outcome.APPLIED, Outcome.MERGED, Outcome.CASE_OPENED, Outcome.DUPLICATE})


# What is to be seen on a workstation.


def unshown(machine: "Machine", unanswered: list[Entry]) -> Iterator[str]:
    """Yield what somebody changed or answered at a machine, and its screens do not show, unanswered as it is.

    Where the confirmed record has moved since they looked, two hands may differ, and what is shown follows from that.
    """
    newest: dict[tuple[str, str, tuple[str, ...]], tuple[Entry, RecordChanged]] = {}
    for entry in sorted(unanswered, key=_number):
        for change in entry.changes:
            if isinstance(change, RecordChanged):
                kind = BY_NAME[change.kind]
                for name in change.values:
                    newest[change.kind, str(change.id), kind.group_of(name)] = entry, change
            elif isinstance(change, CaseAnswered) and not _shows_answer(machine, change):
                yield f"the answer of entry {entry.number} is not to be seen on {machine.name}"
    for (name, record, group), (entry, change) in newest.items():
        kind = BY_NAME[name]
        confirmed, shown = machine.confirmed(kind, record), machine.shown(kind, record)
        if confirmed is None or shown is None or confirmed["row_version"] != change.base_version:
            continue
        said, seen = meant(kind, change.values), meant(kind, shown)
        if any(seen[one] != said[one] for one in group if one in said):
            yield f"the change of {name} by entry {entry.number} is not to be seen on {machine.name}"


def _shows_answer(machine: "Machine", answer: CaseAnswered) -> bool:
    case = str(answer.case_id)
    confirmed, shown = machine.confirmed(REVIEW_CASE, case), machine.shown(REVIEW_CASE, case)
    if confirmed is None or shown is None or confirmed["status"] != "OPEN":
        return True
    grew = not subjects_of(confirmed) <= {str(subject) for subject in answer.subject_ids}
    return grew or shown["resolution"] == answer.resolution.value


def _number(entry: Entry) -> int:
    return entry.number
