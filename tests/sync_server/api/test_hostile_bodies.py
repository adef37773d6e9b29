"""Whatever is sent: a problem with a stable code, never a 5xx, never a word of it back."""

import gzip
import json
import threading
import zlib
from collections.abc import Iterator

import httpx
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import factories as make
from tests.sync_server.house import House
from tests.sync_server.serving import Served
from tests.sync_server.workstation import Workstation, code_of, enrol

from wc_contract.wire.entries import entry_to_body

pytestmark = pytest.mark.postgres
SIGNED = ("/v1/hello", "/v1/push", "/v1/pull", "/v1/wait", "/v1/users")
MARKER = make.MARKER


@pytest.fixture(scope="module")
def office(house: House, served: Served) -> Iterator[Workstation]:
    with httpx.Client(base_url=served.url, timeout=30) as client:
        yield enrol(house, client)


def refused(response: httpx.Response) -> None:
    assert 400 <= response.status_code < 500, response.text
    code_of(response)
    assert MARKER not in response.text
    assert MARKER not in str(response.headers)


@pytest.mark.parametrize("path", SIGNED)
def test_bodies_that_are_no_messages_are_refused(office: Workstation, path: str) -> None:
    deep = b"[" * 100_000
    for body in (
        b"",
        b"{",
        b"null",
        b"[]",
        b"\xff\xfe",
        deep,
        b'{"protocol":1}',
        json.dumps({MARKER: MARKER}).encode(),
    ):
        response = office.request(path, body)
        refused(response)
        assert code_of(response) == "bad_request"


@pytest.mark.parametrize("path", ["/v1/health", "/v1/openapi.json", "/v1/nothing", "/v1/people/me"])
def test_a_browser_may_do_nothing_with_an_answer(office: Workstation, path: str) -> None:
    headers = office.client.get(path).headers
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers
    assert "strict-transport-security" not in headers  # in clear, on this machine, it would say nothing


def test_a_version_of_the_protocol_we_do_not_speak_is_named(office: Workstation) -> None:
    message = {"protocol": 0, "epoch": office.epoch, "since": {}, "digest": False}
    assert code_of(office.request("/v1/pull", message)) == "unsupported_protocol"


@pytest.mark.parametrize("later", [{"protocol": 2}, {"later": MARKER}, {"protocol": 3, "since": [1], "later": {}}])
def test_what_a_newer_program_says_is_answered_by_who_has_to_be_updated(
    office: Workstation, later: dict[str, object]
) -> None:
    message = {"protocol": 1, "epoch": office.epoch, "since": {}, "digest": False}
    response = office.request("/v1/pull", message | later)
    assert code_of(response) == "server_too_old"
    assert MARKER not in response.text


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.just(MARKER) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | st.just(MARKER), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(path=st.sampled_from((*SIGNED, "/v1/enrol", "/v1/token")), value=json_values, compress=st.booleans())
def test_any_json_at_any_door_is_refused_politely(
    office: Workstation, path: str, value: object, *, compress: bool
) -> None:
    refused(office.request(path, value, compress=compress))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_an_entry_with_anything_in_any_place_gets_a_receipt(
    house: House, contrary: list[Workstation], data: st.DataObject
) -> None:
    station, ned = contrary[-1], house.pupils["ned"]
    station.number = station.hello()["last_number"]
    entry = station.entry(make.dose_logged(student_id=ned.id, order_id=ned.order, slot=None, reason=MARKER))
    body = json.loads(entry_to_body(entry))
    target = body["changes"][0] if data.draw(st.booleans()) else body
    spot = data.draw(st.sampled_from(sorted(target)))
    target[spot] = data.draw(json_values)
    response = station.push_request([json.dumps(body)])
    assert response.status_code in {200, 409}, response.text
    assert MARKER not in response.text
    if response.status_code == 409:
        # Another number than the next, or an id that is taken: the device's own contradiction.
        assert spot in {"number", "id"}
        contrary.append(enrol(house, station.client, "bea"))


