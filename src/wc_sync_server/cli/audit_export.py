"""Giving an auditor a part of the audit, and proving such a part without a database."""

import base64
import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from wc_contract.model.ids import DistrictId, StudentId, new_uuid
from wc_contract.model.instants import Instant, instant_to_text
from wc_contract.model.kinds import KINDS
from wc_contract.wire.versions import MAX_NUMBER
from wc_sync_server.audit.archives import seal_to_json
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.audit.exports import (
    CHAINS,
    DISCLOSURES,
    LINES,
    MANIFEST,
    SEALS,
    TABLE,
    ExportUnreadable,
    check_export,
    manifest_text,
    table_text,
)
from wc_sync_server.audit.seals import Seal
from wc_sync_server.auth.audit_key import AuditVerifier
from wc_sync_server.cli.audit_chains import held_of, verifying
from wc_sync_server.cli.auditing import TAMPERED, reader_of, seal_now
from wc_sync_server.cli.console import CommandRefused, fail, out, spoken, workshop
from wc_sync_server.cli.district import DistrictOption
from wc_sync_server.cli.people import known_person
from wc_sync_server.cli.records import district_named, every_school, school_named, system
from wc_sync_server.db.audit_anchor_file import AnchorFile
from wc_sync_server.db.audit_months import archives_of
from wc_sync_server.db.audit_sealer import whole_record
from wc_sync_server.db.repositories.compliance import Compliance
from wc_sync_server.db.tables.audit import AUDIT_COLUMNS
from wc_sync_server.db.unit_of_work import UnitOfWork
from wc_sync_server.wiring import Workshop

_PUBLIC = 64
_PUPIL = """
SELECT s.id FROM students AS s
WHERE s.district_id = %(district)s AND (s.student_number = %(said)s OR s.id::text = %(said)s)
"""
_DEVICES = "SELECT d.id, d.sign_key FROM devices AS d WHERE d.district_id = %(district)s ORDER BY d.enrolled_at, d.id"
_DISCLOSED = ("id", "on", "to", "recipient", "basis", "purpose", "records", "corrects")
_USER, _SCHOOL, _ENTITY, _ENTRY, _ACTION = (
    AUDIT_COLUMNS.index(name) for name in ("user_id", "school_id", "entity_id", "entry_id", "action")
)

FirstDay = Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day (UTC), by receipt.")]
LastDay = Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day (UTC), included.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    """Whose lines are asked for; None for everybody's."""

    school: UUID | None
    person: UUID | None
    student: StudentId | None
    records: frozenset[str]

    @property
    def whole(self) -> bool:
        """Whether nothing is left out."""
        return self.school is None and self.person is None and self.student is None

    def takes(self, text: str) -> bool:
        """Whether a line is asked for."""
        values = json.loads(text)
        return (
            (self.school is None or values[_SCHOOL] == str(self.school))
            and (self.person is None or values[_USER] == str(self.person))
            and (self.student is None or values[_ENTITY] in self.records)
        )


