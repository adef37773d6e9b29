"""The audit: count it, seal it, anchor it, verify it. As its reader: the application itself may only write it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from uuid import UUID

import psycopg
import typer

from wc_contract.model.ids import DistrictId
from wc_contract.model.instants import instant_to_text
from wc_sync_server.audit.anchors import NewSeals
from wc_sync_server.audit.findings import Finding
from wc_sync_server.cli.archive_look import look_into_archive
from wc_sync_server.cli.auditing import (
    TAMPERED,
    Looked,
    anchored_in,
    look_at,
    migrate_url_of,
    reader_of,
    seal_now,
    verifier_of,
)
from wc_sync_server.cli.console import fail, out, reached_by, spoken, table, workshop
from wc_sync_server.cli.district import DistrictOption
from wc_sync_server.cli.importing import bars
from wc_sync_server.cli.records import district_named, every_school, system
from wc_sync_server.db.audit_anchor_file import AnchorFile
from wc_sync_server.db.audit_months import months_there
from wc_sync_server.db.audit_sealer import whole_record
from wc_sync_server.db.context import SYSTEM, Context
from wc_sync_server.db.directory import District
from wc_sync_server.db.engine import Pool
from wc_sync_server.db.partitions import MONTHS_AHEAD, ensure_partitions
from wc_sync_server.db.unit_of_work import scoped
from wc_sync_server.wiring import Workshop

audit = typer.Typer(no_args_is_help=True, help="The audit: count, seal, anchor, verify, archive.")

_COUNT = """
SELECT a.entry_id, a.action, count(*) FROM (
    SELECT l.entry_id, l.action FROM audit_logs l WHERE l.district_id = %(district)s UNION ALL
    SELECT o.entry_id, o.action FROM audit_overflow o WHERE o.district_id = %(district)s) a
GROUP BY a.entry_id, a.action
"""
_ENTRIES = "SELECT entry_id FROM receipts WHERE district_id = %(district)s"
_SHOWN = 20
_COLUMNS = ("district", "seals", "lines", "in archives", "sealed until", "not sealed yet", "found")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditCount:
    """How often each action stands on record, and for each entry held how many lines tell of it."""

    by_action: Mapping[str, int]
    by_entry: Mapping[UUID, int]

    @property
    def untold(self) -> tuple[UUID, ...]:
        """The entries that no line tells of."""
        return tuple(entry for entry, lines in self.by_entry.items() if lines == 0)


def count_audit(parts: Workshop, district: DistrictId) -> AuditCount:
    """Return what stands on record. Raises CommandRefused without the reader's address."""
    everywhere = every_school(parts, district)
    with system(parts, district, everywhere, read_only=True) as uow:
        entries = {row[0]: 0 for row in uow.connection.execute(_ENTRIES, {"district": district})}
    context = Context(district=district, role=SYSTEM, schools=everywhere)
    with reader_of(parts) as pool, scoped(pool, context, read_only=True) as uow:
        rows = uow.connection.execute(_COUNT, {"district": district}).fetchall()
    by_action: dict[str, int] = {}
    for entry, action, lines in rows:
        by_action[action] = by_action.get(action, 0) + lines
        if entry in entries:
            entries[entry] += lines
    return AuditCount(by_action=by_action, by_entry=entries)


def anchor_now(parts: Workshop, reader: Pool, file: Path) -> tuple[NewSeals, ...]:
    """Write the seals that are not in it yet into an anchor file; return them. Raises AnchorDamaged."""
    key = parts.audit_key

    def after(district: DistrictId, number: int) -> list[tuple[int, bytes]]:
        with whole_record(parts.cells.pool_for(district), reader, district) as record:
            return record.hashes(number)

    districts = [district.id for district in parts.cells.all()]
    return AnchorFile(file, key.verifier()).append(districts, after, parts.clock.now(), key)


@audit.command("count")
@spoken
def count(district: DistrictOption = None) -> None:
    """Count what is on record, and show whether every entry the district holds is told of. Exit 1 if one is not."""
    with workshop() as parts:
        counted = count_audit(parts, district_named(parts, district).id)
    table("On record", ("action", "lines"), sorted(counted.by_action.items()))
    out.print(f"{len(counted.by_entry)} entries held, {len(counted.by_entry) - len(counted.untold)} told of.")
    if counted.untold:
        raise fail(f"{len(counted.untold)} entries are not on record.", 1)


@audit.command("seal")
@spoken
def seal(district: DistrictOption = None) -> None:
    """Seal what is complete and not sealed yet. The server does so every minute by itself."""
    with workshop() as parts, reader_of(parts) as reader:
        rows = [(one.code, *seal_now(parts, reader, one.id)) for one in _asked(parts, district)]
    table("Sealed now", ("district", "seals", "lines"), rows)


