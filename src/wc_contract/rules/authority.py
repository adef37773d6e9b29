"""Whether an order stood behind a dose at the moment it was given (O1, O2, O5, X5)."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from zoneinfo import ZoneInfo

from wc_contract.model.instants import Instant, instant_to_text
from wc_contract.model.values import DoseState, OrderStatus
from wc_contract.rules.facts import OrderFacts
from wc_contract.rules.findings import Code, Noticed
from wc_contract.rules.policy import Policy


class Attribution(StrEnum):
    """What the nurse could have known of a stop (O5)."""

    RETROACTIVE = "retroactive"  # entered after the dose was given: nobody's error
    STALE_DATA = "stale_data"  # entered after what the device could see
    SEEN = "seen"  # the device held it
    UNKNOWN = "unknown"


def check_authority(
    order: OrderFacts,
    status: DoseState,
    at: Instant,
    replica_as_of: Instant | None,
    *,
    zone: ZoneInfo,
    policy: Policy,
) -> Iterator[Noticed]:
    """Notice what was missing behind a dose given at an instant.

    A dose before the stop is clean however late it arrives; one at the stop or after it is AFTER_STOP (O5).
    """
    day = at.astimezone(zone).date()
    yield from _standing(order, day, at, replica_as_of)
    yield from _prescriber(order, day, policy)
    yield from _parent(order, day, at, replica_as_of, policy)
    if status is DoseState.SELF_ADMINISTERED and not order.self_carry:
        yield Noticed(code=Code.NO_SELF_CARRY)


def order_ends_on(order: OrderFacts, policy: Policy) -> date:
    """Return the last day of the prescriber's order: its own end, at latest the end of its school year (O1)."""
    # An order signed in May for the autumn belongs to the year in which it starts.
    begun = max(order.start_date, order.order_signed_on or order.start_date)
    year_end = policy.school_year_end(begun)
    return year_end if order.end_date is None else min(order.end_date, year_end)


def parent_authorisation_ends_on(order: OrderFacts, policy: Policy) -> date | None:
    """Return the last day of the parent's authorisation, at latest the end of its school year; None: there is none."""
    if order.parent_auth_from is None:
        return order.parent_auth_to
    year_end = policy.school_year_end(order.parent_auth_from)
    return year_end if order.parent_auth_to is None else min(order.parent_auth_to, year_end)


def attribute(
    at: Instant, effective: Instant | None, changed_at: Instant | None, replica_as_of: Instant | None
) -> Attribution:
    """Return what the author of a dose given at an instant could have known of a change (O4, O5).

    changed_at is when the change was made; when that is not known, it counts as made when it took effect.
    """
    if changed_at is not None and changed_at > at:
        return Attribution.RETROACTIVE
    change = changed_at or effective
    if change is None:
        return Attribution.UNKNOWN
    if replica_as_of is None or replica_as_of < change:
        return Attribution.STALE_DATA
    return Attribution.SEEN if changed_at is not None else Attribution.UNKNOWN


def _standing(order: OrderFacts, day: date, at: Instant, replica_as_of: Instant | None) -> Iterator[Noticed]:
    stop = order.stop_effective_at
    if stop is not None and at >= stop:
        blame = attribute(at, stop, order.changed_at, replica_as_of)
        yield Noticed(code=Code.AFTER_STOP, detail={"stop": instant_to_text(stop), "attribution": blame.value})
    elif not _was_in_force(order, day):
        blame = attribute(at, None, order.changed_at, replica_as_of)
        yield Noticed(code=Code.ORDER_NOT_ACTIVE, detail={"status": order.status.value, "attribution": blame.value})
    if order.status is OrderStatus.PENDING_VERIFICATION or not order.verified:
        yield Noticed(code=Code.ORDER_NOT_VERIFIED)
    if day < order.start_date:
        yield Noticed(code=Code.ORDER_NOT_STARTED, detail={"start": order.start_date.isoformat()})


def _was_in_force(order: OrderFacts, day: date) -> bool:
    match order.status:
        case OrderStatus.ACTIVE | OrderStatus.PENDING_VERIFICATION:
            return True
        case OrderStatus.DRAFT:
            return False
        case OrderStatus.EXPIRED | OrderStatus.COMPLETED:
            return order.stop_effective_at is not None or (order.end_date is not None and day <= order.end_date)
        case OrderStatus.HELD | OrderStatus.DISCONTINUED | OrderStatus.SUPERSEDED:
            # Stopped, and the dose came before the stop (the caller looked): it was in force.
            return order.stop_effective_at is not None


def _prescriber(order: OrderFacts, day: date, policy: Policy) -> Iterator[Noticed]:
    if order.order_signed_on is None:
        if order.verbal_until is None:
            yield Noticed(code=Code.NO_PRESCRIBER_ORDER)
        elif day > order.verbal_until:
            yield Noticed(code=Code.VERBAL_ORDER_LAPSED, detail={"ended": order.verbal_until.isoformat()})
    ended = order_ends_on(order, policy)
    if day > ended:
        yield Noticed(code=Code.ORDER_EXPIRED, detail={"ended": ended.isoformat()})


def _parent(
    order: OrderFacts, day: date, at: Instant, replica_as_of: Instant | None, policy: Policy
) -> Iterator[Noticed]:
    ended = parent_authorisation_ends_on(order, policy)
    if ended is None:
        yield Noticed(code=Code.NO_PARENT_AUTHORISATION)
    elif order.parent_auth_from is not None and day < order.parent_auth_from:
        detail = {"start": order.parent_auth_from.isoformat()}
        yield Noticed(code=Code.NO_PARENT_AUTHORISATION, detail=detail)
    elif day > ended:
        # X5: withdrawn while a device was offline is treated like a stop, attribution included.
        blame = attribute(at, None, order.changed_at, replica_as_of)
        detail = {"ended": ended.isoformat(), "attribution": blame.value}
        yield Noticed(code=Code.PARENT_AUTHORISATION_EXPIRED, detail=detail)
