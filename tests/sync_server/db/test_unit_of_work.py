"""One transaction: its context, its streams, what it writes, and that it tells when it did not."""

# ruff: noqa: PT012  (the block is one transaction; what it raises leaves as it ends)

import logging
import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from tests.recording import Recorder
from tests.sync_server.db.district_of_tests import AT, Town, dose_row, new_id, settle, student_row, write_order

from wc_contract.model.kinds import DOSE, MEDICATION, ORDER, STUDENT
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.db import partitions
from wc_sync_server.db.context import DEVICE, SIGN_IN, SYSTEM, Context, Isolation, Timeouts
from wc_sync_server.db.context_keys import signer_of
from wc_sync_server.db.engine import Pool, connect_pool
from wc_sync_server.db.errors import (
    ContextMalformed,
    DatabaseUnavailable,
    LocksOutOfOrder,
    RowsMalformed,
    RowsNotWritten,
    RowsRejected,
    StreamNotLocked,
    StreamUnknown,
    TryAgain,
)
from wc_sync_server.db.migrate import refresh_statistics
from wc_sync_server.db.months import Month
from wc_sync_server.db.partitions import ensure_partitions
from wc_sync_server.db.provision import Dsns
from wc_sync_server.db.unit_of_work import UnitOfWork, scoped
from wc_sync_server.embedded import Dsn

pytestmark = pytest.mark.postgres


@pytest.fixture
def town(central_pool: Pool) -> Town:
    return settle(central_pool)


