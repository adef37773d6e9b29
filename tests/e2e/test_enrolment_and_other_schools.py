"""A workstation is enrolled in its window, with mistakes on the way; another school's children are nowhere on it."""

import json
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.e2e.desk import App, Desk
from tests.e2e.district import District
from tests.e2e.nurse import MED_PASS, Nurse

from wc_sync_server.demo.processes import ProgramFailed
from wc_sync_server.demo.settings import DISTRICT_CODE

pytestmark = [pytest.mark.e2e, pytest.mark.postgres]

_OTHER = "org-cottonwood"


def fill(nurse: Nurse, **typed: str) -> None:
    names = {
        "server": "Server address",
        "district": "District code",
        "code": "One-time code",
        "name": "Name of this workstation",
        "email": "Your e-mail",
        "totp": "Six-digit code",
    }
    for field, text in typed.items():
        if field == "password":
            nurse.app.find(role="password text", name="Your password").fill(text)
        else:
            nurse.app.find(role="text", name=names[field]).fill(text)


def test_a_wrong_code_loses_nothing_and_the_right_one_enrols(district: District, desk: Desk) -> None:
    person = district.nurses[2]
    nurse = Nurse(desk, district.workstation("Window", person))
    nurse.start()
    nurse.app.find(role="label", name="Enrol this workstation")
    assert nurse.app.unnamed() == []
    fill(
        nurse,
        server=district.server.url,
        district=DISTRICT_CODE,
        code="WRONG-CODE",
        name="Room 4",
        email=person.email,
        password=nurse.station.password,
        totp=district.totp(person),
    )
    desk.key("Return")
    nurse.app.find(role="label", name=r".*(one-time )?code.*(not|wrong|unknown|no longer).*", timeout=20)
    assert nurse.app.find(role="text", name="Your e-mail").text == person.email, "what was typed is lost"
    fill(nurse, code=district.code(), totp=district.totp(person))
    desk.key("Return")
    # Whoever enrolled has just signed in: today's doses, and over them the tour, which Esc leaves.
    tour = nurse.app.find(role="dialog", name="A short tour.*", timeout=30)
    assert App.unnamed(tour) == []
    desk.key("Escape")
    assert nurse.app.gone(role="dialog")
    nurse.due()
    nurse.waits_for_strip("Online.*")
    assert nurse.app.unnamed() == []


def test_another_school_is_not_on_the_workstation_nor_visible_without_context(
    district: District, tmp_path: Path
) -> None:
    ours = district.enrolled("Ours", district.nurses[0])
    theirs = district.enrolled("Theirs", district.stage.nurses(_OTHER)[0], _OTHER)
    other = district.stage.schools[_OTHER]
    counts = dict(district.rows("SELECT school_id, count(*) FROM students GROUP BY 1"))
    assert ours.report()["replica"]["student"] == counts[district.school_id]
    assert theirs.report()["replica"]["student"] == counts[other]
    entries = [str(row[0]) for row in district.rows("SELECT entry_id FROM receipts WHERE school_id = %s", other)]
    asked = tmp_path / "entries.json"
    asked.write_text(json.dumps(entries), encoding="utf-8")
    assert sum(ours.report("--entries", str(asked))["found"].values()) == 0
    assert district.as_application("SELECT count(*) FROM students") == [(0,)]
    assert district.as_application("SELECT count(*) FROM medication_logs") == [(0,)]


def test_bad_input_to_enrolment_gives_a_sentence_and_an_exit_code(district: District) -> None:
    person = district.nurses[0]
    station = district.workstation("Refused", person)
    good = {"server": district.server.url, "district": DISTRICT_CODE, "code": "NO-SUCH-CODE", "totp": "000000"}
    for change, words in (
        ({}, "code"),
        ({"district": "nowhere"}, "district"),
        ({"server": "http://127.0.0.1:9"}, "server"),
    ):
        with pytest.raises(ProgramFailed) as failed:
            station.enrol(**{**good, **change})
        said = str(failed.value)
        assert words in said.lower()
        assert "Traceback" not in said
        assert not (station.data / "replica.db").exists()


# Each section of the rail and the heading of its screen.
SECTIONS = {
    "med_pass": MED_PASS,
    "students": "Students",
    "incidents": "Incidents",
    "visits": "Visits",
    "inventory": "Inventory",
    "review": "Review",
    "sync": "Sync",
}
CONFIRMS = {"Return": "Give", "r": "Refused", "h": "Hold", "a": "Absent"}


def all_named(nurse: Nurse, where: str) -> None:
    assert nurse.app.unnamed() == [], where


def the_sheet_is_named(nurse: Nurse, key: str, title: str) -> None:
    nurse.desk.key(key)
    sheet = nurse.app.find(role="dialog", name=rf"{title}.*", timeout=10)
    # Of the sheet alone: the screen under it is looked at by itself.
    assert App.unnamed(sheet) == [], title
    nurse.desk.key("Escape")
    assert nurse.app.gone(role="dialog"), title


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_screen_is_named(district: District, screens: ExitStack, theme: str) -> None:
    desk = screens.enter_context(Desk())
    person = district.nurses[1 if theme == "light" else 0]
    bare = Nurse(desk, district.workstation(f"Bare {theme}", person))
    bare.start("--theme", theme)
    bare.app.find(role="label", name="Enrol this workstation")
    all_named(bare, "enrol")
    bare.app.stop()
    nurse = Nurse(desk, district.enrolled(f"Look {theme}", person))
    nurse.start("--theme", theme)
    all_named(nurse, "unlock")
    nurse.unlock()
    surname = nurse.row()[1].split(",")[0]
    for key, title in CONFIRMS.items():
        the_sheet_is_named(nurse, key, title)
    the_sheet_is_named(nurse, "F1", "Help")
    the_sheet_is_named(nurse, "ctrl+comma", "Settings of this workstation")
    for key, title in SECTIONS.items():
        nurse.section(key, title)
        all_named(nurse, title)
    nurse.section("students", "Students")
    desk.type(surname)
    nurse.app.find(role="table", name="Students")
    desk.key("Down", "Return")
    nurse.app.find(role="label", name=rf"{surname}, .*", timeout=10)
    all_named(nurse, "chart")
    desk.key("ctrl+i")
    nurse.app.find(role="label", name="Incident report.*", timeout=10)
    all_named(nurse, "incident form")
