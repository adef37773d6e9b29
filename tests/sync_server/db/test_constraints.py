"""Every CHECK of a record's table refuses what it is there for and lets the edge pass: one table of cases.

What a CHECK says in one of a few shapes (a closed set, a pair of dates, a bound) is tried by its shape, for every
table; the rest is in CASES. A CHECK that nothing tries fails a test.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import Connection
from sqlalchemy import CheckConstraint, DateTime
from tests.sync_server.db.central_world import ASH, fill

from wc_contract.model.validity import npi_is_valid
from wc_sync_server.db.tables import METADATA, TENANT
from wc_sync_server.embedded import Dsn

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("unchecked_statements")]

PASSES = None
Case = tuple[str, str, str | None]

# (table, what an UPDATE sets, the constraint that refuses it or PASSES)
CASES: tuple[Case, ...] = (
    ("districts", "state = 'Oh'", "ck_districts_state"),
    ("users", "email = 'Ann@example.org'", "ck_users_email"),
    ("users", "licence_state = NULL", "ck_users_licence_number"),
    ("users", "licence_state = NULL, licence_number = NULL", PASSES),
    ("users", "licence_state = 'Ohio'", "ck_users_licence_state"),
    ("users", "npi = '1245319599'", PASSES),
    ("users", "npi = NULL", PASSES),
    ("users", "npi = '1234567890'", "ck_users_npi"),
    ("users", "npi = '123456789'", "ck_users_npi"),
    ("users", "npi = '12345678931'", "ck_users_npi"),
    ("users", "npi = '123456789x'", "ck_users_npi"),
    ("users", "npi = ''", "ck_users_npi"),
    ("health_records", "provider_npi = '1234567890'", "ck_health_records_provider_npi"),
    ("health_records", "provider_npi = '1245319599'", PASSES),
    ("shifts", "handover_to = user_id", "ck_shifts_handover_to"),
    ("students", "date_of_birth = '2010-06-15', enrolled_on = '2013-06-15', withdrawn_on = NULL", PASSES),
    (
        "students",
        "date_of_birth = '2010-06-15', enrolled_on = '2013-06-14', withdrawn_on = NULL",
        "ck_students_date_of_birth",
    ),
    ("students", "date_of_birth = '2003-11-24', enrolled_on = '2026-11-23', withdrawn_on = NULL", PASSES),
    (
        "students",
        "date_of_birth = '2003-11-23', enrolled_on = '2026-11-23', withdrawn_on = NULL",
        "ck_students_date_of_birth",
    ),
    # Who is born on 29 February turns on 1 March in other years (wc_contract.model.validity).
    ("students", "date_of_birth = '2012-02-29', enrolled_on = '2015-03-01', withdrawn_on = NULL", PASSES),
    (
        "students",
        "date_of_birth = '2012-02-29', enrolled_on = '2015-02-28', withdrawn_on = NULL",
        "ck_students_date_of_birth",
    ),
    ("students", "merged_into_id = id", "ck_students_merged_into_id"),
    ("medications", "ndc11 = '00781105101'", PASSES),
    ("medications", "ndc11 = '0078110510'", "ck_medications_ndc11"),
    ("student_medications", "supersedes_id = id", "ck_student_medications_supersedes_id"),
    ("order_versions", "dose = 0", "ck_order_versions_dose"),
    ("order_versions", "dose = 0.001", PASSES),
    ("order_versions", "max_doses = 2, max_period_minutes = NULL", "ck_order_versions_max_pair"),
    ("order_versions", "max_doses = NULL, max_period_minutes = NULL", PASSES),
    ("medication_logs", "dose_given = -0.1", "ck_medication_logs_dose_given"),
    ("medication_logs", "dose_given = 0", PASSES),
    ("medication_logs", "slot_id = NULL", "ck_medication_logs_slot"),
    ("medication_logs", "slot_time = NULL", "ck_medication_logs_slot"),
    ("medication_logs", "slot_id = NULL, slot_date = NULL, slot_time = NULL", PASSES),
    ("medication_logs", "witness_id = author_user_id", "ck_medication_logs_witness_id"),
    ("medication_ledger", "event = 'COUNTED', quantity = 0", PASSES),
    ("medication_ledger", "event = 'COUNTED', quantity = -1", "ck_medication_ledger_quantity"),
    ("medication_ledger", "event = 'GIVEN', quantity = 0", "ck_medication_ledger_quantity"),
    ("medication_ledger", "event = 'GIVEN', quantity = -1", PASSES),
    ("medication_ledger", "event = 'WASTED', quantity = -1, witness_id = NULL", PASSES),
    ("medication_ledger", "witness_id = actor_id", "ck_medication_ledger_witness_id"),
    ("trip_custody", "quantity_out = 3, quantity_returned = 3", PASSES),
    ("trip_custody", "quantity_out = 3, quantity_returned = 3.5", "ck_trip_custody_quantity_returned"),
    ("trip_custody", "quantity_returned = -1", "ck_trip_custody_quantity_returned"),
    ("trip_custody", "quantity_out = 0", "ck_trip_custody_quantity_out"),
    ("trip_custody", "quantity_returned = NULL", "ck_trip_custody_returned"),
    ("trip_custody", "quantity_returned = NULL, back_at = NULL", PASSES),
    ("delegations", "delegated_by = user_id", "ck_delegations_delegated_by"),
    ("documents", "sha256 = 'abc'", "ck_documents_sha256"),
    ("care_plans", "signed_on = NULL", "ck_care_plans_signed"),
    ("care_plans", "signed_on = NULL, signed_by = NULL", PASSES),
    ("vaccinations", "administered_on = (updated_at AT TIME ZONE 'UTC')::date + 1", PASSES),
    ("vaccinations", "administered_on = (updated_at AT TIME ZONE 'UTC')::date + 2", "ck_vaccinations_administered_on"),
    (
        "screenings",
        "screened_on = (updated_at AT TIME ZONE 'UTC')::date + 2, follow_up_due = NULL",
        "ck_screenings_screened_on",
    ),
    (
        "health_records",
        "record_date = (updated_at AT TIME ZONE 'UTC')::date + 2, follow_up_date = NULL",
        "ck_health_records_record_date",
    ),
    ("incident_reports", "closed_at = updated_at, status = 'SIGNED'", "ck_incident_reports_closed_at"),
    ("incident_reports", "closed_at = updated_at, status = 'CLOSED'", PASSES),
    ("incident_reports", "ncc_merp = 'J'", "ck_incident_reports_ncc_merp"),
    ("follow_up_actions", "status = 'DONE'", "ck_follow_up_actions_completed_at"),
    ("follow_up_actions", "status = 'DONE', completed_at = updated_at", PASSES),
    ("follow_up_actions", "completed_by = assigned_to", "ck_follow_up_actions_completed_by"),
    ("notifications", "incident_id = NULL", "ck_notifications_about"),
    ("notifications", "log_id = (SELECT id FROM medication_logs LIMIT 1)", "ck_notifications_about"),
    ("appointment_reminders", "status = 'SENT'", "ck_appointment_reminders_sent_at"),
    ("appointment_reminders", "status = 'SENT', sent_at = updated_at", PASSES),
    ("appointment_waitlist", "status = 'BOOKED'", "ck_appointment_waitlist_booked"),
    ("purchase_order_items", "quantity = 2, received_quantity = 2", PASSES),
    ("purchase_order_items", "quantity = 2, received_quantity = 3", "ck_purchase_order_items_received_quantity"),
    ("purchase_order_items", "quantity = 0, received_quantity = 0", "ck_purchase_order_items_quantity"),
    ("budget_categories", "allocated = 10, spent_amount = 10", PASSES),
    ("budget_categories", "allocated = 10, spent_amount = 10.01", "ck_budget_categories_ceiling"),
    ("budget_categories", "spent_amount = -1", "ck_budget_categories_ceiling"),
    ("budget_categories", "allocated = -1, spent_amount = 0", "ck_budget_categories_allocated"),
    ("budget_transactions", "reverses_id = id", "ck_budget_transactions_reverses_id"),
)

KINDS_TABLES = [table for table in TENANT if "kind" in table.info]
_SET = re.compile(r"^(\w+) IN \('")
_PAIR = re.compile(r"^(\w+) >= ([a-z]\w+)$")
_BOUND = re.compile(r"^(\w+) (>=|>|<>) (\d+)$")
_RANGE = re.compile(r"^(\w+) BETWEEN (\d+) AND (\d+)$")
_WHOLE = "num_nonnulls(entry_id, device_id, device_seq) IN (0, 3)"


def shaped(check: CheckConstraint) -> Iterator[tuple[str, bool]]:
    """Yield what an UPDATE may set, and whether the check lets it, for a check of a shape that is known."""
    said = str(check.sqltext)
    if found := _SET.match(said):
        yield f"{found[1]} = 'NONE OF THEM'", False
    elif found := _PAIR.match(said):
        late, early = found[1], found[2]
        step = "interval '1 second'" if isinstance(check.table.columns[late].type, DateTime) else "1"
        yield f"{late} = {early} - {step}", False
        yield f"{late} = {early}", True
    elif found := _BOUND.match(said):
        least = int(found[3])
        yield f"{found[1]} = {least - 1 if found[2] == '>=' else least}", False
        yield f"{found[1]} = {least if found[2] == '>=' else least + 1}", True
    elif found := _RANGE.match(said):
        name, least, most = found[1], int(found[2]), int(found[3])
        yield from ((f"{name} = {least - 1}", False), (f"{name} = {most + 1}", False))
        yield from ((f"{name} = {least}", True), (f"{name} = {most}", True))
    elif said == _WHOLE:
        yield "device_seq = NULL", False
        yield "entry_id = NULL, device_id = NULL, device_seq = NULL", True


def checks(tables: list[Any]) -> Iterator[tuple[str, CheckConstraint]]:
    for table in tables:
        for constraint in table.constraints:
            if isinstance(constraint, CheckConstraint):
                yield table.name, constraint


SHAPED: tuple[tuple[str, str, str, bool], ...] = tuple(
    (table, fragment, str(check.name), stands)
    for table, check in sorted(checks(KINDS_TABLES), key=lambda each: str(each[1].name))
    for fragment, stands in shaped(check)
)


@pytest.fixture(scope="module")
def world(module_database: Callable[..., Dsn], central_template: str) -> Iterator[Connection[Any]]:
    with psycopg.connect(module_database(central_template).conninfo()) as connection:
        fill(connection)
        connection.commit()
        yield connection


def refused_by(world: Connection[Any], table: str, fragment: str) -> str | None:
    """Return the constraint that refuses an UPDATE of one place's row, None when it passes."""
    key = "district_id" if table == "districts" else "id"
    try:
        with world.transaction(force_rollback=True):
            done = world.execute(
                f"UPDATE {table} SET {fragment} WHERE district_id = %s AND {key} = %s".encode(),
                (ASH.district, ASH.id_of(table)),
            )
            assert done.rowcount == 1
    except psycopg.errors.CheckViolation as error:
        return error.diag.constraint_name
    return None


