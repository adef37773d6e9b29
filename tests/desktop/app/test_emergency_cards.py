"""The emergency cards: what stands on them, what opens them, and that no card is shown without a record of it."""

import subprocess
import sys
import textwrap
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from nacl.public import SealedBox
from nacl.secret import SecretBox
from tests.desktop.clinic import (
    NURSE,
    PASSWORD,
    Clinic,
    Rows,
    add_order,
    count,
    row,
    small_school,
    uid,
)

from wc_contract.model.apply import compact
from wc_contract.model.changes import AccessRecorded, Entry, RecordAdded
from wc_contract.model.ids import CaseId, UserId
from wc_contract.model.values import AccessAction, EmergencyReason, Role
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.emergency import cards_of, children_with_cards, make_code, take_up_looks
from wc_desktop.actions.review import view_case
from wc_desktop.actions.unlock import lock, unlock
from wc_desktop.app.console_emergency import sheet_lines
from wc_desktop.app.emergency import CardWriter, after_unlock, looks_of, open_cards, place_of, set_up_code
from wc_desktop.cipher import ballast
from wc_desktop.cipher.whole_file import write_whole
from wc_desktop.domain.emergency import EMERGENCY_FILE, EmergencyAsk, found_names
from wc_desktop.domain.failures import (
    DiskFull,
    EmergencyCardDamaged,
    EmergencyCardOff,
    EmergencyCodeNotYours,
    EmergencyCodeSpent,
    LeaseExpired,
    NotFound,
    SlotDamaged,
    WrongEmergencyCode,
)
from wc_desktop.journal.sealed import SealedFile, read_records
from wc_desktop.security import emergency_file, slots
from wc_desktop.security.emergency_code import ALPHABET, new_code, plain_code
from wc_desktop.security.erasing import to_erase
from wc_desktop.security.slots import Cost
from wc_desktop.security.station import Station
from wc_desktop.ui.viewmodels.case_sides import sides_of

ANA = UserId(NURSE)
ASK = EmergencyAsk(asked_by="Pat Principal", reason=EmergencyReason.BREATHING, note="gym")
OMAR = str(uid("omar"))


@pytest.fixture(autouse=True)
def cheap_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "STANDARD_COST", Cost(memory=8 * 1024 * 1024, passes=1))


def a_school(policy: str = "{}") -> Rows:
    """Omar has an allergy, a plan, an emergency medicine and two contacts; the others have none."""
    rows = small_school()
    rows["district"][0] = row("district", 1, id=rows["district"][0][0], name="P", state="IL", policy=policy)
    add_order(rows, "omar-rescue", student="omar", medication="albuterol", times=[], unit="puffs", dose="2")
    rows["care_plan"].append(
        row("care_plan", count(rows) + 1, id=str(uid("plan")), student_id=OMAR, kind="ASTHMA_ACTION", status="ACTIVE",
            title="Asthma action plan", content=compact({"steps": ["Sit upright", "Two puffs"], "call": "911"}),
            effective_from="2026-08-20")
    )  # fmt: skip
    for name, phone, priority, first in (("Aunt", "555-0102", 2, False), ("Mother", "555-0101", 1, True)):
        rows["emergency_contact"].append(
            row("emergency_contact", count(rows) + 1, id=str(uid(name)), student_id=OMAR, name=name,
                relationship=name, phone=phone, priority=priority, is_primary=first, may_pick_up=True, is_active=True)
        )  # fmt: skip
    return rows


@pytest.fixture
def station(clinic: Clinic) -> Station:
    made = clinic.enrol(server_url="http://127.0.0.1:9")
    clinic.fill(made, a_school())
    return made


@pytest.fixture
def code(station: Station) -> str:
    """A code that was made, with cards written for it; the desk is locked again."""
    desk = unlock(station, ANA, PASSWORD)
    try:
        return make_code(desk)()
    finally:
        lock(desk)


def entries(desk: Desk) -> list[Entry]:
    found = (desk.journal.entry(record.id) for record in reversed(desk.journal.newest(100)))
    return [one for one in found if one is not None]