@spoken
def export(
    folder: Annotated[Path, typer.Argument(help="New folder to write; everything in it may be handed on.")],
    first: FirstDay,
    last: LastDay,
    *,
    school: Annotated[str | None, typer.Option(help="Only this school: id, sourced id or name.")] = None,
    student: Annotated[
        str | None, typer.Option(help="Only what was done to this pupil's records: id or number.")
    ] = None,
    person: Annotated[str | None, typer.Option(help="Only what this person did: e-mail address.")] = None,
    district: DistrictOption = None,
) -> None:
    """Write a part of the audit for an auditor: lines, a table, seals, workstations' signatures, a signed manifest.

    Holds names of fields and never what is in them. With --student also the disclosures (34 CFR 99.32). What is not
    sealed yet is sealed first. The export itself goes on record. Check it with `audit check-export`.
    """
    begin = first.replace(tzinfo=UTC)
    end = last.replace(tzinfo=UTC) + timedelta(days=1)
    if end <= begin:
        raise CommandRefused("--to lies before --from.")
    if folder.exists():
        raise CommandRefused(f"{folder} is there already. Name a folder that is not.")
    with workshop() as parts, reader_of(parts) as reader:
        found = district_named(parts, district)
        with system(parts, found.id, every_school(parts, found.id)) as uow:
            choice = _choice(parts, uow, found.id, school, student, person)
            disclosed = [] if choice.student is None else Compliance(uow, parts.chance).disclosures(choice.student)
            uow.commit()
        seal_now(parts, reader, found.id)
        with whole_record(parts.cells.pool_for(found.id), reader, found.id) as record:
            newest = record.last_seal()
            if newest is None:
                raise CommandRefused("Nothing is sealed yet: serve, or run `wc-sync-server audit seal` in a minute.")
            before = record.seals_between(begin - timedelta(days=400), begin)[-1:]
            seals = [seal for seal in (*before, *record.seals_between(begin, end)) if seal.ends_at > begin]
            if not seals:
                raise CommandRefused("Nothing was sealed between these days.")
            # Seals name whole spans: the export begins and ends with one.
            texts = record.texts(seals[0].starts_at, seals[-1].ends_at)
            if len(texts) < sum(seal.lines for seal in seals):
                _require_unarchived(seals, archives_of(record.connection, found.id))
        lines = [text for text in texts if choice.takes(text)]
        files = {
            LINES: _joined(lines),
            TABLE: table_text(AUDIT_COLUMNS, lines),
            SEALS: _joined(map(seal_to_json, seals)),
            CHAINS: _joined(_links(parts, found.id, lines)),
        }
        if choice.student is not None:
            rows = [json.dumps(dict(zip(_DISCLOSED, row, strict=True)), default=str) for row in disclosed]
            files[DISCLOSURES] = _joined(rows)
        with system(parts, found.id, every_school(parts, found.id)) as uow:
            id_ = new_uuid(uow.at, parts.chance)
            body = {
                "id": str(id_),
                "district": str(found.id),
                "district_code": found.code,
                "made_at": instant_to_text(uow.at),
                "from": instant_to_text(seals[0].starts_at),
                "until": instant_to_text(seals[-1].ends_at),
                "asked": {
                    "school": _said(choice.school),
                    "student": _said(choice.student),
                    "person": _said(choice.person),
                },
                "whole_span": choice.whole,
                "columns": list(AUDIT_COLUMNS),
                "counts": {"lines": len(lines), "actions": _counted(lines), "disclosures": len(disclosed)},
                "seals": {"first": seals[0].number, "last": seals[-1].number, "head": seals[-1].hash.hex()},
                "newest_seal": {"number": newest.number, "hash": newest.hash.hex()},
                "public_key": parts.audit_key.public.hex(),
            }
            uow.audit([_exported(id_, body, choice, uow.at)])
            uow.commit()
        _write(folder, {**files, MANIFEST: manifest_text(body, files, parts.audit_key)})
    out.print(f"{len(lines)} lines, seals {seals[0].number} to {seals[-1].number}, in {folder}.", soft_wrap=True)
    out.print("Give the auditor the public key by another way:", parts.audit_key.public.hex(), soft_wrap=True)


@spoken
def check(
    folder: Annotated[Path, typer.Argument(help="Folder that `audit export` wrote.")],
    key: Annotated[str, typer.Option(help="The district's public key, 64 hexadecimal digits (`audit key`).")],
    *,
    anchor_file: Annotated[Path | None, typer.Option("--anchor", help="Anchor file to compare the seals with.")] = None,
) -> None:
    """Prove an export of the audit without a database. Exit 5, and each thing named, if it is not as given out."""
    try:
        public = bytes.fromhex(key)
    except ValueError:
        public = b""
    if len(key) != _PUBLIC or not public:
        raise CommandRefused("A public key is 64 hexadecimal digits: the district shows it with `audit key`.")
    verifier = AuditVerifier(public)
    anchored = {}
    if anchor_file is not None:
        anchors = AnchorFile(anchor_file, verifier).read()
        if anchors.findings:
            raise fail(anchors.findings[0].sentence(), TAMPERED)
        anchored = {number: made for hashes in anchors.hashes.values() for number, made in hashes.items()}
    keys = _keys_in(folder)
    found = check_export(folder, verifier, {one: verifying(bytes.fromhex(one)) for one in keys}, anchored)
    out.print(f"{found.lines} lines, {found.seals} seals, {found.entries} entries of workstations looked at.")
    if not found.whole_span:
        out.print("A choice of lines: each is proved; that none is left out rests on the manifest's signature.")
    for finding in found.findings[1:]:
        out.print(f"also: {finding}", soft_wrap=True, highlight=False, markup=False)
    if found.findings:
        raise fail(f"The export is not what was given out: {found.findings[0]}.", TAMPERED)
    out.print("As it was given out.")


