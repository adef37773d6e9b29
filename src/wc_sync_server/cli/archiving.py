"""Taking old months of the audit into an archive: asked first, written, read back, put on record, only then dropped."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

import psycopg

from wc_contract.model.errors import Refused
from wc_contract.model.ids import DistrictId, new_uuid
from wc_sync_server.audit.archives import (
    MANIFEST,
    ArchiveRecord,
    DistrictPart,
    Manifest,
    manifest_hash,
    read_manifest,
    seal_to_json,
)
from wc_sync_server.audit.checking import check_lines
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.audit.looking import grouped, parted
from wc_sync_server.audit.retention import Keeping
from wc_sync_server.audit.seals import Seal
from wc_sync_server.cli.auditing import migrate_url_of, seal_now
from wc_sync_server.cli.console import reached_by
from wc_sync_server.cli.records import system
from wc_sync_server.db.audit_files import MonthFolder, look_into, stored_line
from wc_sync_server.db.audit_lines import AuditRecord
from wc_sync_server.db.audit_months import add_archive, archives_of, drop_month, months_there
from wc_sync_server.db.audit_sealer import whole_record
from wc_sync_server.db.context import SYSTEM, Context
from wc_sync_server.db.directory import District
from wc_sync_server.db.engine import Pool
from wc_sync_server.db.months import Month
from wc_sync_server.db.partitions import ensure_partitions
from wc_sync_server.db.repositories.compliance import Compliance
from wc_sync_server.db.tables.audit import AUDIT_COLUMNS
from wc_sync_server.db.unit_of_work import scoped
from wc_sync_server.importing.progress import Progress
from wc_sync_server.wiring import Workshop

_EVENT, _ENTITY = "AUDIT_ARCHIVED", "audit_archive"


class MonthStays(Refused):
    """A month may not be archived now. The sentence says why; nothing was changed."""

    code = "month_stays"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedMonth:
    """A month that went, or would go."""

    month: Month
    lines: int
    keep_until: date

    @property
    def name(self) -> str:
        return name_of(self.month)


@dataclass(frozen=True, slots=True, kw_only=True)
class Archiving:
    """One run of the command."""

    parts: Workshop
    reader: Pool
    folder: Path
    progress: Progress

    def run(self, before: Month, *, dry_run: bool) -> list[ArchivedMonth]:
        """Archive every month before that one; return them.

        Raises MonthStays: before the first month was touched, or at a month that a legal hold placed meanwhile keeps,
        or whose archive is not in order; months before that one went.
        """
        url = migrate_url_of(self.parts)
        keepings = self._keepings()
        months = [month for month in self._months(url) if month.first_day < before.first_day]
        for month in months:
            self._require_free(month, keepings, "Nothing was archived.")
        if not dry_run:
            with reached_by("WC_MIGRATE_URL"):
                ensure_partitions(url)  # what stands in the overflow belongs to its month
            for district in keepings:
                seal_now(self.parts, self.reader, district.id)
        # All months are looked at before the first is touched; the seals of one only are held at a time.
        planned = {month: _lines_of(self._seals(month, keepings)) for month in months}
        done = []
        for number, month in enumerate(months):
            self.progress("months", number, len(months))
            if not dry_run:
                keepings = self._keepings()  # months take their time to write, and a court does not wait
                self._require_free(month, keepings, "It stays, and so does what follows it.")
            keep = max(keeping.keep_until(month.first_day) for keeping in keepings.values())
            done.append(ArchivedMonth(month=month, lines=planned[month], keep_until=keep))
            if not dry_run:
                self._archive(month, self._seals(month, keepings), keepings, url)
        self.progress("months", len(months), len(months))
        return done

    def _require_free(self, month: Month, keepings: Mapping[District, Keeping], so: str) -> None:
        today = self.parts.clock.now().date()
        for district, keeping in keepings.items():
            if keeping.is_held(month.first_day):
                raise MonthStays(f"{name_of(month)} is under a legal hold of {district.code}. {so}")
            if keeping.is_hot(month.first_day, today):
                raise MonthStays(
                    f"{name_of(month)} has to stay in the database: {district.code} keeps {keeping.hot_months} months "
                    f"there. {so}"
                )

    def _months(self, url: str) -> list[Month]:
        with reached_by("WC_MIGRATE_URL"), psycopg.connect(url) as connection:
            return list(months_there(connection))

    def _keepings(self) -> dict[District, Keeping]:
        """Return what every district asks; a month's table holds the lines of all."""
        today = self.parts.clock.now().date()
        found = {}
        for district in self.parts.cells.all():
            with system(self.parts, district.id, read_only=True) as uow:
                found[district] = Compliance(uow, self.parts.chance).keeping(today)
        return found

    def _seals(self, month: Month, districts: Mapping[District, Keeping]) -> dict[DistrictId, list[Seal]]:
        """Return the seals of a month by district. Raises MonthStays unless they cover all of it."""
        found = {}
        for district in districts:
            with self._record(district.id) as record:
                seals = record.seals_between(month.begins, month.after(1).begins)
                lines = record.lines(month.begins, month.after(1).begins) if not seals else ()
            complete = bool(seals) and seals[-1].ends_at == month.after(1).begins
            if (seals and not complete) or lines:
                raise MonthStays(f"{name_of(month)} of {district.code} is not sealed to its end: run `audit seal`.")
            if seals:
                found[district.id] = seals
        return found

    def _record(self, district: DistrictId) -> AbstractContextManager[AuditRecord]:
        return whole_record(self.parts.cells.pool_for(district), self.reader, district)

    def _archive(
        self,
        month: Month,
        seals: Mapping[DistrictId, list[Seal]],
        keepings: Mapping[District, Keeping],
        url: str,
    ) -> None:
        """Write, look, put on record, drop: each step may have been done by a run that was interrupted after it."""
        place = self.folder / name_of(month)
        records = {district: self._record_of(district, month) for district in seals}
        if not place.exists():
            if any(records.values()):
                raise MonthStays(f"{name_of(month)} is on record as archived, and its folder is not there: it stays.")
            self._write(month, seals, keepings)
        look = look_into(place, self.parts.audit_key.verifier())
        if look.findings:
            raise MonthStays(f"The archive of {name_of(month)} is damaged ({look.findings[0].sentence()}): it stays.")
        text = self._covering(place, seals)
        by_id = {district.id: keeping for district, keeping in keepings.items()}
        for district, of in seals.items():
            known = records[district]
            if known is not None and known.manifest_hash != manifest_hash(text):
                raise MonthStays(f"{name_of(month)} is on record with another archive than the one there: it stays.")
            record = known or self._put_on_record(month, district, of, by_id[district], text)
            if known is None or not self._is_told_of(record):
                self._tell(month, record)
        counts: dict[UUID, int] = {district: sum(seal.lines for seal in of) for district, of in seals.items()}
        with reached_by("WC_MIGRATE_URL"):
            drop_month(url, month, counts)

    def _record_of(self, district: DistrictId, month: Month) -> ArchiveRecord | None:
        with self._record(district) as record:
            return archives_of(record.connection, district).get(month.first_day)

    def _covering(self, place: Path, seals: Mapping[DistrictId, list[Seal]]) -> str:
        """Return the manifest of a folder that holds all that these seals cover. Raises MonthStays."""
        text = (place / MANIFEST).read_text("utf-8")
        manifest, _ = read_manifest(text, self.parts.audit_key.verifier())
        there = {part.district: (part.first_seal, part.last_seal, part.lines) for part in manifest.parts}
        asked = {id_: (of[0].number, of[-1].number, sum(seal.lines for seal in of)) for id_, of in seals.items()}
        if there != asked:
            raise MonthStays(f"The archive of {place.name} holds other seals than the database: it stays.")
        return text

    def _write(
        self, month: Month, seals: Mapping[DistrictId, list[Seal]], keepings: Mapping[District, Keeping]
    ) -> None:
        """Write the folder, read it back, and put it in its place."""
        folder = MonthFolder(self.folder, name_of(month))
        made = []
        for district, keeping in keepings.items():
            of = seals.get(district.id)
            if of:
                made.append(self._write_part(folder, month, district, of, keeping))
        manifest = Manifest(
            month=month.first_day, made_at=self.parts.clock.now(), columns=AUDIT_COLUMNS, parts=tuple(made)
        )
        folder.manifest(manifest, self.parts.audit_key)
        look = look_into(folder.draft, self.parts.audit_key.verifier())
        if look.findings:
            raise MonthStays(f"What was written of {name_of(month)} reads otherwise: {look.findings[0].sentence()}.")
        folder.finish()

    def _write_part(
        self, folder: MonthFolder, month: Month, district: District, seals: list[Seal], keeping: Keeping
    ) -> DistrictPart:
        with self._record(district.id) as record:
            lines_file = folder.write(f"{district.id}.lines.jsonl.gz", _as_sealed(record, seals, month))
        seals_file = folder.write(f"{district.id}.seals.jsonl.gz", map(seal_to_json, seals))
        return DistrictPart(
            district=district.id,
            lines=sum(seal.lines for seal in seals),
            first_seal=seals[0].number,
            last_seal=seals[-1].number,
            keep_until=keeping.keep_until(month.first_day),
            lines_file=lines_file,
            seals_file=seals_file,
        )

    def _put_on_record(
        self, month: Month, district: DistrictId, seals: list[Seal], keeping: Keeping, manifest: str
    ) -> ArchiveRecord:
        now = self.parts.clock.now()
        record = ArchiveRecord(
            id=new_uuid(now, self.parts.chance),
            district=district,
            month=month.first_day,
            lines=sum(seal.lines for seal in seals),
            first_seal=seals[0].number,
            last_seal=seals[-1].number,
            manifest_hash=manifest_hash(manifest),
            keep_until=keeping.keep_until(month.first_day),
            archived_at=now,
        )
        with scoped(self.reader, Context(district=district, role=SYSTEM)) as uow:
            add_archive(uow, record, self.parts.audit_key)
            uow.commit()
        return record

    def _is_told_of(self, record: ArchiveRecord) -> bool:
        with self._record(record.district) as audit:
            return audit.tells_of(_EVENT, _ENTITY, record.id)

    def _tell(self, month: Month, record: ArchiveRecord) -> None:
        with system(self.parts, record.district) as uow:
            uow.audit([_event(month, record)])
            uow.commit()


