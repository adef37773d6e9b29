"""The sequence of a device's entries: gaps, forks, repeats and texts that cannot be trusted. Pure."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import factories as make

from wc_contract.model.ids import DeviceId, EntryId, SchoolId
from wc_contract.wire.codes import Outcome, Refusal, Waits
from wc_contract.wire.messages import Receipt
from wc_contract.wire.versions import MAX_NUMBER
from wc_sync_server.reconcile.arrivals import Arrival, Flaw, number_beside
from wc_sync_server.reconcile.facts import BatchFacts, DeviceFacts
from wc_sync_server.reconcile.numbers import Fork, Gap, InOrder, in_order

SCHOOL = SchoolId(make.named("a school"))


def arrival(
    number: int | None, text: str = "", *, flaw: Refusal | Waits | None = None, readable: bool = True
) -> Arrival:
    digest = f"{make.named(text or str(number)).int:064x}"
    entry = make.entry_of(make.access_recorded(), number=number or 1, id=EntryId(make.named(f"id {text}{number}")))
    return Arrival(
        body=text,
        signature="",
        hash=digest,
        id=entry.id,
        number=number,
        entry=entry if readable else None,
        flaw=None if flaw is None else Flaw(refusal=flaw),
    )


def facts(last: int = 0, *known: Arrival, forked: bool = False) -> BatchFacts:
    receipts = tuple(
        Receipt(
            entry_id=one.id,
            number=one.number or 0,
            hash=one.hash,
            outcome=Outcome.APPLIED,
            received_at=make.NOON,
        )
        for one in known
    )
    device = DeviceFacts(id=DeviceId(make.DEVICE_A), school=SCHOOL, last_number=last, forked=forked, revoked_at=None)
    return BatchFacts(
        epoch="e",
        device=device,
        policy=None,
        zones={SCHOOL: make.CHICAGO},
        receipts=receipts,
        kept=frozenset(),
        authors={},
        students={},
        left=frozenset(),
        orders=(),
        versions=(),
        medications=(),
        allergies=(),
        doses=(),
        incidents={},
        cases=(),
    )


def taken(result: InOrder | Gap | Fork) -> list[int]:
    assert isinstance(result, InOrder)
    return [numbered.number for numbered in result.fresh]


def test_entries_in_order_are_taken_and_the_next_number_follows() -> None:
    result = in_order([arrival(3), arrival(4)], facts(2))
    assert taken(result) == [3, 4]
    assert isinstance(result, InOrder)
    assert result.next_number == 5


def test_known_texts_are_answered_and_do_not_move_the_sequence() -> None:
    old, new = arrival(2), arrival(3)
    result = in_order([old, new, new], facts(2, old))
    assert taken(result) == [3]
    assert isinstance(result, InOrder)
    assert set(result.known) == {old.hash}


@pytest.mark.parametrize("numbers", [[4], [3, 5], [2, 3, 9]])
def test_a_missing_number_is_a_gap(numbers: list[int]) -> None:
    old = arrival(2)
    batch = [old if number == 2 else arrival(number) for number in numbers]
    result = in_order(batch, facts(2, old))
    assert isinstance(result, Gap)
    assert result.expected == (3 if numbers == [4] else 4)


def test_one_number_with_two_texts_is_a_fork_in_a_batch_and_over_time() -> None:
    old = arrival(1)
    assert isinstance(in_order([arrival(1, "other")], facts(1, old)), Fork)
    assert isinstance(in_order([arrival(2, "one"), arrival(2, "two")], facts(1, old)), Fork)
    assert isinstance(in_order([replace(arrival(2), id=old.id)], facts(1, old)), Fork)


def test_a_forked_device_gets_known_answers_and_nothing_else() -> None:
    old = arrival(1)
    assert isinstance(in_order([old], facts(1, old, forked=True)), InOrder)
    result = in_order([old, arrival(2)], facts(1, old, forked=True))
    assert isinstance(result, Fork)
    assert [one.number for one in result.unknown] == [2]


def test_an_unreadable_text_takes_the_place_it_stands_in() -> None:
    broken = arrival(None, "broken", readable=False)
    assert taken(in_order([arrival(1), broken, arrival(3)], facts(0))) == [1, 2, 3]
    lying = arrival(10**12, "lying", readable=False)
    assert taken(in_order([arrival(1), lying, arrival(3)], facts(0))) == [1, 2, 3]


def test_a_damaged_text_under_a_number_long_taken_is_no_fork() -> None:
    old = arrival(1)
    damaged = arrival(1, "damaged", flaw=Refusal.BAD_SIGNATURE)
    result = in_order([damaged, arrival(2)], facts(1, old))
    assert taken(result) == [2]
    assert isinstance(result, InOrder)
    assert [stray.arrival for stray in result.strays] == [damaged]


def waiting(known: BatchFacts) -> BatchFacts:
    """Return facts whose receipts all say that the entry waits."""
    receipts = tuple(one.model_copy(update={"outcome": Outcome.WAITING}) for one in known.receipts)
    return replace(known, receipts=receipts)


def test_what_waits_is_judged_again_under_its_number_and_moves_nothing() -> None:
    old = arrival(1)
    result = in_order([old, arrival(2), old], waiting(facts(1, old)))
    assert isinstance(result, InOrder)
    assert [(one.number, one.again) for one in result.fresh] == [(1, True), (2, False)]
    assert result.next_number == 3
    assert set(result.known) == {old.hash}


def test_what_waits_is_not_judged_again_for_a_forked_device_or_under_a_bad_signature() -> None:
    old = arrival(1)
    bad = replace(old, flaw=Flaw(refusal=Refusal.BAD_SIGNATURE))
    for sent, forked in ((old, True), (bad, False)):
        result = in_order([sent], waiting(facts(1, old, forked=forked)))
        assert isinstance(result, InOrder)
        assert result.fresh == []
        assert set(result.known) == {old.hash}


def test_an_entry_of_a_newer_program_keeps_the_number_that_it_names() -> None:
    later = arrival(3, "later", flaw=Waits.LATER_SCHEMA, readable=False)
    assert isinstance(in_order([later], facts(1)), Gap)
    assert taken(in_order([arrival(2), later], facts(1))) == [2, 3]
    assert isinstance(in_order([replace(later, number=1)], facts(1, arrival(1))), Fork)


@given(st.lists(st.integers(1, 6), max_size=12), st.integers(0, 4))
def test_numbers_taken_are_always_dense_and_never_taken_twice(numbers: list[int], last: int) -> None:
    known = [arrival(number) for number in range(1, last + 1)]
    result = in_order([arrival(number) for number in numbers], facts(last, *known))
    if isinstance(result, InOrder):
        assert taken(result) == list(range(last + 1, last + 1 + len(result.fresh)))
        assert result.next_number == last + 1 + len(result.fresh)
    else:
        # One text a number: only a missing one can stand in the way.
        assert isinstance(result, Gap)
        assert result.expected not in {number for number in numbers if number <= last}


def test_carried_entries_stand_above_a_gap_and_close_it_in_any_order() -> None:
    late = in_order([arrival(4), arrival(6)], facts(2), carried=True)
    assert taken(late) == [4, 6]
    assert isinstance(late, InOrder)
    assert late.next_number == 3
    # Held above the gap: three comes from the device, four is answered, five is wanted.
    batch = [arrival(3), arrival(4)]
    closed = in_order(batch, facts(2, arrival(4)))
    assert taken(closed) == [3]
    assert isinstance(closed, InOrder)
    assert closed.next_number == 5
    assert isinstance(in_order([arrival(7)], facts(4)), Gap)
    whole = in_order([arrival(5), arrival(6), arrival(7)], facts(4, arrival(6)))
    assert taken(whole) == [5, 7]
    assert isinstance(whole, InOrder)
    assert whole.next_number == 8


def test_a_carried_second_text_of_a_number_is_a_stray_and_no_fork() -> None:
    result = in_order([arrival(1, "other"), arrival(2)], facts(1, arrival(1)), carried=True)
    assert taken(result) == [2]
    assert isinstance(result, InOrder)
    [stray] = result.strays
    assert stray.arrival.flaw == Flaw(refusal=Refusal.MALFORMED, fields=("number",))


def test_a_note_that_a_carried_number_is_lost_moves_the_sequence_over_it() -> None:
    lost = arrival(4, "lost", flaw=Refusal.MALFORMED, readable=False)
    result = in_order([arrival(3), lost, arrival(5)], facts(2, arrival(4)))
    assert taken(result) == [3, 5]
    assert isinstance(result, InOrder)
    assert [one.number for one in result.strays] == [4]


@given(st.permutations(range(1, 9)), st.integers(1, 8), st.integers(0, 8), st.integers(1, 9))
def test_whatever_is_carried_first_the_rest_is_never_a_fork_nor_a_gap(
    order: list[int], carried: int, sent: int, size: int
) -> None:
    held = {number: arrival(number) for number in range(1, sent + 1)}
    last = sent
    for number in order[:carried]:
        result = in_order([arrival(number)], facts(last, *_known(held, number)), carried=True)
        assert isinstance(result, InOrder)
        assert [one.number for one in result.fresh] == ([] if number in held else [number])
        held[number], last = arrival(number), result.next_number - 1
    taken_now: list[int] = []
    for first in range(1, 10, size):
        # Of each batch the server reads what it holds of that batch, and nothing above it.
        batch = range(first, min(first + size, 10))
        known = (one for number in batch for one in _known(held, number))
        result = in_order([arrival(number) for number in batch], facts(last, *known))
        taken_now += taken(result)
        assert isinstance(result, InOrder)
        last = result.next_number - 1
    assert taken_now == [number for number in range(1, 10) if number not in held]
    assert last == 9


def _known(held: dict[int, Arrival], number: int) -> list[Arrival]:
    return [held[number]] if number in held else []


def test_up_to_where_a_fork_was_settled_both_texts_of_a_number_count_and_the_sequence_goes_on() -> None:
    first, other, new = arrival(3), arrival(3, "entered on the other copy"), arrival(6)
    known = facts(5, first)
    assert isinstance(in_order([other], known), Fork)
    order = in_order([other, other, new], known, settled=5)
    assert isinstance(order, InOrder)
    beside, next_one = order.fresh
    assert beside.number == number_beside(other.hash) > MAX_NUMBER
    assert (next_one.number, order.next_number) == (6, 7)
    # The same id with another text is no second entry, and above the settled number a fork is one again.
    assert isinstance(in_order([replace(other, id=first.id)], known, settled=5), Fork)
    assert isinstance(in_order([other], known, settled=2), Fork)
