"""Every kind of record is written, sent and taken into a workstation's replica; what did not change costs nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from psycopg.types.json import Jsonb
from tests.recording import Recorder
from tests.sync_server.db.central_world import Place, sample
from tests.sync_server.db.district_of_tests import AT, Row, nurse_row
from tests.sync_server.db.notes_of_tests import SealedTown, sealed_town

from wc_contract.model.ids import DeviceId
from wc_contract.model.kinds import KINDS, USER, RecordKind, Scope
from wc_contract.wire.messages import Pull
from wc_desktop.cipher.engine import Connection, create_encrypted, writing
from wc_desktop.replica.apply import take_rows
from wc_desktop.replica.digests import differing, digests
from wc_desktop.replica.meta import read_positions
from wc_desktop.replica.tables import indexes, tables
from wc_sync_server.api.pull import pull_lines
from wc_sync_server.db.context import DEVICE
from wc_sync_server.db.errors import RowsNotWritten
from wc_sync_server.db.operations import PULL
from wc_sync_server.db.provision import Dsns
from wc_sync_server.db.repositories.feed import PostgresSnapshot
from wc_sync_server.db.tables import TABLES, written_once
from wc_sync_server.db.unit_of_work import scoped
from wc_sync_server.domain.access import Principal
from wc_sync_server.domain.checkpoints import Checkpoints
from wc_sync_server.importing.present_rows import wire

pytestmark = pytest.mark.postgres

MADE_BEFORE = {"district", "school", "user", "medication", "student"}
EPOCH = "e1"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfTown(Place):
    """The town's school, with the ids of what stands in it already."""

    known: dict[str, UUID]

    def id_of(self, table: str) -> UUID:
        return self.known.get(table) or Place.id_of(self, table)


@pytest.fixture
def town(central_dsns: Dsns, tmp_path: Path) -> Iterator[SealedTown]:
    with sealed_town(central_dsns, tmp_path) as made:
        yield made


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Connection]:
    connection = create_encrypted(tmp_path / "replica.db", bytearray(32))
    for statement in (*tables(), *indexes()):
        connection.execute(statement)
    yield connection
    connection.close()


def wire_row(kind: RecordKind, place: Place) -> Row:
    values = sample(TABLES[kind.name], place)
    row: Row = {"id": str(values["id"])}
    for field in kind.fields:
        value: Any = values.get(field.name)
        if field.sealed:
            value = "invented words"
        elif isinstance(value, Jsonb):
            value = value.obj
        elif isinstance(value, date) and field.name in {"administered_on", "record_date", "screened_on"}:
            value = AT.date()
        row[field.name] = wire(value, is_json=isinstance(value, list))
    return row


def write_every_kind(town: SealedTown) -> Place:
    """Write a record of each kind, and return where."""
    ids = town.town
    known = {"users": ids.nurse, "medications": ids.medicine, "students": UUID(str(town.student["id"]))}
    place = OfTown(district=ids.district, school=ids.first, known=known)
    second = place.id_of("users.second")
    with scoped(town.pool, ids.context(), at=AT) as uow:
        uow.lock_streams(ids.district, ids.first)
        uow.write_rows(USER, ids.district, [nurse_row(ids) | {"id": str(second), "email": f"{second}@example.org"}])
        for kind in KINDS:
            if kind.name not in MADE_BEFORE:
                stream = ids.first if kind.scope is Scope.SCHOOL else ids.district
                uow.write_rows(kind, stream, [wire_row(kind, place)])
        uow.commit()
    return place


def pulled(town: SealedTown, since: dict[str, int], *, digest: bool = True) -> list[dict[str, Any]]:
    ids = town.town
    principal = Principal(
        district=ids.district, school=ids.first, device=DeviceId(ids.first), user=ids.nurse, session=ids.first
    )
    message = Pull(protocol=1, epoch=EPOCH, since=since, digest=digest, shape=2)
    with scoped(town.pool, ids.context(ids.first, role=DEVICE), operation=PULL) as uow:
        snapshot = PostgresSnapshot(uow, principal, EPOCH)
        return [orjson.loads(line) for line in pull_lines(snapshot, message, Checkpoints(b"k" * 32))]


def take(replica: Connection, frames: list[dict[str, Any]]) -> None:
    for frame in frames:
        if frame["frame"] == "rows":
            with writing(replica):
                take_rows(replica, frame["kind"], frame["rows"], frame["upto"])


def test_every_kind_reaches_the_replica_and_its_digest_agrees(town: SealedTown, replica: Connection) -> None:
    write_every_kind(town)
    frames = pulled(town, {})
    take(replica, frames)
    assert {frame["kind"] for frame in frames if frame["frame"] == "rows"} == {kind.name for kind in KINDS}
    assert differing(digests(replica), frames[-1]["digest"]) == ()
    assert all(count for count, _ in digests(replica).values())
    assert replica.execute("SELECT notes FROM health_records").fetchall() == [("invented words",)]
    assert replica.execute("SELECT blob_ref FROM documents").fetchall() == [("invented words",)]


def test_what_has_nothing_new_is_not_asked_for(
    town: SealedTown, replica: Connection, recorded_statements: Recorder
) -> None:
    write_every_kind(town)
    take(replica, pulled(town, {}))
    upto = read_positions(replica)
    frames, nothing = counted(town, upto, recorded_statements)
    assert [frame["frame"] for frame in frames] == ["header", "end"]
    assert frames[0]["estimate"] == 0
    assert nothing == 1  # the heads, once

    all_but_one = {name: version for name, version in upto.items() if name != "appointment"}
    frames, one = counted(town, all_but_one, recorded_statements)
    assert [frame.get("kind") for frame in frames if frame["frame"] == "rows"] == ["appointment"]
    # So few rows are not counted before they are sent: the heads say how many they are at most.
    assert frames[0]["estimate"] >= 1
    assert one == nothing + 1


def test_what_is_written_once_is_not_replaced_by_another_of_its_id(town: SealedTown) -> None:
    """Law 2, in the statement; that the database refuses it too stands in test_central_isolation.py."""
    place = write_every_kind(town)
    stays = set()
    for kind in KINDS:
        if kind.name not in MADE_BEFORE:
            stream = place.school if kind.scope is Scope.SCHOOL else place.district
            with scoped(town.pool, town.town.context()) as uow:
                uow.lock_streams(stream)
                try:
                    uow.write_rows(kind, stream, [wire_row(kind, place)])
                except RowsNotWritten:
                    stays.add(kind.name)
    assert stays == {kind.name for kind in KINDS if written_once(kind)}
    assert {"health_record", "clinic_visit", "document", "dose"} <= stays
    assert "vaccination" not in stays


def counted(town: SealedTown, since: dict[str, int], recorder: Recorder) -> tuple[list[dict[str, Any]], int]:
    """Pull without digests; return the frames, and how many questions that took after the opening."""
    before = len(recorder.statements)
    frames = pulled(town, since, digest=False)
    asked = [each for each in recorder.statements[before:] if each.text.lstrip().startswith("SELECT")]
    return frames, len(asked)
