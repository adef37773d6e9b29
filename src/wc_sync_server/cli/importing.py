"""Bringing in what other systems know: rosters and charts."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

import typer
from rich.progress import Progress as Bars
from rich.progress import TaskID

from wc_contract.model.ids import DistrictId, SchoolId
from wc_sync_server.cli.console import AddressUnusable, CommandRefused, complaints, out, reached_by, spoken, workshop
from wc_sync_server.cli.district import DistrictOption, known_zone
from wc_sync_server.cli.records import district_named, every_school, schools_of, system
from wc_sync_server.db.migrate import refresh_statistics
from wc_sync_server.db.operations import IMPORT, LOOK
from wc_sync_server.db.retry import FAILOVER, run_retrying
from wc_sync_server.importing.catalogue import load_catalogue
from wc_sync_server.importing.fhir.run import import_fhir
from wc_sync_server.importing.oneroster.run import ImportDistrict, import_oneroster
from wc_sync_server.importing.ports import ImportWork
from wc_sync_server.importing.progress import Progress
from wc_sync_server.wiring import Workshop, told_on

imports = typer.Typer(no_args_is_help=True, help="Imports: OneRoster rosters, FHIR charts.")

T = TypeVar("T")
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the report as JSON, for a script.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemWorks:
    """Transactions of the system for an import (importing.ports.Works)."""

    parts: Workshop
    district: DistrictId

    def begin(self, schools: Sequence[SchoolId], *, read_only: bool = False) -> AbstractContextManager[ImportWork]:
        """Begin a transaction for schools."""
        operation = LOOK if read_only else IMPORT
        channels = () if read_only else told_on(self.parts, self.district)
        return system(self.parts, self.district, schools, operation=operation, channels=channels)

    def look_everywhere(self) -> AbstractContextManager[ImportWork]:
        """Begin to read in every school."""
        return system(self.parts, self.district, every_school(self.parts, self.district), operation=LOOK)

    def retrying(self, closure: Callable[[], T], /) -> T:
        """Run closure until it succeeds: an import outlasts a failover."""
        return run_retrying(closure, patience=FAILOVER)


@imports.command("oneroster")
@spoken
def oneroster(
    source: Annotated[Path, typer.Argument(help="Folder or zip of OneRoster 1.1 or 1.2 CSV files.")],
    *,
    dry_run: DryRun = False,
    allow_disappearing: Annotated[
        int, typer.Option(min=0, metavar="N", help="Go on although N students would disappear.")
    ] = 0,
    timezone: Annotated[str | None, typer.Option(help="Time zone of schools whose roster gives none.")] = None,
    as_json: AsJson = False,
    district: DistrictOption = None,
) -> None:
    """Import a roster. Halts, having written nothing, when more than 2 % of the students would disappear."""
    with workshop() as parts, bars(quiet=as_json) as progress:
        found = district_named(parts, district).id
        zone = known_zone(timezone) if timezone else _usual_zone(parts, found)
        report = import_oneroster(
            source,
            SystemWorks(parts=parts, district=found),
            ImportDistrict(id=found, timezone=zone),
            today=parts.clock.now().astimezone(ZoneInfo(zone)).date(),
            dry_run=dry_run,
            allow_disappearing=allow_disappearing,
            progress=progress,
        )
        _refresh(parts)
    _finish(report.as_json() if as_json else report.as_text(), report.exit_code)


@imports.command("fhir")
@spoken
def fhir(
    folder: Annotated[Path, typer.Argument(help="Folder of FHIR R4 bundles (JSON).")],
    *,
    dry_run: DryRun = False,
    catalogue: Annotated[
        Path | None, typer.Option(help="Catalogue of medications; the built-in one if not given.")
    ] = None,
    as_json: AsJson = False,
    district: DistrictOption = None,
) -> None:
    """Import charts of students who are on the roster. What cannot be mapped is listed, never dropped silently."""
    with workshop() as parts, bars(quiet=as_json) as progress:
        found = district_named(parts, district).id
        report = import_fhir(
            folder,
            SystemWorks(parts=parts, district=found),
            found,
            load_catalogue(catalogue),
            today=parts.clock.now().astimezone(ZoneInfo(_usual_zone(parts, found))).date(),
            dry_run=dry_run,
            progress=progress,
        )
        _refresh(parts)
    _finish(report.as_json() if as_json else report.as_text(), report.exit_code)


@contextmanager
def bars(*, quiet: bool = False) -> Iterator[Progress]:
    """Give a progress that draws a bar for each step on standard error."""
    with Bars(console=complaints, disable=quiet) as drawn:
        tasks: dict[str, TaskID] = {}

        def progress(step: str, done: int, total: int, /) -> None:
            if step not in tasks:
                tasks[step] = drawn.add_task(step, total=total)
            drawn.update(tasks[step], completed=done, total=total)

        yield progress


def _refresh(parts: Workshop) -> None:
    """Let PostgreSQL look at what came in: without statistics it chooses wrong paths for the next pushes."""
    if parts.settings.migrate_url is None:
        return
    try:
        with reached_by("WC_MIGRATE_URL"):
            refresh_statistics(parts.settings.migrate_url)
    except AddressUnusable:
        # What was imported stands: only the first pushes after it may be slow.
        complaints.print(
            "The import is done, but the database's statistics were not refreshed: check WC_MIGRATE_URL.",
            soft_wrap=True,
            highlight=False,
        )


def _usual_zone(parts: Workshop, district: DistrictId) -> str:
    zones = [facts["timezone"] for facts in schools_of(parts, district).values()]
    if not zones:
        raise CommandRefused("There is no school yet to take the time zone from: give --timezone America/….")
    return str(max(set(zones), key=zones.count))


def _finish(report: str, code: int) -> None:
    out.print(report, soft_wrap=True, highlight=False, markup=False)
    if code:
        raise typer.Exit(code)
