"""Pages and reports come from a replica where one is set, never in the way of the primary."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo
from tests.sync_server.db.district_of_tests import AT, Town, settle, student_row

from wc_contract.model.ids import DistrictId
from wc_contract.model.kinds import STUDENT
from wc_sync_server.db.context_keys import signer_of
from wc_sync_server.db.directory import District, DistrictUnknown, add_district
from wc_sync_server.db.engine import Pool, connect_pool
from wc_sync_server.db.errors import DatabaseUnavailable, TryAgain
from wc_sync_server.db.operations import REPORT
from wc_sync_server.db.provision import Dsns
from wc_sync_server.db.repositories.cells import HOME, Cells
from wc_sync_server.db.unit_of_work import scoped
from wc_sync_server.settings import from_environment

pytestmark = pytest.mark.postgres

_ASKED = "SELECT count(*) FROM students WHERE district_id = %(district)s"


@pytest.fixture
def town(shared_pool: Pool) -> Town:
    made = settle(shared_pool)
    add_district(shared_pool, District(id=made.district, code=f"elm-{made.district}", name="Elm"), AT)
    return made


@pytest.fixture
def replica(shared_dsns: Dsns) -> str:
    """Give a way to the same rows that takes no writes, as a replica's would."""
    return make_conninfo(shared_dsns.app, options="-c default_transaction_read_only=on")


@pytest.fixture
def cells(shared_dsns: Dsns, replica: str) -> Iterator[Cells]:
    made = Cells(
        connect_pool(shared_dsns.app, signer=signer_of(shared_dsns.migrate), size=2),
        {HOME: shared_dsns.app},
        size=2,
        reports={HOME: replica},
    )
    yield made
    made.close()


def test_a_report_is_read_on_the_replica_and_a_write_on_the_primary(cells: Cells, town: Town) -> None:
    reports, primary = cells.reports_for(town.district), cells.pool_for(town.district)
    assert reports is not primary
    assert cells.reports_for(town.district) is reports
    with scoped(primary, town.context()) as uow:
        uow.lock_streams(town.first)
        uow.write_rows(STUDENT, town.first, [student_row()])
        uow.commit()
    with scoped(reports, town.context(), operation=REPORT) as uow:
        assert uow.connection.execute(_ASKED, {"district": town.district}).fetchall() == [(1,)]
        assert uow.connection.execute("SHOW transaction_isolation").fetchall() == [("repeatable read",)]


def test_nothing_is_written_there(cells: Cells, town: Town) -> None:
    with pytest.raises(TryAgain) as raised, scoped(cells.reports_for(town.district), town.context()) as uow:
        uow.lock_streams(town.first)
    assert raised.value.sqlstate == "25006"


def test_without_a_replica_reports_are_read_where_all_is(shared_pool: Pool, shared_dsns: Dsns, town: Town) -> None:
    alone = Cells(shared_pool, {HOME: shared_dsns.app})
    assert alone.reports_for(town.district) is alone.pool_for(town.district)


@pytest.mark.logs_warnings
def test_a_replica_that_is_away_stops_reports_and_nothing_else(
    shared_dsns: Dsns, town: Town, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    away = make_conninfo(shared_dsns.app, host=str(tmp_path))
    home = connect_pool(shared_dsns.app, signer=signer_of(shared_dsns.migrate), size=1)
    cells = Cells(home, {HOME: shared_dsns.app}, size=1, reports={HOME: away}, reports_patience=0.3)
    try:
        reports = cells.reports_for(town.district)
        with pytest.raises(DatabaseUnavailable), scoped(reports, town.context(), operation=REPORT):
            pytest.fail("a report was read from a server that is not there")
        with scoped(cells.pool_for(town.district), town.context()) as uow:
            uow.lock_streams(town.first)
    finally:
        cells.close()


def test_a_district_that_nobody_keeps_has_no_reports(cells: Cells, town: Town) -> None:
    with pytest.raises(DistrictUnknown):
        cells.reports_for(DistrictId(town.nurse))


def test_the_address_is_a_setting_and_is_not_shown() -> None:
    settings = from_environment({"WC_DATABASE_URL": "postgresql://a", "WC_REPORTS_URL": "postgresql://u:hidden@b"})
    assert settings.reports_url == "postgresql://u:hidden@b"
    assert "hidden" not in repr(settings)