def taken_up(desk: Desk) -> list[RecordAdded]:
    changes = (change for entry in entries(desk) for change in entry.changes)
    return [one for one in changes if isinstance(one, RecordAdded) and one.kind == "emergency_look"]


def test_a_full_disk_gives_the_room_that_was_set_apart_for_a_look(
    clinic: Clinic, station: Station, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = clinic.folder / ballast.BALLAST_FILE
    room.write_bytes(b"set apart")
    monkeypatch.setattr(ballast, "free_room", lambda _folder: 0)
    open_cards(station, ASK, code).close()
    assert not room.exists()


def test_a_card_says_what_whoever_helps_must_know(station: Station) -> None:
    desk = unlock(station, ANA, PASSWORD)
    (card,) = cards_of(desk, (OMAR,))
    assert card.allergies == (("Penicillins", "", "high"),)
    assert card.plans == (("Asthma action plan", "call: 911", "steps: Sit upright", "steps: Two puffs"),)
    assert card.medicines == (("albuterol", "5 mg", "ACTIVE", "2 puffs", "ORAL", ""),)
    assert [one[2] for one in card.contacts] == ["555-0101", "555-0102"]
    assert [one.name.last_name for one in cards_of(desk, children_with_cards(desk))] == [
        "Haddad", "Martínez", "Martínez", "Okafor",
    ]  # fmt: skip
    lock(desk)


def test_the_code_opens_the_cards_when_nobody_else_can(clinic: Clinic, station: Station, code: str) -> None:
    # The lease is over, the clock is wrong by years, and there is no server in this test.
    clinic.clock.forward(timedelta(days=4000))
    with pytest.raises(LeaseExpired):
        unlock(station, ANA, PASSWORD)
    cards = open_cards(station, ASK, code.lower().replace("-", " "))
    assert [one.first_name for one in found_names(cards.names(), "oma had")] == ["Omar"]
    assert cards.look(OMAR).allergies[0][0] == "Penicillins"
    cards.close()
    clinic.clock.forward(timedelta(days=-8000))
    cards = open_cards(station, ASK, code)
    assert cards.look(OMAR).contacts[0][2] == "555-0101"
    cards.close()


def test_each_look_is_signed_sealed_and_numbered_before_anything_is_shown(
    clinic: Clinic, station: Station, code: str
) -> None:
    cards = open_cards(station, ASK, code)
    cards.look(OMAR)
    looks = looks_of(station)
    assert [(one.number, one.student) for one in looks] == [(1, None), (2, OMAR)]
    assert {one.use for one in looks} == {looks[0].id}
    cards.close()
    # The district opens them with its own key, without this workstation.
    content = (clinic.folder / "emergency.sealed").read_bytes()
    assert b"Pat" not in content
    opened = []
    for record in read_records(clinic.folder / "emergency.sealed"):
        key = SealedBox(clinic.district.seal).decrypt(record.key_for_district)
        opened.append(SecretBox(key).decrypt(record.secret)[64:])
    assert [b"Pat Principal" in one for one in opened] == [True, True]


def test_without_room_for_the_record_no_card_is_shown(
    station: Station, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards = open_cards(station, ASK, code)

    def full(*_: object) -> int:
        raise DiskFull("no room")

    monkeypatch.setattr(SealedFile, "append", full)
    with pytest.raises(DiskFull):
        cards.look(OMAR)
    cards.close()
    with pytest.raises(DiskFull):
        open_cards(station, ASK, code)


def test_the_next_unlock_takes_the_looks_up_once(station: Station, code: str) -> None:
    cards = open_cards(station, ASK, code)
    cards.look(OMAR)
    cards.close()
    for _ in range(2):
        desk = unlock(station, ANA, PASSWORD)
        after_unlock(desk, station)
        said = taken_up(desk)
        assert [one.values["number"] for one in said] == [1, 2]
        assert said[1].values["student_id"] == OMAR
        assert said[1].values["asked_by"] == "Pat Principal"
        assert {one.values["use_id"] for one in said} == {str(said[0].id)}
        lock(desk)


def test_a_file_of_looks_that_does_not_read_keeps_nobody_out(clinic: Clinic, station: Station, code: str) -> None:
    for _ in range(10):
        with pytest.raises(WrongEmergencyCode):
            open_cards(station, ASK, "AAAA")
    (clinic.folder / "emergency.sealed").mkdir()
    desk = unlock(station, ANA, PASSWORD)
    after_unlock(desk, station)
    assert taken_up(desk) == []
    lock(desk)
    (clinic.folder / "emergency.sealed").rmdir()
    open_cards(station, ASK, code).close()


def test_a_look_that_is_taken_up_twice_has_the_same_id(station: Station, code: str) -> None:
    open_cards(station, ASK, code).close()
    desk = unlock(station, ANA, PASSWORD)
    assert take_up_looks(desk, looks_of(station)) == 1
    # As after a stop between the entry and its note.
    desk.journal.remember("emergency_looks_taken_up", "0")
    assert take_up_looks(desk, looks_of(station)) == 1
    assert len({one.id for one in taken_up(desk)}) == 1
    lock(desk)


def test_a_number_is_never_used_again_also_when_the_record_was_taken_away(
    clinic: Clinic, station: Station, code: str
) -> None:
    open_cards(station, ASK, code).close()
    (clinic.folder / "emergency.sealed").unlink()
    open_cards(station, ASK, code).close()
    assert [one.number for one in looks_of(station)] == [2]


def test_a_look_that_this_device_did_not_sign_is_none(clinic: Clinic, station: Station, code: str) -> None:
    open_cards(station, ASK, code).close()
    keys = station.device_keys()
    file = SealedFile(
        clinic.folder / "emergency.sealed", district=keys.seal_public, device=keys.seal_public, chance=clinic.chance
    )
    file.append(2, compact({"number": 2, "at": "2026-11-23T18:00:00.000+00:00"}), b"\0" * 64)
    file.close()
    assert [one.number for one in looks_of(station)] == [1]


def test_ten_wrong_codes_are_the_last_until_a_nurse_unlocks(clinic: Clinic, station: Station, code: str) -> None:
    files = {path: path.read_bytes() for path in clinic.folder.iterdir()}
    for left in range(9, -1, -1):
        with pytest.raises(WrongEmergencyCode) as wrong:
            open_cards(station, ASK, "AAAA")
        assert wrong.value.left == left
    for path, content in files.items():
        path.write_bytes(content)
    with pytest.raises(EmergencyCodeSpent):
        open_cards(station, ASK, code)
    assert looks_of(station) == ()
    desk = unlock(station, ANA, PASSWORD)
    after_unlock(desk, station)
    lock(desk)
    open_cards(station, ASK, code).close()


def test_wrong_codes_are_on_record_at_the_next_unlock(station: Station, code: str) -> None:
    assert code
    with pytest.raises(WrongEmergencyCode):
        open_cards(station, ASK, "AAAA")
    desk = unlock(station, ANA, PASSWORD)
    said = [change for entry in entries(desk) for change in entry.changes if isinstance(change, AccessRecorded)]
    assert AccessAction.UNLOCK_FAILED in {one.action for one in said}
    lock(desk)


def test_a_new_code_ends_the_one_before(station: Station, code: str) -> None:
    desk = unlock(station, ANA, PASSWORD)
    second = make_code(desk)()
    lock(desk)
    with pytest.raises(WrongEmergencyCode):
        open_cards(station, ASK, code)
    open_cards(station, ASK, second).close()


def test_cards_are_replaced_whole_under_a_new_key(clinic: Clinic, station: Station, code: str) -> None:
    before = {path.name for path in clinic.folder.glob("emergency-*.db")}
    desk = unlock(station, ANA, PASSWORD)
    CardWriter(station).write(cards_of(desk, (OMAR,)), desk.records.data_as_of)
    lock(desk)
    after = {path.name for path in clinic.folder.glob("emergency-*")}
    assert len(before) == len(after) == 1
    assert before != after
    cards = open_cards(station, ASK, code)
    assert [one.student for one in cards.names()] == [OMAR]
    assert cards.as_of is not None
    cards.close()


def test_a_stop_while_cards_are_written_leaves_those_before(
    station: Station, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = unlock(station, ANA, PASSWORD)
    cards = cards_of(desk, (OMAR,))

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(emergency_file, "write_whole", stopped)
    with pytest.raises(KeyboardInterrupt):
        CardWriter(station).write(cards, None)
    monkeypatch.undo()
    lock(desk)
    opened = open_cards(station, ASK, code)
    assert len(opened.names()) == 4
    opened.close()


def test_a_code_without_cards_a_damaged_file_and_a_copied_slot_are_refused(
    clinic: Clinic, station: Station, code: str
) -> None:
    (file,) = clinic.folder.glob("emergency-*.db")
    whole = file.read_bytes()
    file.write_bytes(whole[:512] + bytes(len(whole) - 512))
    with pytest.raises(EmergencyCardDamaged):
        open_cards(station, ASK, code)
    file.unlink()
    with pytest.raises(EmergencyCardDamaged):
        open_cards(station, ASK, code)
    index = clinic.folder / EMERGENCY_FILE
    index.write_text(index.read_text().replace('"generation": 1', '"generation": 2'))
    with pytest.raises(SlotDamaged):
        open_cards(station, ASK, code)
    index.unlink()
    with pytest.raises(NotFound):
        open_cards(station, ASK, code)


def test_a_code_that_could_not_be_made_leaves_the_one_before(
    station: Station, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise DiskFull("no room")

    desk = unlock(station, ANA, PASSWORD)
    monkeypatch.setattr(emergency_file, "create_encrypted", full)
    with pytest.raises(DiskFull):
        make_code(desk)()
    lock(desk)
    cards = open_cards(station, ASK, code)
    assert len(cards.names()) == 4
    cards.close()


def test_a_code_that_is_made_while_cards_are_written_is_the_one_that_opens_them(
    station: Station, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The keeper of the desk is between its file and its index when the code is made."""
    desk = unlock(station, ANA, PASSWORD)
    cards = cards_of(desk, children_with_cards(desk))
    writing, go_on = threading.Event(), threading.Event()

    def slow(path: Path, content: bytes) -> None:
        if threading.current_thread() is keeper:
            writing.set()
            assert go_on.wait(10)
        write_whole(path, content)

    monkeypatch.setattr(emergency_file, "write_whole", slow)
    keeper = threading.Thread(target=lambda: CardWriter(station).write(cards, None))
    made: list[str] = []
    maker = threading.Thread(target=lambda: made.append(set_up_code(station, cards, None)))
    keeper.start()
    assert writing.wait(10)
    maker.start()
    maker.join(0.3)
    go_on.set()
    keeper.join()
    maker.join()
    lock(desk)
    with pytest.raises(WrongEmergencyCode):
        open_cards(station, ASK, code)
    open_cards(station, ASK, made[0]).close()


def test_the_district_can_do_without_cards(clinic: Clinic) -> None:
    station = clinic.enrol()
    clinic.fill(station, a_school('{"emergency_card": false}'))
    desk = unlock(station, ANA, PASSWORD)
    with pytest.raises(EmergencyCardOff):
        make_code(desk)()
    lock(desk)
    assert not place_of(station).is_set_up()


def test_a_code_is_made_by_who_answers_for_charts_and_that_is_on_record(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = unlock(station, ANA, PASSWORD)
    make_code(desk)()
    said = entries(desk)[-1].changes[0]
    assert isinstance(said, AccessRecorded)
    assert (said.action, said.entity_type) == (AccessAction.EXPORT, "emergency_look")
    from dataclasses import replace

    monkeypatch.setattr(desk, "person", replace(desk.person, role=Role.UNLICENSED))
    with pytest.raises(EmergencyCodeNotYours):
        make_code(desk)()
    lock(desk)


def test_the_case_of_a_use_says_who_asked_why_and_whose_card(clinic: Clinic) -> None:
    rows = a_school()
    looks = [str(uid("opening")), str(uid("look"))]
    for number, (look, student) in enumerate(zip(looks, (None, OMAR), strict=True), start=1):
        rows["emergency_look"].append(
            row("emergency_look", count(rows) + 1, id=look, use_id=looks[0], workstation_id=str(uid("device")),
                number=number, student_id=student, looked_at="2026-11-23T17:45:00.000+00:00",
                asked_by="Pat Principal", reason="BREATHING", note="in the gym")
        )  # fmt: skip
    case = str(uid("case"))
    rows["review_case"].append(
        row("review_case", count(rows) + 1, id=case, kind="emergency_card_used", subject_ids=compact(looks),
            opened_at="2026-11-23T17:46:00.000+00:00", status="OPEN")
    )  # fmt: skip
    desk = clinic.opened(rows)
    shown = view_case(desk, CaseId(uid("case")))
    said = [dict(side.facts) for side in sides_of(shown, desk.zone)]
    assert [one.get("Child") for one in said] == [None, "HADDAD, Omar"]
    assert {one["Asked by"] for one in said} == {"Pat Principal"}
    assert {one["Reason"] for one in said} == {"Breathing"}
    assert {one["Note"] for one in said} == {"in the gym"}
    assert said[0]["When"] == "23 Nov 2026 11:45"
    lock(desk)


def test_a_code_is_long_fair_and_hard_to_misread(clinic: Clinic) -> None:
    assert not set("0O1IL5S2Z8BUV") & set(ALPHABET)
    codes = [new_code(clinic.chance) for _ in range(200)]
    assert all([len(group) for group in one.split("-")] == [4] * 6 for one in codes)
    assert len(set(codes)) == 200
    assert set("".join(codes)) - {"-"} == set(ALPHABET)
    assert plain_code(f" {codes[0].lower()} ") == codes[0].replace("-", "")


def test_the_sheet_for_the_envelope_names_no_child(station: Station, code: str) -> None:
    said = "\n".join(sheet_lines(station, code))
    assert code in said
    assert "Lincoln Elementary" in said
    assert not any(name in said for name in ("Omar", "Haddad", "Okafor"))


def test_a_workstation_that_is_erased_keeps_nothing_of_them(clinic: Clinic, station: Station, code: str) -> None:
    open_cards(station, ASK, code).close()
    left = {path.name for path in clinic.folder.glob("emergency*")}
    assert len(left) == 3
    assert left <= set(to_erase(clinic.folder))


def test_nothing_on_the_disk_tells_of_a_child(clinic: Clinic, code: str) -> None:
    assert code
    for path in clinic.folder.iterdir():
        content = path.read_bytes()
        for told in (b"Omar", b"Penicillins", b"555-0101", code.encode(), plain_code(code).encode()):
            assert told not in content, path.name


LAST_STEP = 16
KILLED = """
import sys
from pathlib import Path
from tests.desktop.app.killed_looks import killed_at
killed_at(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
"""


@pytest.mark.parametrize("step", range(1, LAST_STEP + 1))
def test_killed_at_any_step_no_card_was_shown_without_its_record(
    clinic: Clinic, station: Station, code: str, step: int
) -> None:
    """Stop the program, by kill, before each thing it does to a file or shows; then count what was shown."""
    shown = clinic.folder.parent / "shown"
    done = subprocess.run(  # this interpreter, our own text
        [sys.executable, "-c", textwrap.dedent(KILLED), str(clinic.folder), code, str(step)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=Path(__file__).parents[3],
    )
    assert done.returncode in {0, -9}, done.stderr[-2000:]
    seen = shown.read_text().split() if shown.exists() else []
    on_record = [one.student or "opened" for one in looks_of(station)]
    assert [one for one in seen if one not in on_record] == []
    assert step < LAST_STEP or done.returncode == 0, "there are more steps than this test tries"
    if done.returncode == 0:
        assert seen == ["opened", OMAR]
    # Whatever happened, the next use goes on, and no number stands for two looks.
    open_cards(clinic.station(), ASK, code).close()
    numbers = [one.number for one in looks_of(station)]
    assert numbers == list(range(1, len(numbers) + 1))