def name_of(month: Month) -> str:
    """Return a month as people write it."""
    return f"{month.year:04d}-{month.month:02d}"


def month_named(text: str) -> Month:
    """Return the month that somebody wrote. Raises MonthStays."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        raise MonthStays(f"{text!r} is no month: write it as 2025-01.") from None
    return Month(year=first.year, month=first.month)


def _lines_of(seals: Mapping[DistrictId, list[Seal]]) -> int:
    return sum(seal.lines for of in seals.values() for seal in of)


def _as_sealed(record: AuditRecord, seals: list[Seal], month: Month) -> Iterator[str]:
    """Yield the month's lines, each compared with its seal. Raises MonthStays at the first that is another."""
    for group in grouped(seals):
        texts = record.texts(group[0].starts_at, group[-1].ends_at)
        for seal, lines in parted(group, map(stored_line, texts)):
            for finding in check_lines(seal, lines):
                said = finding.sentence()
                raise MonthStays(f"{name_of(month)} is not what was sealed ({said}): run `audit verify`.")
        yield from texts


def _event(month: Month, record: ArchiveRecord) -> AuditEvent:
    return AuditEvent(
        action=_EVENT,
        entity_type=_ENTITY,
        entity_id=str(record.id),
        at=record.archived_at,
        role=SYSTEM,
        detail={"month": name_of(month), "lines": record.lines, "manifest": record.manifest_hash.hex()},
    )
