"""Own entries over the replica: every kind that a workstation writes, and the fold that server and device share."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.desktop.clinic import NOON, end_of, header_at, uid
from tests.desktop.samples import authored_values, sample_value, whole_row
from tests.factories import dose_logged, entry_of

from wc_contract.merge.fold import fold_entry
from wc_contract.model.authoring import ADDABLE, CHANGEABLE, base_fields
from wc_contract.model.changes import CaseAnswered, Change, Entry, RecordAdded, RecordChanged
from wc_contract.model.ids import CaseId, DoseId
from wc_contract.model.kinds import BY_NAME, DOSE, INCIDENT, KINDS, STUDENT, WireValue
from wc_contract.model.values import CaseResolution, CaseStatus, DoseState
from wc_desktop.cipher.engine import create_encrypted
from wc_desktop.replica.projection import Projection
from wc_desktop.replica.tables import OVERLAID, tables

Key = tuple[str, str]
Values = dict[str, WireValue]


def acknowledge(records: Projection, number: int, standing: list[Entry]) -> None:
    records.finish(end_of({}, acknowledged=number).model_copy(update={"digest": None}), header_at(NOON), NOON)
    records.lay_anew(standing)


def change_of(row: Mapping[str, Any], kind: str, variant: int) -> RecordChanged | None:
    """A change of one field to something else, as an author would compose it from what is shown."""
    declared = BY_NAME[kind]
    changed = {
        one.name: wanted
        for one in declared.fields
        if one.references is None and (wanted := sample_value(one, variant)) != row[one.name]
    }
    if not changed:
        return None
    name = sorted(changed)[variant % len(changed)]
    base = {seen: row[seen] for seen in base_fields(kind, (name,))}
    return RecordChanged(
        kind=kind, id=UUID(row["id"]), base_version=row["row_version"], base=base, values={name: changed[name]}
    )


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Projection]]:
    """Give a maker of empty projections over one file."""
    connection = create_encrypted(tmp_path_factory.mktemp("replica") / "replica.db", bytearray(32))
    for statement in tables():
        connection.execute(statement)

    def empty() -> Projection:
        for kind in KINDS:
            connection.execute(f"DELETE FROM {kind.table}")
        for name in OVERLAID:
            connection.execute(f"DROP TABLE IF EXISTS temp.over_{OVERLAID[name].table}")
        return Projection(connection)

    yield empty
    connection.close()


@pytest.fixture
def records(ground: Callable[[], Projection]) -> Projection:
    """An empty replica."""
    return ground()


def test_what_a_workstation_may_write_is_what_is_overlaid() -> None:
    assert set(OVERLAID) == ADDABLE | CHANGEABLE | {"dose", "incident", "review_case"}


@pytest.mark.parametrize("kind", sorted(ADDABLE))
def test_a_record_added_here_is_seen_at_once_and_stands_once_when_it_comes_back(records: Projection, kind: str) -> None:
    declared = BY_NAME[kind]
    record = uid(f"new {kind}")
    before = {one.name: records.stamp((one,)) for one in KINDS}
    entry = entry_of(RecordAdded(kind=kind, id=record, values=authored_values(kind)), number=5)
    records.lay_over([entry])
    row = records.find(declared, str(record))
    assert row is not None
    assert row["waiting"] is True
    assert {name: row[name] for name in authored_values(kind)} == authored_values(kind)
    assert records.own_entry(declared, str(record)) == entry.id
    assert {name for name, stamp in before.items() if records.stamp((BY_NAME[name],)) != stamp} == {kind}

    confirmed = whole_row(kind, str(record), 9000)
    records.take_rows(kind, [confirmed], 9000)
    assert [found["waiting"] for found in records.where(declared, "id", [str(record)])] == [False]
    acknowledge(records, 5, [])
    row = records.find(declared, str(record))
    assert row is not None
    assert (row["waiting"], row["row_version"]) == (False, 9000)
    assert records.own_entry(declared, str(record)) is None


@pytest.mark.parametrize("kind", sorted(CHANGEABLE))
def test_a_changed_record_stands_instead_of_the_confirmed_one_until_the_number_is_acknowledged(
    records: Projection, kind: str
) -> None:
    declared = BY_NAME[kind]
    record = str(uid(f"held {kind}"))
    records.take_rows(kind, [whole_row(kind, record, 9000)], 9000)
    held = records.find(declared, record)
    assert held is not None
    assert held["waiting"] is False
    change = change_of(held, kind, 1)
    assert change is not None
    [(name, wanted)] = change.values.items()
    records.lay_over([entry_of(change, number=5)])
    now = records.find(declared, record)
    assert now is not None
    assert (now[name], now["waiting"], now["row_version"]) == (wanted, True, 9000)
    column = next(one.name for one in declared.fields if one.name != name and held[one.name] is not None)
    value = held[column]
    assert not isinstance(value, bool)
    assert [row[name] for row in records.where(declared, column, [str(value)])] == [wanted]
    assert sum(row["id"] == record for row in records.every(declared)) == 1

    # Somebody else's change of another field arrives first, in a pull that does not have ours yet.
    other = [*whole_row(kind, record, 9001)]
    records.take_rows(kind, [other], 9001)
    again = records.find(declared, record)
    assert again is not None
    assert again[name] == wanted
    ours = [*other]
    ours[declared.columns.index(name)] = wanted
    ours[-1] = 9002
    records.take_rows(kind, [ours], 9002)
    acknowledge(records, 5, [])
    last = records.find(declared, record)
    assert last is not None
    assert (last[name], last["waiting"], last["row_version"]) == (wanted, False, 9002)


def test_an_own_answer_closes_the_case_in_view_and_a_refused_one_opens_it_again(records: Projection) -> None:
    case, subject = str(uid("case")), uid("a dose")
    row = dict(zip(BY_NAME["review_case"].columns, whole_row("review_case", case, 9000), strict=True))
    row |= {"kind": "possible_double_dose", "status": "OPEN", "subject_ids": f'["{subject}"]', "resolution": None}
    records.take_rows("review_case", [list(row.values())], 9000)
    answer = CaseAnswered(
        case_id=CaseId(UUID(case)), resolution=CaseResolution.BOTH_GIVEN, subject_ids=(subject,), note="asked"
    )
    entry = entry_of(answer, number=5)
    records.lay_over([entry])
    shown = records.find(BY_NAME["review_case"], case)
    assert shown is not None
    assert (shown["status"], shown["resolution"], shown["note"]) == ("RESOLVED", "BOTH_GIVEN", "asked")
    assert records.where(BY_NAME["review_case"], "status", ["OPEN"]) == []
    records.lay_anew([])
    assert [found["id"] for found in records.where(BY_NAME["review_case"], "status", ["OPEN"])] == [case]


def test_a_dose_that_was_amended_is_not_the_last_one_taken(records: Projection) -> None:
    first = dose_logged(administered_at=NOON)
    void = dose_logged(
        administered_at=NOON, status=DoseState.ENTERED_IN_ERROR, amends_id=first.id, amend_reason="twice"
    )
    records.lay_over([entry_of(first, number=5)])
    assert records.last_taken([str(first.order_id)])[str(first.order_id)]["id"] == str(first.id)
    confirmed = dict(records.find(DOSE, str(first.id)) or {})
    records.take_rows("dose", [[confirmed[name] for name in DOSE.columns]], 9000)
    assert records.last_taken([str(first.order_id)])[str(first.order_id)]["waiting"] is False
    records.lay_over([entry_of(void, number=6)])
    assert records.last_taken([str(first.order_id)]) == {}
    assert len(records.where(DOSE, "order_id", [str(first.order_id)])) == 2, "the original stays readable"


def test_nothing_is_marked_as_changed_when_nothing_was_laid_over(records: Projection) -> None:
    before = records.stamp(KINDS)
    acknowledge(records, 3, [])
    assert records.stamp(KINDS) == before
    records.lay_over([entry_of(dose_logged(), number=5)])
    records.lay_anew([])
    assert {kind.name for kind, was, now in zip(KINDS, before, records.stamp(KINDS), strict=True) if was != now} == {
        "dose"
    }
    assert records.find(INCIDENT, str(uid("nobody"))) is None


# Any own entries over any records: the view is what the server's own fold makes of them.

PLAYED = ("allergy", "emergency_contact", "chronic_condition", "follow_up_action")
RECORDS = 2


class Server:
    """What the district holds: rows by kind and id, folded by the same code, each write under a new row_version."""

    def __init__(self) -> None:
        self.rows: dict[Key, Values] = {}
        self.version = 100

    def write(self, key: Key, values: Mapping[str, WireValue]) -> None:
        self.version += 1
        self.rows[key] = dict(values) | {"row_version": self.version}

    def fold(self, entry: Entry) -> None:
        for effect in fold_entry(entry, self.rows):
            if effect.write is not None and (effect.merged is not None or effect.key not in self.rows):
                self.write(effect.key, effect.write.values)

    def send(self, records: Projection) -> None:
        for (kind, _), values in sorted(self.rows.items(), key=_row_version):
            columns = BY_NAME[kind].columns
            records.take_rows(kind, [[values[name] for name in columns]], int(str(values["row_version"])))

    def copy(self) -> "Server":
        made = Server()
        made.rows, made.version = dict(self.rows), self.version
        return made


def _row_version(item: tuple[Key, Values]) -> int:
    return int(str(item[1]["row_version"]))


def seen(records: Projection) -> dict[Key, Values]:
    found: dict[Key, Values] = {}
    for name in (*PLAYED, "review_case", "dose"):
        for row in records.every(BY_NAME[name]):
            key = name, str(row["id"])
            assert key not in found, "a record stands twice"
            found[key] = {column: row[column] for column in BY_NAME[name].columns if column != "row_version"}
    return found


def held(server: Server) -> dict[Key, Values]:
    return {key: {n: v for n, v in values.items() if n != "row_version"} for key, values in server.rows.items()}


steps = st.tuples(
    st.sampled_from(("add", "change", "answer", "dose")),
    st.sampled_from(PLAYED),
    st.integers(0, RECORDS),
    st.integers(0, 3),
)
others = st.tuples(st.sampled_from(PLAYED), st.integers(0, RECORDS - 1), st.integers(0, 3))


def own_change(step: tuple[str, str, int, int], records: Projection) -> Change | None:
    what, kind, which, variant = step
    if what == "dose":
        return dose_logged(id=DoseId(uid(f"dose {which}")))
    if what == "answer":
        return CaseAnswered(
            case_id=CaseId(uid("case 0")),
            resolution=(CaseResolution.BOTH_GIVEN, CaseResolution.DUPLICATE_RECORD)[variant % 2],
            subject_ids=(uid("a dose"),) if which else (),
        )
    if what == "add":
        return RecordAdded(kind=kind, id=uid(f"own {kind} {which}"), values=authored_values(kind, variant))
    rows = sorted(records.every(BY_NAME[kind]), key=lambda row: str(row["id"]))
    return change_of(rows[which % len(rows)], kind, variant) if rows else None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(own=st.lists(steps, max_size=6), theirs=st.lists(others, max_size=3), taken=st.integers(0, 6))
def test_the_view_is_what_the_servers_fold_makes_of_it_before_and_after_every_pull(
    ground: Callable[[], Projection],
    own: list[tuple[str, str, int, int]],
    theirs: list[tuple[str, int, int]],
    taken: int,
) -> None:
    records, server = ground(), Server()
    for kind in PLAYED:
        for number in range(RECORDS):
            record = str(uid(f"{kind} {number}"))
            server.write((kind, record), dict(zip(BY_NAME[kind].columns, whole_row(kind, record, 1), strict=True)))
    case = dict(zip(BY_NAME["review_case"].columns, whole_row("review_case", str(uid("case 0")), 1), strict=True))
    case |= {"status": CaseStatus.OPEN.value, "resolution": None, "subject_ids": f'["{uid("a dose")}"]'}
    server.write(("review_case", str(uid("case 0"))), case)
    server.send(records)

    entries: list[Entry] = []
    for step in own:
        change = own_change(step, records)
        if change is not None:
            entries.append(entry_of(change, number=len(entries) + 1))
            records.lay_over(entries[-1:])
            expected = server.copy()
            for entry in entries:
                expected.fold(entry)
            assert seen(records) == held(expected)

    # Others write, the district takes the first of ours, a pull brings it all: chunks first, then its end.
    for kind, which, variant in theirs:
        key = kind, str(uid(f"{kind} {which}"))
        server.write(key, whole_values(server.rows[key], kind, variant))
    count = min(taken, len(entries))
    for entry in entries[:count]:
        server.fold(entry)
    server.send(records)
    assert len(seen(records)) >= len(server.rows), "a record is gone in the middle of a pull"
    acknowledge(records, count, entries[count:])
    expected = server.copy()
    for entry in entries[count:]:
        expected.fold(entry)
    assert seen(records) == held(expected)
    for entry in entries[count:]:
        server.fold(entry)
    server.send(records)
    acknowledge(records, len(entries), [])
    assert seen(records) == held(server)
    # What was folded in twice by a retried pull changes nothing either.
    records.lay_over(entries)
    assert set(seen(records)) == set(held(server))


def whole_values(now: Values, kind: str, variant: int) -> Values:
    other = dict(zip(BY_NAME[kind].columns, whole_row(kind, str(now["id"]), 1, variant), strict=True))
    name = sorted(field.name for field in BY_NAME[kind].fields if field.references is None)[variant]
    return now | {name: other[name]}


def test_the_other_kinds_ask_nothing_of_an_overlay(records: Projection) -> None:
    records.take_rows("student", [whole_row("student", str(uid("sofia")), 5)], 5)
    assert [sorted(row) for row in records.every(STUDENT)] == [sorted(STUDENT.columns)]
