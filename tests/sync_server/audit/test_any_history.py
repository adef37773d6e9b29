"""Of any history: honest, it is as sealed; with any one thing changed, that is found and named."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wc_contract.model.ids import DistrictId
from wc_contract.model.instants import Instant
from wc_sync_server.audit.anchors import Anchored, NewSeals, anchor_line, read_anchors
from wc_sync_server.audit.checking import StoredLine
from wc_sync_server.audit.findings import Tamper
from wc_sync_server.audit.looking import Look, look_through
from wc_sync_server.audit.retention import Hold, Rule, keeping, months_later
from wc_sync_server.audit.seals import Seal, SealedLine, digest_of, make_seal
from wc_sync_server.auth.audit_key import AuditKey

KEY = AuditKey(bytes(range(32)))
DISTRICT = DistrictId(UUID("6f0d3c0e-0000-4000-8000-000000000002"))
START = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Kept:
    """An audit in memory (looking.Record)."""

    sealed: list[Seal] = field(default_factory=list)
    kept: list[StoredLine] = field(default_factory=list)

    def seals(self) -> Iterator[Seal]:
        yield from self.sealed

    def lines(self, first: Instant, end: Instant) -> Sequence[StoredLine]:
        return sorted((line for line in self.kept if first <= line.received_at < end), key=_place)

    def lines_before(self, first: Instant) -> Sequence[StoredLine]:
        return sorted((line for line in self.kept if line.received_at < first), key=_place)

    def count_after(self, end: Instant) -> tuple[int, Instant | None]:
        later = [line.received_at for line in self.kept if line.received_at >= end]
        return len(later), min(later, default=None)

    def oldest(self) -> Instant | None:
        return min((line.received_at for line in self.kept), default=None)

    def timeless(self) -> Sequence[UUID]:
        return ()


def _place(line: StoredLine) -> tuple[Instant, UUID]:
    return line.received_at, line.id


@st.composite
def histories(draw: st.DrawFn) -> Kept:
    """Draw lines over some minutes, sealed at some of them; what comes after the last seal is not sealed."""
    minutes = draw(st.lists(st.integers(0, 40), min_size=1, max_size=40))
    ids = draw(st.permutations(range(len(minutes))))
    kept = [
        StoredLine(uuid5(DISTRICT, str(id_)), START + timedelta(minutes=minute), digest_of(f"{id_} at {minute}"))
        for id_, minute in zip(ids, minutes, strict=True)
    ]
    ends = sorted(draw(st.sets(st.integers(1, 45), min_size=1, max_size=8)))
    history = Kept(kept=kept)
    before: Seal | None = None
    for end in ends:
        first = START if before is None else before.ends_at
        until = START + timedelta(minutes=end)
        before = make_seal(
            district=DISTRICT,
            previous=before,
            starts_at=first,
            ends_at=until,
            lines=[SealedLine(line.id, line.digest) for line in history.lines(first, until)],
            sealed_at=until,
            signer=KEY,
        )
        history.sealed.append(before)
    return history


def look(history: Kept, anchored: dict[int, bytes] | None = None) -> Look:
    return look_through(
        history, DISTRICT, KEY.verifier(), anchored=anchored or {}, archived={}, progress=lambda _lines: None
    )


def covered(history: Kept) -> list[StoredLine]:
    return list(history.lines(START, history.sealed[-1].ends_at))


@given(histories())
def test_an_honest_history_is_as_sealed(history: Kept) -> None:
    found = look(history, {seal.number: seal.hash for seal in history.sealed})
    assert found.findings == []
    assert found.lines + found.unsealed == len(history.kept)


@given(histories(), st.data())
def test_a_changed_line_is_named(history: Kept, data: st.DataObject) -> None:
    if not covered(history):
        return
    line = data.draw(st.sampled_from(covered(history)))
    history.kept[history.kept.index(line)] = replace(line, digest=digest_of("something else"))
    first = look(history).first
    assert first is not None
    assert (first.what, first.line) == (Tamper.LINE_CHANGED, line.id)


@given(histories(), st.data())
def test_a_line_that_is_gone_is_named(history: Kept, data: st.DataObject) -> None:
    if not covered(history):
        return
    line = data.draw(st.sampled_from(covered(history)))
    history.kept.remove(line)
    (found,) = look(history).findings
    assert (found.what, found.line) == (Tamper.LINE_GONE, line.id)


@given(histories(), st.integers(-5, 44))
def test_a_line_that_was_slipped_in_is_named(history: Kept, minute: int) -> None:
    at = START + timedelta(minutes=minute)
    slipped_in = StoredLine(uuid5(DISTRICT, "slipped in"), at, digest_of("slipped in"))
    history.kept.append(slipped_in)
    found = look(history).findings
    if at < history.sealed[-1].ends_at:
        assert [(one.what, one.line) for one in found] == [(Tamper.LINE_ADDED, slipped_in.id)]
    else:
        assert found == []


@given(histories(), st.data())
def test_any_seal_that_is_gone_is_found(history: Kept, data: st.DataObject) -> None:
    anchored = {seal.number: seal.hash for seal in history.sealed}
    gone = data.draw(st.sampled_from(history.sealed))
    history.sealed.remove(gone)
    found = look(history, anchored)
    assert {one.what for one in found.findings} & {Tamper.SEAL_MISSING, Tamper.TAIL_CUT}


@given(
    st.lists(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=3), min_size=1, max_size=5), st.data()
)
def test_an_anchor_file_reads_back_and_any_changed_line_is_found(
    batches: list[list[bytes]], data: st.DataObject
) -> None:
    lines: list[str] = []
    held = Anchored()
    for batch in batches:
        new = NewSeals(district=DISTRICT, first=held.newest(DISTRICT) + 1, hashes=tuple(batch))
        lines.append(anchor_line([new], held, START, KEY))
        held = read_anchors(lines[-1:], KEY.verifier(), held)
    every = [made for batch in batches for made in batch]
    assert held.findings == []
    assert dict(held.of(DISTRICT)) == dict(enumerate(every, start=1))
    number = data.draw(st.integers(0, len(lines) - 1))
    at = data.draw(st.integers(0, len(lines[number]) - 1))
    wrong = "0" if lines[number][at] != "0" else "1"
    lines[number] = lines[number][:at] + wrong + lines[number][at + 1 :]
    assert read_anchors(lines, KEY.verifier()).findings


@pytest.mark.parametrize(
    ("rules", "years", "hot"),
    [
        ([], 6, 18),
        ([Rule(keep_years=3, valid_from=START.date())], 6, 18),
        ([Rule(keep_years=10, valid_from=START.date())], 10, 18),
        ([Rule(keep_years=1, until_age=27, valid_from=START.date())], 24, 18),
        ([Rule(keep_years=10, hot_months=36, valid_from=START.date())], 10, 36),
        ([Rule(keep_years=90, valid_from=START.date(), valid_to=START.date())], 6, 18),
        ([Rule(keep_years=90, valid_from=months_later(START.date(), 6))], 6, 18),
    ],
)
def test_the_longest_rule_in_force_holds(rules: list[Rule], years: int, hot: int) -> None:
    asked = keeping(rules, (), (START + timedelta(days=3)).date())
    assert (asked.years, asked.hot_months) == (years, hot)


def test_a_month_is_hot_for_as_long_as_asked_after_it_ended() -> None:
    asked = keeping([], (), START.date())
    month = START.date()
    assert asked.is_hot(month, months_later(month, 19) - timedelta(days=1))
    assert not asked.is_hot(month, months_later(month, 19))
    assert asked.keep_until(month) == months_later(month, 1 + 72)


@pytest.mark.parametrize(
    ("first", "last", "held"),
    [
        (None, None, True),
        ("2026-11-30", None, True),
        ("2026-12-01", None, False),
        (None, "2026-11-01", True),
        (None, "2026-10-31", False),
        ("2026-01-01", "2027-01-01", True),
    ],
)
def test_a_hold_covers_every_month_it_touches(first: str | None, last: str | None, held: bool) -> None:
    day = datetime.fromisoformat
    hold = Hold(first=day(first).date() if first else None, last=day(last).date() if last else None)
    assert keeping([], [hold], START.date()).is_held(START.date()) is held
