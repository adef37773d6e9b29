"""Entries carried to the district by hand: any file, in any order, however often, cut off or damaged."""

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from nacl.public import PublicKey, SealedBox
from nacl.secret import SecretBox
from nacl.signing import SigningKey
from nacl.utils import random
from tests import factories as make
from tests.sync_server.cli.commanded import run
from tests.sync_server.house import House
from tests.sync_server.in_house import office_of
from tests.sync_server.reconcile.record_world import World, change_of, pulled
from tests.sync_server.workstation import Workstation, code_of, enrol

from wc_contract.model.changes import Entry
from wc_contract.model.instants import instant_to_text
from wc_contract.model.spans import spans_of
from wc_contract.wire.entries import entry_to_body
from wc_contract.wire.journal_file import JournalFileHeader, journal_file
from wc_contract.wire.sealed import sealed_record

pytestmark = pytest.mark.postgres


@pytest.fixture
def office(house: House, client: httpx.Client) -> Workstation:
    return enrol(house, client)


def doses(house: House, office: Workstation, count: int) -> list[Entry]:
    pupil = house.pupils["ned"]
    return [office.entry(make.dose_logged(student_id=pupil.id, order_id=pupil.order, slot=None)) for _ in range(count)]


def record(office: Workstation, house: House, body: str, number: int, sign: SigningKey | None = None) -> bytes:
    """Return an entry as a workstation seals it."""
    text, key = body.encode(), random(SecretBox.KEY_SIZE)
    signature = (sign or office.sign).sign(sha256(text).digest()).signature
    district = SealedBox(PublicKey(house.parts.keys.district(house.district).seal_key))
    keys = (district.encrypt(key), SealedBox(office.seal.public_key).encrypt(key))
    return sealed_record(number, text, keys, bytes(SecretBox(key).encrypt(signature + text)))


def records(office: Workstation, house: House, entries: Iterable[Entry]) -> list[bytes]:
    return [record(office, house, entry_to_body(entry), entry.number) for entry in entries]


def carried(office: Workstation, house: House, entries: Sequence[Entry]) -> bytes:
    """Return a file as `wc-desktop export-journal` writes it."""
    header = JournalFileHeader(
        district_id=house.district,
        district_code="testville",
        school_id=UUID(office.school),
        school_name="North School",
        device_id=UUID(office.device),
        device_name="Office",
        content="waiting",
        numbers=spans_of(entry.number for entry in entries),
        count=len(entries),
        made_at=make.NOON,
    )
    return journal_file(header, records(office, house, entries))


def brought(house: House, folder: Path, *contents: bytes, code: int = 0, more: Sequence[str] = ()) -> dict[str, Any]:
    """Import files and return the report."""
    names = []
    for content in contents:
        names.append(str(folder / f"{sha256(content).hexdigest()[:8]}.wcjournal"))
        Path(names[-1]).write_bytes(content)
    ended = run(house, "import-journal", *names, "--json", *more)
    assert ended.returncode == code, ended.stdout + ended.stderr
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


def one(told: dict[str, Any]) -> dict[str, Any]:
    (station,) = told["workstations"]
    return dict(station)


def on_record(house: House, office: Workstation) -> tuple[int, int, int]:
    """Return doses, receipts and lines of the audit about doses: each entry has one of each."""
    doses, receipts, lines = (
        int(house.one(f"SELECT count(*) FROM {what}", office.device))
        for what in (
            "medication_logs WHERE device_id = %s",
            "receipts WHERE device_id = %s",
            "audit_logs WHERE device_id = %s AND action = 'DOSE_LOGGED'",
        )
    )
    return doses, receipts, lines


def last_number(house: House, office: Workstation) -> int:
    return int(house.one("SELECT last_number FROM devices WHERE id = %s", office.device))


