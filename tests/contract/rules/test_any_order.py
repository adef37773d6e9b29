"""X1 and X4 as a server meets them: batches cut anywhere, delivered in any order, each any number of times."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st
from tests.contract.rules.test_arrival import MIXED, Arrival, arrivals, folded

from wc_contract.model.apply import apply_entry
from wc_contract.rules.arrival import evaluate


def batches_of(brought: list[Arrival], chance: Random) -> list[list[Arrival]]:
    """Return what arrives when everything is sent at least once, in any order, in batches of any size."""
    again = [one for one in brought for _ in range(chance.randint(1, 3))]
    chance.shuffle(again)
    batches: list[list[Arrival]] = [[]]
    for one in again:
        if chance.random() < 0.4:
            batches.append([])
        batches[-1].append(one)
    return batches


@given(arrivals(), st.randoms(use_true_random=False))
def test_no_repetition_and_no_cut_changes_flags_or_cases(brought: list[Arrival], chance: Random) -> None:
    at_once = evaluate(brought, [], MIXED)
    flags, cases = folded(batches_of(brought, chance), MIXED)
    assert flags == at_once.flags
    assert {case.id for case in cases} == {case.id for case in at_once.cases}


@given(arrivals(), st.randoms(use_true_random=False))
def test_what_is_already_known_brings_nothing_new(brought: list[Arrival], chance: Random) -> None:
    flags, _ = folded([brought], MIXED)
    known = [one for batch in batches_of(brought, chance) for one in batch]
    flags_again, _ = folded([brought, known], MIXED)
    assert flags_again == flags


@given(arrivals(), st.randoms(use_true_random=False))
def test_records_are_the_same_in_whatever_order_and_however_often_entries_come(
    brought: list[Arrival], chance: Random
) -> None:
    def stored(batches: list[list[Arrival]]) -> dict[str, dict[str, object]]:
        rows: dict[str, dict[str, object]] = {}
        for batch in batches:
            for entry, _ in batch:
                for write in apply_entry(entry):
                    rows.setdefault(write.id, dict(write.values))
        return rows

    assert stored(batches_of(brought, chance)) == stored([brought])
