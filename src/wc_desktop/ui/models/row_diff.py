"""The smallest set of row operations that turns one keyed list into another."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Rows `first` to `last`, both included."""

    first: int
    last: int


def spans(numbers: Iterable[int]) -> list[Span]:
    """Join ascending row numbers into spans."""
    found: list[Span] = []
    for number in numbers:
        if found and found[-1].last == number - 1:
            found[-1] = Span(first=found[-1].first, last=number)
        else:
            found.append(Span(first=number, last=number))
    return found


def gone_spans(old: Sequence[Hashable], new: Iterable[Hashable]) -> list[Span]:
    """Return the spans of `old` whose keys are not in `new`, last first, so that removing one moves no other."""
    kept = set(new)
    return list(reversed(spans(row for row, key in enumerate(old) if key not in kept)))


def come_spans(old: Iterable[Hashable], new: Sequence[Hashable]) -> list[Span]:
    """Return the spans of `new` whose keys are not in `old`, first first, as they lie in the finished list."""
    known = set(old)
    return spans(row for row, key in enumerate(new) if key not in known)


def survivors_in_order(old: Iterable[Hashable], new: Iterable[Hashable]) -> list[Hashable]:
    """Return the keys in both lists, ordered as in `new`."""
    known = set(old)
    return [key for key in new if key in known]
