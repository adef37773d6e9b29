"""What the connection strip says, as the sync threads learn it. What it counts is asked of the files each time."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from wc_contract.model.errors import WhiteCrossError
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.sync_state import link_status
from wc_desktop.background.runner import RunnerStopped
from wc_desktop.background.steps import Steps
from wc_desktop.cipher.faults import Damaged
from wc_desktop.domain.failures import JournalDamaged
from wc_desktop.domain.link_views import LinkState, LinkStatus

_PROGRESS_EVERY_SECONDS = 0.1


class StripTeller:
    """Used by both threads. tell hears each status, damaged that a page of what it counts does not read."""

    def __init__(
        self, desk: Desk, steps: Steps, *, tell: Callable[[LinkStatus], None], damaged: Callable[[], None]
    ) -> None:
        self._desk = desk
        self._steps = steps
        self._tell = tell
        self._damaged = damaged
        self._said_progress = 0.0
        # What was counted last; only steps on the files read and write it.
        self._counted: LinkStatus | None = None

    def say(self, state: LinkState, *, problem: str | None = None, progress: tuple[int, int] | None = None) -> None:
        """Say how the link stands, as far as that can be counted: it ends no loop. Raises RunnerStopped."""
        try:
            status = self._steps.take(partial(self._said, state, problem, progress))
        except RunnerStopped:
            raise
        except WhiteCrossError as error:
            if isinstance(error, Damaged):
                self._damaged()
            return
        self._tell(status)

    def begin_progress(self) -> None:
        """Begin to count; what is over before anybody could read how far it is says nothing."""
        self._said_progress = self._desk.clock.monotonic()

    def say_progress(self, done: int, about: int) -> None:
        """Say how many records have come, of about how many; now and then is enough. Raises RunnerStopped."""
        now = self._desk.clock.monotonic()
        if now - self._said_progress >= _PROGRESS_EVERY_SECONDS and done:
            self._said_progress = now
            self.say(LinkState.SYNCING, progress=(done, about))

    def _said(self, state: LinkState, problem: str | None, progress: tuple[int, int] | None) -> LinkStatus:
        self._set_link(state, problem, progress)
        try:
            self._counted = link_status(self._desk)
        except JournalDamaged as error:
            # Nothing can be counted any more, but the nurse must learn that nothing can be saved either.
            self._set_link(LinkState.ATTENTION, error.code, None)
            link = self._desk.link
            counted = link if self._counted is None else self._counted
            self._counted = replace(counted, state=link.state, since=link.since, problem=link.problem, progress=None)
        return self._counted

    def _set_link(self, state: LinkState, problem: str | None, progress: tuple[int, int] | None) -> None:
        link = self._desk.link
        same = link.state is state and link.since is not None
        since = link.since if same or state is LinkState.SYNCING else self._desk.clock.now()
        self._desk.link = replace(link, state=state, since=since, problem=problem, progress=progress)