def rows_of(superuser: Dsn, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(superuser.conninfo()) as connection:
        return connection.execute(query.encode(), values).fetchall()


def seen(uow: UnitOfWork, table: str) -> int:
    query = f"SELECT count(*) FROM {table} WHERE district_id = %s"
    return int(uow.connection.execute(query.encode(), (uow.context.district,)).fetchall()[0][0])


def event(**changes: Any) -> AuditEvent:
    values = {"action": "VIEW", "entity_type": "student", "entity_id": new_id(), "at": AT, "fields": ("first_name",)}
    return AuditEvent(**(values | changes))


def test_rows_are_stamped_from_the_stream_in_their_order(
    central_pool: Pool, town: Town, central_superuser: Dsn
) -> None:
    rows = [student_row() for _ in range(3)]
    with scoped(central_pool, town.context(), at=AT) as uow:
        assert uow.lock_streams(town.first)[town.first].head == 0
        assert uow.write_rows(STUDENT, town.first, rows[:2]) == (1, 2)
        assert uow.write_rows(STUDENT, town.first, rows[2:]) == (3, 3)
        assert uow.write_rows(STUDENT, town.first, []) == (4, 3)
        uow.commit()
    query = "SELECT id::text, row_version, school_id, created_at, updated_at FROM students ORDER BY row_version"
    assert rows_of(central_superuser, query) == [
        (row["id"], version, town.first, AT, AT) for version, row in enumerate(rows, start=1)
    ]
    with scoped(central_pool, town.context()) as uow:
        head = uow.lock_streams(town.first)[town.first]
    assert (head.head, head.heads) == (3, {"student": 3})


def test_values_arrive_as_they_were(central_pool: Pool, town: Town, central_superuser: Dsn) -> None:
    of = write_order(central_pool, town, student_row())
    with scoped(central_pool, town.context()) as uow:
        uow.lock_streams(town.first)
        uow.write_rows(DOSE, town.first, [dose_row(town, of)])
        uow.commit()
    query = "SELECT dose_given, administered_at, overrides, reason FROM medication_logs"
    assert rows_of(central_superuser, query) == [(Decimal("2.50"), AT, [{"code": "too_soon", "reason": "x"}], None)]


def test_writing_again_replaces_a_record_whole_and_moves_its_version(
    central_pool: Pool, town: Town, central_superuser: Dsn
) -> None:
    row = student_row(homeroom="12")
    for at, change in ((AT, row), (AT + timedelta(hours=1), row | {"grade": "6", "homeroom": None})):
        with scoped(central_pool, town.context(), at=at) as uow:
            uow.lock_streams(town.first)
            uow.write_rows(STUDENT, town.first, [change])
            uow.commit()
    query = "SELECT grade, homeroom, row_version, created_at, updated_at FROM students"
    assert rows_of(central_superuser, query) == [("6", None, 2, AT, AT + timedelta(hours=1))]


def test_a_fact_is_never_replaced(central_pool: Pool, town: Town, central_superuser: Dsn) -> None:
    dose = dose_row(town, write_order(central_pool, town, student_row()))
    with scoped(central_pool, town.context()) as uow:
        uow.lock_streams(town.first)
        uow.write_rows(DOSE, town.first, [dose])
        uow.commit()
    with pytest.raises(RowsNotWritten) as raised, scoped(central_pool, town.context()) as uow:
        uow.lock_streams(town.first)
        uow.write_rows(DOSE, town.first, [dose | {"dose_given": "9"}, dose_row(town, {k: str(dose[k]) for k in OF})])
    assert (raised.value.given, raised.value.written) == (2, 1)
    assert rows_of(central_superuser, "SELECT dose_given FROM medication_logs") == [(Decimal("2.50"),)]


OF = ("student_id", "order_id", "order_version_id", "medication_id")


def test_what_is_written_together_is_counted_as_it_ends(central_pool: Pool, town: Town, central_superuser: Dsn) -> None:
    dose = dose_row(town, write_order(central_pool, town, student_row()))
    again = dose_row(town, {name: str(dose[name]) for name in OF})
    with scoped(central_pool, town.context()) as uow:
        uow.lock_streams(town.first)
        with uow.together():
            uow.write_rows(DOSE, town.first, [dose])
            uow.audit([event()])
            uow.advance_streams()
        uow.commit()
    with pytest.raises(RowsNotWritten) as raised, scoped(central_pool, town.context()) as uow:
        uow.lock_streams(town.first)
        with uow.together():
            uow.write_rows(DOSE, town.first, [dose, again])
            uow.audit([event()])
        pytest.fail("the block ended as if both had been written")
    assert (raised.value.table, raised.value.given, raised.value.written) == ("medication_logs", 2, 1)
    assert rows_of(central_superuser, "SELECT count(*) FROM medication_logs") == [(1,)]


def test_what_a_constraint_refuses_among_what_is_written_together_leaves_as_ever(
    central_pool: Pool, town: Town, central_superuser: Dsn
) -> None:
    before = rows_of(central_superuser, "SELECT count(*) FROM audit_logs")
    stray = {name: str(new_id()) for name in OF}
    with pytest.raises(RowsRejected), scoped(central_pool, town.context()) as uow:
        uow.lock_streams(town.first)
        with uow.together():
            uow.write_rows(DOSE, town.first, [dose_row(town, stray)])
            uow.audit([event()])
            uow.advance_streams()
        uow.commit()
    assert rows_of(central_superuser, "SELECT count(*) FROM audit_logs") == before
    with scoped(central_pool, town.context()) as uow:
        assert uow.lock_streams(town.first)[town.first].head == 0


def test_a_record_is_not_moved_to_another_school_by_writing_it(central_pool: Pool, town: Town) -> None:
    row = student_row()
    with scoped(central_pool, town.context()) as uow:
        uow.lock_streams(town.first)
        uow.write_rows(STUDENT, town.first, [row])
        uow.commit()
    with pytest.raises(RowsNotWritten), scoped(central_pool, town.context()) as uow:
        uow.lock_streams(town.second)
        uow.write_rows(STUDENT, town.second, [row])


def test_leaving_without_commit_leaves_nothing(central_pool: Pool, town: Town, central_superuser: Dsn) -> None:
    with scoped(central_pool, town.context()) as uow:
        uow.lock_streams(town.first)
        uow.write_rows(STUDENT, town.first, [student_row()])
        uow.audit([event()])
    assert rows_of(central_superuser, "SELECT 1 FROM students") == []
    assert rows_of(central_superuser, "SELECT 1 FROM audit_logs") == []
    assert rows_of(central_superuser, "SELECT head FROM streams WHERE id = %s", town.first) == [(0,)]


def test_removed_records_are_marked_and_told(central_pool: Pool, town: Town, central_superuser: Dsn) -> None:
    rows = [student_row(), student_row()]
    ids = [UUID(str(row["id"])) for row in rows]
    with scoped(central_pool, town.context(), at=AT) as uow:
        uow.lock_streams(town.first)
        uow.write_rows(STUDENT, town.first, rows)
        assert uow.remove_rows(STUDENT, town.first, ids[:1], "deleted") == (3, 3)
        uow.commit()
    query = "SELECT id, deleted_at IS NOT NULL, row_version FROM students ORDER BY row_version"
    assert rows_of(central_superuser, query) == [(ids[1], False, 2), (ids[0], True, 3)]
    query = "SELECT stream_id, school_id, kind, record_id, row_version, reason FROM removals"
    assert rows_of(central_superuser, query) == [(town.first, town.first, "student", ids[0], 3, "deleted")]
    with scoped(central_pool, town.context()) as uow:
        assert uow.lock_streams(town.first)[town.first].heads == {"student": 2, "removal": 3}
        uow.write_rows(STUDENT, town.first, rows[:1])
        uow.commit()
    assert rows_of(central_superuser, "SELECT deleted_at FROM students WHERE id = %s", ids[0]) == [(None,)]


def test_only_the_flags_of_a_fact_change(central_pool: Pool, town: Town, central_superuser: Dsn) -> None:
    dose = dose_row(town, write_order(central_pool, town, student_row()))
    with scoped(central_pool, town.context(town.first)) as uow:
        uow.lock_streams(town.first)
        _, version = uow.write_rows(DOSE, town.first, [dose])
        flags = [(UUID(str(dose["id"])), '["possible_double_dose"]')]
        assert uow.write_flags(DOSE, town.first, flags) == (version + 1, version + 1)
        uow.commit()
    query = "SELECT flags, row_version, dose_given FROM medication_logs"
    assert rows_of(central_superuser, query) == [(["possible_double_dose"], version + 1, Decimal("2.50"))]
    with pytest.raises(RowsNotWritten), scoped(central_pool, town.context()) as uow:
        uow.lock_streams(town.second)
        uow.write_flags(DOSE, town.second, flags)


def test_a_child_moves_and_its_old_school_is_told(central_pool: Pool, town: Town, central_superuser: Dsn) -> None:
    student = student_row()
    of = write_order(central_pool, town, student)
    ids = {STUDENT: UUID(str(student["id"])), ORDER: UUID(of["order_id"])}
    with scoped(central_pool, town.context()) as uow:
        uow.lock_streams(town.first, town.second)
        for version, (kind, id_) in enumerate(ids.items(), start=1):
            assert uow.move_rows(kind, town.first, town.second, [id_]) == (version, version)
        uow.commit()
    for kind in ids:
        query = f"SELECT school_id FROM {kind.table}"
        assert rows_of(central_superuser, query) == [(town.second,)]
    query = "SELECT stream_id, kind, row_version, reason FROM removals ORDER BY row_version"
    assert rows_of(central_superuser, query) == [
        (town.first, kind.name, version, "moved") for version, kind in enumerate(ids, start=4)
    ]
    with pytest.raises(RowsNotWritten), scoped(central_pool, town.context()) as uow:
        uow.lock_streams(town.first, town.second)
        uow.move_rows(STUDENT, town.first, town.second, [ids[STUDENT]])


def test_facts_are_never_removed(central_pool: Pool, town: Town) -> None:
    with scoped(central_pool, town.context()) as uow:
        uow.lock_streams(town.first)
        with pytest.raises(RowsMalformed):
            uow.remove_rows(DOSE, town.first, [new_id()], "deleted")


def test_facts_stay_with_the_school_where_they_happened(central_pool: Pool, town: Town) -> None:
    with scoped(central_pool, town.context()) as uow:
        uow.lock_streams(town.first, town.second)
        with pytest.raises(RowsMalformed):
            uow.move_rows(DOSE, town.first, town.second, [new_id()])


def test_a_field_of_the_central_database_is_named_by_all_rows_or_by_none(central_pool: Pool, town: Town) -> None:
    rows = [student_row(merged_into_id=None), student_row()]
    with scoped(central_pool, town.context()) as uow:
        uow.lock_streams(town.first)
        with pytest.raises(RowsMalformed, match="merged_into_id"):
            uow.write_rows(STUDENT, town.first, rows)
        uow.write_rows(STUDENT, town.first, rows[:1])


def test_a_stream_is_locked_before_it_is_written(central_pool: Pool, town: Town) -> None:
    with scoped(central_pool, town.context()) as uow, pytest.raises(StreamNotLocked):
        uow.write_rows(STUDENT, town.first, [student_row()])


def test_streams_are_locked_in_order(central_pool: Pool, town: Town) -> None:
    low, high = sorted((town.first, town.second))
    with scoped(central_pool, town.context()) as uow:
        uow.lock_streams(high)
        assert set(uow.lock_streams(high)) == {high}
        with pytest.raises(LocksOutOfOrder):
            uow.lock_streams(low)


def test_a_stream_of_another_school_is_unknown(central_pool: Pool, town: Town) -> None:
    with scoped(central_pool, town.context(town.first)) as uow, pytest.raises(StreamUnknown):
        uow.lock_streams(town.second)


def test_a_record_goes_into_a_stream_of_its_scope(central_pool: Pool, town: Town) -> None:
    with scoped(central_pool, town.context()) as uow:
        uow.lock_streams(town.first, town.district)
        with pytest.raises(RowsMalformed):
            uow.write_rows(STUDENT, town.district, [student_row()])
        with pytest.raises(RowsMalformed):
            uow.write_rows(MEDICATION, town.first, [{"id": str(new_id())}])


def test_unknown_fields_are_named_without_their_content(central_pool: Pool, town: Town) -> None:
    with scoped(central_pool, town.context()) as uow:
        uow.lock_streams(town.first)
        with pytest.raises(RowsMalformed, match="nickname") as raised:
            uow.write_rows(STUDENT, town.first, [student_row(nickname="SECRETMARK")])
    assert "SECRETMARK" not in str(raised.value)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"withdrawn_on": "2020-01-01"}, "ck_students_withdrawn_on"),
        ({"date_of_birth": "2025-01-01"}, "ck_students_date_of_birth"),
        ({"date_of_birth": "1990-01-01"}, "ck_students_date_of_birth"),
        ({"nurse_id": str(new_id())}, "fk_students_nurse_id"),
        ({"first_name": None}, None),
    ],
)
def test_what_a_constraint_refuses_is_a_defect_without_a_value(
    central_pool: Pool, town: Town, change: dict[str, str], constraint: str | None
) -> None:
    with pytest.raises(RowsRejected) as raised, scoped(central_pool, town.context()) as uow:
        uow.lock_streams(town.first)
        uow.write_rows(STUDENT, town.first, [student_row(last_name="SECRETMARK", **change)])
    assert raised.value.constraint == constraint
    assert raised.value.__suppress_context__
    assert "SECRETMARK" not in f"{raised.value} {raised.value!r}"


