"""A supervisor merges two charts over HTTP, as herself; nobody else may, and a preview changes nothing."""

from typing import Any
from uuid import UUID

import pytest
from tests import factories as make
from tests.sync_server.records.office import Office, incident_of

from wc_contract.model.ids import OrderId, order_version_id
from wc_contract.model.instants import instant_to_text
from wc_contract.model.kinds import ALLERGY, DOSE, EMERGENCY_CONTACT, INCIDENT, ORDER, ORDER_VERSION, STUDENT
from wc_sync_server.domain.records.areas import Access

pytestmark = pytest.mark.postgres


def two_charts(office: Office) -> tuple[str, str]:
    """Return two children of the north school, one with an allergy."""
    ids = [office.new_id() for _ in range(2)]
    rows = [make.student_row(id=id_, student_number=f"M-{id_[-9:]}") for id_ in ids]
    office.put(office.house.north, STUDENT, *rows)
    office.put(office.house.north, ALLERGY, make.allergy_row(id=office.new_id(), student_id=ids[1]))
    return ids[0], ids[1]


def asked(office: Office, gone: str, **more: Any) -> dict[str, Any]:
    return {"id": office.new_id(), "gone": gone, "reason": "Enrolled twice.", **more}


def merged_into(office: Office, gone: str) -> UUID | None:
    found: UUID | None = office.house.one("SELECT merged_into_id FROM students WHERE id = %s", gone)
    return found


def test_a_supervisor_previews_merges_and_parts(office: Office) -> None:
    kept, gone = two_charts(office)
    sue = office.client_of("sue")
    preview = sue("POST", f"records/students/{kept}/merge", json=asked(office, gone, dry_run=True))
    assert (preview.status_code, preview.json()["goes_on"]) == (200, {"allergy": 1})
    assert merged_into(office, gone) is None
    said = asked(office, gone)
    for already in (False, True):
        done = sue("POST", f"records/students/{kept}/merge", json=said)
        assert (done.status_code, done.json()["already"]) == (200, already), done.text
    assert str(merged_into(office, gone)) == kept
    (line,) = office.audited(gone, "MERGE")
    assert (line["user"], line["role"]) == (office.people["sue"].id, "SUPERVISOR")
    parted = sue("POST", f"records/students/{gone}/unmerge", json={"reason": "They are two."})
    assert (parted.status_code, parted.json()["back"]) == (200, {"allergy": 1})
    assert merged_into(office, gone) is None


@pytest.mark.parametrize("who", ["ann", "abe", "rob"])
def test_nobody_else_may_and_that_they_asked_is_on_record(office: Office, who: str) -> None:
    kept, gone = two_charts(office)
    answer = office.client_of(who)("POST", f"records/students/{kept}/merge", json=asked(office, gone))
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert office.audited(Access.WRITE.value, "DENIED")[-1]["user"] == office.people[who].id


def test_what_happened_under_the_chart_that_went_is_shown_with_the_one_that_goes_on(office: Office) -> None:
    kept, gone = two_charts(office)
    sue, north, author = office.client_of("sue"), office.house.north, str(office.people["ann"].id)
    order, at = OrderId(UUID(office.new_id())), instant_to_text(office.house.parts.clock.now())
    version = str(order_version_id(order, 1))
    office.put(north, ORDER, make.order_row(id=str(order), student_id=gone, verified_by=author))
    office.put(north, ORDER_VERSION, make.version_row(id=version, order_id=str(order), student_id=gone))
    own = {"student_id": gone, "order_id": str(order), "order_version_id": version, "author_user_id": author}
    dose = make.dose_row(id=office.new_id(), administered_at=at, **own)
    report = incident_of(office, gone)
    called = {"name": "Invented", "relationship": "aunt", "phone": "1", "priority": 1, "is_primary": True}
    contact = make.row("emergency_contact", id=office.new_id(), student_id=gone, is_active=True, **called)
    office.put(north, DOSE, dose)
    office.put(north, INCIDENT, report)
    office.put(north, EMERGENCY_CONTACT, contact | {"may_pick_up": True})
    assert sue("POST", f"records/students/{kept}/merge", json=asked(office, gone)).status_code == 200
    chart = sue.get(f"records/students/{kept}/dashboard")
    assert [[row["id"] for row in chart[part]] for part in ("doses", "incidents")] == [[dose["id"]], [report["id"]]]
    for listed, record in (("doses", dose), ("incidents", report)):
        assert [row["id"] for row in sue.get(f"records/{listed}", student=kept)["data"]] == [record["id"]]
    reached = sue.get("records/incidents/contacts", incident=report["id"])
    assert [row["id"] for row in reached["data"]] == [contact["id"]]
    tried = {"id": office.new_id(), "contact_id": contact["id"], "method": "PHONE", "attempted_at": at}
    path = f"records/incidents/{report['id']}/notifications"
    assert sue("POST", path, json=tried | {"outcome": "REACHED"}).status_code == 201


def test_what_cannot_be_is_refused_by_a_code_and_a_field(office: Office) -> None:
    kept, gone = two_charts(office)
    sue = office.client_of("sue")

    def refused(student: str, verb: str, message: dict[str, Any]) -> tuple[int, str, list[str]]:
        answer = sue("POST", f"records/students/{student}/{verb}", json=message)
        return answer.status_code, answer.json()["code"], answer.json().get("fields", [])

    assert refused(kept, "merge", asked(office, kept)) == (422, "invalid", ["gone"])
    assert refused(kept, "merge", asked(office, office.new_id()))[:2] == (404, "no_record")
    assert refused(kept, "merge", asked(office, gone, reason="  ")) == (422, "invalid", ["reason"])
    assert refused(kept, "unmerge", {"reason": "x"}) == (409, "wrong_state", ["student"])


def test_a_preview_is_a_look_at_both_charts_and_on_record(office: Office) -> None:
    kept, gone = two_charts(office)
    sue = office.client_of("sue")
    sue("POST", f"records/students/{kept}/merge", json=asked(office, gone, dry_run=True))
    for chart in (kept, gone):
        (line,) = office.audited(chart, "VIEW")
        assert (line["user"], line["role"]) == (office.people["sue"].id, "SUPERVISOR")
    sue("POST", f"records/students/{kept}/merge", json=asked(office, gone))
    sue("POST", f"records/students/{gone}/unmerge", json={"reason": "They are two.", "dry_run": True})
    assert [len(office.audited(chart, "VIEW")) for chart in (kept, gone)] == [2, 2]
    assert str(merged_into(office, gone)) == kept


def test_the_id_of_a_merge_stands_for_that_one_merge(office: Office) -> None:
    (kept, gone), (third, fourth) = two_charts(office), two_charts(office)
    sue = office.client_of("sue")
    said = asked(office, gone)
    assert sue("POST", f"records/students/{kept}/merge", json=said).status_code == 200
    other = sue("POST", f"records/students/{third}/merge", json=said | {"gone": fourth})
    assert (other.status_code, other.json()["code"]) == (409, "taken"), other.text
    assert sue("POST", f"records/students/{gone}/unmerge", json={"reason": "They are two."}).status_code == 200
    # Sent again because its answer was lost: somebody has parted them since, and that stands.
    again = sue("POST", f"records/students/{kept}/merge", json=said)
    assert (again.status_code, again.json()["code"]) == (409, "taken"), again.text
    assert merged_into(office, gone) is None
