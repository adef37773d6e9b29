"""What was refused, waits, or was left out of an entry: kept whole until a person answers it. And old receipts."""

from typing import Annotated, Any
from uuid import UUID

import orjson
import typer

from wc_contract.model.ids import DistrictId
from wc_contract.model.instants import Instant
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.cli.auditing import migrate_url_of
from wc_sync_server.cli.console import CommandRefused, out, spoken, table, workshop
from wc_sync_server.cli.district import DistrictOption
from wc_sync_server.cli.people import known_person
from wc_sync_server.cli.records import district_named, every_school, school_named, system
from wc_sync_server.db.receipt_texts import LEAST_DAYS, kept_from, trim, with_text
from wc_sync_server.db.unit_of_work import UnitOfWork
from wc_sync_server.wiring import Workshop

refused = typer.Typer(
    no_args_is_help=True, help="Entries that had no effect, or not all of it: list, show, answer. Kept until answered."
)
receipts = typer.Typer(no_args_is_help=True, help="The answers to entries: trim takes old texts out of them.")

_LIST = """
SELECT k.id, s.name, d.name, k.number, k.code, k.fields, k.received_at, k.answered_at
FROM refused_entries k
JOIN schools s ON s.district_id = k.district_id AND s.id = k.school_id
JOIN devices d ON d.district_id = k.district_id AND d.id = k.device_id
WHERE k.district_id = %(district)s AND (%(all)s OR k.answered_at IS NULL)
  AND (%(device)s::uuid IS NULL OR k.device_id = %(device)s)
ORDER BY k.received_at, k.number
"""
_ONE = """
SELECT k.id, k.school_id, k.device_id, k.entry_id, k.code, k.fields, k.body, k.received_at, k.answered_at
FROM refused_entries k WHERE k.district_id = %(district)s AND k.id = %(id)s
"""
_ANSWER = """
UPDATE refused_entries k SET answered_at = %(at)s, answered_by = %(by)s, updated_at = %(at)s
WHERE k.district_id = %(district)s AND k.id = %(id)s AND k.answered_at IS NULL
"""
_COLUMNS = ("id", "school", "workstation", "number", "why", "fields", "received", "answered")

Kept = dict[str, Any]
IdArgument = Annotated[str, typer.Argument(help="Id of the kept entry, as `refused list` shows it.")]


def kept_entries(
    parts: Workshop, district: DistrictId, *, school: str | None = None, device: UUID | None = None, every: bool = False
) -> list[tuple[Any, ...]]:
    """Return what is kept, oldest first: codes and names of fields, no content; unanswered ones unless every."""
    places = every_school(parts, district) if school is None else (school_named(parts, district, school),)
    with system(parts, district, places, read_only=True) as uow:
        return uow.connection.execute(_LIST, {"district": district, "all": every, "device": device}).fetchall()


def show_kept(parts: Workshop, district: DistrictId, kept: UUID) -> Kept:
    """Return one kept entry with its text, and put the look on record. Raises CommandRefused."""
    with system(parts, district, every_school(parts, district)) as uow:
        found = _found(uow, kept)
        uow.audit([_event("VIEW", found, uow.at)])
        uow.commit()
    return found


def answer_kept(parts: Workshop, district: DistrictId, kept: UUID, email: str) -> None:
    """Mark a kept entry as answered by somebody of the district. Raises CommandRefused."""
    with system(parts, district, every_school(parts, district)) as uow:
        found, person = _found(uow, kept), known_person(uow, email)
        parameters = {"district": district, "id": kept, "by": person["id"], "at": uow.at}
        if uow.connection.execute(_ANSWER, parameters).rowcount != 1:
            raise CommandRefused("It was answered before. `wc-sync-server refused list --all` shows when.")
        uow.audit([_event("REFUSED_ANSWERED", found, uow.at, UUID(str(person["id"])))])
        uow.commit()


@refused.command("list")
@spoken
def show_all(
    *,
    school: Annotated[str | None, typer.Option(help="Only of this school: its id, sourced id or name.")] = None,
    device: Annotated[str | None, typer.Option(help="Only of this workstation: its id.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Also what was answered.")] = False,
    district: DistrictOption = None,
) -> None:
    """Show what is kept: whose, why, and which fields are at fault. Never what an entry says."""
    with workshop() as parts:
        home = district_named(parts, district).id
        rows = kept_entries(parts, home, school=school, device=_uuid(device) if device else None, every=every)
    table("Kept entries", _COLUMNS, [(*row[:5], ", ".join(row[5]), *row[6:]) for row in rows])


@refused.command("show")
@spoken
def show(kept: IdArgument, district: DistrictOption = None) -> None:
    """Show one entry with all it says. That you looked is put on record."""
    with workshop() as parts:
        found = show_kept(parts, district_named(parts, district).id, _uuid(kept))
    out.print(f"{found['code']} ({', '.join(found['fields']) or 'no field named'}), received {found['received_at']}")
    out.print(_readable(found["body"]), highlight=False, markup=False)


@refused.command("answer")
@spoken
def answer(
    kept: IdArgument,
    by: Annotated[str, typer.Option(help="E-mail of whoever looked at it and answers for it.")],
    district: DistrictOption = None,
) -> None:
    """Mark an entry as answered: somebody looked, and nothing more is to be done. It is kept all the same."""
    with workshop() as parts:
        answer_kept(parts, district_named(parts, district).id, _uuid(kept), by)
    out.print("Answered.")


@receipts.command("trim")
@spoken
def trim_old(
    *,
    days: Annotated[
        int, typer.Option(min=LEAST_DAYS, help="Keep what was sent at least so many days; whole months go.")
    ] = LEAST_DAYS,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
    district: DistrictOption = None,
) -> None:
    """Take what was sent out of old receipts. The answers themselves stay for ever: ids, numbers, hashes, outcomes."""
    with workshop() as parts:
        home = district_named(parts, district).id
        before, places = kept_from(parts.clock.now(), days), every_school(parts, home)
        pool = parts.cells.pool_for(home)
        if dry_run:
            count = sum(with_text(pool, home, place, before) for place in places)
            out.print(f"{count} receipts from before {before.date()} still hold what was sent.")
            return
        done = sum(trim(migrate_url_of(parts), home, places, before, parts.chance))
    out.print(f"What was sent is out of {done} receipts from before {before.date()}.")


def _found(uow: UnitOfWork, kept: UUID) -> Kept:
    row = uow.connection.execute(_ONE, {"district": uow.context.district, "id": kept}).fetchone()
    if row is None:
        raise CommandRefused("No such entry is kept in this district. `wc-sync-server refused list --all` shows all.")
    names = ("id", "school", "device", "entry", "code", "fields", "body", "received_at", "answered_at")
    return dict(zip(names, row, strict=True))


def _event(action: str, found: Kept, at: Instant, user: UUID | None = None) -> AuditEvent:
    return AuditEvent(
        action=action,
        entity_type="refused_entry",
        entity_id=str(found["id"]),
        at=at,
        fields=("body",) if action == "VIEW" else (),
        user_id=user,
        role="SYSTEM",
        device_id=found["device"],
        school_id=found["school"],
        entry_id=found["entry"],
        detail={"code": found["code"]},
    )


def _readable(body: str) -> str:
    try:
        return orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONDecodeError:
        return body


def _uuid(said: str) -> UUID:
    try:
        return UUID(said)
    except ValueError:
        raise CommandRefused(f"{said!r} is no id. `wc-sync-server refused list` shows them.") from None