def test_carried_entries_have_their_effect_once_and_are_answered_when_they_are_sent_later(
    house: House, office: Workstation, tmp_path: Path
) -> None:
    entries = doses(house, office, 5)
    content = carried(office, house, entries)
    told = one(brought(house, tmp_path, content))
    assert (told["new"], told["known"], told["outcomes"]) == (5, 0, {"applied": 5})
    assert one(brought(house, tmp_path, content))["known"] == 5
    receipts = office.push(*entries, *doses(house, office, 1))
    assert [receipt["outcome"] for receipt in receipts] == ["applied"] * 6
    assert on_record(house, office) == (6, 6, 6)
    assert last_number(house, office) == 6


def test_what_was_sent_before_is_known_when_it_is_carried(house: House, office: Workstation, tmp_path: Path) -> None:
    entries = doses(house, office, 4)
    office.push(*entries[:3])
    told = one(brought(house, tmp_path, carried(office, house, entries)))
    assert (told["new"], told["known"]) == (1, 3)
    assert on_record(house, office) == (4, 4, 4)


def test_files_come_in_any_order_and_an_earlier_one_is_no_fork(
    house: House, office: Workstation, tmp_path: Path
) -> None:
    entries = doses(house, office, 9)
    told = one(brought(house, tmp_path, carried(office, house, entries[5:]), code=3))
    assert (told["new"], told["missing"]) == (4, [1, 2, 3, 4, 5])
    assert last_number(house, office) == 0
    assert one(brought(house, tmp_path, carried(office, house, entries[2:5]), code=3))["missing"] == [1, 2]
    # The first two come from the workstation itself: the gap closes, and the sequence goes on behind what was carried.
    assert office.hello()["last_number"] == 0
    assert {receipt["outcome"] for receipt in office.push(*entries)} == {"applied"}
    assert last_number(house, office) == 9
    assert office.push(*doses(house, office, 1))[0]["outcome"] == "applied"
    assert on_record(house, office) == (10, 10, 10)


def test_a_gap_that_another_file_closes_lets_the_workstation_go_on(
    house: House, office: Workstation, tmp_path: Path
) -> None:
    entries = doses(house, office, 6)
    late, early = carried(office, house, entries[3:]), carried(office, house, entries[:3])
    brought(house, tmp_path, late, code=3)
    assert one(brought(house, tmp_path, early))["missing"] == []
    fresh = doses(house, office, 1)
    response = office.push_request(fresh)
    # It may ask for what it holds above the gap once more; answered from the receipts, nothing is taken twice.
    if response.status_code != 200:
        assert (code_of(response), response.json()["expected"]) == ("gap", 4)
        office.push(*entries[3:], *fresh)
    assert (last_number(house, office), on_record(house, office)) == (7, (7, 7, 7))


def test_two_files_at_once_are_sorted_and_what_both_hold_counts_once(
    house: House, office: Workstation, tmp_path: Path
) -> None:
    entries = doses(house, office, 6)
    told = brought(house, tmp_path, carried(office, house, entries[2:]), carried(office, house, entries[:4]))
    assert one(told)["new"] == 6
    assert last_number(house, office) == 6
    assert on_record(house, office) == (6, 6, 6)


def test_a_dead_machines_sealed_copy_with_a_damaged_record_gives_everything_else(
    house: House, office: Workstation, tmp_path: Path
) -> None:
    entries = doses(house, office, 8)
    whole = records(office, house, entries)
    damaged = bytearray(whole[3])
    damaged[-20] ^= 1
    content = b"".join([*whole[:3], bytes(damaged), *whole[4:7], whole[7][:-30]])
    told = brought(house, tmp_path, content, code=3)
    assert told["files"][0]["damaged"] == "4"
    assert (one(told)["new"], one(told)["missing"]) == (6, [4])
    # The disk is found after all.
    told = brought(house, tmp_path, b"".join(whole))
    assert (one(told)["new"], one(told)["known"], one(told)["missing"]) == (2, 6, [])
    assert last_number(house, office) == 8
    assert on_record(house, office) == (8, 8, 8)


