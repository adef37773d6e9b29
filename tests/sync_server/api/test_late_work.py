"""Late work: judged by rights at authoring and now; a fact is never lost (sync.md, rules.md S7)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from tests import factories as make
from tests.sync_server.direct import move_pupil
from tests.sync_server.house import FIRST_DAY, PASSWORD, House, Nurse, Pupil, _pupil, as_uuid
from tests.sync_server.workstation import Workstation, code_of, enrol

from wc_contract.model.changes import Entry
from wc_contract.model.ids import DeviceId, OrderId, SchoolId, StudentId
from wc_contract.model.values import Role
from wc_sync_server.cli.people import NewPerson, add_person, assign_person, disable_person
from wc_sync_server.cli.records import district_named
from wc_sync_server.cli.revoking import revoke_device
from wc_sync_server.domain.access import Assignment

pytestmark = pytest.mark.postgres


def hired(house: House, name: str) -> Nurse:
    """Return a nurse of the north school whom this test may dismiss."""
    email = f"{name}@testville.example"
    new = NewPerson(email=email, first_name=name, last_name="Invented", role=Role.NURSE, password=PASSWORD)
    added = add_person(house.parts, district_named(house.parts, "testville"), new)
    assign_person(house.parts, house.district, email, house.north, FIRST_DAY, None)
    house.nurses[name] = Nurse(added.id, email, added.totp_secret)
    return house.nurses[name]


def dose_for(office: Workstation, pupil: Pupil, **values: object) -> Entry:
    return office.entry(make.dose_logged(student_id=pupil.id, order_id=pupil.order, slot=None), **values)


def dose_at(office: Workstation, pupil: Pupil, at: datetime) -> Entry:
    """Return a dose that was given, and authored, at that time."""
    day = at.astimezone(ZoneInfo("America/Chicago")).date()
    dose = make.dose_logged(student_id=pupil.id, order_id=pupil.order, slot=None, administered_at=at, local_date=day)
    return office.entry(dose, authored_at=at)


def test_doses_for_a_pupil_who_moved_go_where_the_pupil_is(house: House, client: httpx.Client) -> None:
    office = enrol(house, client)
    moved = _pupil(house.parts, house.district, house.north, "mo", 77, house.nurses["ann"].id)
    office.pull()
    before = house.parts.clock.now()
    move_pupil(house, moved, house.north, house.south)
    # The new school's nurse looks at both; the move stops the order, so the second was given after a stop as well.
    on_time, late = office.push(
        dose_at(office, moved, before - timedelta(hours=1)), dose_at(office, moved, house.parts.clock.now())
    )
    assert (on_time["outcome"], on_time["findings"]) == ("case_opened", ["late_from_previous_school"])
    assert late["outcome"] == "case_opened"
    assert {"late_from_previous_school", "after_stop"} <= set(late["findings"])
    assert house.asked("SELECT DISTINCT school_id FROM medication_logs WHERE student_id = %s", moved.id) == [
        (house.south,)
    ]
    south = enrol(house, client, "cleo", house.south)
    kinds = {row[1] for frame in south.pull() if frame.get("kind") == "dose" for row in frame["rows"]}
    assert str(moved.id) in kinds
    removed = [row for frame in office.pull() if frame["frame"] == "removed" for row in frame["rows"]]
    assert ["student", str(moved.id), "moved"] in [row[:3] for row in removed]


def test_a_dose_for_another_schools_pupil_is_refused_and_kept(house: House, client: httpx.Client) -> None:
    office = enrol(house, client)
    (receipt,) = office.push(dose_for(office, house.pupils["sam"]))
    assert (receipt["outcome"], receipt["code"]) == ("refused", "unknown_order")
    stranger = Pupil(id=StudentId(make.named("x")), order=OrderId(make.named("y")))
    assert office.push(dose_for(office, stranger))[0]["outcome"] == "refused"
    assert house.one("SELECT count(*) FROM refused_entries WHERE device_id = %s", office.device) == 2


def test_what_a_disabled_nurse_records_later_is_kept_and_reviewed(house: House, client: httpx.Client) -> None:
    dee = hired(house, "dee")
    office = enrol(house, client, "dee")
    before = dose_for(office, house.pupils["nora"])
    disable_person(house.parts, house.district, dee.email)
    now = house.parts.clock.now()
    earlier = dose_for(office, house.pupils["nora"], authored_at=now - timedelta(hours=1))
    later = dose_for(office, house.pupils["nora"], authored_at=now + timedelta(minutes=1))
    receipts = office.push(before, earlier, later)
    assert receipts[2]["outcome"] == "case_opened"
    assert "unauthorised_period" in receipts[2]["findings"]
    assert "unauthorised_period" not in receipts[1]["findings"]
    assert house.one("SELECT count(*) FROM medication_logs WHERE device_id = %s", office.device) == 3


def test_a_disabled_nurse_ends_reading_but_not_sending(house: House, client: httpx.Client) -> None:
    finn = hired(house, "finn")
    office = enrol(house, client, "finn")
    disable_person(house.parts, house.district, finn.email)
    fresh = enrol(house, client, "ann")
    assert fresh.hello()["directive"] == "ok"
    office.access = office.ask("/v1/token", {"protocol": 1, "refresh_token": office.refresh}, token=office.refresh)[
        "access_token"
    ]
    answer = office.hello()
    assert answer["directive"] == "drain_only"
    assert '"users":[]' in answer["lease"]["body"]
    response = office.request("/v1/pull", {"protocol": 1, "epoch": office.epoch, "since": {}})
    assert code_of(response) == "not_assigned"
    assert office.push(dose_for(office, house.pupils["ned"]))[0]["outcome"] in {"applied", "case_opened"}


def test_a_nurse_whose_assignment_ended_reads_no_more_and_what_she_recorded_goes_in(
    house: House, client: httpx.Client
) -> None:
    gus = hired(house, "gus")
    office = enrol(house, client, "gus")
    assert office.hello()["directive"] == "ok"
    yesterday = house.parts.clock.now().astimezone(ZoneInfo("America/Chicago")).date() - timedelta(days=1)
    house.done("UPDATE school_assignments SET assigned_to = %s WHERE user_id = %s", yesterday, gus.id)
    answer = office.hello()
    assert answer["directive"] == "drain_only"
    assert str(gus.id) not in answer["lease"]["body"]
    # A token that was given out before is good for its few minutes; the next one says what she may.
    renewed = office.ask("/v1/token", {"protocol": 1, "refresh_token": office.refresh}, token=office.refresh)
    office.access = renewed["access_token"]
    response = office.request("/v1/pull", {"protocol": 1, "epoch": office.epoch, "since": {}})
    assert code_of(response) == "not_assigned"
    now = house.parts.clock.now()
    within = dose_for(office, house.pupils["ned"], authored_at=now - timedelta(days=2))
    after = dose_for(office, house.pupils["ned"], authored_at=now)
    receipts = office.push(within, after)
    assert ["out_of_assignment" in receipt["findings"] for receipt in receipts] == [False, True]
    fresh = enrol(house, client, "ann")
    assert fresh.hello()["directive"] == "ok", "the school's other workstations go on"


def test_a_revoked_device_sends_what_it_has_and_gets_nothing(house: House, client: httpx.Client) -> None:
    office = enrol(house, client)
    revoke_device(house.parts, house.district, DeviceId(as_uuid(office.device)))
    assert office.hello()["directive"] == "wipe"
    (receipt,) = office.push(dose_for(office, house.pupils["ned"], authored_at=house.parts.clock.now()))
    assert "unauthorised_period" in receipt["findings"]
    for path, message in (
        ("/v1/pull", {"protocol": 1, "epoch": office.epoch, "since": {}}),
        ("/v1/wait", {"protocol": 1, "epoch": office.epoch, "checkpoint": None, "seconds": 1}),
        ("/v1/users", {"protocol": 1, "email": "a", "password": "b", "totp": "c"}),
    ):
        assert code_of(office.request(path, message)) == "device_revoked", path


def test_an_author_of_another_school_is_refused_and_kept(house: House, client: httpx.Client) -> None:
    office = enrol(house, client)
    outsider = dose_for(office, house.pupils["ned"], author_id=house.nurses["cleo"].id)
    nobody = dose_for(office, house.pupils["ned"], author_id=make.named("nobody at all"))
    receipts = office.push(outsider, nobody)
    assert [r["code"] for r in receipts] == ["never_in_scope", "unknown_author"]
    assert house.one("SELECT count(*) FROM refused_entries WHERE device_id = %s", office.device) == 2


def test_work_before_an_assignment_began_is_taken_and_reviewed(house: House, client: httpx.Client) -> None:
    office = enrol(house, client)
    early = make.NOON.replace(year=2026, month=7, day=1)
    (receipt,) = office.push(dose_for(office, house.pupils["ned"], authored_at=early))
    assert "out_of_assignment" in receipt["findings"]
    assert receipt["outcome"] == "case_opened"


def test_an_assignment_covers_its_first_and_last_day() -> None:
    day = make.SCHOOL_DAY
    one = Assignment(user=make.NURSE, school=SchoolId(make.named("school")), first=day, last=day)
    assert one.covers(day)
    assert not one.covers(day - timedelta(days=1))
    assert not one.covers(day + timedelta(days=1))
