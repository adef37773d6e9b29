"""All checks, one after the other. One that cannot look says so, and keeps nobody from the next."""

from collections.abc import Callable, Collection, Iterator

import psycopg
from sqlalchemy.exc import DBAPIError

from wc_contract.model.errors import Refused, WhiteCrossError
from wc_sync_server.cli.doctor import audit, clocks, database, districts, environment, stores, tls
from wc_sync_server.cli.doctor.patient import Patient
from wc_sync_server.db.doctor.verdicts import Verdict, Verdicts, unseen

Check = Callable[[Patient], Verdicts]

CHECKS: dict[str, Check] = {
    "environment": environment.environment,
    "secrets": environment.secrets,
    "database": database.database,
    "postgresql": database.postgresql,
    "schema": database.schema,
    "roles": database.role_check,
    "protection": database.protection,
    "policies": database.policies,
    "grants": database.grants,
    "durability": database.durability,
    "logging": database.logging,
    "clock": clocks.clock,
    "zones": clocks.zones,
    "months": database.months,
    "seals": audit.seals,
    "anchor": audit.anchor,
    "chains": audit.chains,
    "keys": stores.keys,
    "cells": stores.cells,
    "backups": stores.backups,
    "streams": districts.streams,
    "connections": database.connections,
    "tls": tls.tls,
    "outbox": districts.outbox,
    "versions": districts.versions,
    "disk": stores.disk,
}
# They read every table of records, or every text of every workstation.
SLOW = frozenset({"cells", "chains", "streams"})


def examine(patient: Patient, names: Collection[str]) -> Iterator[tuple[str, Verdict]]:
    """Yield what each of the checks says, by its name."""
    for name in names:
        for verdict in _said(CHECKS[name], patient):
            yield name, verdict


def _said(check: Check, patient: Patient) -> list[Verdict]:
    said: list[Verdict] = []
    try:
        said.extend(check(patient))
    except Refused as error:
        said.append(unseen(str(error)))
    except OSError as error:
        said.append(unseen(f"a file cannot be read: {error.strerror}"))
    except (psycopg.Error, DBAPIError, WhiteCrossError) as error:
        # PostgreSQL's own words may quote a row or an address.
        said.append(unseen(f"the database did not answer ({_code(error)})", "See what the checks above say of it."))
    return said


def _code(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return getattr(cause, "sqlstate", None) or getattr(cause, "code", None) or type(error).__name__
