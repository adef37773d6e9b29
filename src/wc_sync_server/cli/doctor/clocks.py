"""Time: this machine's clock beside the database's, and whether both know the zones of the schools."""

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import psycopg

from wc_contract.model.instants import Instant
from wc_sync_server.cli.doctor.patient import Patient
from wc_sync_server.cli.records import schools_of
from wc_sync_server.db.context import DATABASE_TIME
from wc_sync_server.db.doctor.verdicts import Verdicts, do, or_well, several

_APART = timedelta(seconds=2)
_HALF_A_YEAR = timedelta(days=182)
_TIMES = f"SELECT clock_timestamp(), {DATABASE_TIME}"
_OFFSET = """
SELECT (%(at)s::timestamptz AT TIME ZONE %(zone)s) - (%(at)s::timestamptz AT TIME ZONE 'UTC')
"""


def clock(patient: Patient) -> Verdicts:
    """Compare the clocks. What the question itself takes counts for neither."""
    before = patient.clock.now()
    real, told = patient.application.execute(_TIMES.encode()).fetchall()[0]
    after = patient.clock.now()
    yield from or_well(_clocks(before, real, told, after), "this server and the database have the same time")


def _clocks(before: Instant, real: Instant, told: Instant, after: Instant) -> Verdicts:
    if abs(told - real) > _APART:
        yield do(
            "the database gives this role a demonstration's time",
            "As a superuser: ALTER ROLE … [IN DATABASE …] RESET wc.demo_clock_offset, for every role that has it.",
        )
    apart = max(before - told, told - after, timedelta(0))
    if apart > _APART:
        late = "behind" if told > after else "ahead of"
        yield do(
            f"this server's clock is {apart.total_seconds():.0f} s {late} the database's",
            "Let both machines get their time from one source (NTP).",
        )


def zones(patient: Patient) -> Verdicts:
    """Compare what this machine and the database know of each school's time zone, now and in half a year."""
    known = {
        str(facts["timezone"])
        for district in patient.districts
        for facts in schools_of(patient.parts, district.id).values()
    }
    wrong = sorted(zone for zone in known if not _agreed(patient, zone))
    found = (
        [
            do(
                f"this server and the database disagree about, or do not know, {several(wrong)}",
                "Update the time zone data of both (tzdata), then restart PostgreSQL.",
            )
        ]
        if wrong
        else []
    )
    yield from or_well(found, f"the time zones of schools ({len(known)}) are the same here and in the database")


def _agreed(patient: Patient, zone: str) -> bool:
    now = patient.clock.now()
    try:
        return all(
            patient.application.execute(_OFFSET, {"at": at, "zone": zone}).fetchall()[0][0]
            == at.astimezone(ZoneInfo(zone)).utcoffset()
            for at in (now.astimezone(UTC), (now + _HALF_A_YEAR).astimezone(UTC))
        )
    except (psycopg.errors.InvalidParameterValue, ZoneInfoNotFoundError, ValueError):
        return False
