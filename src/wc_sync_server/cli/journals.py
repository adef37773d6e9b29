"""`import-journal`: entries that came on a stick, or on the disk of a dead workstation."""

import getpass
import json
from collections.abc import Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import typer

from wc_contract.model.ids import DistrictId, SchoolId, UserId
from wc_contract.model.spans import ranges
from wc_contract.wire.sealed import OpenedRecord
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.auth.journal_seal import JournalSeal, signed_by
from wc_sync_server.cli.console import out, spoken, workshop
from wc_sync_server.cli.district import DistrictOption
from wc_sync_server.cli.importing import AsJson, DryRun, bars
from wc_sync_server.cli.records import district_named, system
from wc_sync_server.db.directory import District
from wc_sync_server.importing.journals.reading import FileRead, Open, Opener, Whose, read_file
from wc_sync_server.importing.journals.report import JournalReport, StationReport
from wc_sync_server.importing.journals.taking import Workstation, fits, hash_of, take
from wc_sync_server.importing.progress import Progress
from wc_sync_server.wiring import Workshop, intake_of

_STATION = """
SELECT school_id, name, sign_key, enrolled_by, last_number FROM devices
WHERE district_id = %(district)s AND id = %(device)s
"""
_HELD = """
SELECT number, CASE WHEN outcome = 'waiting' THEN NULL ELSE hash END FROM receipts
WHERE district_id = %(district)s AND device_id = %(device)s AND number >= %(first)s
"""


@spoken
def import_journal(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Files of wc-desktop export-journal, or journal.sealed.")
    ],
    *,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    district: DistrictOption = None,
) -> None:
    """Take in entries that were carried here: on a USB stick in a long outage, or on a dead workstation's disk.

    Each entry is judged and answered as if the workstation had sent it. Files may come in any order, more than once,
    cut off or damaged: what reads is taken once, what does not is named by its number. When the workstation sends the
    same entries later, it is told that the district has them.

    Ends with 0 when all of it is in, 3 when something was left out, waits or is missing, 1 when nothing could be read.
    """
    with workshop() as parts, bars(quiet=as_json) as progress:
        report = import_files(parts, files, _districts(parts, district), dry_run=dry_run, progress=progress)
    if as_json:
        typer.echo(json.dumps(report.as_json(), indent=2))
    else:
        out.print(report.as_text(), soft_wrap=True, highlight=False, markup=False)
    if report.exit_code:
        raise typer.Exit(report.exit_code)


def import_files(
    parts: Workshop, paths: Sequence[Path], districts: Sequence[District], *, dry_run: bool, progress: Progress
) -> JournalReport:
    """Read files and take in what they hold. Raises KeysUnusable."""
    opener = Opener({one.id: _opens(parts, one.id) for one in districts})
    read: list[FileRead] = []
    marks: list[str] = []
    unreadable: list[str] = []
    for path in paths:
        try:
            content = path.read_bytes()
        except OSError:
            unreadable.append(path.name)
            continue
        read.append(read_file(path.name, content, opener))
        marks.append(sha256(content).hexdigest())
    importer = _Importer(parts, {one.id: one for one in districts}, dry_run=dry_run, marks=marks, progress=progress)
    return JournalReport(
        files=tuple(read),
        unreadable=tuple(unreadable),
        stations=tuple(importer.station(whose, texts) for whose, texts in _together(read).items()),
        dry_run=dry_run,
    )