def test_a_student_number_is_unique_in_the_district(central_pool: Pool, town: Town) -> None:
    with pytest.raises(RowsRejected) as raised, scoped(central_pool, town.context()) as uow:
        uow.lock_streams(town.first, town.second)
        uow.write_rows(STUDENT, town.first, [student_row(student_number="7")])
        uow.write_rows(STUDENT, town.second, [student_row(student_number="7")])
    assert raised.value.constraint == "uq_students_student_number"


def test_a_device_sees_its_school_and_nothing_else(central_pool: Pool, town: Town) -> None:
    other = settle(central_pool)
    with scoped(central_pool, town.context()) as uow:
        uow.lock_streams(town.first, town.second)
        uow.write_rows(STUDENT, town.first, [student_row()])
        uow.write_rows(STUDENT, town.second, [student_row(), student_row()])
        uow.commit()
    with scoped(central_pool, town.context(town.first, role=DEVICE), read_only=True) as uow:
        assert seen(uow, "students") == 1
    with scoped(central_pool, Context(district=town.district, role=SIGN_IN)) as uow:
        assert seen(uow, "students") == 0
        assert seen(uow, "users") == 1
    with scoped(central_pool, Context(district=other.district, role=SYSTEM, schools=(town.first,))) as uow:
        assert seen(uow, "students") == 0


