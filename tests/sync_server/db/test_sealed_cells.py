"""Sealed fields never reach PostgreSQL in the clear, open in their own cell only, and are sealed anew unnoticed."""

# ruff: noqa: PT012  (the block is one transaction; what it raises leaves as it ends)

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
import structlog
from sqlalchemy import LargeBinary
from tests import factories as make
from tests.sync_server.db.district_of_tests import new_id
from tests.sync_server.db.notes_of_tests import NOTES, SealedTown, as_superuser, note_row, sealed_town

from wc_contract.model.kinds import HEALTH_RECORD, KINDS, STUDENT, FieldType
from wc_sync_server.auth.column_cipher import key_of
from wc_sync_server.auth.key_files import KeysUnusable
from wc_sync_server.db.context import DEVICE, Context
from wc_sync_server.db.engine import Pool
from wc_sync_server.db.provision import Dsns
from wc_sync_server.db.repositories.cells import HOME, Cells
from wc_sync_server.db.repositories.epochs import Epochs, ensure_epoch
from wc_sync_server.db.repositories.feed import PostgresFeeds
from wc_sync_server.db.sealed_columns import SealedColumn, sealed_columns
from wc_sync_server.db.sealed_rotation import Pace
from wc_sync_server.db.sealed_rows import UNREADABLE, KeysMissing, RowSealer
from wc_sync_server.db.tables import METADATA, TABLES
from wc_sync_server.db.unit_of_work import scoped
from wc_sync_server.domain.access import Principal
from wc_sync_server.domain.sealing import CellUnreadable, KeyUnavailable
from wc_sync_server.embedded import Dsn
from wc_sync_server.machine import SystemChance, SystemClock

pytestmark = pytest.mark.postgres

EVERYTHING = "SELECT id::text, row_version, updated_at, deleted_at, notes IS NULL FROM health_records ORDER BY id"
STREAMS = "SELECT id::text, head, heads::text, updated_at FROM streams ORDER BY id"


@pytest.fixture
def town(central_dsns: Dsns, tmp_path: Path) -> Iterator[SealedTown]:
    with sealed_town(central_dsns, tmp_path) as made:
        yield made


def paced(batch: int = 3) -> Pace:
    return Pace(batch=batch, between=lambda: None)


def rotate(town: SealedTown, batch: int = 3) -> tuple[int, int]:
    """Return how many cells were sealed anew, and how many did not open."""
    done = list(town.rotation().reseal(NOTES, paced(batch)))
    return sum(each.sealed for each in done), sum(len(each.damaged) for each in done)


def keys_used(superuser: Dsn) -> set[str]:
    rows = as_superuser(superuser.conninfo(), "SELECT notes FROM health_records WHERE notes IS NOT NULL")
    return {key_of(bytes(row[0])) for row in rows}


def test_what_is_declared_sealed_is_bytes_without_index_check_or_search() -> None:
    declared = {
        SealedColumn(table=kind.table, column=field.name) for kind in KINDS for field in kind.fields if field.sealed
    }
    assert declared
    assert declared < set(sealed_columns())
    assert SealedColumn(table="user_credentials", column="totp_secret") in sealed_columns()
    for kind in KINDS:
        for field in kind.fields:
            if field.sealed:
                assert (field.type in {FieldType.TEXT, FieldType.JSON}, field.phi, field.values) == (True, True, ())
                assert not kind.append_only, "a rotation changes the cell"
    for sealed in sealed_columns():
        table = METADATA.tables[sealed.table]
        column = table.columns[sealed.column]
        assert isinstance(column.type, LargeBinary)
        assert not any(column.name in index.columns for index in table.indexes)
        assert not column.foreign_keys
        texts = [str(made.computed.sqltext) for made in table.columns if made.computed is not None]
        assert not [text for text in texts if sealed.column in text], "a search column is a copy in the clear"


def test_a_note_is_bytes_in_the_database_and_text_to_whoever_has_the_keys(
    town: SealedTown, central_superuser: Dsn
) -> None:
    written = town.write(make.MARKER, "", "ä note\nof two lines", None)
    assert town.read() == {str(row["id"]): row["notes"] for row in written}
    query = "SELECT coalesce(string_agg(h::text, ''), '') FROM health_records h"
    ((everything,),) = as_superuser(central_superuser.conninfo(), query)
    assert make.MARKER not in everything
    assert make.MARKER.encode().hex() not in everything


