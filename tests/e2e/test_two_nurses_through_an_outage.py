"""The promise of the product, with real processes: nothing that two nurses wrote in an outage is lost or doubled."""

from contextlib import ExitStack

import pytest
from tests.e2e.desk import Desk
from tests.e2e.district import District
from tests.e2e.nurse import Nurse

pytestmark = [pytest.mark.e2e, pytest.mark.postgres]

_DOSES = """
SELECT l.device_id, l.entry_id, l.slot_id, l.status, count(a.*) FROM medication_logs l
LEFT JOIN audit_logs a ON a.district_id = l.district_id AND a.entry_id = l.entry_id
WHERE l.school_id = %s GROUP BY 1, 2, 3, 4
"""
_INCIDENTS = """
SELECT i.entry_id, count(a.*) FROM incident_reports i
LEFT JOIN audit_logs a ON a.district_id = i.district_id AND a.entry_id = i.entry_id
WHERE i.school_id = %s GROUP BY 1
"""
_CASES = "SELECT kind, status, slot_id, jsonb_array_length(subject_ids) FROM review_cases WHERE school_id = %s"
_VOIDED = """
SELECT count(*), count(amends_id) FROM medication_logs WHERE school_id = %s AND status = 'ENTERED_IN_ERROR'
"""
_RECEIPTS = "SELECT count(*), count(DISTINCT entry_id) FROM receipts WHERE school_id = %s"


def test_an_outage_loses_nothing_and_doubles_nothing(district: District, screens: ExitStack) -> None:
    first, second = (screens.enter_context(Desk()) for _ in range(2))
    nurse_a, nurse_b = district.nurses[0], district.nurses[1]
    a = Nurse(first, district.enrolled("A", nurse_a))
    b = Nurse(second, district.enrolled("B", nurse_b))
    for nurse in (a, b):
        nurse.start()
        nurse.unlock()
        nurse.waits_for_strip("Online.*")

    district.server.kill()
    for nurse in (a, b):
        nurse.waits_for_strip("Offline since .*", timeout=60)

    common = a.row()[0]
    for _ in range(12):
        a.give()
    a.until(lambda: a.done() == 12, what="twelve doses are not shown as done")
    a.write_incident(a.row()[1].split(",")[0])

    b.go_to(common)
    b.give()
    # From the other end of what is due now, so that only the first slot is in common.
    for said in [row for row in b.open_rows() if row.startswith("Due now")][-2:]:
        b.go_to(said)
        b.give()
    b.until(lambda: b.done() == 3)

    a.app.kill()
    a.start()
    a.unlock()
    assert a.done() == 12, "doses are missing after the power cut"
    a.waits_for_strip(r"Offline.*13 entries waiting.*")
    a.section("incidents", "Incidents")
    assert a.app.find(role="table", name="Incident reports").rows == 1

    district.server.start()
    for nurse in (a, b):
        nurse.waits_for_strip("Online.*", timeout=90)

    doses = district.rows(_DOSES, district.school_id)
    assert len(doses) == 15, "a dose is missing or doubled"
    assert len({entry for _, entry, *_ in doses}) == 15
    assert sorted(sum(1 for d in doses if d[0] == device) for device in {d[0] for d in doses}) == [3, 12]
    assert {audited for *_, audited in doses} == {1}, "the audit does not account for each dose once"
    assert [audited for _, audited in district.rows(_INCIDENTS, district.school_id)] == [1]
    assert len(doses) - len({slot for _, _, slot, *_ in doses}) == 1, "one slot has two doses, both kept"
    [(kind, status, _slot, subjects)] = district.rows(_CASES, district.school_id)
    assert (kind, status, subjects) == ("possible_double_dose", "OPEN", 2)
    [(receipts, distinct)] = district.rows(_RECEIPTS, district.school_id)
    assert receipts == distinct

    for nurse in (a, b):
        nurse.section("review", "Review")
        nurse.until(lambda n=nurse: n.app.find(role="table", name="Open review cases").rows == 1, 60)
        assert nurse.app.unnamed() == []
        # Each wrote one of the two entries: neither decides (X3).
        nurse.app.find(role="label", name=r".*another nurse or a supervisor decides.*", timeout=10)

    supervisor = a_supervisor_answers(district, screens, (a, b))
    for nurse in (a, b, supervisor):
        nurse.app.close(15)
    reports = [nurse.station.report() for nurse in (a, b)]
    assert [report["digests_agree"] for report in reports] == [True, True]
    assert reports[0]["digests"] == reports[1]["digests"]
    assert [report["waiting"] for report in reports] == [0, 0]


def a_supervisor_answers(district: District, screens: ExitStack, nurses: tuple[Nurse, Nurse]) -> Nurse:
    """Let a third person answer the case; the block goes away on both workstations."""
    supervisor = Nurse(screens.enter_context(Desk()), district.enrolled("C", district.stage.supervisor))
    supervisor.start()
    supervisor.unlock()
    assert any("Double dose" in said for said in supervisor.open_rows()), "the doubt is not loud on a third workstation"
    supervisor.section("review", "Review")
    supervisor.until(lambda: supervisor.app.find(role="table", name="Open review cases").rows == 1, 60)
    supervisor.answer_case("alt+o", "Counted the tablets with both nurses")
    supervisor.app.find(role="label", name="Nothing to review", timeout=10)
    supervisor.waits_for_strip("Online.*", timeout=60)
    for nurse in nurses:
        nurse.app.find(role="label", name="Nothing to review", timeout=60)
        nurse.section("med_pass", "Today's medication pass")
        assert not any("Double dose" in said for said in nurse.open_rows()), "the drug is still blocked"
    [(_, status, _slot, _subjects)] = district.rows(_CASES, district.school_id)
    assert status == "RESOLVED"
    [(voided, amending)] = district.rows(_VOIDED, district.school_id)
    assert (voided, amending) == (1, 1), "one of the two entries stands, the other stays readable"
    return supervisor
