"""Setting the stage, step by step: database, schemas, district, people, server, the weeks before today."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from wc_contract.model.ids import DistrictId, SchoolId, new_uuid
from wc_contract.model.kinds import CALENDAR_DAY
from wc_contract.model.values import CalendarKind, Role
from wc_sync_server.cli.device import issue_code
from wc_sync_server.cli.district import NewDistrict, create_district
from wc_sync_server.cli.importing import SystemWorks
from wc_sync_server.cli.people import NewPerson, add_person, assign_person
from wc_sync_server.cli.records import schools_of, system
from wc_sync_server.db import migrate
from wc_sync_server.db.provision import Dsns, Passwords, provision
from wc_sync_server.demo.authenticators import Authenticators, CodesTaken
from wc_sync_server.demo.device_client import DeviceClient
from wc_sync_server.demo.district.generate import DistrictFiles, generate_district
from wc_sync_server.demo.district.shape import PRAIRIE_RIDGE, STATE, ZONE, DistrictShape
from wc_sync_server.demo.district.staff import Person
from wc_sync_server.demo.folder import DemoFolder
from wc_sync_server.demo.narrator import Narrator
from wc_sync_server.demo.past import past_entries
from wc_sync_server.demo.processes import ProgramFailed
from wc_sync_server.demo.settings import DATABASE, DISTRICT_CODE, set_database_clock
from wc_sync_server.embedded import EmbeddedPostgres
from wc_sync_server.importing.catalogue import load_catalogue
from wc_sync_server.importing.fhir.run import import_fhir
from wc_sync_server.importing.oneroster.run import ImportDistrict, import_oneroster
from wc_sync_server.importing.outcomes import Outcome
from wc_sync_server.wiring import Workshop

PASSWORD = "prairie noon 2026"  # noqa: S105  # printed: the demonstration has nothing to hide


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What the noon is played on."""

    district: DistrictId
    files: DistrictFiles
    schools: Mapping[str, SchoolId]
    authenticators: Authenticators

    def nurses(self, school: str) -> list[Person]:
        """Return the nurses of a school (by its id in the roster)."""
        return [p for p in self.files.people if p.role is Role.NURSE and p.schools == (school,)]

    @property
    def supervisor(self) -> Person:
        """Return who supervises all schools."""
        return next(p for p in self.files.people if p.role is Role.SUPERVISOR)

    def second_factor(self, person: Person) -> str:
        """Return the six digits that a person's authenticator shows, and that the server did not take yet."""
        return self.authenticators.code(person.email)


def raise_database(postgres: EmbeddedPostgres, folder: DemoFolder, offset_seconds: int) -> Dsns:
    """Make roles, database and schema, or bring them up to date; return the ways in."""
    roles = ("migrate", "app", "audit_reader", "backup")
    passwords = Passwords(**{role: folder.secret(role) for role in roles})
    superuser = postgres.superuser_dsn("postgres").conninfo()
    ways = provision(superuser, DATABASE, passwords)
    migrate.upgrade(ways.migrate)
    set_database_clock(postgres.superuser_dsn(DATABASE).conninfo(), offset_seconds)
    return ways


def set_stage(
    parts: Workshop,
    folder: DemoFolder,
    narrator: Narrator,
    *,
    seed: int,
    today: date,
    shape: DistrictShape = PRAIRIE_RIDGE,
) -> Stage:
    """Generate the district, import it through the real importers and give its people accounts.

    The district is made once, of the day of the first run; later runs find it.
    """
    state = folder.read("stage")
    born = date.fromisoformat(state.get("born", today.isoformat()))
    with narrator.step("District generated: 1,900 invented pupils, charts, a noon of orders") as counting:
        files = generate_district(
            folder.generated, seed=int(state.get("seed", seed)), today=born, progress=counting, shape=shape
        )
    known = parts.cells.find(DISTRICT_CODE)
    if known is None:
        new = NewDistrict(code=DISTRICT_CODE, name=files.shape.name, state=STATE)
        district = create_district(parts, new)
        folder.write("stage", {"born": born.isoformat(), "seed": seed})
    else:
        district = known.id
    if not state.get("imported"):
        _import_all(parts, district, files, narrator, born)
        folder.write("stage", {"born": born.isoformat(), "seed": seed, "imported": True})
    secrets = _accounts(parts, district, files, folder)
    schools = {str(f["sourced_id"]): s for s, f in schools_of(parts, district).items() if f["sourced_id"]}
    taken = CodesTaken(parts=parts, district=district)
    authenticators = Authenticators(secrets=secrets, clock=parts.clock, taken=taken)
    return Stage(district=district, files=files, schools=schools, authenticators=authenticators)


