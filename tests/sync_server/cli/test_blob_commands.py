"""Photos and documents by the operator's commands: what there is, whether it opens, and what may go."""

import json
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256

import pytest
from tests.pictures import picture
from tests.sync_server.cli.commanded import run, wide_and_forgetful
from tests.sync_server.house import House

from wc_sync_server.auth.piece_cipher import AesPieces
from wc_sync_server.db.repositories.blobs import PostgresBlobs
from wc_sync_server.db.repositories.epochs import Epochs
from wc_sync_server.domain.blobs import Bringer, Piece

__all__ = ["wide_and_forgetful"]
pytestmark = pytest.mark.postgres


def bring(house: House, content: bytes, *, pieces: Sequence[tuple[int, int]]) -> str:
    """Bring some pieces of content, and return its name."""
    parts = house.parts
    blobs = PostgresBlobs(
        parts.cells, Epochs(parts.cells, parts.clock), parts.chance, AesPieces(parts.chance), most=10**8, daily=10**9
    )
    bringer = Bringer(district=house.district, school=house.north, user=house.nurses["ann"].id, role="NURSE")
    name = sha256(content).hexdigest()
    for offset, count in pieces:
        piece = content[offset : offset + count]
        blobs.take(bringer, Piece(sha256=name, size=len(content), offset=offset, content=piece))
    return name


def test_only_what_was_begun_and_left_is_purged_and_it_can_be_begun_anew(house: House) -> None:
    whole, begun, fresh = (picture(150_000, seed=seed) for seed in (31, 32, 33))
    kept = bring(house, whole, pieces=[(0, 150_000)])
    left = bring(house, begun, pieces=[(0, 70_000)])
    new = bring(house, fresh, pieces=[(0, 70_000)])
    old = house.parts.clock.now() - timedelta(days=36)
    house.done("UPDATE blobs SET updated_at = %s WHERE sha256 = ANY(%s)", old, [kept, left])

    listed = json.loads(run(house, "blobs", "list", "--unfinished", "--json").stdout)
    assert {each["sha256"]: each["held"] for each in listed["blobs"]} == {left: 70_000, new: 70_000}
    would = json.loads(run(house, "blobs", "purge", "--dry-run", "--json").stdout)
    assert len(would["would_purge"]) == 1
    done = run(house, "blobs", "purge")
    assert "1 uploads, 70000 bytes" in done.stdout
    there = "SELECT b.sha256, p.byte_count FROM blobs b JOIN blob_pieces p ON p.blob_id = b.id WHERE sha256 = ANY(%s)"
    assert set(house.asked(there, [kept, left, new])) == {(kept, 150_000), (new, 70_000)}
    assert house.one("SELECT count(*) FROM blobs WHERE sha256 = %s", left) == 0
    assert house.one("SELECT count(*) FROM audit_logs WHERE action = 'PURGE'") == 1
    assert "0 uploads" in run(house, "blobs", "purge").stdout
    bring(house, begun, pieces=[(0, 70_000), (70_000, 80_000)])
    table = run(house, "blobs", "list")
    assert "complete" in table.stdout
    assert "image/jpeg" in table.stdout


def test_a_purge_without_the_migrating_role_says_what_to_set(house: House) -> None:
    ended = run(house, "blobs", "purge", WC_MIGRATE_URL="")
    assert ended.returncode == 1
    assert "WC_MIGRATE_URL" in ended.stderr


def test_verify_opens_every_piece_also_after_a_rotation_and_names_what_does_not_open(house: House) -> None:
    name = bring(house, picture(200_000, seed=34), pieces=[(0, 100_000), (100_000, 100_000)])
    before = house.asked("SELECT md5(content) FROM blob_pieces ORDER BY 1")
    key = house.one("SELECT data_key FROM blobs WHERE sha256 = %s", name)
    assert run(house, "keys", "new").returncode == 0
    assert run(house, "keys", "rotate").returncode == 0
    assert house.one("SELECT data_key FROM blobs WHERE sha256 = %s", name) != key
    assert house.asked("SELECT md5(content) FROM blob_pieces ORDER BY 1") == before
    looked = json.loads(run(house, "blobs", "verify", "--json").stdout)
    assert looked["unsound"] == []
    assert looked["verified"] >= 1

    house.done(
        "DELETE FROM blob_pieces WHERE start_byte = 0 AND blob_id = (SELECT id FROM blobs WHERE sha256 = %s)", name
    )
    ended = run(house, "blobs", "verify")
    assert ended.returncode == 1
    assert str(house.one("SELECT id FROM blobs WHERE sha256 = %s", name)) in ended.stdout


def test_the_commands_say_what_they_are_for(house: House) -> None:
    for command in ("list", "verify", "purge"):
        told = run(house, "blobs", command, "--help")
        assert told.returncode == 0
        assert "--json" in told.stdout