def test_a_pool_without_keys_writes_nothing_in_the_clear(
    town: SealedTown, central_pool: Pool, central_superuser: Dsn
) -> None:
    row = note_row(town.student, town.town.nurse, make.MARKER)
    with (
        pytest.raises(KeysMissing, match="notes is sealed") as caught,
        scoped(central_pool, town.town.context()) as uow,
    ):
        uow.lock_streams(town.town.first)
        uow.write_rows(HEALTH_RECORD, town.town.first, [row])
    assert make.MARKER not in str(caught.value)
    assert as_superuser(central_superuser.conninfo(), "SELECT count(*) FROM health_records") == [(0,)]
    town.write("a note")
    with scoped(central_pool, town.town.context(), read_only=True) as uow, pytest.raises(KeysMissing):
        uow.sealing.opened(HEALTH_RECORD, [{"id": new_id(), "notes": b"\x02" + b"k" * 40}])


def test_a_field_that_nobody_named_or_nobody_filled_is_left_alone(town: SealedTown) -> None:
    with scoped(town.pool, town.town.context(), read_only=True) as uow:
        rows = [{"id": new_id(), "icd10": "J45"}, {"id": new_id(), "notes": None}]
        assert uow.sealing.opened(HEALTH_RECORD, rows) == rows


@pytest.mark.parametrize("swapped", ["rows", "districts"])
def test_a_note_moved_to_another_cell_by_hand_does_not_open(
    town: SealedTown, central_superuser: Dsn, swapped: str
) -> None:
    first, second = town.write("of the first", "of the second")
    if swapped == "rows":
        moved = "UPDATE health_records SET notes = (SELECT notes FROM health_records WHERE id = %s) WHERE id = %s"
        as_superuser(central_superuser.conninfo(), moved, first["id"], second["id"])
        sealer = RowSealer(town.cipher, town.town.district)
    else:
        sealer = RowSealer(town.cipher, make.named("another district"))  # type: ignore[arg-type]
    rows = as_superuser(
        central_superuser.conninfo(), "SELECT id, notes FROM health_records WHERE id = %s", second["id"]
    )
    with pytest.raises(CellUnreadable, match="notes does not open"):
        sealer.opened(HEALTH_RECORD, [{"id": row[0], "notes": row[1]} for row in rows])


@pytest.fixture
def feeds(town: SealedTown, central_dsns: Dsns) -> PostgresFeeds:
    clock = SystemClock()
    ensure_epoch(town.pool, clock.now(), SystemChance())
    # The directory is asked where a district is.
    cells = Cells(town.pool, {HOME: central_dsns.app})
    cells._of_district[town.town.district] = town.pool
    return PostgresFeeds(cells, Epochs(cells, clock))


def principal(town: SealedTown) -> Principal:
    return Principal(
        district=town.town.district,
        school=town.town.first,
        device=new_id(),  # type: ignore[arg-type]
        user=town.town.nurse,
        session=new_id(),
    )


def pulled(feeds: PostgresFeeds, town: SealedTown, after: int = 0) -> list[dict[str, Any]]:
    with feeds.snapshot(principal(town)) as snapshot:
        pages = list(snapshot.pages(HEALTH_RECORD, after, digest=True))
    rows = [row for page in pages for row in orjson.loads(page.rows)]
    return [dict(zip(HEALTH_RECORD.columns, row, strict=True)) for row in rows]


def test_a_workstation_gets_plain_text_and_its_versions_unchanged(feeds: PostgresFeeds, town: SealedTown) -> None:
    written = town.write(make.MARKER, None, 'second line\u2028"quoted" \\x02')
    found = pulled(feeds, town)
    assert [row["notes"] for row in found] == [row["notes"] for row in written]
    assert [row["row_version"] for row in found] == [2, 3, 4]
    assert [row["metadata"] for row in found] == ["{}"] * 3


