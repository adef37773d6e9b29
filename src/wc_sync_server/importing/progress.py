"""How a long step tells how far it is."""

from typing import Protocol


class Progress(Protocol):
    """Called with the step, how much of it is done and how much there is."""

    def __call__(self, step: str, done: int, total: int, /) -> None: ...


def silent(step: str, done: int, total: int, /) -> None:
    """Tell nobody."""