@pytest.mark.parametrize("kept", [0.3, 0.99])
def test_a_file_that_was_cut_off_is_taken_as_far_as_it_reads(
    house: House, office: Workstation, tmp_path: Path, kept: float
) -> None:
    entries = doses(house, office, 6)
    content = carried(office, house, entries)
    told = brought(house, tmp_path, content[: int(len(content) * kept)], code=3)
    assert told["files"][0]["whole"] is False
    read = told["files"][0]["entries"]
    assert 0 < read <= 6
    assert told["files"][0]["damaged"] == ("" if read == 6 else f"{read + 1}-6" if read < 5 else "6")
    assert one(brought(house, tmp_path, content))["new"] == 6 - read
    assert on_record(house, office) == (6, 6, 6)


def test_what_builds_on_a_record_of_a_missing_entry_waits_for_it(
    house: House, office: Workstation, tmp_path: Path
) -> None:
    there, made, world = office_of(house), house.pupils["ned"], World(house)
    world.furnish(there)
    contact, order = world.added("emergency_contact"), world.added("order")
    version = world.added("order_version", order_id=str(order.id), version=1)
    key = "emergency_contact", str(contact.id)
    seen = {**contact.values, "row_version": 0}
    called = [
        change_of(key, seen, {"phone": "555-0101"}),
        change_of(key, {**seen, "phone": "555-0101"}, {"phone": "555-0102"}),
    ]
    first = office.entry(contact, order, version)
    second = office.entry(called[0], depends_on=(first.id,))
    third = office.entry(called[1], depends_on=(second.id,))
    given = {"student_id": made.id, "order_id": order.id, "order_version_id": version.id, "slot": None}
    dose = make.dose_logged(**given)

    late = carried(office, house, [third, office.entry(dose, depends_on=(first.id,))])
    assert one(brought(house, tmp_path, late, code=3))["outcomes"] == {"waiting": 2}
    assert one(brought(house, tmp_path, carried(office, house, [first, second])))["new"] == 2
    brought(house, tmp_path, late)
    records = pulled(there)
    assert records[key]["phone"] == "555-0102"
    assert records["dose", str(dose.id)]["order_id"] == str(order.id)
    assert "field_conflict" not in {row["kind"] for (kind, _), row in records.items() if kind == "review_case"}


def test_a_text_of_another_hand_is_left_out_and_a_second_text_of_a_number_is_kept_for_a_person(
    house: House, office: Workstation, tmp_path: Path
) -> None:
    first, second = doses(house, office, 2)
    stranger = record(office, house, entry_to_body(second), 2, SigningKey.generate())
    told = one(brought(house, tmp_path, records(office, house, [first])[0] + stranger, code=3))
    assert (told["new"], told["not_signed"]) == (1, [2])
    office.number = 0
    other = doses(house, office, 1)
    told = one(brought(house, tmp_path, b"".join(records(office, house, other)), code=3))
    assert told["second"] == [1]
    assert house.one("SELECT count(*) FROM refused_entries WHERE device_id = %s", office.device) == 1
    # Nobody is locked out by a file, and the workstation goes on.
    assert house.one("SELECT directive FROM devices WHERE id = %s", office.device) == "ok"
    assert office.push(second)[0]["outcome"] == "applied"
    assert on_record(house, office) == (2, 2, 2)


def test_a_note_of_a_lost_number_and_a_newer_text_take_their_places(
    house: House, office: Workstation, tmp_path: Path
) -> None:
    (first,) = doses(house, office, 1)
    lost = json.dumps({"device_id": office.device, "lost": True, "number": 2, "schema": 1})
    newer = json.dumps({"device_id": office.device, "number": 3, "schema": 99})
    content = records(office, house, [first])[0] + record(office, house, lost, 2) + record(office, house, newer, 3)
    told = one(brought(house, tmp_path, content, code=3))
    assert (told["refused"], told["missing"]) == ([2], [])
    assert told["outcomes"] == {"applied": 1, "refused": 1, "waiting": 1}
    office.number = 3
    assert office.push(*doses(house, office, 1))[0]["outcome"] == "applied"