def test_the_context_is_put_in_two_round_trips_and_ends_with_the_block(
    central_pool: Pool, town: Town, recorded_statements: Recorder
) -> None:
    recorded_statements.statements.clear()
    with scoped(central_pool, town.context(), isolation=Isolation.REPEATABLE_READ, read_only=True):
        pass
    with central_pool.connection() as connection:
        left = connection.execute(
            "SELECT current_setting('wc.context', true), current_setting('statement_timeout')"
        ).fetchall()
    assert left in ([("", "0")], [(None, "0")])
    opening = [each.text for each in recorded_statements.statements if "SET LOCAL" in each.text]
    assert len(opening) == 2
    assert "REPEATABLE READ READ ONLY" in opening[0]
    assert "statement_timeout" in opening[0]
    assert opening[0].startswith("BEGIN")
    assert opening[1].startswith('SET LOCAL "wc"."context"')
    assert not [each for each in recorded_statements.statements if each.text.strip() == "BEGIN"]


def test_who_borrows_a_connection_after_a_transaction_gets_one_that_begins_its_own(
    central_dsns: Dsns, town: Town
) -> None:
    pool = connect_pool(central_dsns.app, signer=signer_of(central_dsns.migrate), size=1)
    try:
        with scoped(pool, town.context()) as uow:
            uow.lock_streams(town.first)
        with pool.connection() as connection:
            assert not connection.autocommit
            assert connection.info.transaction_status is psycopg.pq.TransactionStatus.IDLE
    finally:
        pool.close()


