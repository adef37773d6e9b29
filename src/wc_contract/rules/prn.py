"""Minimum interval and maximum of a medicine given as needed (P1, P2), in elapsed time (T2).

Adding a dose never takes a notice away from another: arrivals may come in any order, and a history need not be
read from its beginning (X4).
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from wc_contract.model.ids import DoseId
from wc_contract.model.instants import Instant, instant_to_text
from wc_contract.model.values import DoseState
from wc_contract.rules.facts import DoseFacts, OrderVersionFacts
from wc_contract.rules.findings import Code, Finding, Noticed
from wc_contract.rules.slots import live

_DAY = timedelta(days=1)
EFFECT_CHECK_FROM = timedelta(minutes=30)
EFFECT_CHECK_TO = timedelta(minutes=60)


def limited(version: OrderVersionFacts) -> bool:
    """Whether a version sets an interval or a maximum at all."""
    return version.min_interval is not None or version.max_doses is not None


def reach(version: OrderVersionFacts) -> timedelta:
    """Return how far apart two doses of an order can be and still matter to each other."""
    period = (version.max_period or _DAY) if version.max_doses is not None else timedelta()
    return max(period, version.min_interval or timedelta())


def earliest_next(version: OrderVersionFacts, doses: Iterable[DoseFacts]) -> Instant | None:
    """Return the earliest instant that the interval allows, None when it allows any (P1)."""
    given = [d.administered_at for d in live(doses) if d.status.given]
    if version.min_interval is None or not given:
        return None
    return max(given) + version.min_interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """How an order as needed stands at an instant, before anything is written.

    last: the newest dose that counts. again_from: the earliest instant that breaks neither interval nor maximum, None
    when that is now (or never, with a maximum of no dose). given and period are what the maximum counts; maximum is
    None for an order without one.
    """

    last: DoseFacts | None
    again_from: Instant | None
    given: int
    maximum: int | None
    period: timedelta


def allowance(version: OrderVersionFacts, doses: Iterable[DoseFacts], at: Instant) -> Allowance:
    """Return what is left of an order's limits at an instant: 'again from 12:40', 'two of three given' (P1, P2)."""
    past = sorted((d for d in live(doses) if d.status.given and d.administered_at <= at), key=_time_and_id)
    period = version.max_period or _DAY
    return Allowance(
        last=past[-1] if past else None,
        again_from=_again_from(version, past, at),
        given=_window_of(version, past).count_after(at - period),
        maximum=version.max_doses,
        period=period,
    )


def asks_aloud(findings: Iterable[Finding], *, rescue: bool) -> bool:
    """Whether somebody must be asked aloud before a dose is saved (P3); never before a rescue medicine (P5)."""
    return not rescue and any(finding.code is Code.CONFIRM_ALOUD for finding in findings)


def _again_from(version: OrderVersionFacts, past: list[DoseFacts], at: Instant) -> Instant | None:
    # Room is only made when an interval ends or a dose leaves the period; so no other instant need be asked.
    steps = [step for step in (version.min_interval, version.max_period or _DAY) if step is not None]
    ends = {dose.administered_at + step for dose in past for step in steps}
    for moment in (at, *sorted(end for end in ends if end > at)):
        if not any(_judge(version, _window_of(version, past), moment)):
            return None if moment == at else moment
    return None  # a maximum of no dose at all: no instant is early enough


def _window_of(version: OrderVersionFacts, past: Iterable[DoseFacts]) -> "_Window":
    window = _Window()
    for dose in past:
        window.add(dose, version)
    return window


def check_limits(version: OrderVersionFacts, doses: Iterable[DoseFacts], at: Instant) -> Iterator[Noticed]:
    """Notice what a further dose at an instant would break, given the order's doses so far."""
    past = sorted((d for d in live(doses) if d.status.given and d.administered_at <= at), key=_time_and_id)
    yield from _judge(version, _window_of(version, past), at)


def limits_broken(
    doses: Iterable[DoseFacts], versions: Mapping[DoseId, OrderVersionFacts]
) -> dict[DoseId, tuple[Noticed, ...]]:
    """Return the notices on each of one order's doses, judged by those before it.

    versions gives the version in force for each dose. 'Vomited' is no act of giving: it counts for others and is
    not itself judged. One pass over the sorted doses.
    """
    window = _Window()
    broken: dict[DoseId, tuple[Noticed, ...]] = {}
    for dose in sorted((d for d in live(doses) if d.status.given), key=_time_and_id):
        version = versions[dose.id]
        if dose.status is not DoseState.VOMITED:
            found = tuple(_judge(version, window, dose.administered_at))
            if found:
                broken[dose.id] = found
        window.add(dose, version)
    return broken


class _Window:
    """The doses before an instant, oldest first. A vomited dose and the entry of its giving count as one."""

    def __init__(self) -> None:
        self._rows: deque[tuple[Instant, DoseId]] = deque()
        self._counts: Counter[DoseId] = Counter()
        self._giving: DoseFacts | None = None
        self.last: DoseFacts | None = None

    def add(self, dose: DoseFacts, version: OrderVersionFacts) -> None:
        counts_as = dose.id
        if dose.status is not DoseState.VOMITED:
            self._giving = dose
        elif self._giving is not None and self._follows(dose, self._giving, version):
            counts_as = self._giving.id
            self._giving = None  # one giving is vomited once; a second entry may be the only trace of another
        self._rows.append((dose.administered_at, counts_as))
        self._counts[counts_as] += 1
        self.last = dose

    def count_after(self, start: Instant) -> int:
        """Return how many doses lie after start; those before it are forgotten."""
        while self._rows and self._rows[0][0] <= start:
            _, gone = self._rows.popleft()
            self._counts[gone] -= 1
            if not self._counts[gone]:
                del self._counts[gone]
        return len(self._counts)

    @staticmethod
    def _follows(vomited: DoseFacts, giving: DoseFacts, version: OrderVersionFacts) -> bool:
        # Within the interval no second dose may have been given, so the entry speaks of the one before. Later it
        # may be the only trace of a dose, and the cautious reading counts it.
        interval = version.min_interval or timedelta()
        return vomited.administered_at - giving.administered_at < interval


def _judge(version: OrderVersionFacts, window: _Window, at: Instant) -> Iterator[Noticed]:
    if window.last is not None and version.min_interval is not None:
        allowed = window.last.administered_at + version.min_interval
        if at < allowed:
            detail = {
                "last": instant_to_text(window.last.administered_at),
                "last_dose": str(window.last.id),
                "earliest": instant_to_text(allowed),
            }
            yield Noticed(code=Code.TOO_SOON, detail=detail)
    if version.max_doses is not None:
        period = version.max_period or _DAY
        count = window.count_after(at - period)
        if count >= version.max_doses:
            minutes = str(int(period.total_seconds() // 60))
            detail = {"given": str(count), "maximum": str(version.max_doses), "period_minutes": minutes}
            yield Noticed(code=Code.OVER_MAXIMUM, detail=detail)


def _time_and_id(dose: DoseFacts) -> tuple[Instant, int]:
    return dose.administered_at, dose.id.int
