"""Numbers of entries as people read them: unbroken runs by their first and last."""

from collections.abc import Iterable


def spans_of(numbers: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Return first and last of each unbroken run of numbers."""
    spans: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if spans and number == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], number)
        else:
            spans.append((number, number))
    return tuple(spans)


def ranges(numbers: Iterable[int]) -> str:
    """Return numbers as a person writes them: 3, 7-9."""
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans_of(numbers))