def _require_unarchived(seals: Sequence[Seal], archived: Iterable[date]) -> None:
    """Raise CommandRefused where lines of these seals went into an archive. Where they did not, checking names them."""
    gone = [month for month in sorted(archived) if any(seal.starts_at.date().replace(day=1) == month for seal in seals)]
    if gone:
        raise CommandRefused(
            f"The lines of {', '.join(f'{month:%Y-%m}' for month in gone)} are in an archive and not in the database. "
            "Choose days after it; an archive's own folder proves itself (`audit verify --archive`)."
        )


def _choice(
    parts: Workshop, uow: UnitOfWork, district: DistrictId, school: str | None, student: str | None, person: str | None
) -> _Choice:
    pupil = None if student is None else _pupil(uow, student)
    return _Choice(
        school=None if school is None else school_named(parts, district, school),
        person=None if person is None else UUID(known_person(uow, person)["id"]),
        student=pupil,
        records=frozenset() if pupil is None else _records_of(uow, pupil),
    )


def _pupil(uow: UnitOfWork, said: str) -> StudentId:
    rows = uow.connection.execute(_PUPIL, {"district": uow.context.district, "said": said.strip()}).fetchall()
    if len(rows) != 1:
        raise CommandRefused("That is neither the id nor the number of one pupil of this district.")
    return StudentId(rows[0][0])


def _records_of(uow: UnitOfWork, pupil: StudentId) -> frozenset[str]:
    """Return the ids of all records about a pupil: what a line of the audit names is one of them."""
    ids = {str(pupil)}
    for kind in KINDS:
        if any(field.name == "student_id" for field in kind.fields):
            statement = (
                f"SELECT r.id FROM {kind.table} AS r WHERE r.district_id = %(district)s AND r.student_id = %(pupil)s"  # noqa: S608  # a declared table
            )
            asked = {"district": uow.context.district, "pupil": pupil}
            ids |= {str(row[0]) for row in uow.connection.execute(statement.encode(), asked)}
    return frozenset(ids)


def _links(parts: Workshop, district: DistrictId, lines: Collection[str]) -> list[str]:
    """Return the entries that lines tell of, as their workstations signed them; not what came damaged or from others.

    The text goes along where it holds looks alone: ids and names of fields, which the lines say as well.
    """
    told = {entry for text in lines if (entry := json.loads(text)[_ENTRY]) is not None}
    with system(parts, district, every_school(parts, district), read_only=True) as uow:
        devices = uow.connection.execute(_DEVICES, {"district": district}).fetchall()
    made = []
    for device, key in devices:
        for held, _ in held_of(parts, district, device):
            # What stands beside the sequence goes along always: a text of the sequence may name it.
            asked = str(held.entry) in told
            if held.is_not_the_devices or not (asked or held.number > MAX_NUMBER):
                continue
            said = held.said()
            made.append(
                json.dumps(
                    {
                        "device": str(device),
                        "key": bytes(key).hex(),
                        "number": held.number,
                        "entry": str(held.entry),
                        "hash": held.hash,
                        "previous": said.get("previous"),
                        "signature": base64.b64decode(held.signature).hex(),
                        "text": held.body if asked and _looks_alone(said) else None,
                    }
                )
            )
    return made


def _looks_alone(said: object) -> bool:
    changes = said.get("changes") if isinstance(said, dict) else None
    return bool(changes) and isinstance(changes, list) and all(one.get("verb") == "access.record" for one in changes)


def _keys_in(folder: Path) -> set[str]:
    try:
        texts = (folder / CHAINS).read_text("utf-8").splitlines()
        return {key for key in (json.loads(text)["key"] for text in texts) if len(bytes.fromhex(key)) == _PUBLIC // 2}
    except (OSError, ValueError, KeyError, TypeError):
        raise ExportUnreadable("That folder holds no export of the audit that reads: files are missing.") from None


def _exported(id_: UUID, body: dict[str, object], choice: _Choice, at: Instant) -> AuditEvent:
    about = choice.student or choice.person
    return AuditEvent(
        action="EXPORT",
        entity_type="audit",
        entity_id=str(id_),
        at=at,
        role="SYSTEM",
        detail={
            "via": "audit_export",
            "from": str(body["from"]),
            "until": str(body["until"]),
            "school": _said(choice.school),
            "about": _said(about),
        },
    )


def _counted(lines: Collection[str]) -> dict[str, int]:
    return dict(sorted(Counter(json.loads(text)[_ACTION] for text in lines).items()))


def _write(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(mode=0o700, parents=True)
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8", newline="\n")


def _joined(texts: Iterable[str]) -> str:
    return "".join(f"{text}\n" for text in texts)


def _said(id_: UUID | None) -> str | None:
    return None if id_ is None else str(id_)
