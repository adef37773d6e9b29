"""What stands around every screen: the line under the heading, the connection strip, the counts on the rail."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final, assert_never

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from wc_contract.model.authoring import ADDABLE, CHANGEABLE
from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.instants import Instant
from wc_contract.model.kinds import DOSE, INCIDENT, REVIEW_CASE
from wc_desktop.actions.sync_state import link_status
from wc_desktop.domain.link_views import LinkState, LinkStatus
from wc_desktop.ui.messages.outcomes import problem_sentence
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.words import (
    JOINT,
    clock_words,
    local,
    number_words,
    person_name,
    say,
    weekday_words,
    when_words,
)

# What entries of this workstation may show otherwise than the district.
_OWN: Final = ADDABLE | CHANGEABLE | {DOSE.name, INCIDENT.name, REVIEW_CASE.name}
_MINUTE_MS: Final = 60_000
# The clock is looked at more often than once a minute: a laptop's timers stand still while it sleeps.
_LONGEST_WAIT_MS: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StripWords:
    """The connection strip: a state, and words that wrap between each other."""

    state: LinkState
    parts: tuple[str, ...]


def strip_words(link: LinkStatus, session: Session) -> StripWords:
    """Return the strip: since when, how old the data is, how many entries wait."""
    today = local(session.now(), session.zone).date()
    as_of = ""
    if link.data_as_of is not None:
        as_of = say("data as of {time}").format(time=when_words(link.data_as_of, session.zone, today))
    parts: tuple[str, ...]
    match link.state:
        case LinkState.ONLINE:
            parts = (say("Online"), _sending(link.waiting))
        case LinkState.SYNCING:
            parts = (say("Online"), _receiving(link), _waiting(link.waiting) if link.waiting else "")
        case LinkState.OFFLINE:
            since = when_words(link.since, session.zone, today) if link.since else ""
            lead = say("Offline since {time}").format(time=since) if since else say("Offline")
            parts = (lead, as_of, _waiting(link.waiting), say("other devices not visible"))
        case LinkState.ATTENTION:
            parts = (say("Needs attention"), _trouble(link), as_of, _waiting(link.waiting) if link.waiting else "")
        case _:
            assert_never(link.state)
    return StripWords(state=link.state, parts=tuple(part for part in parts if part))


def _waiting(count: int) -> str:
    if count == 0:
        return say("nothing waiting")
    return say("1 entry waiting") if count == 1 else say("{count} entries waiting").format(count=number_words(count))


def _sending(count: int) -> str:
    if count == 0:
        return say("all sent")
    return say("sending 1 entry") if count == 1 else say("sending {count} entries").format(count=number_words(count))


def _receiving(link: LinkStatus) -> str:
    if link.progress is None:
        return say("receiving")
    done, about = link.progress
    return say("{done} of about {about} records").format(done=number_words(done), about=number_words(about))


def _trouble(link: LinkStatus) -> str:
    if link.refused:
        one = link.refused == 1
        return say("1 entry refused") if one else say("{count} entries refused").format(count=link.refused)
    # The first sentence says what it is; the sync screen has the rest.
    return problem_sentence(link.problem).split(". ")[0].rstrip(".") if link.problem else ""


class FrameModel(QObject):
    """Ticks each minute, and keeps strip and counts in step."""

    head_changed = Signal()
    strip_changed = Signal(object)
    counts_changed = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._minute = self._this_minute()
        self._counting = False
        self._cases: int | None = None
        self._refused: int | None = None
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._on_timeout)
        session.link_changed.connect(self._on_link_changed)
        session.records_changed.connect(self._on_records_changed)

    def start(self) -> None:
        """Begin to tick."""
        self._arm()
        self._recount()

    @property
    def subtitle(self) -> str:
        """'Monday 23 November 2026 · 11:48 · Lincoln Elementary · Jordan Reyes, RN'."""
        session, now = self._session, self._session.now()
        day = weekday_words(local(now, session.zone).date())
        return JOINT.join((day, clock_words(now, session.zone), session.school_name, person_name(session.person)))

    @property
    def strip(self) -> StripWords:
        return strip_words(self._session.link, self._session)

    @property
    def counts(self) -> dict[str, int]:
        """Counts for the rail, by section."""
        link = self._session.link
        return {key: count for key, count in (("review", link.open_cases), ("sync", link.refused)) if count}

    def _this_minute(self) -> Instant:
        return self._session.now().replace(second=0, microsecond=0)

    def _arm(self) -> None:
        now = self._session.now()
        left = self._this_minute() + timedelta(minutes=1) - now
        self._timer.start(min(int(left / timedelta(milliseconds=1)) + 5, _LONGEST_WAIT_MS, _MINUTE_MS))

    @Slot()
    def _on_timeout(self) -> None:
        minute = self._this_minute()
        if minute != self._minute:
            self._minute = minute
            self.head_changed.emit()
            self._session.minute_passed.emit(self._session.now())
        self._arm()

    def _recount(self) -> None:
        if not self._counting:
            self._counting = True
            self._session.run(partial(link_status, self._session.desk), done=self._on_counted, failed=self._on_failed)

    def _on_counted(self, link: LinkStatus) -> None:
        self._counting = False
        self._session.show_link(link)

    def _on_failed(self, failure: WhiteCrossError) -> None:
        self._counting = False
        self._session.tell_failure(failure)

    @Slot(object)
    def _on_link_changed(self, _link: LinkStatus) -> None:
        self.strip_changed.emit(self.strip)
        self.counts_changed.emit(self.counts)
        self._tell_new_cases(self._session.link.open_cases)
        self._show_refusals(self._session.link.refused)

    def _show_refusals(self, count: int) -> None:
        """Let screens look again when an entry was refused: what it would have changed went out of view."""
        before, self._refused = self._refused, count
        if before is not None and count != before:
            self._session.changed(*_OWN)

    def _tell_new_cases(self, count: int) -> None:
        """Say it aloud on every screen when a case has come in since the last count (X2)."""
        before, self._cases = self._cases, count
        if before is not None and count > before:
            self._session.tell(
                say("A review case has come in. Look at Review before you give the medicine again."), urgent=True
            )

    @Slot(object)
    def _on_records_changed(self, _kinds: frozenset[str]) -> None:
        self._recount()
