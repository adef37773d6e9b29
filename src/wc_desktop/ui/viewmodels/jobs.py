"""How a view model gets work done away from the screen's thread."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from wc_contract.model.errors import WhiteCrossError

T = TypeVar("T")


class Jobs(Protocol):
    """The runner, as screens see it: one thread, in order; answers come back on the screen's thread."""

    def run(
        self,
        job: Callable[[], T],
        *,
        done: Callable[[T], None] | None = None,
        failed: Callable[[WhiteCrossError], None] | None = None,
        urgent: bool = False,
    ) -> None:
        """Queue job; exactly one of done and failed is called later. urgent overtakes what is only waiting."""
        ...

    def run_beside(
        self,
        job: Callable[[], T],
        *,
        done: Callable[[T], None] | None = None,
        failed: Callable[[WhiteCrossError], None] | None = None,
    ) -> None:
        """Do job, which touches neither journal nor replica, on a thread of its own; nothing else waits for it."""
        ...
