"""Photos and documents over real HTTP: whole or not at all, for whom a record shows them, sealed where they lie."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests import factories as make
from tests.pictures import CANARY, picture
from tests.sync_server.direct import move_pupil
from tests.sync_server.house import House
from tests.sync_server.workstation import Workstation, code_of, enrol

from wc_contract.model import kinds
from wc_contract.model.blobs import MAX_PIECE, MIN_PIECE, place_of
from wc_contract.model.ids import SchoolId
from wc_contract.wire.blobs import SIZE_HEADER
from wc_sync_server.cli.records import system

pytestmark = pytest.mark.postgres


def name_of(content: bytes) -> str:
    return sha256(content).hexdigest()


def put(station: Workstation, content: bytes, offset: int, count: int, *, name: str = "") -> httpx.Response:
    path = f"/v1/blob/{name or name_of(content)}?offset={offset}&size={len(content)}"
    return station.request(path, content[offset : offset + count], method="PUT")


def upload(station: Workstation, content: bytes, *, piece: int = MAX_PIECE) -> dict[str, Any]:
    """Send content whole, and return the last answer."""
    blob: dict[str, Any] = {}
    for offset in range(0, len(content), piece):
        answer = put(station, content, offset, piece)
        assert answer.status_code == 200, answer.text
        blob = answer.json()["blob"]
    return blob


def get(station: Workstation, name: str, offset: int = 0, length: int = MAX_PIECE) -> httpx.Response:
    return station.request(f"/v1/blob/{name}?offset={offset}&length={length}", b"", method="GET")


def held(station: Workstation, *contents: bytes) -> list[dict[str, Any]]:
    named = [{"sha256": name_of(each), "size": len(each)} for each in contents]
    answer: list[dict[str, Any]] = station.ask("/v1/blob/ask", {"protocol": 1, "blobs": named})["blobs"]
    return answer


def document(house: House, school: SchoolId, pupil: str, content: bytes, **values: Any) -> str:
    """Write a document's record as the office would, and return its id."""
    id_ = str(make.named(f"document {name_of(content)} {pupil}"))
    row = make.row(
        "document",
        id=id_,
        student_id=str(house.pupils[pupil].id),
        kind="PHOTO",
        media_type="image/jpeg",
        size_bytes=len(content),
        sha256=name_of(content),
        blob_ref=place_of(name_of(content)),
        is_confidential=False,
        **values,
    )
    with system(house.parts, house.district, (school,)) as uow:
        uow.lock_streams(school)
        uow.write_rows(kinds.DOCUMENT, school, [row])
        uow.commit()
    return id_


@pytest.fixture
def office(house: House, client: httpx.Client) -> Workstation:
    return enrol(house, client)


@pytest.fixture
def another(house: House, client: httpx.Client) -> Workstation:
    return enrol(house, client, "bea")


@pytest.fixture
def elsewhere(house: House, client: httpx.Client) -> Workstation:
    return enrol(house, client, "cleo", house.south)


def test_what_was_sent_in_pieces_is_fetched_in_ranges(house: House, office: Workstation, another: Workstation) -> None:
    content = picture(700_001, seed=2)
    assert held(office, content) == [{"sha256": name_of(content), "size": 700_001, "held": 0, "complete": False}]
    assert upload(office, content, piece=200_000)["complete"] is True
    assert held(office, content)[0]["complete"] is True
    photo = document(house, house.north, "ned", content)
    whole = get(another, name_of(content))
    assert whole.content == content
    assert whole.headers[SIZE_HEADER] == "700001"
    for offset, length in ((0, 1), (199_999, 2), (650_000, 100_000), (399_990, 300_000), (700_001, 5)):
        assert get(another, name_of(content), offset, length).content == content[offset : offset + length]
    looks = house.asked(
        "SELECT entity_type, fields, device_id::text, detail ->> 'bytes' FROM audit_logs"
        " WHERE entity_id = %s AND action = 'VIEW' ORDER BY received_at, id",
        photo,
    )
    assert len(looks) == 6
    assert looks[0] == ("document", ["content"], another.device, "700001")


def test_nobody_sees_it_before_its_last_byte(house: House, office: Workstation) -> None:
    content = picture(200_000, seed=3)
    document(house, house.north, "ned", content)
    assert put(office, content, 0, 100_000).json()["blob"]["held"] == 100_000
    assert code_of(get(office, name_of(content))) == "not_found"
    assert put(office, content, 100_000, 100_000).json()["blob"]["complete"] is True
    assert get(office, name_of(content)).content == content


