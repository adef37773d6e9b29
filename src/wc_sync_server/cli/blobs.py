"""Photos and documents: what there is, whether it opens, and deleting uploads that were begun and left."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated

import typer

from wc_sync_server.auth.piece_cipher import AesPieces
from wc_sync_server.cli.console import CommandRefused, fail, out, reached_by, spoken, table, workshop
from wc_sync_server.cli.district import DistrictOption
from wc_sync_server.cli.importing import DryRun
from wc_sync_server.cli.records import district_named
from wc_sync_server.db.engine import Pool, connect_pool
from wc_sync_server.db.repositories.blob_keeping import BlobKeeping, Gone, Kept
from wc_sync_server.db.whole_district import whole_district
from wc_sync_server.domain.blobs import BlobStatus
from wc_sync_server.wiring import Workshop

blobs = typer.Typer(no_args_is_help=True, help="Photos and documents: list, verify, purge.")

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document instead of a table.")]
_SHOWN = 200
_LISTED = ("id", "school", "kind", "bytes", "held", "status", "named by a record", "touched")
_GONE = ("id", "status", "bytes held")


@blobs.command("list")
@spoken
def listed(
    *,
    unnamed: Annotated[bool, typer.Option("--unnamed", help="Only those that no document's record names.")] = False,
    unfinished: Annotated[bool, typer.Option("--unfinished", help="Only uploads that are not complete.")] = False,
    as_json: AsJson = False,
    district: DistrictOption = None,
) -> None:
    """List photos and documents, with what they add up to. What is in them stays sealed."""
    with _keeping(district) as (_, keeping):
        every = list(keeping.each())
    shown = [
        kept
        for kept in every
        if not (unnamed and kept.named) and not (unfinished and kept.status is BlobStatus.COMPLETE)
    ]
    if as_json:
        _print({"blobs": [_as_json(kept) for kept in shown], "bytes": sum(kept.held for kept in shown)})
        return
    table("Photos and documents", _LISTED, [_row(kept) for kept in shown[:_SHOWN]])
    if len(shown) > _SHOWN:
        out.print(f"and {len(shown) - _SHOWN} more; --json lists all.")
    out.print(f"{len(shown)} of {len(every)}, {sum(kept.held for kept in shown)} bytes.", highlight=False)


@blobs.command("verify")
@spoken
def verify(*, as_json: AsJson = False, district: DistrictOption = None) -> None:
    """Open every piece of every photo and document and prove its hash. Exit 1 when one does not open."""
    with _keeping(district) as (parts, keeping):
        looked = list(keeping.verify(AesPieces(parts.chance)))
    unsound = [each for each in looked if not each.sound]
    if as_json:
        _print({"verified": len(looked), "unsound": [str(each.id) for each in unsound]})
    else:
        out.print(f"{len(looked)} verified, {len(unsound)} do not open.", highlight=False)
        for each in unsound:
            out.print(f"  {each.id}", highlight=False)
    if unsound:
        raise fail("Restore these from a backup of the database: see docs/operating.md.", 1)


@blobs.command("purge")
@spoken
def purge(
    *,
    days: Annotated[int, typer.Option(min=1, max=3650, help="Untouched for so many days.")] = 35,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    district: DistrictOption = None,
) -> None:
    """Delete uploads that were begun and left, or refused. What is complete is never deleted here.

    A workstation that comes back later begins such an upload anew: it keeps what it has not sent. Needs
    WC_MIGRATE_URL, for the server's own role may delete nothing.
    """
    age = timedelta(days=days)
    with _keeping(district) as (parts, keeping):
        if dry_run:
            gone = keeping.old(age)
        else:
            with _migrating(parts) as pool:
                gone = keeping.purge(pool, age)
    _tell_gone(gone, dry_run=dry_run, as_json=as_json)


def _tell_gone(gone: Sequence[Gone], *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        ids = [str(each.id) for each in gone]
        _print({"purged": [] if dry_run else ids, "would_purge": ids if dry_run else []})
        return
    rows = [(each.id, each.status.value.lower(), each.held) for each in gone[:_SHOWN]]
    table("Would be purged" if dry_run else "Purged", _GONE, rows)
    out.print(f"{len(gone)} uploads, {sum(each.held for each in gone)} bytes.", highlight=False)


@contextmanager
def _keeping(code: str | None) -> Iterator[tuple[Workshop, BlobKeeping]]:
    with workshop() as parts:
        found = district_named(parts, code).id
        pool = parts.cells.pool_for(found)
        yield parts, BlobKeeping(pool, whole_district(pool, found), parts.chance)


@contextmanager
def _migrating(parts: Workshop) -> Iterator[Pool]:
    url = parts.settings.migrate_url
    if url is None:
        raise CommandRefused("Set WC_MIGRATE_URL: the server's own role may delete nothing.")
    with reached_by("WC_MIGRATE_URL"):
        pool = connect_pool(url, size=1, application_name="wc-blobs", signer=parts.cells.home.signer)
    try:
        yield pool
    finally:
        pool.close()


def _row(kept: Kept) -> tuple[object, ...]:
    named = "yes" if kept.named else "no"
    status = kept.status.value.lower()
    return kept.id, kept.school, kept.media_type, kept.size, kept.held, status, named, kept.touched_at


def _as_json(kept: Kept) -> Mapping[str, object]:
    return {
        "id": str(kept.id),
        "school": kept.school,
        "sha256": kept.sha256,
        "media_type": kept.media_type,
        "bytes": kept.size,
        "held": kept.held,
        "status": kept.status.value,
        "named": kept.named,
        "touched_at": kept.touched_at.isoformat(),
    }


def _print(body: Mapping[str, object]) -> None:
    typer.echo(json.dumps(body, indent=2))