class _Importer:
    """Takes in one workstation after the other."""

    def __init__(
        self,
        parts: Workshop,
        districts: dict[DistrictId, District],
        *,
        dry_run: bool,
        marks: Sequence[str],
        progress: Progress,
    ) -> None:
        self._parts = parts
        self._districts = districts
        self._dry_run = dry_run
        self._marks = marks
        self._progress = progress
        self._intake = intake_of(parts)

    def station(self, whose: Whose, texts: Sequence[OpenedRecord]) -> StationReport:
        code = self._districts[whose.district].code
        station = self._known(whose)
        if station is None:
            return StationReport(district=code, device=str(whose.device), name="", offered=len(texts), strange=True)
        sound = [text for text in texts if fits(text) and signed_by(station.sign_key, text)]
        held = set(self._held(station, min((text.number for text in sound), default=1)).values())
        new = [text for text in sound if hash_of(text) not in held]
        report = StationReport(
            district=code,
            device=str(station.id),
            name=station.name,
            offered=len(texts),
            known=len(sound) - len(new),
            new=len(new),
            not_signed=tuple(sorted({text.number for text in texts} - {text.number for text in sound})),
        )
        if not self._dry_run:
            self._take(station, sound, new, report)
        report.missing = self._missing(station, new if self._dry_run else ())
        return report

    def _take(
        self, station: Workstation, sound: Sequence[OpenedRecord], new: Sequence[OpenedRecord], report: StationReport
    ) -> None:
        if not sound:
            return
        self._put_on_record(station, sound, len(new))
        # Those that the district has are offered too when something stands above a gap: then the gap may close.
        offered = sound if self._missing(station, ()) else new
        known = {hash_of(text) for text in sound} - {hash_of(text) for text in new}
        taken = take(offered, station, self._intake, known, partial(self._tell, station, len(offered)))
        report.outcomes, report.refused, report.waiting = (
            dict(taken.outcomes),
            tuple(taken.refused),
            tuple(taken.waiting),
        )
        report.second, report.aside = tuple(taken.second), tuple(taken.aside)
        report.new -= len(taken.second) + len(taken.aside)

    def _tell(self, station: Workstation, total: int, done: int) -> None:
        self._progress(station.name, done, total)

    def _known(self, whose: Whose) -> Workstation | None:
        found = self._asked(whose.district, (), _STATION, {"district": whose.district, "device": whose.device})
        if not found:
            return None
        school, name, sign_key, enrolled_by, last_number = found[0]
        return Workstation(
            district=whose.district,
            school=SchoolId(school),
            id=whose.device,
            name=name,
            sign_key=bytes(sign_key),
            user=UserId(enrolled_by),
            last_number=last_number,
        )

    def _held(self, station: Workstation, first: int) -> dict[int, str | None]:
        """Return the numbers held from first on, and the hash of each text that has its final answer."""
        parameters = {"district": station.district, "device": station.id, "first": first}
        return dict(self._asked(station.district, (station.school,), _HELD, parameters))

    def _missing(self, station: Workstation, new: Sequence[OpenedRecord]) -> tuple[int, ...]:
        """Return the numbers that stand before a held one, or a new one, and are not held."""
        now = self._known(Whose(district=station.district, device=station.id)) or station
        numbers = set(self._held(station, now.last_number + 1)) | {text.number for text in new}
        return tuple(number for number in range(now.last_number + 1, max(numbers, default=0)) if number not in numbers)

    def _put_on_record(self, station: Workstation, texts: Sequence[OpenedRecord], new: int) -> None:
        """Say who brings what, before the first of it is taken in."""
        with system(self._parts, station.district, (station.school,)) as uow:
            uow.audit(
                [
                    AuditEvent(
                        action="JOURNAL_IMPORTED",
                        entity_type="device",
                        entity_id=str(station.id),
                        at=uow.at,
                        role="SYSTEM",
                        device_id=station.id,
                        school_id=station.school,
                        detail={
                            "by": _account(),
                            "files": list(self._marks),
                            "entries": len(texts),
                            "new": new,
                            "numbers": ranges(text.number for text in texts),
                        },
                    )
                ]
            )
            uow.commit()

    def _asked(
        self, district: DistrictId, schools: tuple[SchoolId, ...], statement: str, parameters: dict[str, object]
    ) -> list[tuple[Any, ...]]:
        with system(self._parts, district, schools, read_only=True) as uow:
            return uow.connection.execute(statement.encode(), parameters).fetchall()


def _together(read: Sequence[FileRead]) -> dict[Whose, list[OpenedRecord]]:
    """Return every text once, by workstation: files may overlap."""
    texts: dict[Whose, dict[str, OpenedRecord]] = {}
    for one in read:
        for whose, mine in one.texts.items():
            texts.setdefault(whose, {}).update({hash_of(text): text for text in mine.values()})
    return {whose: list(mine.values()) for whose, mine in texts.items()}


def _opens(parts: Workshop, district: DistrictId) -> Open:
    return JournalSeal(parts.keys.district(district)).opened


def _districts(parts: Workshop, code: str | None) -> Sequence[District]:
    return parts.cells.all() if code is None else (district_named(parts, code),)


def _account() -> str:
    """Return the operator's account on this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