def test_a_read_only_transaction_writes_nothing(central_pool: Pool, town: Town) -> None:
    with pytest.raises(TryAgain) as raised, scoped(central_pool, town.context(), read_only=True) as uow:
        uow.audit([event()])
    assert raised.value.sqlstate == "25006"


def test_a_lock_that_is_not_given_in_time_is_worth_another_try(central_pool: Pool, town: Town) -> None:
    with scoped(central_pool, town.context()) as first:
        first.lock_streams(town.first)
        with (
            pytest.raises(TryAgain) as raised,
            scoped(central_pool, town.context(), timeouts=Timeouts(lock=50)) as second,
        ):
            second.lock_streams(town.first)
    assert raised.value.sqlstate == "55P03"


def test_writers_of_one_stream_wait_and_leave_no_gap(central_pool: Pool, town: Town, central_superuser: Dsn) -> None:
    def write() -> None:
        for _ in range(5):
            with scoped(central_pool, town.context()) as uow:
                uow.lock_streams(town.first)
                uow.write_rows(STUDENT, town.first, [student_row(), student_row()])
                uow.commit()

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    versions = [version for (version,) in rows_of(central_superuser, "SELECT row_version FROM students ORDER BY 1")]
    assert versions == list(range(1, 41))


def test_the_audit_says_who_what_and_when_but_no_value(central_pool: Pool, town: Town, central_superuser: Dsn) -> None:
    received = AT + timedelta(days=1)
    entry = new_id()
    with scoped(central_pool, town.context(), at=received) as uow:
        uow.audit(
            [
                event(user_id=town.nurse, role="NURSE", school_id=town.first, entry_id=entry, detail={"code": "x"}),
                event(action="SIGN_IN", fields=(), entity_type="worklist", entity_id="today"),
            ]
        )
        uow.commit()
    query = """SELECT action, entity_type, fields, detail, at, received_at, user_id, school_id, entry_id, district_id
               FROM audit_logs ORDER BY action DESC"""
    assert rows_of(central_superuser, query) == [
        ("VIEW", "student", ["first_name"], {"code": "x"}, AT, received, town.nurse, town.first, entry, town.district),
        ("SIGN_IN", "worklist", [], None, AT, received, None, None, None, town.district),
    ]


def test_the_audit_of_another_schools_deed_is_refused(central_pool: Pool, town: Town) -> None:
    with pytest.raises(RowsRejected), scoped(central_pool, town.context(town.first)) as uow:
        uow.audit([event(school_id=town.second)])


