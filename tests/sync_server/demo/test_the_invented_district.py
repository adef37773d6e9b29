"""Prairie Ridge: the same for the same seed, clean for our own importers, and a real noon in each school."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from wc_contract.model.ids import DistrictId
from wc_contract.model.values import AllergyCriticality, DoseState, OrderKind, OrderStatus, Role
from wc_sync_server.demo.district.generate import DistrictFiles, generate_district
from wc_sync_server.demo.district.history import ids_of, read_past_doses
from wc_sync_server.demo.district.school_year import school_year_around
from wc_sync_server.demo.district.shape import PRAIRIE_RIDGE
from wc_sync_server.demo.district.synthea_charts import synthetic_charts
from wc_sync_server.importing import stable_ids
from wc_sync_server.importing.catalogue import load_catalogue
from wc_sync_server.importing.fhir.findings import Reason, Weight
from wc_sync_server.importing.fhir.patients import KnownPatient
from wc_sync_server.importing.fhir.reader import ChartReading, read_charts
from wc_sync_server.importing.fhir.records import ChartAllergy, ChartOrder, ChartVaccination
from wc_sync_server.importing.fhir.subject import District
from wc_sync_server.importing.oneroster.reader import read_roster
from wc_sync_server.importing.oneroster.records import Roster
from wc_sync_server.importing.oneroster.state import DistrictState

DISTRICT_ID = DistrictId(UUID("5d1c0c5e-6c2f-4f0e-8a51-0f6d2a7e9b11"))
TODAY = date(2026, 11, 23)
SEED = 20261120
# Everyone and every order, but only a few of the synthetic charts, which take half a second each.
SHAPE = replace(PRAIRIE_RIDGE, charts=4)


def quiet(_step: str, _done: int, _total: int) -> None:
    return


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def files(folder: Path) -> DistrictFiles:
    return generate_district(folder, seed=SEED, today=TODAY, shape=SHAPE)


@pytest.fixture(scope="module")
def roster(files: DistrictFiles) -> Roster:
    state = DistrictState(district=DISTRICT_ID, timezone="America/New_York")
    return read_roster(files.oneroster, state, today=TODAY)


@pytest.fixture(scope="module")
def charts(files: DistrictFiles, roster: Roster) -> ChartReading:
    students = [
        KnownPatient(
            id=stable_ids.student_id(DISTRICT_ID, each.sourced_id),
            chart=stable_ids.student_id(DISTRICT_ID, each.sourced_id),
            school_id=stable_ids.school_id(DISTRICT_ID, each.school),
            zone="America/Chicago",
            sourced_id=each.sourced_id,
            student_number=each.student_number,
            first_name=each.first_name,
            last_name=each.last_name,
            date_of_birth=each.date_of_birth,
        )
        for each in roster.students
    ]
    verifiers = frozenset(stable_ids.user_id(DISTRICT_ID, user.sourced_id) for user in roster.users)
    district = District(id=DISTRICT_ID, catalogue=load_catalogue(), verifiers=verifiers, today=TODAY)
    return read_charts(files.charts, students, district)


def orders(charts: ChartReading) -> list[ChartOrder]:
    return [record for record in charts.records if isinstance(record, ChartOrder)]


def digest(folder: Path) -> str:
    octets = hashlib.sha256()
    for file in sorted(each for each in folder.rglob("*") if each.is_file()):
        octets.update(file.relative_to(folder).as_posix().encode() + file.read_bytes())
    return octets.hexdigest()


def test_the_same_seed_and_day_give_the_same_octets(folder: Path, files: DistrictFiles, tmp_path: Path) -> None:
    # The charts are copied: that they are the same is proved below, and they take long.
    for cache in folder.glob("synthea-*.json"):
        (tmp_path / cache.name).write_bytes(cache.read_bytes())
    again = generate_district(tmp_path, seed=SEED, today=TODAY, shape=SHAPE)
    assert digest(tmp_path / "district") == digest(folder / "district")
    assert again.people == files.people


def test_another_seed_gives_other_children(folder: Path, files: DistrictFiles, tmp_path: Path) -> None:
    for cache in folder.glob("synthea-*.json"):
        (tmp_path / cache.name.replace(str(SEED), "7")).write_bytes(cache.read_bytes())
    other = generate_district(tmp_path, seed=7, today=TODAY, shape=SHAPE)
    assert other.oneroster.read_bytes() != files.oneroster.read_bytes()


def test_a_district_that_is_there_is_not_made_again(folder: Path, files: DistrictFiles) -> None:
    mark = files.charts / "mark"
    mark.write_text("still here")
    try:
        generate_district(folder, seed=SEED, today=TODAY, shape=SHAPE)
        assert mark.exists()
    finally:
        mark.unlink()


def test_synthetic_charts_do_not_depend_on_the_number_of_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    for workers in (1, 2):
        monkeypatch.setattr("os.cpu_count", lambda count=workers: count)
        (tmp_path / str(workers)).mkdir()
        reference = date(2026, 8, 17)
        made.append(synthetic_charts(tmp_path / str(workers), seed=5, reference=reference, count=3, progress=quiet))
    assert made[0] == made[1]
    assert made[0]


def test_progress_is_told_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []

    def note(step: str, done: int, total: int) -> None:
        told.append((step, done, total))

    generate_district(tmp_path, seed=3, today=TODAY, progress=note, shape=replace(SHAPE, charts=1))
    assert list(dict.fromkeys(step for step, _, _ in told)) == [
        "making charts",
        "writing the roster",
        "writing charts",
        "district ready",
    ]
    assert all(0 <= done <= total for _, done, total in told)


def test_the_roster_passes_our_importer_without_a_problem(roster: Roster) -> None:
    assert roster.problems == ()
    assert len(roster.schools) == 3
    assert {school.timezone for school in roster.schools} == {"America/Chicago"}
    assert 1850 <= len(roster.students) <= 1950
    assert all(student.homeroom for student in roster.students)


def test_there_are_nurses_in_every_school_and_teachers_have_no_account(roster: Roster, files: DistrictFiles) -> None:
    nursed = {school for user in roster.users if user.role is Role.NURSE for school in user.schools}
    assert nursed == {school.sourced_id for school in roster.schools}
    assert roster.staff_without_account > 60
    assert {person.sourced_id for person in files.people} == {user.sourced_id for user in roster.users}


def test_there_are_twins_with_names_alike_and_namesakes(roster: Roster) -> None:
    sofia, sophia = (
        next(s for s in roster.students if (s.first_name, s.last_name) == (first, "Martinez"))
        for first in ("Sofia", "Sophia")
    )
    assert (sofia.date_of_birth, sofia.grade, sofia.school) == (sophia.date_of_birth, sophia.grade, sophia.school)
    assert sofia.homeroom != sophia.homeroom
    emmas = [s for s in roster.students if (s.first_name, s.last_name) == ("Emma", "Smith")]
    assert len({s.date_of_birth for s in emmas}) >= 2
    assert Counter(s.last_name for s in roster.students).most_common(1)[0][1] >= 20


def test_only_the_generators_own_prescriptions_are_left_out(charts: ChartReading) -> None:
    left = [finding for finding in charts.findings if finding.weight is not Weight.NOTE]
    assert {finding.resource_type for finding in left} <= {"MedicationRequest"}
    assert {finding.reason for finding in left} <= {Reason.DOSE_MISSING, Reason.MEDICATION_NOT_IN_CATALOGUE}
    assert any(isinstance(record, ChartVaccination) for record in charts.records)


def test_about_six_per_cent_of_the_pupils_take_something(charts: ChartReading, roster: Roster) -> None:
    share = len({order.student_id for order in orders(charts)}) / len(roster.students)
    assert 0.05 <= share <= 0.08


def test_each_school_has_a_noon_and_the_elementary_the_longest_queue(charts: ChartReading, roster: Roster) -> None:
    noon: Counter[str] = Counter()
    names = {stable_ids.school_id(DISTRICT_ID, each.sourced_id): each.sourced_id for each in roster.schools}
    for order in orders(charts):
        if order.status is OrderStatus.ACTIVE:
            noon[names[order.school_id]] += sum("11:15" <= at <= "12:45" for at in order.terms.times)
    assert noon["org-larkspur"] >= 35
    assert noon["org-cottonwood"] >= 12
    assert noon["org-prairie-ridge-high"] >= 8


def test_there_are_controlled_drugs_and_rescue_medicines(charts: ChartReading) -> None:
    catalogue = {stable_ids.medication_id(DISTRICT_ID, each.key): each for each in load_catalogue().by_key.values()}
    given = Counter(catalogue[order.medication_id].generic_name for order in orders(charts))
    assert {"methylphenidate", "albuterol", "insulin lispro", "epinephrine", "guanfacine"} <= given.keys()
    assert sum(catalogue[order.medication_id].dea_schedule == "II" for order in orders(charts)) > 20
    assert any(order.self_carry for order in orders(charts))
    assert any(order.kind is OrderKind.PRN and order.terms.max_doses for order in orders(charts))


def clashing(charts: ChartReading) -> Iterator[ChartOrder]:
    catalogue = {stable_ids.medication_id(DISTRICT_ID, each.key): each for each in load_catalogue().by_key.values()}
    for record in charts.records:
        if isinstance(record, ChartAllergy) and record.criticality is AllergyCriticality.HIGH:
            for order in orders(charts):
                classes = {each for i in catalogue[order.medication_id].ingredients for each in i.classes}
                if order.student_id == record.student_id and classes.intersection(record.ingredient_codes):
                    yield order


def test_in_every_school_an_allergy_clashes_with_an_order(charts: ChartReading) -> None:
    assert len({order.school_id for order in clashing(charts)}) == 3


def test_the_hard_cases_of_authority_are_there(charts: ChartReading) -> None:
    active = [order for order in orders(charts) if order.status is OrderStatus.ACTIVE]
    expired_parents = [o for o in active if o.parent_auth_to is not None and o.parent_auth_to < TODAY]
    assert len({order.school_id for order in expired_parents}) == 3
    assert any(order.status is OrderStatus.EXPIRED for order in orders(charts))
    verbal = [order for order in active if order.verbal_until is not None]
    assert {order.verbal_until for order in verbal} == {TODAY + timedelta(days=1)}
    assert all(order.order_signed_on is None for order in verbal)


def test_past_doses_lie_on_school_days_before_today_within_their_orders(files: DistrictFiles) -> None:
    doses = json.loads(files.history.read_text(encoding="utf-8"))
    year = school_year_around(TODAY)
    assert len(doses) > 500
    assert all(year.is_school_day(date.fromisoformat(dose["slot_date"])) for dose in doses)
    assert max(dose["slot_date"] for dose in doses) < TODAY.isoformat()
    assert {dose["status"] for dose in doses} >= {DoseState.ADMINISTERED, DoseState.ABSENT, DoseState.REFUSED}
    assert all((dose["dose_given"] is None) is (dose["status"] in {"ABSENT", "REFUSED", "MISSED"}) for dose in doses)
    assert all((dose["reason"] is not None) for dose in doses if dose["status"] in {"REFUSED", "MISSED"})
    seen = {(dose["order"], dose["slot_date"]) for dose in doses if dose["slot_time"]}
    assert len(seen) == sum(dose["slot_time"] is not None for dose in doses)


def test_past_doses_name_orders_that_the_importer_made(files: DistrictFiles, charts: ChartReading) -> None:
    made = {order.id: order for order in orders(charts)}
    doses = read_past_doses(files.history)
    for dose in doses:
        ids = ids_of(dose, DISTRICT_ID)
        order = made[ids.order]
        assert (order.student_id, order.school_id, order.medication_id) == (ids.student, ids.school, ids.medication)
        assert ids.nurse == order.verified_by
        assert order.terms.times == ((dose.slot_time,) if dose.slot_time else ())


@pytest.mark.parametrize("today", [date(2026, 8, 17), date(2026, 7, 4), date(2027, 6, 30), date(2028, 2, 29)])
@pytest.mark.usefixtures("files")
def test_any_day_of_the_year_gives_a_district_that_imports(tmp_path: Path, folder: Path, today: date) -> None:
    (cache,) = list(folder.glob("synthea-*.json"))
    name = cache.name.replace("2026-08-17", school_year_around(today).first_day.isoformat())
    (tmp_path / name).write_bytes(cache.read_bytes())
    made = generate_district(tmp_path, seed=SEED, today=today, shape=SHAPE)
    state = DistrictState(district=DISTRICT_ID, timezone="America/Chicago")
    found = read_roster(made.oneroster, state, today=today)
    assert found.problems == ()
    assert len(found.students) > 1850
