"""A server that knows more of a record than this version: what is strange to us is kept, and found again later."""

import json
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from tests.desktop.clinic import NOON, Clinic, Rows, end_of, header_at, small_school, uid

from wc_contract.model.kinds import ORDER, STUDENT
from wc_desktop.actions.unlock import Desk
from wc_desktop.app.parts import opened_of
from wc_desktop.cipher.engine import writing
from wc_desktop.domain.failures import ProtocolTooNew, ServerFailed
from wc_desktop.replica.extra import promote
from wc_desktop.sync.files import Files
from wc_desktop.sync.gateway import RowsFrame
from wc_desktop.transport.lines import frames

NEWER = (*STUDENT.columns[:3], "favourite_colour", *STUDENT.columns[3:-1], "bus", "row_version")


@pytest.fixture
def files(clinic: Clinic, desk: Desk) -> Files:
    return clinic.parts.link_of(desk).files


def told(rows: Rows, version: int) -> Iterator[bytes]:
    """Yield a pull of the children as a newer server sends it: other columns, in another order."""
    header = header_at(NOON).model_dump(mode="json") | {"columns": {"student": list(NEWER)}}
    wide = []
    for row in rows["student"]:
        known = dict(zip(STUDENT.columns, row, strict=True)) | {"row_version": version}
        known |= {"favourite_colour": f"blue of {known['first_name']}", "bus": 7, "grade": "4"}
        wide.append([known[name] for name in NEWER])
    yield orjson.dumps(header) + b"\n"
    yield orjson.dumps({"frame": "rows", "kind": "student", "upto": version, "rows": wide}) + b"\n"
    yield end_of({}).model_dump_json().encode() + b"\n"


def taken(files: Files, lines: Iterator[bytes]) -> None:
    for frame in frames(lines):
        if isinstance(frame, RowsFrame):
            files.take_rows(frame)


def kept(desk: Desk) -> dict[str, Any]:
    held = opened_of(desk)._connection.execute("SELECT kind, id, known FROM extra").fetchall()
    assert {kind for kind, _, _ in held} <= {"student"}
    return {record: json.loads(known) for _, record, known in held}


def test_what_is_known_is_shown_and_what_is_strange_is_kept(files: Files, desk: Desk) -> None:
    rows = small_school()
    taken(files, told(rows, 90_000))
    assert {row["grade"] for row in desk.records.every(STUDENT)} == {"4"}
    assert desk.records.positions()["student"] == 90_000
    assert kept(desk)[str(uid("omar"))] == {"favourite_colour": "blue of Omar", "bus": 7}
    assert len(kept(desk)) == len(rows["student"])
    # Later words replace earlier ones, and what goes takes them along.
    taken(files, told(rows, 90_001))
    assert len(kept(desk)) == len(rows["student"])
    desk.records.take_removals([["student", str(uid("omar")), "moved", 90_002]], 90_002)
    assert str(uid("omar")) not in kept(desk)


def test_a_version_that_has_a_place_for_it_finds_it_without_asking_again(desk: Desk) -> None:
    connection, omar = opened_of(desk)._connection, str(uid("omar"))
    # As an earlier version would have left it that knew neither of two columns of today.
    with writing(connection):
        connection.execute("UPDATE students SET homeroom = NULL, is_active = 0 WHERE id = ?", (omar,))
        known = json.dumps({"homeroom": "9", "is_active": True, "bus": 7})
        connection.execute("INSERT INTO extra (kind, id, known) VALUES ('student', ?, ?)", (omar, known))
        assert promote(connection) == 2
    found = desk.records.find(STUDENT, omar)
    assert found is not None
    assert (found["homeroom"], found["is_active"]) == ("9", True)
    assert kept(desk) == {omar: {"bus": 7}}


def test_the_first_download_keeps_it_too(clinic: Clinic) -> None:
    station, rows = clinic.enrol(), small_school()
    side = clinic.begin_side(station)
    for frame in frames(told(rows, 90_000)):
        if isinstance(frame, RowsFrame):
            side.keep_unknown(frame.kind, frame.unknown)
            side.take_rows(frame.kind, frame.rows, frame.upto)
    side.index()
    assert side._connection.execute("SELECT count(*) FROM extra").fetchone()[0] == len(rows["student"])
    side.close()


def wide(columns: list[str], row: list[object]) -> list[bytes]:
    header = header_at(NOON).model_dump(mode="json") | {"columns": {"order": columns}}
    line = {"frame": "rows", "kind": "order", "upto": 1, "rows": [row]}
    return [orjson.dumps(header) + b"\n", orjson.dumps(line) + b"\n"]


def test_rows_that_are_not_as_their_header_says_are_refused() -> None:
    with pytest.raises(ServerFailed):
        list(frames(wide([*ORDER.columns, "more"], [None] * len(ORDER.columns))))
    # Optional columns may be missing; one that we need may not.
    lean = [name for name in ORDER.columns if name != "notes"]
    (found,) = (frame for frame in _until_cut(wide(lean, ["x"] * len(lean))) if isinstance(frame, RowsFrame))
    assert len(found.rows[0]) == len(ORDER.columns)
    bare = [name for name in ORDER.columns if name != "student_id"]
    with pytest.raises(ProtocolTooNew):
        list(frames(wide(bare, ["x"] * len(bare))))


def _until_cut(lines: list[bytes]) -> Iterator[object]:
    found = frames(lines)
    for _ in lines:
        yield next(found)
