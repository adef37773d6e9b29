"""Writing down what happened without a lease, on the screen: the form, its draft, and what was written down."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject, Signal

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.instants import Instant, instant_from_text
from wc_contract.model.values import DoseState, Route
from wc_desktop.actions import capture
from wc_desktop.actions.capture import CaptureDesk
from wc_desktop.domain.capture import CaptureDraft, CaptureRow, CaptureSaid, Leave
from wc_desktop.ui.messages.failures import failure_sentence
from wc_desktop.ui.viewmodels.jobs import Jobs
from wc_desktop.ui.viewmodels.lease_words import lease_words, moment_words
from wc_desktop.ui.viewmodels.words import DOSE_STATES, JOINT, clock_words, day_words, local, route_words, say

CHILD: Final = "child"
MEDICINE: Final = "medicine"
AMOUNT: Final = "amount"
ROUTE: Final = "route"
STATUS: Final = "status"
HAPPENED: Final = "happened_at"
REASON: Final = "reason"
LONGEST: Final = 200
# What can have happened where no order was seen: nothing that a calendar or an order says.
STATES: Final = (
    DoseState.ADMINISTERED,
    DoseState.PARTIAL,
    DoseState.REFUSED,
    DoseState.NOT_AVAILABLE,
    DoseState.WASTED,
    DoseState.VOMITED,
    DoseState.SELF_ADMINISTERED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureVerbs:
    """What the page does on the replica thread."""

    write_down: Callable[[CaptureDesk, CaptureSaid], CaptureRow]
    written_down: Callable[[CaptureDesk], tuple[CaptureRow, ...]]
    draft_of: Callable[[CaptureDesk], CaptureDraft | None]
    save_draft: Callable[[CaptureDesk, CaptureDraft | None], None]


REAL: Final = CaptureVerbs(
    write_down=capture.write_down,
    written_down=capture.written_down,
    draft_of=capture.draft_of,
    save_draft=capture.save_draft,
)


class CaptureModel(QObject):
    """Holds what was written down by this person, and nothing of a child besides."""

    changed = Signal()
    rows_changed = Signal()
    draft_found = Signal(object)  # the fields that were begun
    written = Signal()

    def __init__(
        self, jobs: Jobs, desk: CaptureDesk, verbs: CaptureVerbs = REAL, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._desk = desk
        self._verbs = verbs
        self._ended = False
        self._id = desk.new_id()
        self.rows: tuple[CaptureRow, ...] = ()
        self.busy = False
        self.fault = ""
        self.news = ""
        self.has_leave = False

    @property
    def zone(self) -> ZoneInfo:
        """The school's zone."""
        return self._desk.zone

    def now(self) -> Instant:
        """Return the present, by this computer."""
        return self._desk.clock.now()

    @property
    def lease_words(self) -> str:
        """What ended, and what may be done now."""
        opened = self._desk.opened
        return lease_words(opened.lease_issued_at, opened.lease_ended_at, self.zone)

    @property
    def clock_sentence(self) -> str:
        """What the time is by this computer: a wrong clock ends a lease as well."""
        at = self.now()
        said = say("By this computer it is {day}, {time}. If that is wrong, have its clock put right.")
        return said.format(day=day_words(local(at, self.zone).date()), time=clock_words(at, self.zone))

    def start(self) -> None:
        """Ask for what was written down, and for the form that was begun."""
        self._read()
        self._jobs.run(partial(self._verbs.draft_of, self._desk), done=self._on_draft, failed=self._on_failed)

    def write(self, fields: Mapping[str, str]) -> None:
        """Write down what the form says; a form that is not filled in says what is missing."""
        if self.busy or self._ended:
            return
        said, self.fault = self._said(fields), ""
        if isinstance(said, str):
            self.say_fault(said)
            return
        self.busy = True
        self.changed.emit()
        self._jobs.run(
            partial(self._verbs.write_down, self._desk, said),
            done=self._on_written,
            failed=self._on_failed,
            urgent=True,
        )

    def keep(self, fields: Mapping[str, str]) -> None:
        """Keep the form as it stands, durably."""
        if not self._ended:
            draft = CaptureDraft(id=self._id, fields=dict(fields))
            self._jobs.run(partial(self._verbs.save_draft, self._desk, draft), failed=self._on_failed)

    def tell_sent(self) -> None:
        """Look again which are sent."""
        if not self._ended:
            self._read()

    def tell_leave(self, leave: Leave) -> None:
        """Offer the ordinary unlock once the district allows it."""
        if leave is Leave.HOLDS and not self._ended:
            self.has_leave = True
            self.changed.emit()

    def say_fault(self, sentence: str) -> None:
        """Show what went wrong."""
        self.fault, self.news = sentence, ""
        self.changed.emit()

    def end(self) -> None:
        """Drop every answer, and forget what was shown."""
        self._ended = True
        self.rows = ()

    def _read(self) -> None:
        self._jobs.run(partial(self._verbs.written_down, self._desk), done=self._on_rows, failed=self._on_failed)

    def _said(self, fields: Mapping[str, str]) -> CaptureSaid | str:
        values = {name: value.strip() for name, value in fields.items()}
        if not values[MEDICINE]:
            return say("Type or choose the medicine.")
        if not values[STATUS]:
            return say("Choose what was done.")
        state = DoseState(values[STATUS])
        if state.needs_reason and not values[REASON]:
            return say("Type the reason.")
        at = _moment(values[HAPPENED], self.now())
        if at is None:
            return say("The time does not read. Type 1145, -10 for ten minutes ago, or 20 Nov 11:45.")
        return CaptureSaid(
            id=self._id,
            child=values[CHILD] or None,
            medicine=values[MEDICINE],
            amount=values[AMOUNT] or None,
            route=Route(values[ROUTE]) if values[ROUTE] else None,
            status=state,
            happened_at=at,
            reason=values[REASON] or None,
        )

    def _on_rows(self, rows: tuple[CaptureRow, ...]) -> None:
        if not self._ended:
            self.rows = rows
            self.rows_changed.emit()

    def _on_draft(self, draft: CaptureDraft | None) -> None:
        if draft is not None and not self._ended:
            self._id = draft.id
            self.draft_found.emit(draft.fields)

    def _on_written(self, row: CaptureRow) -> None:
        if self._ended:
            return
        self.busy = False
        self._id = self._desk.new_id()
        self.rows = (row, *self.rows)
        self.news = say("Written down on this workstation: {what}").format(what=row_words(row, self.zone))
        self.changed.emit()
        self.rows_changed.emit()
        self.written.emit()

    def _on_failed(self, failure: WhiteCrossError) -> None:
        if not self._ended:
            self.busy = False
            self.say_fault(failure_sentence(failure))


def row_words(row: CaptureRow, zone: ZoneInfo) -> str:
    """Return '23 Nov 2026 11:45 · Given · Epinephrine · 0.15 mg · unidentified person · not sent yet'."""
    who = row.said.child or say("unidentified person")
    parts = (
        happened_words(row.said, zone),
        who,
        row.said.reason or "",
        say("sent") if row.sent else say("not sent yet"),
    )
    return JOINT.join(part for part in parts if part)


def happened_words(said: CaptureSaid, zone: ZoneInfo) -> str:
    """Return '23 Nov 2026 11:45 · Given · Epinephrine · 0.15 mg · into the muscle'."""
    route = "" if said.route is None else route_words(said.route)
    parts = (moment_words(said.happened_at, zone), state_words(said.status), said.medicine, said.amount or "", route)
    return JOINT.join(part for part in parts if part)


def state_words(state: DoseState) -> str:
    """Return a state as the list offers it."""
    return say(DOSE_STATES[state])


def _moment(text: str, now: Instant) -> Instant | None:
    """Return what was typed as an instant; nothing typed is now."""
    if not text:
        return now
    try:
        return instant_from_text(text)
    except ValueError:
        return None