def test_what_waits_is_not_said_to_be_in_as_long_as_it_waits(house: House, office: Workstation, tmp_path: Path) -> None:
    (first,) = doses(house, office, 1)
    newer = json.dumps({"device_id": office.device, "number": 2, "schema": 99})
    content = records(office, house, [first])[0] + record(office, house, newer, 2)
    for known in (0, 1):
        told = one(brought(house, tmp_path, content, code=3))
        assert (told["known"], told["waiting"], told["refused"]) == (known, [2], [])
    path = tmp_path / "stick.wcjournal"
    path.write_bytes(content)
    ended = run(house, "import-journal", str(path))
    assert "Waiting, without effect yet: number 2." in ended.stdout
    assert "All of it is with the district." not in ended.stdout


def test_entries_from_before_a_revocation_stand_and_later_ones_are_looked_at(
    house: House, office: Workstation, tmp_path: Path
) -> None:
    entries = doses(house, office, 2)
    between = entries[0].authored_at + (entries[1].authored_at - entries[0].authored_at) / 2
    if entries[1].authored_at == entries[0].authored_at:
        between = entries[0].authored_at
    house.done("UPDATE devices SET revoked_at = %s WHERE id = %s", between, office.device)
    told = one(brought(house, tmp_path, carried(office, house, entries)))
    assert sum(told["outcomes"].values()) == 2
    assert on_record(house, office) == (2, 2, 2)
    flagged = house.asked(
        "SELECT device_seq FROM medication_logs WHERE device_id = %s AND flags::text LIKE %s",
        office.device,
        "%unauthorised_period%",
    )
    assert flagged == [(entry.number,) for entry in entries if entry.authored_at >= between]


def test_a_dry_run_says_the_same_and_changes_nothing(house: House, office: Workstation, tmp_path: Path) -> None:
    entries = doses(house, office, 3)
    told = brought(house, tmp_path, carried(office, house, entries[1:]), code=3, more=["--dry-run"])
    assert (one(told)["new"], one(told)["missing"], one(told)["outcomes"]) == (2, [1], {})
    assert on_record(house, office) == (0, 0, 0)
    assert (
        house.one("SELECT count(*) FROM audit_logs WHERE action = 'JOURNAL_IMPORTED' AND device_id = %s", office.device)
        == 0
    )


def test_the_audit_says_who_brought_which_numbers_and_no_content(
    house: House, office: Workstation, tmp_path: Path
) -> None:
    content = carried(office, house, doses(house, office, 3))
    brought(house, tmp_path, content)
    [(detail,)] = house.asked(
        "SELECT detail FROM audit_logs WHERE action = 'JOURNAL_IMPORTED' AND device_id = %s", office.device
    )
    assert (detail["entries"], detail["new"], detail["numbers"]) == (3, 3, "1-3")
    assert detail["files"] == [sha256(content).hexdigest()]
    assert detail["by"]


def test_files_that_are_none_of_ours_are_told_apart(house: House, office: Workstation, tmp_path: Path) -> None:
    junk = tmp_path / "holiday.jpg"
    junk.write_bytes(random(5_000))
    ended = run(house, "import-journal", str(junk), str(tmp_path / "gone.wcjournal"))
    assert ended.returncode == 1
    assert "gone.wcjournal: the file cannot be read." in ended.stdout
    assert "Nothing in these files opens" in ended.stdout
    unknown = json.dumps({"device_id": str(make.named("nobody")), "number": 1, "at": instant_to_text(make.NOON)})
    told = brought(house, tmp_path, record(office, house, unknown, 1), code=3)
    assert one(told)["unknown_device"] is True


def test_a_person_reads_what_came_of_it(house: House, office: Workstation, tmp_path: Path) -> None:
    entries = doses(house, office, 3)
    path = tmp_path / "stick.wcjournal"
    path.write_bytes(carried(office, house, entries))
    ended = run(house, "import-journal", str(path))
    assert ended.returncode == 0, ended.stderr
    assert "stick.wcjournal: 3 entries read of 3 from Office, North School." in ended.stdout
    assert f"Office ({office.device}): 3 taken in, 0 were here already." in ended.stdout
    assert "All of it is with the district." in ended.stdout
