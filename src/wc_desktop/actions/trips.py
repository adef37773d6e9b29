"""Medicine for a trip: the bottle stays; what goes is counted, sealed, signed out and signed back (C8)."""

from uuid import UUID

from wc_contract.model.changes import Change
from wc_contract.model.ids import new_uuid
from wc_contract.model.instants import instant_to_text, whole_millis
from wc_contract.model.kinds import MEDICATION_CONTAINER, TRIP_CUSTODY
from wc_contract.model.office_values import LedgerEvent
from wc_contract.model.quantity import decimal_from_text, plain
from wc_contract.rules.controlled import fits_trip
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.ledger_lines import added, balance_now, ledger_line, line_of, prove, stop, witness_text
from wc_desktop.actions.records import builds_on, changed, found
from wc_desktop.actions.stock import stock_row
from wc_desktop.domain.failures import FieldsWrong, NotFound
from wc_desktop.domain.stock_views import Movement, StockRow, TripDraft, TripReturn
from wc_desktop.domain.views import text, text_or_none


def send_on_trip(desk: Desk, draft: TripDraft) -> StockRow:
    """Write what is signed out for a trip. An expired or recalled lot does not go (C7).

    Raises NotAllowed, SecondPersonMissing, FieldsWrong, NotFound, SendAgainFirst, DiskFull, DiskFailed, and what
    Workstation.prove raises; then nothing was written.
    """
    now = whole_millis(desk.clock.now())
    row = found(desk, MEDICATION_CONTAINER, draft.container)
    student = text_or_none(row, "student_id")
    if student is None:
        raise FieldsWrong(("student_id",))
    if draft.amount <= 0 or not draft.trip.strip():
        raise FieldsWrong(("quantity_out",) if draft.amount <= 0 else ("trip",))
    facts, balance = balance_now(desk, row)
    out = Movement(
        container=draft.container,
        event=LedgerEvent.SENT_OUT,
        amount=draft.amount,
        reason=draft.trip,
        second=draft.second,
    )
    stop(desk, facts, out, balance, now.astimezone(desk.zone).date())
    prove(desk, draft.second)
    custody = added(
        new_uuid(now, desk.chance),
        TRIP_CUSTODY,
        {
            "student_id": student,
            "container_id": str(draft.container),
            "carrier_id": str(draft.carrier),
            "trip": draft.trip.strip(),
            "quantity_out": plain(draft.amount),
            "out_at": instant_to_text(now),
        },
    )
    line = line_of(draft.container, LedgerEvent.SENT_OUT, -draft.amount, now)
    said = {**line, "witness_id": witness_text(draft.second), "reason": draft.trip.strip()}
    depends_on = builds_on(desk, MEDICATION_CONTAINER, draft.container)
    desk.author((custody, ledger_line(desk, said, now)), now, depends_on=depends_on)
    return stock_row(desk, draft.container, now)


def bring_back(desk: Desk, back: TripReturn) -> StockRow:
    """Write what came back of a trip; the rest was given there, and stands in the doses that are reported.

    Raises as send_on_trip; FieldsWrong also for more than went out, NotFound also for a trip that is back already.
    """
    now = whole_millis(desk.clock.now())
    trip = found(desk, TRIP_CUSTODY, back.trip)
    container = UUID(text(trip, "container_id"))
    facts, balance = balance_now(desk, found(desk, MEDICATION_CONTAINER, container))
    if trip["back_at"] is not None:
        raise NotFound(str(back.trip))
    if not fits_trip(decimal_from_text(text(trip, "quantity_out")), back.amount):
        raise FieldsWrong(("quantity_returned",))
    name = text(trip, "trip")
    home = Movement(
        container=container, event=LedgerEvent.BROUGHT_BACK, amount=back.amount, reason=name, second=back.second
    )
    stop(desk, facts, home, balance, now.astimezone(desk.zone).date())
    prove(desk, back.second)
    ended = changed(trip, TRIP_CUSTODY, {"quantity_returned": plain(back.amount), "back_at": instant_to_text(now)})
    changes: list[Change] = [] if ended is None else [ended]
    if back.amount:
        line = line_of(container, LedgerEvent.BROUGHT_BACK, back.amount, now)
        said = {**line, "witness_id": witness_text(back.second), "reason": name or None}
        changes.append(ledger_line(desk, said, now))
    desk.author(changes, now, depends_on=builds_on(desk, TRIP_CUSTODY, back.trip))
    return stock_row(desk, container, now)
