"""The audit tells of every entry and every look, by names of fields and never by what is in them (law 6)."""

import json

import httpx
import psycopg
import pytest
from tests import factories as make
from tests.sync_server.house import House
from tests.sync_server.workstation import enrol

from wc_contract.model.changes import Entry
from wc_contract.model.kinds import DOSE, INCIDENT
from wc_contract.model.values import AccessAction
from wc_sync_server.cli.audit import count_audit

pytestmark = pytest.mark.postgres


def test_the_audit_accounts_for_each_entry(house: House, client: httpx.Client) -> None:
    office, ned = enrol(house, client), house.pupils["ned"]
    entries: list[Entry | str] = [
        office.entry(make.dose_logged(student_id=ned.id, order_id=ned.order)),
        office.entry(make.dose_logged(student_id=ned.id, order_id=ned.order)),
        office.entry(make.incident_signed(student_id=ned.id)),
        office.entry(make.access_recorded(entity_id=str(ned.id))),
        office.entry(make.access_recorded(action=AccessAction.UNLOCK, entity_type="device", fields=())),
        office.entry(make.dose_logged(student_id=make.named("nobody"))),
        "no entry at all",
    ]
    before = count_audit(house.parts, house.district)
    receipts = office.push(*entries)
    assert [r["outcome"] for r in receipts] == ["case_opened", "case_opened"] + ["applied"] * 3 + ["refused"] * 2
    counted = count_audit(house.parts, house.district)
    assert counted.untold == ()
    assert len(counted.by_entry) - len(before.by_entry) == 7
    told = {
        str(row[0]): row[1:]
        for row in house.asked(
            "SELECT entry_id, action, entity_type, user_id, role, device_id, school_id, fields FROM audit_logs"
            " WHERE entry_id IS NOT NULL"
        )
    }
    actions = [told[receipt["entry_id"]][0] for receipt in receipts]
    assert actions == ["DOSE_LOGGED"] * 2 + ["INCIDENT_SIGNED", "VIEW", "UNLOCK"] + ["ENTRY_REFUSED"] * 2
    dose = told[receipts[0]["entry_id"]]
    assert (str(dose[2]), dose[3], str(dose[4]), dose[5]) == (
        str(house.nurses["ann"].id),
        "NURSE",
        office.device,
        house.north,
    )
    assert set(dose[6]) == {"administered_at", "dose_given"}
    assert set(dose[6]) <= DOSE.phi_fields
    assert set(told[receipts[2]["entry_id"]][6]) <= INCIDENT.phi_fields
    assert counted.by_action["CASE_OPENED"] - before.by_action.get("CASE_OPENED", 0) == 1


def test_no_value_and_no_strange_name_gets_into_the_audit(house: House, client: httpx.Client) -> None:
    office, ned = enrol(house, client), house.pupils["ned"]
    office.push(
        office.entry(make.dose_logged(student_id=ned.id, order_id=ned.order, slot=None, reason=make.MARKER)),
        office.entry(make.access_recorded(entity_id=make.MARKER, fields=("first_name", "zebulon_quist"))),
    )
    everything = json.dumps(house.asked("SELECT * FROM audit_logs"), default=str)
    assert make.MARKER not in everything
    assert "zebulon" not in everything.lower()
    assert "first_name" in everything


@pytest.mark.usefixtures("unchecked_statements")
def test_the_application_cannot_read_change_or_delete_what_is_on_record(house: House) -> None:
    for statement in ("SELECT 1 FROM audit_logs", "UPDATE audit_logs SET action = 'x'", "DELETE FROM audit_logs"):
        with psycopg.connect(house.dsns.app) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())