@pytest.mark.logs_warnings
def test_a_missing_month_stops_no_dose(
    central_pool: Pool, town: Town, central_superuser: Dsn, central_dsns: Dsns
) -> None:
    dose = dose_row(town, write_order(central_pool, town, student_row()))
    far = AT.replace(year=2031)
    with scoped(central_pool, town.context(), at=far) as uow:
        uow.lock_streams(town.first)
        uow.write_rows(DOSE, town.first, [dose])
        uow.audit([event()])
        uow.audit([event(), event()])
        uow.commit()
    assert rows_of(central_superuser, "SELECT count(*) FROM medication_logs") == [(1,)]
    assert rows_of(central_superuser, "SELECT count(*) FROM audit_overflow") == [(3,)]
    assert Month(year=2031, month=11).table in ensure_partitions(central_dsns.migrate)
    assert rows_of(central_superuser, "SELECT count(*) FROM audit_overflow") == [(0,)]
    assert rows_of(central_superuser, "SELECT received_at FROM audit_logs") == [(far,)] * 3
    assert ensure_partitions(central_dsns.migrate) == ()
    query = """SELECT relname FROM pg_class WHERE relname LIKE 'audit\\_%%' AND relkind IN ('r', 'p')
               AND NOT (relrowsecurity AND relforcerowsecurity)"""
    assert rows_of(central_superuser, query) == []


def test_months_are_made_ahead(central_dsns: Dsns, central_superuser: Dsn) -> None:
    ((now,),) = rows_of(central_superuser, "SELECT now()")
    ahead = {Month(year=now.year, month=now.month).after(n).table for n in range(4)}
    query = "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'"
    assert ahead <= {name for (name,) in rows_of(central_superuser, query)}
    assert Month(year=now.year, month=now.month).after(4).table in ensure_partitions(
        central_dsns.migrate, months_ahead=4
    )


def test_who_makes_months_waits_for_another_and_finds_them_made(
    central_dsns: Dsns, central_superuser: Dsn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "_LOCK_TIMEOUT", "50ms")
    made: list[tuple[str, ...]] = []
    second = threading.Thread(target=lambda: made.append(ensure_partitions(central_dsns.migrate)))
    with psycopg.connect(central_superuser.conninfo(), autocommit=True) as first:
        first.execute("SELECT pg_advisory_lock(%s)", (partitions._ONE_AT_A_TIME,))
        second.start()
        second.join(timeout=0.5)
        assert second.is_alive()
    second.join(timeout=30)
    assert made == [()]


def test_statistics_are_refreshed_by_the_owner(
    central_pool: Pool, town: Town, central_dsns: Dsns, central_superuser: Dsn
) -> None:
    write_order(central_pool, town, student_row())
    counted = "SELECT reltuples FROM pg_class WHERE relname = 'students'"
    assert rows_of(central_superuser, counted) != [(1.0,)]
    refresh_statistics(central_dsns.migrate)
    assert rows_of(central_superuser, counted) == [(1.0,)]


def test_months_follow_each_other_over_a_year() -> None:
    assert Month(year=2026, month=11).after(2) == Month(year=2027, month=1)
    assert Month(year=2026, month=12).after(1).first_day.isoformat() == "2027-01-01"


def test_a_context_names_a_role_that_exists(town: Town) -> None:
    with pytest.raises(ContextMalformed):
        town.context(role="GOD")
    with pytest.raises(ContextMalformed):
        Context(district=town.district, role=SYSTEM, schools=("'; DROP TABLE students; --",))  # type: ignore[arg-type]


def test_a_busy_pool_says_so(central_dsns: Dsns, town: Town) -> None:
    pool = connect_pool(central_dsns.app, signer=signer_of(central_dsns.migrate), size=1, patience=0.2)
    try:
        with (
            scoped(pool, town.context()),
            pytest.raises(DatabaseUnavailable),
            scoped(pool, town.context()),
        ):
            pass
    finally:
        pool.close()


@pytest.mark.logs_warnings
def test_a_server_that_is_not_there_is_unavailable(tmp_path: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    with pytest.raises(DatabaseUnavailable):
        connect_pool(f"host={tmp_path} dbname=x user=x password=x", size=1, patience=0.3)


@pytest.mark.logs_warnings
def test_a_connection_lost_in_the_middle_is_worth_another_try(
    central_pool: Pool, town: Town, central_superuser: Dsn
) -> None:
    with pytest.raises(TryAgain), scoped(central_pool, town.context()) as uow:
        pid = uow.connection.info.backend_pid
        rows_of(central_superuser, "SELECT pg_terminate_backend(%s, 5000)", pid)
        uow.lock_streams(town.first)
    with scoped(central_pool, town.context()) as uow:
        uow.lock_streams(town.first)
