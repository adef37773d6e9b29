"""The whole invented district goes through the real importers into a real PostgreSQL."""

import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from psycopg import connect
from tests.sync_server.importing.import_world import DISTRICT_ID, PoolWorks

from wc_sync_server.db.engine import Pool
from wc_sync_server.demo.district.generate import generate_district
from wc_sync_server.demo.district.shape import PRAIRIE_RIDGE
from wc_sync_server.embedded import Dsn
from wc_sync_server.importing.catalogue import load_catalogue
from wc_sync_server.importing.fhir.run import import_fhir
from wc_sync_server.importing.oneroster.run import ImportDistrict, import_oneroster
from wc_sync_server.importing.outcomes import Outcome

pytestmark = pytest.mark.postgres
TODAY = date(2026, 11, 23)
SHAPE = replace(PRAIRIE_RIDGE, charts=4)


def test_the_district_is_imported_whole_and_a_second_time_changes_nothing(
    central_pool: Pool, central_superuser: Dsn, tmp_path: Path
) -> None:
    files = generate_district(tmp_path, seed=20261120, today=TODAY, shape=SHAPE)
    works = PoolWorks(pool=central_pool)
    works.make_district()
    district = ImportDistrict(id=DISTRICT_ID, timezone="America/Chicago")

    def bring() -> tuple[Any, Any]:
        people = import_oneroster(files.oneroster, works, district, today=TODAY)
        charts = import_fhir(files.charts, works, DISTRICT_ID, load_catalogue(), today=TODAY)
        return people, charts

    begun = time.monotonic()
    people, charts = bring()
    assert people.outcome is Outcome.DONE, people.as_text()
    assert people.counts["students"] == {"create": sum(school.pupils for school in SHAPE.schools)}
    assert charts.writes.created == len(charts.reading.records) > 200
    again, same = bring()
    assert again.plan.steps == ()
    assert (same.writes.created, same.writes.updated) == (0, 0)
    assert time.monotonic() - begun < 60
    with connect(central_superuser.conninfo()) as connection:
        (audited,) = connection.execute("SELECT count(*) FROM audit_logs WHERE action = 'CREATE'").fetchone() or (0,)
        assert audited == 3 + 8 + people.counts["students"]["create"] + charts.writes.created
        active = connection.execute("SELECT count(*) FROM student_medications WHERE status = 'ACTIVE'").fetchone()
        assert active is not None
        assert active[0] > 100
