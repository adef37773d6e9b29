"""One dose against its order: window, amount, version (W1-W3, D1, O6)."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from wc_contract.model.changes import DoseLogged
from wc_contract.model.ids import slot_id
from wc_contract.model.instants import Instant, instant_to_text
from wc_contract.model.quantity import Quantity, plain
from wc_contract.model.values import DoseState, Role
from wc_contract.rules.calendar import Timing, due_instant, timing
from wc_contract.rules.facts import OrderVersionFacts
from wc_contract.rules.findings import Code, Noticed
from wc_contract.rules.policy import Policy

_NURSES = frozenset({Role.NURSE, Role.SUBSTITUTE, Role.SUPERVISOR})


def version_in_force(versions: Sequence[OrderVersionFacts], at: Instant) -> OrderVersionFacts | None:
    """Return the newest version that had taken effect at an instant, the first when none had, None of none."""
    first = newest = None
    for version in versions:
        if first is None or version.version < first.version:
            first = version
        if version.effective_from <= at and (newest is None or version.version > newest.version):
            newest = version
    return newest or first


def check_window(
    dose: DoseLogged, version: OrderVersionFacts, *, zone: ZoneInfo, policy: Policy, role: Role | None = None
) -> Iterator[Noticed]:
    """Notice a dose given outside its slot's window (W1, W2); early by someone who is no nurse is worse (W3)."""
    if dose.slot is None:
        return
    due_at = due_instant(dose.slot.date, dose.slot.time, zone)
    window = policy.window_of(version.window_minutes)
    match timing(due_at - window, due_at + window, dose.administered_at):
        case Timing.ON_TIME:
            return
        case Timing.EARLY:
            unlicensed = role is not None and role not in _NURSES
            code = Code.EARLY_NEEDS_NURSE if unlicensed else Code.TOO_EARLY
            yield Noticed(code=code, detail={"due": instant_to_text(due_at), "from": instant_to_text(due_at - window)})
        case Timing.LATE:
            detail = {"due": instant_to_text(due_at), "until": instant_to_text(due_at + window)}
            yield Noticed(code=Code.LATE, detail=detail)


def check_slot_name(dose: DoseLogged) -> Iterator[Noticed]:
    """Notice a slot whose id is not that of its order, day and time: it would hide from its double (X2)."""
    if dose.slot is not None and dose.slot.id != slot_id(dose.order_id, dose.slot.date, dose.slot.time):
        yield Noticed(code=Code.SLOT_MISMATCH, detail={"slot": str(dose.slot.id)})


def check_amount(dose: DoseLogged, shown: OrderVersionFacts | None, in_force: OrderVersionFacts) -> Iterator[Noticed]:
    """Notice an amount that is not the ordered one (D1), and a version that was no longer in force (O6).

    shown is the version the author saw. The amount is judged by the version in force, and kept as it is.
    """
    if shown is None:
        yield Noticed(code=Code.VERSION_UNKNOWN, detail={"version": str(dose.order_version_id)})
    elif shown.version < in_force.version:
        detail = {"shown": str(shown.version), "in_force": str(in_force.version)}
        yield Noticed(code=Code.SUPERSEDED_VERSION, detail=detail)
    if dose.dose_given is None or dose.unit is None:
        yield Noticed(code=Code.DOSE_MISSING)
        return
    less = dose.unit == in_force.unit and dose.dose_given < in_force.dose
    equal = dose.unit == in_force.unit and dose.dose_given == in_force.dose
    detail = {
        "ordered": plain(in_force.dose),
        "ordered_unit": in_force.unit,
        "given": plain(dose.dose_given),
        "given_unit": dose.unit,
    }
    if dose.status is DoseState.PARTIAL and less:
        yield Noticed(code=Code.PARTIAL_DOSE, detail=detail)
    elif dose.status is DoseState.PARTIAL or not equal:
        yield Noticed(code=Code.DOSE_DIFFERS, detail=detail)


def total(components: Iterable[Quantity]) -> Quantity | None:
    """Return the exact sum of a split dose's components, None when there are none or their units differ (D1)."""
    parts = tuple(components)
    if len({part.unit for part in parts}) != 1:
        return None
    return Quantity(amount=sum((part.amount for part in parts), Decimal(0)), unit=parts[0].unit)


def state_of(components: Iterable[Quantity], ordered: Quantity) -> DoseState:
    """Return ADMINISTERED when the components total the ordered dose, else PARTIAL (D1)."""
    return DoseState.ADMINISTERED if total(components) == ordered else DoseState.PARTIAL
