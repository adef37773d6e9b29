"""The keys of sealed cells: what there are, a new one, sealing anew with it, and the end of an old one."""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Annotated, Final

import typer

from wc_sync_server.auth.key_texts import UNWRAPPED
from wc_sync_server.cli.console import CommandRefused, fail, out, spoken, table, workshop
from wc_sync_server.cli.context_keys import fetch_context, rotate_context
from wc_sync_server.cli.rotating import (
    Rotated,
    cells_by_key,
    check_district,
    lost_keys,
    outdated,
    rotate_district,
    rotation_of,
    tell_audit,
    transactions_older_than,
)
from wc_sync_server.db.directory import District
from wc_sync_server.db.sealed_columns import SealedColumn
from wc_sync_server.db.sealed_rotation import Pace, Resealed

keys = typer.Typer(no_args_is_help=True, help="Keys: of sealed columns, and of contexts.")

keys.command("rotate-context")(rotate_context)
keys.command("fetch-context")(fetch_context)

# A running server looks for another key every two seconds; well before this all of them write with the new one.
_SEEN: Final = timedelta(seconds=30)
_SETTLED: Final = timedelta(seconds=60)
_WRAPPED_BY = {"file": "wrapping.key", "command": "WC_KMS_COMMAND", UNWRAPPED: "nothing (from before the ring)"}

KeyArgument = Annotated[str, typer.Argument(help="Id of the key: eight hex digits; see `keys list`.")]


@keys.command("list")
@spoken
def list_keys() -> None:
    """List the keys of the ring and how many cells each has sealed. Exit 1 if a cell names a key that is missing."""
    with workshop() as parts:
        ring, active, cells = parts.ring.stored(), parts.ring.active_key(), cells_by_key(parts)
    rows = [
        (
            key.id,
            "writes and reads" if key.id == active.id else "reads",
            "" if key.made_at is None else f"{key.made_at:%Y-%m-%d %H:%M}",
            _WRAPPED_BY.get(key.wrapped_by, key.wrapped_by),
            cells.get(key.id, Counter()).total(),
        )
        for key in ring
    ]
    missing = tuple(sorted(cells.keys() - {key.id for key in ring}))
    rows += [(id_, "MISSING", "", "", cells[id_].total()) for id_ in missing]
    table("Key ring", ("key", "state", "made (UTC)", "wrapped by", "cells"), rows)
    columns = {name for counted in cells.values() for name in counted}
    table(
        "Sealed cells",
        ("column", "key", "cells"),
        [(name, id_, cells[id_][name]) for name in sorted(columns) for id_ in sorted(cells) if cells[id_][name]],
    )
    _refuse_lost(missing)


@keys.command("new")
@spoken
def new_key(
    *,
    later: Annotated[
        bool, typer.Option("--later", help="Only make it; `keys use` follows when every server has its file.")
    ] = False,
) -> None:
    """Make a key. Running servers seal with it within seconds; what older keys sealed stays readable."""
    with workshop() as parts:
        made = parts.ring.add(use=not later)
        for district in parts.cells.all():
            tell_audit(parts, district.id, "KEY_MADE", made.id)
        if later:
            out.print(f"Key {made.id} is made. Copy it to every server, then say `wc-sync-server keys use {made.id}`.")
        else:
            out.print(f"Key {made.id} is made and written with. Back up the key folder now, then `keys rotate`.")


@keys.command("use")
@spoken
def use_key(key: KeyArgument) -> None:
    """Seal with a key of the ring from now on."""
    with workshop() as parts:
        parts.ring.use(key)
        for district in parts.cells.all():
            tell_audit(parts, district.id, "KEY_USED", key)
        out.print(f"Key {key} is written with.")


@keys.command("rotate")
@spoken
def rotate(
    *,
    batch: Annotated[int, typer.Option(min=1, max=10_000, help="Cells a transaction.")] = 500,
    pause: Annotated[int, typer.Option(min=0, max=60_000, help="Milliseconds between two, to spare others.")] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Open every cell that would be sealed anew.")] = False,
) -> None:
    """Seal every cell with the key in use that another key sealed. Killed and begun again, it goes on where it was.

    Workstations notice nothing: no record gets a new version. Exit 1 if a cell does not open or is left.
    """
    told, wait = Rotated(), threading.Event()
    pace = Pace(batch=batch, between=partial(wait.wait, pause / 1000))
    with workshop() as parts:
        lost = lost_keys(parts)
        for district in parts.cells.all():
            waiting = outdated(parts, rotation_of(parts, district.id), lost)
            work = check_district if dry_run else rotate_district
            _tell_progress(district, waiting, work(parts, district, pace, told, lost))
        key = parts.ring.active_key().id
    done = "would be sealed" if dry_run else "sealed"
    table(f"Cells {done} with key {key}", ("column", "cells"), sorted(told.sealed.items()))
    for place in told.damaged:
        out.print(f"does not open: {place}", style="bold red", soft_wrap=True, highlight=False, markup=False)
    _refuse_lost(lost)
    if told.damaged or told.left:
        raise fail(f"{len(told.damaged)} cells do not open, {told.left} are left: say `keys rotate` again.", 1)
    out.print(f"Nothing was written: {told.sealed.total()} cells." if dry_run else f"No cell is left: {key} has all.")


@keys.command("retire")
@spoken
def retire(key: KeyArgument) -> None:
    """Take a key out of the ring when no cell needs it any more. Its file goes to `cells/retired`, for old backups."""
    with workshop() as parts:
        active = parts.ring.active_key()
        if active.id == key:
            raise CommandRefused(f"Key {key} is the one that is written with: say `wc-sync-server keys new` first.")
        counted = cells_by_key(parts).get(key, Counter())
        if counted:
            places = ", ".join(f"{count:,} in {name}" for name, count in sorted(counted.items()))
            raise CommandRefused(f"Key {key} is still needed: {places}. Say `wc-sync-server keys rotate` first.")
        since = parts.clock.now() - active.since
        if since < _SETTLED:
            raise CommandRefused(
                f"Key {active.id} is in use for {since.seconds} seconds only, and a server may still be writing with "
                f"{key}: try again in {(_SETTLED - since).seconds + 1} seconds."
            )
        if transactions_older_than(parts, since - _SEEN):
            raise CommandRefused(
                f"A transaction that began before key {active.id} was in use is still open, perhaps an import, and may "
                f"have written with {key}: try again when it has ended."
            )
        parts.ring.retire(key)
        for district in parts.cells.all():
            tell_audit(parts, district.id, "KEY_RETIRED", key)
        out.print(f"Key {key} is retired. Backups of the database from before need it: keep cells/retired/{key}.key.")


def _refuse_lost(lost: Sequence[str]) -> None:
    if lost:
        raise fail(
            f"Cells name keys that are not in the ring: {', '.join(lost)}. Restore cells/<key>.key from the backup of "
            "the key folder.",
            1,
        )


def _tell_progress(district: District, waiting: dict[SealedColumn, int], steps: Iterator[Resealed]) -> None:
    total, done, said = sum(waiting.values()), 0, 0
    for step in steps:
        done += step.sealed
        # A line for every tenth: readable at a terminal and in a log alike.
        tenth = min(10, done * 10 // max(total, 1))
        if tenth > said:
            said = tenth
            out.print(f"{district.code}: {step.column} … {done:,} of {total:,}", highlight=False, soft_wrap=True)