def test_a_damaged_note_keeps_no_school_from_its_records(
    feeds: PostgresFeeds, town: SealedTown, central_superuser: Dsn
) -> None:
    rows = town.write("first", "second")
    damaged = "UPDATE health_records SET notes = notes || '\\x00'::bytea WHERE id = %s"
    as_superuser(central_superuser.conninfo(), damaged, rows[0]["id"])
    with structlog.testing.capture_logs() as logs:
        found = pulled(feeds, town)
    assert [row["notes"] for row in found] == [UNREADABLE, "second"]
    assert [(line["event"], line["row"]) for line in logs] == [("cell unreadable", rows[0]["id"])]
    with pytest.raises(CellUnreadable):
        town.read()


def test_kinds_without_sealed_fields_go_out_as_the_database_wrote_them(feeds: PostgresFeeds, town: SealedTown) -> None:
    with feeds.snapshot(principal(town)) as snapshot:
        (page,) = snapshot.pages(STUDENT, 0, digest=False)
    sealer = RowSealer(town.cipher, town.town.district)
    assert sealer.opened_page(STUDENT, page.rows) is page.rows
    assert b", " in page.rows, "PostgreSQL's own spacing: nobody has read and written it again"


def test_a_rotation_changes_the_cells_and_nothing_else(
    feeds: PostgresFeeds, town: SealedTown, central_superuser: Dsn
) -> None:
    rows = town.write(*(f"note {number}" for number in range(10)), None)
    with scoped(town.pool, town.town.context()) as uow:
        uow.lock_streams(town.town.first)
        uow.remove_rows(HEALTH_RECORD, town.town.first, [UUID(str(row["id"])) for row in rows[:2]], "deleted")
        uow.commit()
    records = as_superuser(central_superuser.conninfo(), EVERYTHING)
    streams = as_superuser(central_superuser.conninfo(), STREAMS)
    notes = town.read()
    with feeds.snapshot(principal(town)) as snapshot:
        digest, head = snapshot.digest(HEALTH_RECORD), snapshot.head()
    made = town.ring.add(use=True)
    assert rotate(town) == (10, 0)
    assert keys_used(central_superuser) == {made.id}, "deleted ones too"
    assert as_superuser(central_superuser.conninfo(), EVERYTHING) == records
    assert as_superuser(central_superuser.conninfo(), STREAMS) == streams
    assert town.read() == notes
    assert rotate(town) == (0, 0), "there is nothing left to do"
    assert pulled(feeds, town, after=head.school_head) == []
    with feeds.snapshot(principal(town)) as snapshot:
        assert (snapshot.digest(HEALTH_RECORD), snapshot.head().school_heads) == (digest, head.school_heads)


def test_a_form_from_before_is_brought_to_the_present_one(town: SealedTown, central_superuser: Dsn) -> None:
    (row,) = town.write("a note")
    key = town.ring.active()
    place = f"health_records|{row['id']}|notes".encode()
    old = b"\x01" + key.id + b"n" * 12 + key.aead.encrypt(b"n" * 12, b"an old note", place)
    as_superuser(central_superuser.conninfo(), "UPDATE health_records SET notes = %s WHERE id = %s", old, row["id"])
    assert town.read() == {row["id"]: "an old note"}
    assert rotate(town) == (1, 0)
    assert town.rotation().counts(NOTES) == {town.cipher.current(): 1}
    assert town.read() == {row["id"]: "an old note"}


def test_a_writer_is_not_waited_for_and_its_note_stands(town: SealedTown) -> None:
    rows = town.write(*(f"note {number}" for number in range(7)))
    town.ring.add(use=True)
    with scoped(town.pool, town.town.context()) as uow:
        uow.lock_streams(town.town.first)
        town.overwrite(uow, {str(rows[3]["id"]): "what was written meanwhile"})
        assert rotate(town) == (6, 0), "the row that is held is passed over"
        uow.commit()
    assert town.read()[str(rows[3]["id"])] == "what was written meanwhile"
    assert rotate(town) == (0, 0), "that note was sealed with the new key already"
    assert set(town.rotation().counts(NOTES)) == {town.cipher.current()}


