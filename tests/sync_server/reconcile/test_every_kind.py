"""Every kind that workstations write goes one way: pushed by one, merged by its policy, sent to the other."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
import pytest
from tests.sync_server.house import House
from tests.sync_server.in_house import Office, office_of
from tests.sync_server.reconcile.record_world import CHANGING, Key, World, addable_in_order, change_of, pulled

from wc_contract.merge.sides import same
from wc_contract.model.apply import apply_entry
from wc_contract.model.authoring import CHANGEABLE
from wc_contract.model.ids import record_case_id
from wc_contract.model.kinds import BY_NAME, CAPTURE, EMERGENCY_LOOK, MergePolicy
from wc_contract.wire.codes import Outcome

pytestmark = pytest.mark.postgres

POLICIES = {name: BY_NAME[name].merge for name in CHANGEABLE}
BASED = {name for name, policy in POLICIES.items() if policy is MergePolicy.BASE_MUST_MATCH}


@pytest.fixture(scope="module")
def offices(house: House) -> tuple[Office, Office]:
    return office_of(house), office_of(house)


def differing(kind: str, left: Mapping[str, Any], right: Mapping[str, Any]) -> list[str]:
    """Return the fields in which two records of a kind say something else."""
    return [one.name for one in BY_NAME[kind].fields if not same(one, left[one.name], right[one.name])]


def test_a_record_of_every_kind_arrives_at_the_other_workstation_as_it_was_written(
    world: World, offices: tuple[Office, Office]
) -> None:
    first, second = offices
    entries = []
    for kind in addable_in_order():
        added = world.added(kind.name)
        world.ids[kind.table] = added.id
        entries.append(first.entry(added))
    receipts = first.push(*entries)
    # Each use of the emergency card is looked at by a person, and what was written down without a lease.
    reviewed = {CAPTURE.name, EMERGENCY_LOOK.name}
    outcomes = [Outcome.CASE_OPENED if kind.name in reviewed else Outcome.APPLIED for kind in addable_in_order()]
    assert [(r.outcome, r.code, r.fields) for r in receipts] == [(outcome, None, ()) for outcome in outcomes]
    there = pulled(second)
    for entry in entries:
        (write,) = apply_entry(entry)
        arrived = there[write.kind.name, write.id]
        assert differing(write.kind.name, write.values, arrived) == [], write.kind.name
    assert first.push(*entries) == receipts


def test_the_table_of_changes_names_every_kind_that_may_be_changed() -> None:
    assert set(CHANGING) == CHANGEABLE


@pytest.mark.parametrize("turned", [False, True], ids=["in order", "the other way round"])
def test_changes_that_do_not_meet_both_stand_unless_the_base_must_match(
    world: World, offices: tuple[Office, Office], *, turned: bool
) -> None:
    keys, before = some_of_each(world, offices[0])
    made = {name: CHANGING[name].apart[::-1] if turned else CHANGING[name].apart for name in keys}
    earlier = push_changes(offices[0], keys, before, {name: pair[0] for name, pair in made.items()})
    later = push_changes(offices[1], keys, before, {name: pair[1] for name, pair in made.items()})
    after = pulled(offices[0])
    assert set(earlier.values()) == {Outcome.APPLIED}
    for name, key in keys.items():
        stands = dict(made[name][0]) if name in BASED else made[name][0] | made[name][1]
        assert differing(name, before[key] | stands, after[key]) == [], name
        assert later[name] is (Outcome.CASE_OPENED if name in BASED else Outcome.MERGED), name


@pytest.mark.parametrize("turned", [False, True], ids=["in order", "the other way round"])
def test_changes_that_meet_open_a_case_with_both_sides(
    world: World, offices: tuple[Office, Office], *, turned: bool
) -> None:
    keys, before = some_of_each(world, offices[0])
    made = {name: CHANGING[name].meeting[::-1] if turned else CHANGING[name].meeting for name in keys}
    push_changes(offices[0], keys, before, {name: pair[0] for name, pair in made.items()})
    later = push_changes(offices[1], keys, before, {name: pair[1] for name, pair in made.items()})
    assert set(later.values()) == {Outcome.CASE_OPENED}
    after = pulled(offices[1])
    assert after == pulled(offices[0])
    for name, key in keys.items():
        first, second = made[name]
        stands = CHANGING[name].stands or (first if name in BASED else second)
        changed = before[key] | stands
        # Name and relationship of a contact go together: the later side stands whole.
        assert differing(name, changed, after[key]) == [], name
        code = "base_changed" if name in BASED else "field_conflict"
        case = str(record_case_id(code, name, UUID(key[1])))
        assert after["review_case", case]["status"] == "OPEN"
        assert key[1] in orjson.loads(after["review_case", case]["subject_ids"])
        sides = [row for (kind, _), row in after.items() if kind == "case_side" and row["case_id"] == case]
        assert {side["record_id"] for side in sides} == {key[1]}
        said = [orjson.loads(side["values"]) for side in sides]
        assert len(sides) == 2, name
        assert any(second.items() <= one.items() for one in said), name
        assert sum(side["stands"] for side in sides) == 1, name


def some_of_each(world: World, office: Office) -> tuple[dict[str, Key], dict[Key, dict[str, Any]]]:
    """Add a record of each kind that may be changed, and return them with what both workstations see."""
    added = [world.added(kind.name) for kind in addable_in_order() if kind.name in CHANGEABLE]
    receipts = office.push(*(office.entry(one) for one in added))
    assert {(one.outcome, one.code) for one in receipts} == {(Outcome.APPLIED, None)}
    return {one.kind: (one.kind, str(one.id)) for one in added}, pulled(office)


def push_changes(
    office: Office, keys: Mapping[str, Key], seen: Mapping[Key, Mapping[str, Any]], made: Mapping[str, dict[str, Any]]
) -> dict[str, Outcome]:
    """Change a record of each kind in one batch; return what became of each."""
    entries = [office.entry(change_of(key, seen[key], made[name])) for name, key in keys.items()]
    receipts = office.push(*entries)
    assert [receipt.code for receipt in receipts] == [None] * len(receipts)
    return {name: receipt.outcome for name, receipt in zip(keys, receipts, strict=True)}
