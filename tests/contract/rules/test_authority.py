"""Whether an order stood behind a dose (O1, O2, O5, X5)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.contract.rules.facts_of import order
from tests.factories import CHICAGO, NOON, local

from wc_contract.model.instants import Instant
from wc_contract.model.values import DoseState
from wc_contract.rules.authority import Attribution, attribute, check_authority
from wc_contract.rules.findings import Code, Noticed
from wc_contract.rules.policy import Policy

STOP = "2026-11-23T18:00:00+00:00"
SECOND = timedelta(seconds=1)


def noticed(
    at: Instant = NOON,
    *,
    state: DoseState = DoseState.ADMINISTERED,
    as_of: Instant | None = NOON - timedelta(hours=1),
    **values: Any,
) -> list[Noticed]:
    return list(check_authority(order(**values), state, at, as_of, zone=CHICAGO, policy=Policy()))


def codes(at: Instant = NOON, *, state: DoseState = DoseState.ADMINISTERED, **values: Any) -> list[Code]:
    return [n.code for n in noticed(at, state=state, **values)]


def test_an_active_verified_signed_and_authorised_order_is_clean() -> None:
    assert codes() == []


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"status": "DRAFT"}, [Code.ORDER_NOT_ACTIVE]),
        ({"status": "PENDING_VERIFICATION"}, [Code.ORDER_NOT_VERIFIED]),
        ({"verified_by": None}, [Code.ORDER_NOT_VERIFIED]),
        ({"status": "HELD"}, [Code.ORDER_NOT_ACTIVE]),
        ({"status": "DISCONTINUED"}, [Code.ORDER_NOT_ACTIVE]),
        ({"status": "SUPERSEDED"}, [Code.ORDER_NOT_ACTIVE]),
        ({"status": "COMPLETED"}, [Code.ORDER_NOT_ACTIVE]),
        ({"status": "COMPLETED", "end_date": "2026-11-23"}, []),
        ({"status": "COMPLETED", "stop_effective_at": "2026-11-23T18:00:01+00:00"}, []),
        ({"status": "EXPIRED", "end_date": "2026-11-22"}, [Code.ORDER_NOT_ACTIVE, Code.ORDER_EXPIRED]),
        ({"start_date": "2026-11-24"}, [Code.ORDER_NOT_STARTED]),
        ({"start_date": "2026-11-23"}, []),
        ({"end_date": "2026-11-23"}, []),
        ({"end_date": "2026-11-22"}, [Code.ORDER_EXPIRED]),
        ({"order_signed_on": None}, [Code.NO_PRESCRIBER_ORDER]),
        ({"order_signed_on": None, "verbal_until": "2026-11-23"}, []),
        ({"order_signed_on": None, "verbal_until": "2026-11-22"}, [Code.VERBAL_ORDER_LAPSED]),
        ({"verbal_until": "2026-11-01"}, []),  # written since
        ({"parent_auth_from": None}, [Code.NO_PARENT_AUTHORISATION]),
        ({"parent_auth_from": "2026-11-24"}, [Code.NO_PARENT_AUTHORISATION]),
        ({"parent_auth_from": None, "parent_auth_to": "2026-11-23"}, []),
        ({"parent_auth_to": "2026-11-23"}, []),
        ({"parent_auth_to": "2026-11-22"}, [Code.PARENT_AUTHORISATION_EXPIRED]),
    ],
)
def test_each_missing_authority_has_its_own_code(values: dict[str, Any], expected: list[Code]) -> None:
    assert codes(**values) == expected


def test_order_and_parent_authorisation_expire_separately_at_latest_with_the_school_year() -> None:
    last, first = local("12:00", datetime(2027, 6, 30).date()), local("12:00", datetime(2027, 7, 1).date())  # noqa: DTZ001
    assert codes(last) == []
    assert codes(first) == [Code.ORDER_EXPIRED, Code.PARENT_AUTHORISATION_EXPIRED]
    assert codes(first, parent_auth_from="2027-07-01") == [Code.ORDER_EXPIRED]
    assert codes(NOON, order_signed_on="2026-05-20") == []  # signed in May for the autumn
    assert codes(NOON, order_signed_on="2025-09-01", start_date="2025-09-01") == [Code.ORDER_EXPIRED]


def test_the_day_is_the_school_s_not_utc_s() -> None:
    late_evening = local("23:30")
    assert late_evening.date() != late_evening.astimezone(CHICAGO).date()
    assert codes(late_evening, parent_auth_to="2026-11-23", end_date="2026-11-23") == []


@pytest.mark.parametrize("status", ["DISCONTINUED", "HELD", "ACTIVE", "COMPLETED"])
def test_a_dose_before_the_stop_is_clean_and_at_the_stop_is_after_it(status: str) -> None:
    assert codes(NOON - SECOND, status=status, stop_effective_at=STOP) == []
    assert codes(NOON, status=status, stop_effective_at=STOP) == [Code.AFTER_STOP]


def test_self_administration_needs_self_carry_authority() -> None:
    assert codes(state=DoseState.SELF_ADMINISTERED) == [Code.NO_SELF_CARRY]
    assert codes(state=DoseState.SELF_ADMINISTERED, self_carry=True) == []


AT = datetime(2026, 11, 23, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("effective", "changed_at", "as_of", "expected"),
    [
        (AT - HOUR, AT + HOUR, AT, Attribution.RETROACTIVE),
        (AT - HOUR, AT - HOUR, AT - 2 * HOUR, Attribution.STALE_DATA),
        (AT - HOUR, AT - HOUR, AT - HOUR, Attribution.SEEN),
        (AT - HOUR, AT - 3 * HOUR, AT - 2 * HOUR, Attribution.SEEN),  # planned ahead, and synced since
        (AT - HOUR, None, AT - 2 * HOUR, Attribution.STALE_DATA),
        (AT - HOUR, None, AT, Attribution.UNKNOWN),
        (AT - HOUR, None, None, Attribution.STALE_DATA),
        (None, None, None, Attribution.UNKNOWN),
    ],
)
def test_a_stop_is_attributed_by_what_the_device_could_see(
    effective: Instant | None, changed_at: Instant | None, as_of: Instant | None, expected: Attribution
) -> None:
    assert attribute(AT, effective, changed_at, as_of) is expected


@pytest.mark.parametrize("values", [{"stop_effective_at": STOP}, {"parent_auth_to": "2026-11-22"}, {"status": "HELD"}])
def test_a_withdrawn_consent_or_a_hold_is_attributed_like_a_stop(values: dict[str, Any]) -> None:
    (found,) = noticed(as_of=NOON - 2 * HOUR, changed_at=NOON - HOUR, **values)
    assert found.detail["attribution"] == "stale_data"
    (seen,) = noticed(as_of=NOON, changed_at=NOON - HOUR, **values)
    assert seen.detail["attribution"] == "seen"
