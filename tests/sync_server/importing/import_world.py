"""A district in a real database to import into, and rosters and bundles as files."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from wc_contract.model.ids import DistrictId, SchoolId
from wc_contract.model.kinds import DISTRICT
from wc_sync_server.db.context import SYSTEM, Context
from wc_sync_server.db.engine import Pool
from wc_sync_server.db.retry import run_retrying
from wc_sync_server.db.unit_of_work import UnitOfWork, scoped
from wc_sync_server.importing.oneroster.present import school_ids

T = TypeVar("T")
DISTRICT_ID = DistrictId(UUID("2f0a3a52-6a0b-4b6e-9a3e-5f3d7c1b9e01"))
TODAY = date(2026, 11, 23)
Table = tuple[Sequence[str], Sequence[Sequence[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolWorks:
    """The importer's port over the real unit of work."""

    pool: Pool
    district: DistrictId = DISTRICT_ID

    @contextmanager
    def begin(self, schools: Sequence[SchoolId], *, read_only: bool = False) -> Iterator[UnitOfWork]:
        context = Context(district=self.district, role=SYSTEM, schools=tuple(schools))
        with scoped(self.pool, context, read_only=read_only) as work:
            yield work

    @contextmanager
    def look_everywhere(self) -> Iterator[UnitOfWork]:
        with self.begin(school_ids(self, self.district), read_only=True) as work:
            yield work

    def retrying(self, closure: Callable[[], T], /) -> T:
        return run_retrying(closure)

    def make_district(self) -> None:
        with self.begin(()) as work:
            work.open_streams(self.district)
            row = {"id": str(self.district), "name": "Prairie Ridge Unified", "state": "IL", "policy": "{}"}
            work.write_rows(DISTRICT, self.district, [row])
            work.commit()


ORGS = ("sourcedId", "status", "dateLastModified", "name", "type", "identifier", "parentSourcedId")
USERS_1 = (
    *("sourcedId", "status", "dateLastModified", "enabledUser", "orgSourcedIds", "role", "username", "userIds"),
    *("givenName", "familyName", "middleName", "identifier", "email", "sms", "phone", "agentSourcedIds", "grades"),
    *("password", "metadata.whiteCrossRole"),
)
USERS_2 = (
    *("sourcedId", "status", "dateLastModified", "enabledUser", "username", "userIds", "givenName", "familyName"),
    *("middleName", "identifier", "email", "sms", "phone", "agentSourcedIds", "grades", "password"),
    *("userMasterIdentifier", "resourceSourcedIds", "preferredGivenName", "preferredMiddleName"),
    *("preferredFamilyName", "primaryOrgSourcedId", "pronouns"),
)
ROLES = (
    *("sourcedId", "status", "dateLastModified", "userSourcedId", "roleType", "role", "beginDate", "endDate"),
    *("orgSourcedId", "userProfileSourcedId"),
)
DEMOGRAPHICS = ("sourcedId", "status", "dateLastModified", "birthDate", "sex")


def rows(header: Sequence[str], *records: Mapping[str, str]) -> Table:
    """Return a table with a row a record; what a record does not say is empty."""
    return header, [[record.get(name, "") for name in header] for record in records]


def org(sourced_id: str, kind: str = "school", **more: str) -> dict[str, str]:
    return {"sourcedId": sourced_id, "name": f"School {sourced_id}", "type": kind, **more}


def pupil(number: int, school: str = "north", **more: str) -> dict[str, str]:
    return {
        "sourcedId": f"p{number}",
        "enabledUser": "true",
        "orgSourcedIds": school,
        "role": "student",
        "username": f"p{number}",
        "givenName": f"Given{number}",
        "familyName": "Example",
        "identifier": f"{number:05}",
        "grades": "03",
        **more,
    }


def nurse(sourced_id: str, school: str = "north", **more: str) -> dict[str, str]:
    return {
        "sourcedId": sourced_id,
        "enabledUser": "true",
        "orgSourcedIds": school,
        "role": "aide",
        "username": sourced_id,
        "givenName": "Nora",
        "familyName": "Nightwatch",
        "email": f"{sourced_id}@district.example",
        "metadata.whiteCrossRole": "NURSE",
        **more,
    }


def born(number: int, day: str = "2017-05-04", **more: str) -> dict[str, str]:
    return {"sourcedId": f"p{number}", "birthDate": day, "sex": "female", **more}


def roster(
    pupils: Sequence[Mapping[str, str]], *staff: Mapping[str, str], births: Sequence[Mapping[str, str]] | None = None
) -> dict[str, Table]:
    """Return the files of a OneRoster 1.1 with two schools."""
    numbers = [int(each["sourcedId"][1:]) for each in pupils if each["sourcedId"][1:].isdigit()]
    return {
        "orgs.csv": rows(ORGS, org("district", "district"), org("north"), org("south")),
        "users.csv": rows(USERS_1, *pupils, *staff),
        "demographics.csv": rows(DEMOGRAPHICS, *(births if births is not None else [born(n) for n in numbers])),
    }


def manifest(files: Mapping[str, Table], version: str = "1.1", mode: str = "bulk") -> str:
    lines = ["propertyName,value", "manifest.version,1.0", f"oneroster.version,{version}"]
    return "\n".join([*lines, *(f"file.{name.removesuffix('.csv')},{mode}" for name in files)]) + "\n"


def text_of(table: Table) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(table[0])
    writer.writerows(table[1])
    return out.getvalue()


def write_folder(folder: Path, files: Mapping[str, Table], version: str = "1.1", mode: str = "bulk") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in files.items():
        (folder / name).write_text(text_of(table), encoding="utf-8", newline="")
    (folder / "manifest.csv").write_text(manifest(files, version, mode), encoding="utf-8")
    return folder


def write_zip(path: Path, files: Mapping[str, Table], version: str = "1.1") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.csv", manifest(files, version))
        for name, table in files.items():
            archive.writestr(name, text_of(table))
    return path


def write_bundle(folder: Path, name: str, *resources: Any, kind: str = "collection") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    entries = [{"resource": resource} for resource in resources]
    bundle = {"resourceType": "Bundle", "type": kind, "entry": entries}
    (folder / name).write_text(json.dumps(bundle), encoding="utf-8")
    return folder