def test_cases_by_hand(world: Connection[Any]) -> None:
    wrong = [
        (table, fragment, found)
        for table, fragment, name in CASES
        if (found := refused_by(world, table, fragment)) != name
    ]
    assert wrong == []


def test_cases_by_their_shape(world: Connection[Any]) -> None:
    wrong = [
        (table, fragment, name)
        for table, fragment, name, stands in SHAPED
        # At an edge that this check lets pass, another one of the table may still refuse.
        if (refused_by(world, table, fragment) == name) is stands
    ]
    assert wrong == []


def test_every_check_of_a_record_is_tried() -> None:
    tried = {name for _, _, name in CASES} | {name for _, _, name, stands in SHAPED if not stands}
    # That a district's row is its own: nothing can be set that would break it alone.
    assert {str(check.name) for _, check in checks(KINDS_TABLES)} - tried == {"ck_districts_id"}
    assert len(METADATA.sorted_tables) > len(KINDS_TABLES) > 45


@given(st.from_regex(r"\A[0-9]{10}\Z"))
def test_the_database_and_the_contract_agree_about_provider_numbers(world: Connection[Any], number: str) -> None:
    assert (refused_by(world, "users", f"npi = '{number}'") is None) is npi_is_valid(number)


def test_unique_things_are_unique_among_the_living(world: Connection[Any]) -> None:
    contact = ASH.id_of("emergency_contacts")
    copy = (
        "INSERT INTO emergency_contacts SELECT (json_populate_record(c, json_build_object('id', %(id)s::text))).*"
        " FROM emergency_contacts c WHERE c.id = %(contact)s"
    )
    again = {"id": str(ASH.id_of("another contact")), "contact": contact}
    with world.transaction(force_rollback=True), pytest.raises(psycopg.errors.UniqueViolation) as caught:
        world.execute(copy, again)
    assert caught.value.diag.constraint_name == "idx_emergency_contacts_student_primary"
    for let_go in ("is_primary = false", "is_active = false", "deleted_at = updated_at"):
        with world.transaction(force_rollback=True):
            world.execute(f"UPDATE emergency_contacts SET {let_go} WHERE id = %s".encode(), (contact,))
            world.execute(copy, again)
