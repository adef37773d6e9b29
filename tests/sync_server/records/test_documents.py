"""Documents at the office: content in pieces, then the record; read by whom the record is shown to."""

from hashlib import sha256
from typing import Any

import pytest
from tests.sync_server.direct import move_pupil
from tests.sync_server.house import Pupil
from tests.sync_server.records.office import MARKER, Asker, Office

from wc_contract.model.blobs import MIN_PIECE

pytestmark = pytest.mark.postgres

PDF = b"%PDF-1.7\n" + MARKER.encode() * 8_000


def name_of(content: bytes) -> str:
    return sha256(content).hexdigest()


def send(asker: Asker, student: object, content: bytes, offset: int = 0, count: int = 10**7) -> Any:
    query = {"student": str(student), "offset": offset, "size": len(content)}
    piece = content[offset : offset + count]
    return asker("PUT", f"records/documents/content/{name_of(content)}", params=query, content=piece)


def add(office: Office, pupil: Pupil, content: bytes, name: str = "sue", **values: Any) -> Any:
    body = {
        "id": office.new_id(),
        "student_id": str(pupil.id),
        "kind": "CONSENT",
        "title": MARKER,
        "sha256": name_of(content),
    }
    return office.client_of(name)("POST", "records/documents", json=body | values)


def test_a_document_goes_up_in_pieces_and_comes_back(office: Office) -> None:
    ned, sue = office.house.pupils["ned"], office.client_of("sue")
    assert send(sue, ned.id, PDF, 0, MIN_PIECE).json() == {
        "sha256": name_of(PDF),
        "size": len(PDF),
        "held": MIN_PIECE,
        "complete": False,
    }
    assert add(office, ned, PDF).json()["fields"] == ["sha256"]
    assert send(sue, ned.id, PDF, MIN_PIECE).json()["complete"] is True
    made = add(office, ned, PDF)
    assert made.status_code == 201, made.text
    document = made.json()
    assert (document["media_type"], document["size_bytes"]) == ("application/pdf", len(PDF))
    assert (document["added_by"], document["added_at"] is None) == (str(office.people["sue"].id), False)
    got = office.client_of("ann")("GET", f"records/documents/{document['id']}/content")
    assert got.content == PDF
    assert got.headers["content-disposition"] == "attachment"
    part = sue("GET", f"records/documents/{document['id']}/content", params={"offset": 5, "length": 7})
    assert part.content == PDF[5:12]
    assert [line["fields"] for line in office.audited(document["id"])] == [["content"], ["content"]]
    listed = sue.get("records/documents", student=str(ned.id))["data"]
    assert document["id"] in {each["id"] for each in listed}


def test_what_is_wrong_is_named_by_its_field(office: Office) -> None:
    ned, sue = office.house.pupils["ned"], office.client_of("sue")
    content = b"%PDF-" + bytes(100_000)
    for answer, field in (
        (send(sue, ned.id, b"GIF89a" + bytes(9)), "content"),
        (send(sue, ned.id, content, 70_000), "offset"),
        (send(sue, ned.id, content, 0, 9), "size"),
        (send(sue, office.new_id(), content), "student_id"),
    ):
        assert (answer.status_code, answer.json()["fields"]) == (422, [field])


def test_roles_and_schools_are_kept(office: Office) -> None:
    ned, sue = office.house.pupils["ned"], office.client_of("sue")
    content = b"%PDF-" + b"only for nurses" * 9
    assert send(sue, ned.id, content).json()["complete"] is True
    secret = add(office, ned, content, is_confidential=True).json()["id"]
    for name, status in (("ann", 200), ("tess", 404), ("cleo", 404), ("rob", 403), ("abe", 403)):
        path = f"records/documents/{secret}/content"
        assert office.client_of(name)("GET", path).status_code == status, name
    assert send(office.client_of("rob"), ned.id, content).status_code == 403
    assert send(office.client_of("cleo"), ned.id, content).status_code == 422


def test_a_document_is_read_where_its_child_went(office: Office) -> None:
    house = office.house
    nora, content = house.pupils["nora"], b"%PDF-" + b"a child that moves" * 9
    assert send(office.client_of("sue"), nora.id, content).json()["complete"] is True
    document = add(office, nora, content).json()["id"]
    path = f"records/documents/{document}/content"
    assert office.client_of("cleo")("GET", path).status_code == 404
    move_pupil(house, nora, house.north, house.south)
    assert office.client_of("cleo")("GET", path).content == content
    assert office.client_of("ann")("GET", path).status_code == 404
    move_pupil(house, nora, house.south, house.north)
    assert office.client_of("ann")("GET", path).content == content