@audit.command("anchor")
@spoken
def anchor(
    file: Annotated[Path, typer.Argument(help="Anchor file; it grows. Keep it where no administrator can change it.")],
) -> None:
    """Write the hashes of new seals into a file outside the database, signed. What is in it cannot be sealed anew."""
    with workshop() as parts, reader_of(parts) as reader:
        names = {one.id: one.code for one in parts.cells.all()}
        new = anchor_now(parts, reader, file)
    # The last hash is what to read out to a second person, or to print: it stands for everything before it.
    rows = [
        (names[one.district], len(one.hashes), one.first + len(one.hashes) - 1, one.hashes[-1].hex()) for one in new
    ]
    table("Anchored now", ("district", "new seals", "up to seal", "its hash"), rows)


@audit.command("key")
@spoken
def key() -> None:
    """Show the public key with which seals, anchors and archives are checked. An auditor may keep it anywhere."""
    with workshop() as parts:
        out.print(parts.audit_key.public.hex(), highlight=False)


@audit.command("verify")
@spoken
def verify(
    *,
    anchor_file: Annotated[Path | None, typer.Option("--anchor", help="Anchor file to compare with.")] = None,
    archive: Annotated[Path | None, typer.Option(help="Folder of archived months: look into them instead.")] = None,
    trusted: Annotated[
        list[str] | None, typer.Option("--trust", metavar="HEX", help="Public key of an earlier key folder.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
    district: DistrictOption = None,
) -> None:
    """Look whether every line is what was sealed. Names the first that is not; exit 5 if there is one."""
    with workshop() as parts, reader_of(parts) as reader, bars(quiet=as_json) as progress:
        verifier = verifier_of(parts, trusted or [])
        if archive is not None:
            looks = look_into_archive(parts, reader, archive, verifier)
            _finish(looks.findings, looks.as_json() if as_json else None, looks.rows())
            return
        anchored = anchored_in(anchor_file, verifier)
        looked = [
            look_at(parts, reader, one, verifier=verifier, anchored=anchored, progress=progress)
            for one in _asked(parts, district)
        ]
        unknown = set(anchored.hashes) - {one.id for one in parts.cells.all()}
    findings = [*anchored.findings, *(finding for one in looked for finding in one.look.findings)]
    findings += [Finding.of_lost_district(one) for one in sorted(unknown)]
    body = {"ok": not findings, "districts": [one.as_json() for one in looked]}
    body["anchor"] = [finding.as_json() for finding in anchored.findings]
    _finish(findings, body if as_json else None, [one.row() for one in looked])
    if not as_json:
        _say_what_is_missing(looked)


@audit.command("partitions")
@spoken
def partitions(
    ahead: Annotated[int, typer.Option(min=1, max=60, help="How many months ahead to make.")] = MONTHS_AHEAD,
) -> None:
    """Make the coming months of the audit and list all. The server does so by itself where WC_MIGRATE_URL is set."""
    with workshop() as parts:
        url = migrate_url_of(parts)
        with reached_by("WC_MIGRATE_URL"):
            made = ensure_partitions(url, months_ahead=ahead)
            with psycopg.connect(url) as connection:
                there = months_there(connection)
    rows = [
        (
            f"{month.year:04d}-{month.month:02d}",
            one.about,
            f"{one.size // 1024} kB",
            _state(one.attached, month.table in made),
        )
        for month, one in there.items()
    ]
    table("Months of the audit", ("month", "lines (about)", "size", "state"), rows)


def _state(attached: bool, new: bool) -> str:  # noqa: FBT001  # two facts of one row
    if not attached:
        return "detached: run `audit archive` again"
    return "made now" if new else "ready"


def _asked(parts: Workshop, code: str | None) -> tuple[District, ...]:
    return parts.cells.all() if code is None else (district_named(parts, code),)


def _finish(findings: list[Finding], body: object | None, rows: list[tuple[object, ...]]) -> None:
    """Print what was found; leave with exit code 5 when there is something."""
    if body is not None:
        typer.echo(json.dumps(body, indent=2))
    else:
        table("Looked through", _COLUMNS, rows)
        for finding in findings[1 : _SHOWN + 1]:
            out.print(f"also: {finding.sentence()}", soft_wrap=True, highlight=False, markup=False)
        if len(findings) > _SHOWN + 1:
            out.print(f"and {len(findings) - _SHOWN - 1} more; --json lists all.")
    if findings:
        raise fail(f"The audit is not what was sealed. First: {findings[0].sentence()}.", TAMPERED)


def _say_what_is_missing(looked: list[Looked]) -> None:
    for one in looked:
        if one.look.seals == 0:
            out.print(f"Nothing of {one.district.code} is sealed yet: serve, or run `wc-sync-server audit seal`.")
        elif one.behind and one.look.unsealed_since is not None:
            since = instant_to_text(one.look.unsealed_since)
            out.print(f"The sealer is behind: lines of {one.district.code} since {since} are not sealed.")
