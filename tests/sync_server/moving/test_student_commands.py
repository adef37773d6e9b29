"""`wc-sync-server student …`: an operator moves, withdraws, merges and parts, by number, and is told what to do."""

import json
from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from tests import factories as make
from tests.sync_server.cli.commanded import run
from tests.sync_server.house import House, Pupil
from tests.sync_server.moving.moving_world import enrolled, station

pytestmark = pytest.mark.postgres
_numbers = count(7_000)


def pupil(house: House) -> tuple[Pupil, str]:
    number = next(_numbers)
    return enrolled(house, f"commanded {number}", number, house.north), str(number)


def test_a_student_is_moved_by_number(house: House) -> None:
    child, number = pupil(house)
    ended = run(house, "student", "move", number, "South School")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert house.one("SELECT school_id FROM students WHERE id = %s", child.id) == house.south
    again = run(house, "student", "move", str(child.id), "South School")
    assert (again.returncode, "at that school already" in again.stderr) == (1, True)


def test_what_is_sent_in_after_a_withdrawal_is_clean_up_to_the_last_day(house: House) -> None:
    child, number = pupil(house)
    last = make.SCHOOL_DAY - timedelta(days=1)
    assert run(house, "student", "withdraw", number, "--last-day", last.isoformat()).returncode == 0
    north = station(house, house.north, "ann")
    doses = [north.dose(child, slot=None, administered_at=make.NOON - timedelta(days=day)) for day in (1, 0)]
    earlier, later = north.push(*(north.entry(dose) for dose in doses))
    assert (earlier.outcome.value, earlier.findings) == ("applied", ())
    assert later.outcome.value == "case_opened"
    assert "after_withdrawal" in later.findings
    cases = house.asked("SELECT kind FROM review_cases WHERE student_id = %s", child.id)
    assert ("after_withdrawal",) in cases
    north.pull()
    assert north.held["student"][str(child.id)]["withdrawn_on"] == last.isoformat()
    again = run(house, "student", "withdraw", number)
    assert (again.returncode, "has left already" in again.stderr) == (1, True)


def test_the_last_day_is_what_day_it_is_at_the_school(house: House) -> None:
    child, number = pupil(house)
    now = datetime.now(UTC)
    # One of the two has another day than Greenwich, whenever this runs.
    days = {name: now.astimezone(ZoneInfo(name)).date() for name in ("Pacific/Kiritimati", "Etc/GMT+12")}
    zone, day = next((name, day) for name, day in days.items() if day != now.date())
    kept = house.one("SELECT timezone FROM schools WHERE id = %s", house.north)
    house.done("UPDATE schools SET timezone = %s WHERE id = %s", zone, house.north)
    try:
        ended = run(house, "student", "withdraw", number)
    finally:
        house.done("UPDATE schools SET timezone = %s WHERE id = %s", kept, house.north)
    assert day.isoformat() in ended.stdout
    assert house.one("SELECT withdrawn_on FROM students WHERE id = %s", child.id) == day


def test_two_charts_are_previewed_merged_and_parted(house: House) -> None:
    (kept, keep), (gone, number) = pupil(house), pupil(house)
    command = ("student", "merge", keep, number, "--reason", "Enrolled twice.", "--json")
    preview = json.loads(run(house, *command, "--dry-run").stdout)
    assert (preview["dry_run"], preview["goes_on"]) == (True, {"order": 1})
    assert house.one("SELECT merged_into_id FROM students WHERE id = %s", gone.id) is None
    done = json.loads(run(house, *command).stdout)
    assert {case["kind"] for case in done["cases"]} == {"merged_charts"}
    assert house.one("SELECT merged_into_id FROM students WHERE id = %s", gone.id) == kept.id
    assert run(house, "student", "move", number, "South School").returncode == 1, "the chart that goes on is moved"
    parted = run(house, "student", "unmerge", number, "--reason", "They are two.")
    assert "They are two charts again." in parted.stdout
    assert house.one("SELECT undone_reason FROM student_merges WHERE merged_id = %s", gone.id) == "They are two."


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("move", "no-such", "South School"), "no student with that number"),
        (("withdraw", "0", "--last-day", "yesterday"), "write it as"),
        (("withdraw", "0", "--last-day", "1999-01-01"), "before the student was enrolled"),
        (("merge", "0", "1", "--reason", "  "), "--reason"),
        (("unmerge", "1", "--reason", "x"), "was not merged"),
    ],
)
def test_what_cannot_be_done_says_what_to_do(house: House, arguments: tuple[str, ...], said: str) -> None:
    ended = run(house, "student", *arguments)
    assert ended.returncode == 1
    assert said in ended.stderr