def test_a_note_that_changed_after_it_was_read_is_the_writers(
    town: SealedTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = town.write("as it was read")
    town.ring.add(use=True)
    rotation = town.rotation()
    find = rotation._find

    def find_without_lock(*arguments: Any, **_named: Any) -> Any:
        found = find(*arguments, lock="")
        town.pool.sealer = town.cipher
        with scoped(town.pool, town.town.context()) as uow:
            uow.lock_streams(town.town.first)
            town.overwrite(uow, {str(row["id"]): "as it was changed"})
            uow.commit()
        return found

    monkeypatch.setattr(rotation, "_find", find_without_lock)
    (done,) = rotation.reseal(NOTES, paced())
    assert (done.sealed, done.outrun) == (0, 1)
    assert town.read() == {row["id"]: "as it was changed"}


def test_writers_and_a_rotation_side_by_side_lose_nothing(town: SealedTown) -> None:
    rows = town.write(*(f"note {number}" for number in range(60)))
    town.ring.add(use=True)
    stop, failures = threading.Event(), []
    last: dict[str, str] = {}

    def keep_writing() -> None:
        for turn in range(40):
            if stop.is_set():
                return
            some = {str(row["id"]): f"turn {turn}" for row in reversed(rows[turn % 20 :: 7])}
            try:
                with scoped(town.pool, town.town.context()) as uow:
                    uow.lock_streams(town.town.first)
                    town.overwrite(uow, some)
                    uow.commit()
            except Exception as error:  # noqa: BLE001  # told below
                failures.append(error)
                return
            last.update(some)

    writer = threading.Thread(target=keep_writing)
    writer.start()
    for _ in range(5):
        rotate(town, batch=4)
    stop.set()
    writer.join()
    rotate(town)
    assert not failures
    assert set(town.rotation().counts(NOTES)) == {town.cipher.current()}
    assert town.read() == {str(row["id"]): row["notes"] for row in rows} | last


def test_a_cell_that_does_not_open_is_named_and_left_and_the_rest_goes_on(
    town: SealedTown, central_superuser: Dsn
) -> None:
    rows = town.write("first", "second", "third")
    damaged = "UPDATE health_records SET notes = notes || '\\x00'::bytea WHERE id = %s RETURNING notes"
    ((bytes_now,),) = as_superuser(central_superuser.conninfo(), damaged, rows[1]["id"])
    town.ring.add(use=True)
    checked = list(town.rotation().check(NOTES, paced()))
    assert [(sum(c.sealed for c in checked), [str(r) for c in checked for r in c.damaged])] == [(2, [rows[1]["id"]])]
    assert rotate(town) == (2, 1)
    query = "SELECT notes FROM health_records WHERE id = %s"
    assert as_superuser(central_superuser.conninfo(), query, rows[1]["id"]) == [(bytes_now,)]


def test_cells_of_a_lost_key_are_passed_over_and_the_lost_key_is_named(town: SealedTown, tmp_path: Path) -> None:
    town.write("sealed with what will be lost")
    lost = town.ring.active_key().id
    town.ring.add(use=True)
    town.write("sealed with the second")
    town.ring.add(use=True)
    (tmp_path / "keys" / "cells" / f"{lost}.key").unlink()
    town.ring._opened.clear()
    with pytest.raises(KeyUnavailable, match=f"Key {lost} is not in the key ring"):
        rotate(town)
    done = list(town.rotation([bytes.fromhex(lost)]).reseal(NOTES, paced()))
    assert sum(each.sealed for each in done) == 1
    with pytest.raises(KeysUnusable, match="written with"):
        town.ring.retire(town.ring.active_key().id)


def test_a_device_context_writes_and_reads_sealed_fields_like_any_other(town: SealedTown) -> None:
    row = note_row(town.student, town.town.nurse, "from a workstation")
    context = Context(district=town.town.district, role=DEVICE, schools=(town.town.first,), user=town.town.nurse)
    with scoped(town.pool, context) as uow:
        uow.lock_streams(town.town.first)
        uow.write_rows(HEALTH_RECORD, town.town.first, [row])
        uow.commit()
    assert town.read() == {row["id"]: "from a workstation"}


def test_every_kind_has_its_table_and_every_sealed_table_an_id() -> None:
    assert {TABLES[kind.name].name for kind in KINDS} == {kind.table for kind in KINDS}
    for sealed in sealed_columns():
        assert {"district_id", "id"} <= set(METADATA.tables[sealed.table].columns.keys())
