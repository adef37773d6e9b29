"""Saving entries as a file for the district: whose they are, which of them, and what is to be said of it."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from wc_contract.model.instants import Instant
from wc_contract.model.spans import spans_of
from wc_contract.wire.entries import EntryMalformed, entry_from_body
from wc_contract.wire.journal_file import JOURNAL_FILE_ENDING, JournalFileHeader, journal_file
from wc_contract.wire.versions import MAX_NUMBER
from wc_desktop.domain.exported import Exported
from wc_desktop.domain.failures import ExportForeign, FileExists, FolderMissing, NothingToExport
from wc_desktop.journal.export import Carried, carried, put_in_place
from wc_desktop.journal.schema import journal_paths
from wc_desktop.journal.survey import OwnKeys
from wc_desktop.security.passport import Passport


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPlan:
    """Which entries go where. only: these numbers, None for all that the sealed copy holds; force: over a file."""

    folder: Path
    target: Path
    only: Collection[int] | None
    force: bool


def export_journal(plan: ExportPlan, passport: Passport, own: OwnKeys | None, at: Instant) -> Exported:
    """Write the file and return what is in it. Nothing is ever deleted, here or in the journal.

    Raises NothingToExport, ExportForeign, FileExists, FolderMissing, FilesUnreadable, DiskFull, DiskFailed.
    """
    target = place_for(plan, passport, at)
    _, sealed = journal_paths(plan.folder)
    if not sealed.exists():
        raise NothingToExport("no sealed copy")
    found = carried(sealed, own, only=plan.only)
    if not found.records:
        raise NothingToExport("no record")
    if own is not None and not found.texts:
        raise ExportForeign("no record opens")
    header = JournalFileHeader(
        district_id=passport.district,
        district_code=passport.district_code,
        school_id=passport.school,
        school_name=passport.school_name,
        device_id=passport.device,
        device_name=passport.device_name,
        content="all" if plan.only is None else "waiting",
        numbers=spans_of(number for number in found.numbers if number <= MAX_NUMBER),
        count=len(found.numbers),
        made_at=at,
    )
    put_in_place(target, journal_file(header, found.records))
    return _exported(target, plan, found)


def place_for(plan: ExportPlan, passport: Passport, at: Instant) -> Path:
    """Return where the file goes: a folder gets a name made of workstation and time. Raises FileExists and its kin.

    What does not end as such a file does is a folder that has to be there: a stick that is not plugged in must not
    become a file of its name.
    """
    target = plan.target
    is_file = target.suffix == JOURNAL_FILE_ENDING and not target.is_dir()
    if not (target.parent if is_file else target).is_dir():
        raise FolderMissing("no such folder")
    if not is_file:
        return _free_name(target, f"white-cross-{passport.device.hex[-8:]}-{at:%Y%m%d-%H%M%S}")
    if target.exists() and not plan.force:
        raise FileExists("a file is there")
    return target


def _free_name(folder: Path, stem: str) -> Path:
    target, number = folder / f"{stem}{JOURNAL_FILE_ENDING}", 1
    while target.exists():
        number += 1
        target = folder / f"{stem}-{number}{JOURNAL_FILE_ENDING}"
    return target


def _exported(target: Path, plan: ExportPlan, found: Carried) -> Exported:
    written = []
    for text in found.texts:
        try:
            written.append(entry_from_body(text.body).authored_at)
        except EntryMalformed:
            # A note of a lost number, or of a newer version: it is carried like the others.
            continue
    return Exported(
        path=target,
        entries=len(found.numbers),
        first=min(written, default=None),
        last=max(written, default=None),
        damaged=found.damaged,
        everything=plan.only is None,
    )