def _import_all(parts: Workshop, district: DistrictId, files: DistrictFiles, narrator: Narrator, today: date) -> None:
    works = SystemWorks(parts=parts, district=district)
    with narrator.step("Roster imported (OneRoster 1.1)") as counting:
        into = ImportDistrict(id=district, timezone=ZONE)
        roster = import_oneroster(files.oneroster, works, into, today=today, progress=counting)
    _require(roster.outcome, roster.as_text())
    narrator.note(_first_lines(roster.as_text()))
    with narrator.step("Charts and school orders imported (FHIR R4)") as counting:
        charts = import_fhir(files.charts, works, district, load_catalogue(), today=today, progress=counting)
    _require(charts.outcome, charts.as_text())
    narrator.note(_first_lines(charts.as_text()))
    with narrator.step("School calendar entered, staff assigned since the first day of school"):
        _enter_calendar(parts, district, files.calendar)
        _assign_since_first_day(parts, district, files)


def _require(outcome: Outcome, report: str) -> None:
    if outcome not in {Outcome.DONE, Outcome.DONE_IN_PART}:
        raise ProgramFailed(report)


def _first_lines(report: str, count: int = 14) -> str:
    lines = report.splitlines()
    more = [f"… {len(lines) - count} more lines"] if len(lines) > count else []
    return "\n".join(f"  {line}" for line in [*lines[:count], *more])


def _enter_calendar(parts: Workshop, district: DistrictId, calendar: Path) -> None:
    holidays: list[str] = json.loads(calendar.read_text(encoding="utf-8"))["holidays"]
    for school in schools_of(parts, district):
        with system(parts, district, (school,)) as uow:
            uow.lock_streams(school)
            rows = [
                {
                    "id": str(new_uuid(uow.at, parts.chance)),
                    "date": day,
                    "kind": CalendarKind.HOLIDAY.value,
                    "open": None,
                    "close": None,
                }
                for day in holidays
            ]
            uow.write_rows(CALENDAR_DAY, school, rows)
            uow.commit()


def _assign_since_first_day(parts: Workshop, district: DistrictId, files: DistrictFiles) -> None:
    # A roster assigns from the day it is imported; the weeks before today were worked by the same people.
    first = date.fromisoformat(json.loads(files.calendar.read_text(encoding="utf-8"))["firstDay"])
    schools = {str(f["sourced_id"]): s for s, f in schools_of(parts, district).items()}
    for person in files.people:
        for school in person.schools:
            assign_person(parts, district, person.email, schools[school], first, None)


def _accounts(parts: Workshop, district: DistrictId, files: DistrictFiles, folder: DemoFolder) -> dict[str, str]:
    found = next(d for d in parts.cells.all() if d.id == district)
    secrets: dict[str, str] = folder.read("authenticators")
    for person in files.people:
        if person.role is None or person.email in secrets:
            continue
        new = NewPerson(
            email=person.email,
            first_name=person.first_name,
            last_name=person.last_name,
            role=person.role,
            password=PASSWORD,
        )
        secrets[person.email] = add_person(parts, found, new).totp_secret
        folder.write("authenticators", secrets)
    return secrets


def send_past(parts: Workshop, stage: Stage, folder: DemoFolder, url: str, narrator: Narrator) -> None:
    """Send the weeks before the first day through enrolment and push, once."""
    sent: dict[str, int] = folder.read("past")
    if len(sent) == len(stage.schools):
        return
    with narrator.step("Three weeks of past doses sent through enrolment and push") as counting:
        for number, (sourced_id, school) in enumerate(stage.schools.items()):
            if sourced_id not in sent:
                sent[sourced_id] = _send_school(parts, stage, url, sourced_id, school)
                folder.write("past", sent)
            counting("schools", number + 1, len(stage.schools))
    narrator.note(f"  {sum(sent.values())} doses of {len(sent)} schools")


def _send_school(parts: Workshop, stage: Stage, url: str, sourced_id: str, school: SchoolId) -> int:
    # The last nurse of the list: the first ones enrol workstations with a window a moment later, and a
    # second factor is taken once.
    nurse = stage.nurses(sourced_id)[-1]
    client = DeviceClient(url)
    enrolled = client.enrol(
        district=DISTRICT_CODE,
        code=issue_code(parts, stage.district, school).code,
        email=nurse.email,
        password=PASSWORD,
        totp=stage.second_factor(nurse),
        name="Records before White Cross",
    )
    epoch = json.loads(enrolled.lease.body)["epoch"]
    entries = list(
        past_entries(
            stage.files.history,
            district=stage.district,
            school=sourced_id,
            device=client.device,
            chance=parts.chance,
        )
    )
    return client.push(epoch, entries)