def test_an_upload_goes_on_where_it_was_whoever_asks_and_however_often(house: House, office: Workstation) -> None:
    content = picture(300_000, seed=4)
    first = put(office, content, 0, 100_000).json()
    assert put(office, content, 0, 100_000).json() == first
    for wrong in (50_000, 100_001, 200_000):
        refused = put(office, content, wrong, 100_000)
        assert (code_of(refused), refused.json()["expected"]) == ("blob_offset", 100_000)
    assert held(office, content)[0]["held"] == 100_000
    assert upload(office, content, piece=100_000)["complete"] is True
    assert put(office, content, 0, 100_000).json()["blob"] == held(office, content)[0]
    assert house.one("SELECT count(*) FROM blob_pieces p JOIN blobs b ON b.id = p.blob_id WHERE sha256 = %s",
                     name_of(content)) == 3  # fmt: skip


def test_two_that_upload_the_same_at_once_make_one(house: House, office: Workstation, another: Workstation) -> None:
    content = picture(1_300_000, seed=5)

    def send(station: Workstation) -> bool:
        offset = 0
        while offset < len(content):
            answer = put(station, content, offset, MIN_PIECE)
            body = answer.json()
            if answer.status_code == 200:
                offset = body["blob"]["held"]
            else:
                assert body["code"] == "blob_offset"
                offset = body["expected"]
        return True

    with ThreadPoolExecutor(2) as both:
        assert list(both.map(send, (office, another))) == [True, True]
    rows = house.asked("SELECT status, held_bytes FROM blobs WHERE sha256 = %s", name_of(content))
    assert rows == [("COMPLETE", len(content))]
    document(house, house.north, "ned", content)
    assert get(another, name_of(content), 0, MAX_PIECE).content == content[:MAX_PIECE]


def test_content_of_another_hash_is_refused_and_told_and_the_next_try_is_whole(
    house: House, office: Workstation
) -> None:
    content, other = picture(200_000, seed=6), picture(200_000, seed=7)
    assert put(office, other, 0, 100_000, name=name_of(content)).status_code == 200
    refused = put(office, content, 100_000, 100_000)
    assert code_of(refused) == "blob_differs"
    assert held(office, content)[0]["held"] == 0
    assert upload(office, content)["complete"] is True
    told = "SELECT action FROM audit_logs WHERE device_id = %s AND action LIKE 'UPLOAD%%' ORDER BY received_at, id"
    assert [row[0] for row in house.asked(told, office.device)] == ["UPLOAD_REFUSED", "UPLOAD"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (picture(head=b"MZ\x90\x00"), "blob_type"),
        (picture(head=b"<svg xmlns="), "blob_type"),
        (b"PK\x03\x04", "blob_type"),
    ],
)
def test_what_is_no_picture_and_no_pdf_is_not_taken(office: Workstation, content: bytes, code: str) -> None:
    assert code_of(put(office, content, 0, MAX_PIECE)) == code


def test_pieces_are_bounded_and_so_is_the_whole(office: Workstation) -> None:
    content = picture(26 * MAX_PIECE)
    assert code_of(put(office, content, 0, MIN_PIECE)) == "blob_too_large"
    small = picture(300_000, seed=8)
    assert code_of(put(office, small, 0, MIN_PIECE - 1)) == "bad_request"
    assert code_of(put(office, small, 0, 0)) == "bad_request"
    name = name_of(small)
    for path in (f"{name}?offset=-1&size=9", f"{name}?offset=0", f"{name[:-1]}?offset=0&size=9", f"{name}?size=0"):
        assert code_of(office.request(f"/v1/blob/{path}", b"x", method="PUT")) in {"bad_request", "not_found"}


def test_a_workstation_begins_only_so_much_in_a_day_and_is_told_when_it_may_go_on(
    house: House, office: Workstation
) -> None:
    begun, more, other = (picture(100_000, seed=seed) for seed in (51, 52, 53))
    put(office, begun, 0, MIN_PIECE)
    # As if what was begun an hour ago were all that is taken in a day.
    grown = "UPDATE blobs SET size_bytes = %s, created_at = created_at - %s WHERE device_id = %s AND sha256 = %s"
    house.done(grown, 500 * MAX_PIECE, timedelta(hours=1), office.device, name_of(begun))
    refused = put(office, more, 0, MAX_PIECE)
    assert (refused.status_code, code_of(refused)) == (429, "blob_daily")
    assert 22 * 3_600 < int(refused.headers["retry-after"]) <= 23 * 3_600
    assert held(office, more)[0]["held"] == 0
    house.done(grown, 500 * MAX_PIECE, timedelta(hours=24), office.device, name_of(begun))
    assert upload(office, more)["complete"] is True
    house.done(grown, 500 * MAX_PIECE - 150_000, timedelta(hours=0), office.device, name_of(more))
    assert put(office, other, 0, MIN_PIECE).status_code == 200
    assert code_of(put(office, picture(100_000, seed=54), 0, MIN_PIECE)) == "blob_daily"
    assert put(office, other, MIN_PIECE, MAX_PIECE).json()["blob"]["complete"] is True, "what was begun goes on"


