"""`db check`: can the database serve, and did every row go through the unit of work."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Annotated

import orjson
import typer

from wc_contract.model.ids import DistrictId
from wc_sync_server.cli.auditing import reader_of
from wc_sync_server.cli.console import CommandRefused, fail, out, spoken, table, workshop
from wc_sync_server.db.engine import Pool
from wc_sync_server.db.operations import AUDIT_LOOK, REPORT
from wc_sync_server.db.repositories.readiness import PostgresReadiness
from wc_sync_server.db.stream_check import BY_ENTRY, Flaw, Found, flaws_of_streams, not_on_record, records_by_entry
from wc_sync_server.db.unit_of_work import scoped
from wc_sync_server.db.whole_district import whole_district
from wc_sync_server.wiring import Workshop

_NOT_IN_ORDER = 1
_TO_DO = {
    Flaw.AHEAD_OF_STREAM: "written past the server: workstations will not get these rows, or lose others by them",
    Flaw.BEHIND_NO_HEAD: "written past the server: workstations do not ask for them",
    Flaw.VERSION_TWICE: "two records have one version: a broken pull may lose one of them",
    Flaw.HEAD_TOO_HIGH: "the stream was set back by hand: workstations take the next rows for known",
    Flaw.NOT_ON_RECORD: "the audit has no line of them: look at it with `wc-sync-server audit verify`",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """One district and what was found in it."""

    district: str
    found: tuple[Found, ...]


@spoken
def check(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of tables.")] = False,
) -> None:
    """Look whether the database can serve, and whether every row was written in its stream and is on record.

    Exit 1 if not. Lines of the audit are looked for where WC_AUDIT_URL is set.
    """
    with workshop() as parts:
        checks = PostgresReadiness(parts.cells).checks()
        if not as_json:
            table("Database", ("looked at", "in order"), ((n, "yes" if fine else "no") for n, fine in checks.items()))
        if not all(checks.values()):
            if as_json:
                _print(checks, (), audit=False)
            raise fail("The database is not ready: run `wc-sync-server db upgrade`.", _NOT_IN_ORDER)
        audit = parts.settings.audit_url is not None
        with reader_of(parts) if audit else nullcontext() as reader:
            looked = tuple(_Looked(district=d.code, found=flaws_in(parts, d.id, reader)) for d in parts.cells.all())
    if as_json:
        _print(checks, looked, audit=audit)
    _conclude(looked, audit=audit, quiet=as_json)


def flaws_in(parts: Workshop, district: DistrictId, reader: Pool | None = None) -> tuple[Found, ...]:
    """Return what is wrong in a district; lines of the audit are looked for by reader only."""
    return tuple(_flaws(parts, district, reader))


def _flaws(parts: Workshop, district: DistrictId, reader: Pool | None) -> Iterator[Found]:
    pool = parts.cells.pool_for(district)
    context = whole_district(pool, district)
    # It stands idle while the lines of a batch are looked for, which may take long.
    with scoped(pool, context, operation=REPORT, timeouts=AUDIT_LOOK.timeouts) as uow:
        yield from flaws_of_streams(uow)
        if reader is None:
            return
        # Begun after the snapshot: what is in that had its line by then, in the same transaction.
        with scoped(reader, context, operation=AUDIT_LOOK) as lines:
            for kind in BY_ENTRY:
                yield from not_on_record(lines, kind, records_by_entry(uow, kind))


def _print(checks: dict[str, bool], looked: tuple[_Looked, ...], *, audit: bool) -> None:
    document = {
        "in_order": all(checks.values()) and not any(one.found for one in looked),
        "database": checks,
        "audit_looked_at": audit,
        "districts": [
            {
                "district": one.district,
                "findings": [
                    {"flaw": f.flaw.value, "stream": str(f.stream), "kind": f.kind, "rows": f.rows} for f in one.found
                ],
            }
            for one in looked
        ],
    }
    typer.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())


def _conclude(looked: tuple[_Looked, ...], *, audit: bool, quiet: bool) -> None:
    rows = [(one.district, f.stream, f.kind, f.rows, _TO_DO[f.flaw]) for one in looked for f in one.found]
    if rows:
        if not quiet:
            table("Rows not in order", ("district", "stream", "kind", "rows", "what it is"), rows)
        raise CommandRefused("Somebody wrote past the server. Find out who, and let workstations fetch all anew.")
    if not quiet:
        out.print("Every row stands in its stream" + (", and is on record." if audit else "."))
