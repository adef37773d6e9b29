"""Severe incidents and opened cases are told, by codes and ids; nothing else is, and no answer gets lost or doubled."""

from typing import Any

import pytest
from tests import factories as make
from tests.cutting_proxy import Cut, through_proxy
from tests.sync_server.house import House
from tests.sync_server.in_house import Office, office_of

from wc_contract.model.changes import IncidentSigned
from wc_contract.model.ids import slot_case_id
from wc_contract.model.values import Severity
from wc_contract.wire.codes import Outcome
from wc_sync_server.db.engine import connect_pool
from wc_sync_server.db.repositories.cells import HOME, Cells
from wc_sync_server.domain.messages import Channel

pytestmark = pytest.mark.postgres


@pytest.fixture
def office(house: House) -> Office:
    return office_of(house, channels=lambda _district: (Channel.WEBHOOK,))


def incident(house: House, severity: Severity) -> IncidentSigned:
    words = dict.fromkeys(("location", "activity", "narrative", "care_given", "injury_kind"), make.MARKER)
    return make.incident_signed(student_id=house.pupils["ned"].id, severity=severity, **words)


def told(house: House, *subjects: object) -> list[tuple[Any, ...]]:
    """Return the letters about these records, oldest first."""
    query = """SELECT kind, channel, payload, school_id, row_to_json(m)::text FROM outbox_messages m
               WHERE payload ->> 'subject_id' = ANY(%s) ORDER BY id"""
    return house.asked(query, [str(subject) for subject in subjects])


def test_a_severe_incident_is_told_and_a_slight_one_is_not(house: House, office: Office) -> None:
    reports = {severity: incident(house, severity) for severity in Severity}
    receipts = office.push(*(office.entry(report) for report in reports.values()))
    assert {receipt.outcome for receipt in receipts} <= {Outcome.APPLIED, Outcome.CASE_OPENED}
    severe = told(house, *(report.id for report in reports.values()))
    assert {row[0] for row in severe} == {"incident_severe"}
    assert sorted(row[2]["subject_id"] for row in severe) == sorted(
        str(reports[severity].id) for severity in (Severity.HIGH, Severity.CRITICAL)
    )
    assert {row[2]["severity"] for row in severe} == {"HIGH", "CRITICAL"}
    assert {row[3] for row in severe} == {house.north}


def test_a_letter_holds_no_word_of_the_report_and_no_child(house: House, office: Office) -> None:
    report = incident(house, Severity.CRITICAL)
    office.push(office.entry(report))
    everything = str(told(house, report.id))
    assert "CRITICAL" in everything
    assert make.MARKER not in everything
    assert str(house.pupils["ned"].id) not in everything


def test_a_case_is_told_as_it_opens_and_again_when_something_new_comes(house: House, office: Office) -> None:
    ned = house.pupils["ned"]
    case = slot_case_id(make.noon_slot(ned.order).id)
    first, second, third = (make.dose_logged(student_id=ned.id, order_id=ned.order) for _ in range(3))
    office.push(office.entry(first))
    assert told(house, case) == []
    (receipt,) = office.push(office.entry(second))
    assert receipt.cases == (case,)
    ((kind, channel, payload, school, _),) = told(house, case)
    assert (kind, channel, school) == ("case_opened", "webhook", house.north)
    assert payload["case"] == "possible_double_dose"
    office.push(office.entry(third))
    assert len(told(house, case)) == 2


def test_what_is_sent_again_is_not_told_again(house: House, office: Office) -> None:
    report = incident(house, Severity.HIGH)
    entry = office.entry(report)
    answers = {office.push(entry) for _ in range(5)}
    assert len(answers) == 1
    assert len(told(house, report.id)) == 1


def test_without_an_address_nothing_is_written(house: House) -> None:
    silent = office_of(house)
    report = incident(house, Severity.CRITICAL)
    silent.push(silent.entry(report))
    assert told(house, report.id) == []
    assert house.one("SELECT count(*) FROM incident_reports WHERE id = %s", report.id) == 1


@pytest.mark.logs_warnings
@pytest.mark.parametrize("cuts", [(Cut.BEFORE_COMMIT,), (Cut.AFTER_COMMIT,), (Cut.AFTER_COMMIT, Cut.AFTER_COMMIT)])
def test_a_push_whose_commit_went_unanswered_finds_its_receipt(house: House, cuts: tuple[Cut, ...]) -> None:
    """The work is done again, finds what it wrote, and answers as it would have: one dose, one line, one letter."""
    ned = house.pupils["ned"]
    with through_proxy(house.dsns.app) as (dsn, proxy):
        pool = connect_pool(dsn, size=2, signer=house.parts.contexts)
        office = office_of(house, cells=Cells(pool, {HOME: dsn}), channels=lambda _district: (Channel.WEBHOOK,))
        dose = office.entry(make.dose_logged(student_id=ned.id, order_id=ned.order, slot=None))
        severe = incident(house, Severity.HIGH)
        report = office.entry(severe)
        proxy.cut_next_commits(*cuts)
        receipts = office.push(dose, report)
        assert proxy.cuts_left == 0
        assert office.push(dose, report) == receipts
        pool.close()
    assert [receipt.outcome for receipt in receipts] == [Outcome.APPLIED, Outcome.APPLIED]
    for table, rows in (("medication_logs", 1), ("incident_reports", 1), ("receipts", 2)):
        assert house.one(f"SELECT count(*) FROM {table} WHERE device_id = %s", office.device) == rows
    logged = "SELECT count(*) FROM audit_logs WHERE device_id = %s AND action = 'DOSE_LOGGED'"
    assert house.one(logged, office.device) == 1
    assert len(told(house, severe.id)) == 1