def test_another_schools_content_is_not_there(house: House, office: Workstation, elsewhere: Workstation) -> None:
    content = picture(100_000, seed=9)
    upload(office, content)
    document(house, house.north, "ned", content)
    assert code_of(get(elsewhere, name_of(content))) == "not_found"
    assert held(elsewhere, content)[0] == {"sha256": name_of(content), "size": 100_000, "held": 0, "complete": False}
    # Even with a record of its own that names it: only who has the content can bring it.
    document(house, house.south, "sam", content)
    assert code_of(get(elsewhere, name_of(content))) == "not_found"
    assert upload(elsewhere, content)["complete"] is True
    assert get(elsewhere, name_of(content)).content == content


def test_what_no_record_names_is_for_the_device_that_sent_it(office: Workstation, another: Workstation) -> None:
    content = picture(100_000, seed=10)
    upload(office, content)
    assert get(office, name_of(content)).content == content
    assert code_of(get(another, name_of(content))) == "not_found"


def test_confidential_content_goes_with_the_right_to_see_it(
    house: House, office: Workstation, another: Workstation
) -> None:
    content, open_to_all = picture(100_000, seed=15), picture(100_000, seed=16)
    for each in (content, open_to_all):
        upload(office, each)
        document(house, house.north, "ned", each)
    house.done("UPDATE documents SET is_confidential = true WHERE sha256 = %s", name_of(content))
    assert get(another, name_of(content)).content == content
    policy = "UPDATE districts SET policy = policy || %s::jsonb"
    house.done(policy, '{"confidential_at_workstations": false}')
    try:
        for station in (office, another):
            station.hello()
            # Also for the one that brought it: whose it is, its record says by now.
            assert code_of(get(station, name_of(content))) == "not_found"
            assert get(station, name_of(open_to_all)).content == open_to_all
    finally:
        house.done(policy, '{"confidential_at_workstations": true}')
    another.hello()
    assert get(another, name_of(content)).content == content


def test_a_child_that_moves_takes_its_photo_along(house: House, office: Workstation, elsewhere: Workstation) -> None:
    content = picture(100_000, seed=11)
    upload(office, content)
    photo = document(house, house.north, "nora", content)
    move_pupil(house, house.pupils["nora"], house.north, house.south)
    assert get(elsewhere, name_of(content), 10, 50).content == content[10:60]
    look = "SELECT school_id, device_id::text FROM audit_logs WHERE entity_id = %s AND action = 'VIEW'"
    assert house.asked(look, photo) == [(house.south, elsewhere.device)]


def test_a_request_that_is_not_the_devices_is_not_answered(office: Workstation) -> None:
    content = picture(100_000, seed=12)
    upload(office, content)
    path = f"/v1/blob/{name_of(content)}?offset=0&length=9"
    # Signed for another path: the range is part of what is proved.
    office.sign, kept = type(office.sign).generate(), office.sign
    assert code_of(office.request(path, b"", method="GET")) == "bad_proof"
    office.sign = kept
    assert office.request(path, b"", method="GET").status_code == 200
    assert office.client.get(path).status_code == 401


def test_no_byte_of_it_lies_open_in_the_database(house: House, office: Workstation) -> None:
    content = picture(400_000, seed=13)
    upload(office, content, piece=100_000)
    document(house, house.north, "ned", content)
    rows = house.asked("SELECT content FROM blob_pieces p JOIN blobs b ON b.id = p.blob_id WHERE sha256 = %s",
                       name_of(content))  # fmt: skip
    assert sum(len(row[0]) - 28 for row in rows) == len(content)
    assert not any(CANARY in bytes(row[0]) for row in rows)
    house.done("CHECKPOINT")
    assert files_with(house, b"testville.example") > 0  # the look itself finds what lies open
    assert files_with(house, CANARY) == 0


def files_with(house: House, octets: bytes) -> int:
    """Return how many files of the database, and of its log of changes, hold these bytes."""
    folder = Path(house.one("SELECT setting FROM pg_settings WHERE name = 'data_directory'"))
    own = house.one("SELECT oid FROM pg_database WHERE datname = current_database()")
    found = 0
    for file in (*(folder / "base" / str(own)).iterdir(), *(folder / "pg_wal").iterdir()):
        with suppress(FileNotFoundError, IsADirectoryError):
            found += octets in file.read_bytes()
    return found


def test_a_piece_that_was_changed_is_not_given(house: House, office: Workstation) -> None:
    content = picture(150_000, seed=14)
    upload(office, content)
    house.done(
        "UPDATE blob_pieces SET content = set_byte(content, 5000, (get_byte(content, 5000) + 1) %% 256)"
        " WHERE blob_id = (SELECT id FROM blobs WHERE sha256 = %s)",
        name_of(content),
    )
    assert code_of(get(office, name_of(content))) == "defect"