@pytest.fixture(scope="module")
def contrary(house: House, served: Served) -> Iterator[list[Workstation]]:
    """Give a workstation that contradicts itself, replaced by another once that made it a fork."""
    with httpx.Client(base_url=served.url, timeout=30) as client:
        yield [enrol(house, client, "bea")]


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_cut_and_damaged_compression_is_refused(office: Workstation, encoding: str) -> None:
    plain = json.dumps({"protocol": 1, "epoch": office.epoch, "since": {}, "digest": False}).encode()
    whole = gzip.compress(plain) if encoding == "gzip" else zstandard.ZstdCompressor().compress(plain)
    assert office.request("/v1/pull", whole, headers={"content-encoding": encoding}).status_code == 200
    for body in (whole[:-1], whole[: len(whole) // 2], whole + b"x", whole + whole, b"", whole[:4] + b"\x00" * 20):
        response = office.request("/v1/pull", body, headers={"content-encoding": encoding})
        assert code_of(response) == "bad_request", body


def test_bombs_are_too_large_before_they_unfold(office: Workstation) -> None:
    zeros = b"\0" * (64 * 1024 * 1024)
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bombs = {
        "gzip": packer.compress(zeros) + packer.flush(),
        "zstd": zstandard.ZstdCompressor(level=19).compress(zeros),
    }
    for encoding, bomb in bombs.items():
        assert len(bomb) < 100_000
        assert code_of(office.request("/v1/push", bomb, headers={"content-encoding": encoding})) == "too_large"


def test_bodies_beyond_the_bound_are_too_large(office: Workstation) -> None:
    # It is refused before it is read to its end, so this connection is of no use to the next request.
    alone = {"connection": "close"}
    assert code_of(office.request("/v1/push", b" " * (2 * 1024 * 1024 + 1), headers=alone)) == "too_large"
    assert code_of(office.request("/v1/push", b" " * (2 * 1024 * 1024))) == "bad_request"


def test_an_encoding_nobody_knows_is_refused(office: Workstation) -> None:
    assert code_of(office.request("/v1/pull", b"x", headers={"content-encoding": "br"})) == "bad_request"


def test_paths_and_methods_that_are_not_ours_are_problems(client: httpx.Client) -> None:
    assert code_of(client.get(f"/v1/{MARKER}")) == "not_found"
    assert code_of(client.get("/")) == "not_found"
    wrong = client.get("/v1/push")
    assert (wrong.status_code, code_of(wrong)) == (405, "not_found")
    refused(client.post(f"/v1/health?{MARKER}={MARKER}", content=MARKER))


def test_the_log_holds_nothing_of_what_was_sent(
    house: House, served: Served, client: httpx.Client, office: Workstation
) -> None:
    station = enrol(house, client)
    ned = house.pupils["ned"]
    station.push(station.entry(make.dose_logged(student_id=ned.id, order_id=ned.order, slot=None, reason=MARKER)))
    office.request(f"/v1/hello?{MARKER}", {MARKER: MARKER})
    client.get(f"/v1/{MARKER}")
    log = served.log.read_text()
    assert '"event": "request"' in log
    for secret in (MARKER, "Ned", station.access, station.refresh, "a long pass phrase", house.nurses["ann"].email):
        assert secret not in log


def test_the_published_description_names_every_door(client: httpx.Client) -> None:
    described = client.get("/v1/openapi.json").json()
    doors = "nonce enrol token users hello push pull manifest manifest/rows wait health ready".split()  # noqa: SIM905
    doors += ["blob/ask", "blob/{sha256}", "wipe/order", "wipe/receipt", "sign-on/begin", "sign-on/finish"]
    named = {path for path in described["paths"] if not path.startswith(("/v1/people/", "/v1/records/"))}
    assert named == {f"/v1/{door}" for door in doors}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], path
            if method == "post" and not path.endswith(("/nonce", "/sign-out", "/primary")):
                schema = operation["requestBody"]["content"]["application/json"]["schema"]
                assert schema["additionalProperties"] is False
    assert "$ref" not in json.dumps(described["paths"]["/v1/push"]["post"]["requestBody"])


def test_many_at_once_are_all_answered(house: House, served: Served) -> None:
    with httpx.Client(base_url=served.url, timeout=30) as client:
        stations = [enrol(house, client, nurse) for nurse in ("ann", "bea", "ann", "bea")]
    problems: list[str] = []

    def work(station: Workstation) -> None:
        ned = house.pupils["ned"]
        with httpx.Client(base_url=served.url, timeout=60) as own:
            station.client = own
            for _ in range(5):
                entries = [
                    station.entry(make.dose_logged(student_id=ned.id, order_id=ned.order, slot=None)) for _ in range(10)
                ]
                response = station.push_request(entries)
                if response.status_code != 200:
                    problems.append(response.text)

    threads = [threading.Thread(target=work, args=(station,)) for station in stations]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    versions = [
        row[0] for row in house.asked("SELECT row_version FROM medication_logs WHERE school_id = %s", house.north)
    ]
    assert len(versions) == len(set(versions))
