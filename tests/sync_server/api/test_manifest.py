"""The manifest: slices compared, rows sent, under the workstation's own rights and from one snapshot."""

import json
from collections import defaultdict
from typing import Any

import httpx
import pytest
from tests.sync_server.house import House
from tests.sync_server.workstation import Workstation, code_of, enrol

from wc_contract.model.kinds import BY_NAME
from wc_contract.wire.digests import digest_rows, slice_of
from wc_contract.wire.versions import MAX_COMPARED

pytestmark = pytest.mark.postgres
Held = dict[str, dict[str, int]]


@pytest.fixture
def office(house: House, client: httpx.Client) -> Workstation:
    return enrol(house, client)


def held_by(office: Workstation) -> Held:
    """Return id and version of everything a pull brings, by kind."""
    held: Held = {}
    for frame in office.pull():
        if frame["frame"] == "rows":
            held.setdefault(frame["kind"], {}).update({row[0]: row[-1] for row in frame["rows"]})
    return held


def sliced(held: dict[str, int]) -> dict[int, list[tuple[str, int]]]:
    slices: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for record, version in held.items():
        slices[slice_of(record)].append((record, version))
    return slices


def compared(office: Workstation, held: Held) -> Any:
    slices = {}
    for kind, records in held.items():
        sums = {at: digest_rows(rows) for at, rows in sliced(records).items()}
        slices[kind] = [{"slice": at, "count": one.count, "sum": one.sum} for at, one in sums.items()]
    return office.ask("/v1/manifest", {"protocol": 1, "epoch": office.epoch, "slices": slices})


def asked(kind: str, held: dict[str, int], slices: list[int]) -> list[dict[str, Any]]:
    mine = sliced(held)
    return [{"kind": kind, "slice": at, "records": mine.get(at, [])} for at in slices]


def repair(office: Workstation, held: list[dict[str, Any]]) -> list[dict[str, Any]]:
    response = office.request("/v1/manifest/rows", {"protocol": 1, "epoch": office.epoch, "held": held})
    assert response.status_code == 200, response.text
    return [json.loads(line) for line in response.text.splitlines()]


def test_a_replica_that_has_it_all_differs_in_no_slice(office: Workstation) -> None:
    held = held_by(office)
    assert {"student", "order", "user"} <= held.keys()
    assert compared(office, held) == {"protocol": 1, "differing": {}, "records": 0}


def test_rows_missing_or_older_are_sent_whole_and_strangers_are_named(house: House, office: Workstation) -> None:
    held = held_by(office)
    (missing, version), (older, _) = sorted(held["student"].items())[:2]
    del held["student"][missing]
    held["student"][older] -= 1
    # The other school's child: known to the server, and not this workstation's to have.
    stranger = str(house.pupils["sam"].id)
    held["student"][stranger] = version
    answer = compared(office, held)
    assert answer["differing"] == {"student": sorted({slice_of(one) for one in (missing, older, stranger)})}
    header, rows, gone, end = repair(office, asked("student", held["student"], answer["differing"]["student"]))
    assert (header["frame"], header["epoch"]) == ("header", office.epoch)
    assert [rows["kind"], rows["upto"]] == ["student", 0]
    assert {row[0] for row in rows["rows"]} == {missing, older}
    assert {len(row) for row in rows["rows"]} == {len(BY_NAME["student"].columns)}
    assert gone == {"frame": "gone", "kind": "student", "rows": [stranger]}
    assert end == {"frame": "end", "sent": 2, "gone": 1}


def test_kinds_that_one_side_does_not_know_are_passed_over(office: Workstation) -> None:
    assert compared(office, {"spaceship": {"a": 1}})["differing"] == {}
    frames = repair(office, [{"kind": "spaceship", "slice": 0, "records": []}])
    assert [frame["frame"] for frame in frames] == ["header", "end"]


def test_another_epoch_is_told_and_nothing_is_compared(office: Workstation) -> None:
    office.epoch = "another"
    slices = {"student": [{"slice": 0, "count": 1, "sum": 1}]}
    message = {"protocol": 1, "epoch": "another", "slices": slices}
    assert code_of(office.request("/v1/manifest", message)) == "epoch_changed"
    held = [{"kind": "user", "slice": 0, "records": []}]
    message = {"protocol": 1, "epoch": "another", "held": held}
    assert code_of(office.request("/v1/manifest/rows", message)) == "epoch_changed"


def test_more_than_may_be_asked_at_once_is_refused_before_anything_is_read(house: House, office: Workstation) -> None:
    records = [[str(house.pupils["ned"].id), 1]] * (MAX_COMPARED // 2 + 1)
    held = [{"kind": "student", "slice": at, "records": records} for at in range(2)]
    message = {"protocol": 1, "epoch": office.epoch, "held": held}
    assert code_of(office.request("/v1/manifest/rows", message, compress=True)) == "too_large"


def test_a_revoked_workstation_is_handed_nothing(house: House, office: Workstation) -> None:
    house.done("UPDATE devices SET revoked_at = now() WHERE id = %s", office.device)
    slices = {"student": [{"slice": 0, "count": 1, "sum": 1}]}
    answer = office.request("/v1/manifest", {"protocol": 1, "epoch": office.epoch, "slices": slices})
    assert code_of(answer) == "device_revoked"


@pytest.mark.parametrize(
    "slices",
    [
        {},
        {"student": [{"slice": 256, "count": 1, "sum": 1}]},
        {"student": [{"slice": 0, "count": 1, "sum": 1}] * 257},
        {"student": "all"},
    ],
)
def test_what_is_no_manifest_is_refused(office: Workstation, slices: object) -> None:
    answer = office.request("/v1/manifest", {"protocol": 1, "epoch": office.epoch, "slices": slices})
    assert code_of(answer) == "bad_request"


def test_names_of_columns_are_given_to_whoever_asks_and_to_nobody_else(office: Workstation) -> None:
    message = {"protocol": 1, "epoch": office.epoch, "since": {}, "digest": False}
    named = [json.loads(line) for line in office.request("/v1/pull", message | {"shape": 2}).text.splitlines()]
    plain = [json.loads(line) for line in office.request("/v1/pull", message).text.splitlines()]
    assert set(named[0]) - set(plain[0]) == {"columns", "scope"}
    assert {kind: tuple(names) for kind, names in named[0]["columns"].items()} == {
        frame["kind"]: BY_NAME[frame["kind"]].columns for frame in named if frame["frame"] == "rows"
    }
    assert {len(row) for frame in plain if frame["frame"] == "rows" for row in frame["rows"]} == {
        len(BY_NAME[frame["kind"]].first_columns) for frame in plain if frame["frame"] == "rows"
    }
    held = [{"kind": "student", "slice": at, "records": []} for at in range(256)]
    asked = {"protocol": 1, "epoch": office.epoch, "held": held, "shape": 3}
    header, *_ = (json.loads(line) for line in office.request("/v1/manifest/rows", asked).text.splitlines())
    assert list(header["columns"]) == ["student"]
