"""The chart holds everything about one child, and opening it is on record."""

from datetime import timedelta

import pytest
from tests.desktop.actions.test_log_dose import give, row_of
from tests.desktop.clinic import NOON, Clinic, dose_row, row, small_school, uid

from wc_contract.model.ids import StudentId
from wc_contract.model.kinds import KINDS
from wc_contract.wire.entries import entry_from_body
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.review import open_cases
from wc_desktop.actions.students import open_chart, search
from wc_desktop.actions.sync_state import link_status, sync_state
from wc_desktop.app.parts import opened_of
from wc_desktop.domain.failures import NotFound
from wc_desktop.domain.link_views import LinkState
from wc_desktop.domain.screens import DueStatus


def test_a_chart_shows_the_child_with_alerts_orders_and_doses(desk: Desk) -> None:
    give(desk, "Sofia")
    chart = open_chart(desk, StudentId(uid("sofia")))
    assert chart.student.name_alike
    assert [(order.medication.name, order.times, order.findings) for order in chart.orders] == [
        ("methylphenidate", ("11:45",), ())
    ]
    assert [(dose.medication_name, dose.author, dose.device_is_this) for dose in chart.doses] == [
        ("methylphenidate", "Ana Reyes", True)
    ]
    assert open_chart(desk, StudentId(uid("omar"))).orders[0].findings == ("allergy_match",)


def test_each_look_is_on_record_with_field_names_and_no_values(desk: Desk) -> None:
    open_chart(desk, StudentId(uid("omar")))
    (body,) = (
        opened_of(desk).journal._connection.execute("SELECT body FROM entries ORDER BY number DESC LIMIT 1").fetchone()
    )
    (look,) = entry_from_body(body).changes
    assert look.action.value == "VIEW"  # type: ignore[union-attr]
    assert look.entity_id == str(uid("omar"))  # type: ignore[union-attr]
    known = {name for kind in KINDS for name in kind.phi_fields}
    assert set(look.fields) <= known  # type: ignore[union-attr]
    assert "allergen" in look.fields  # type: ignore[union-attr]
    assert "Omar" not in body
    assert "Haddad" not in body


def test_a_child_that_is_not_here_is_not_found_and_not_on_record(desk: Desk) -> None:
    before = desk.journal.newest(1)[0].number
    with pytest.raises(NotFound):
        open_chart(desk, StudentId(uid("stranger")))
    assert desk.journal.newest(1)[0].number == before


def test_newest_doses_stand_first_and_own_ones_among_them(clinic: Clinic) -> None:
    rows = small_school()
    for days in range(5):
        rows["dose"].append(
            dose_row(rows, f"old{days}", order="sofia-mph", student="sofia", at=NOON - timedelta(days=days + 1))
        )
    desk = clinic.opened(rows)
    give(desk, "Sofia")
    chart = open_chart(desk, StudentId(uid("sofia")))
    times = [dose.administered_at for dose in chart.doses]
    assert times == sorted(times, reverse=True)
    assert len(times) == 6
    assert chart.doses[0].device_is_this
    assert row_of(desk, "Sofia").last_given == chart.doses[0].__class__(
        **{
            name: getattr(chart.doses[0], name) if name != "medication_name" else ""
            for name in chart.doses[0].__dataclass_fields__
        }
    )
    desk.close()


def test_who_left_is_listed_last(clinic: Clinic) -> None:
    rows = small_school()
    omar = rows["student"][2]
    omar[[*_columns()].index("is_active")] = False
    desk = clinic.opened(rows)
    assert [student.first_name for student in search(desk, "")] == ["Sofia", "Sonia", "Lee", "Omar"]
    assert "Omar" not in {due.student.first_name for due in _due(desk)}
    desk.close()


def _columns() -> tuple[str, ...]:
    from wc_contract.model.kinds import STUDENT

    return STUDENT.columns


def _due(desk: Desk):  # type: ignore[no-untyped-def]  # noqa: ANN202
    from wc_desktop.actions.med_pass import due_list

    return due_list(desk, NOON).rows


def test_an_open_case_is_shown_with_its_doses_and_a_resolved_one_is_not(desk: Desk) -> None:
    saved = give(desk, "Sofia")
    key = saved.row.key
    records = opened_of(desk).records
    other = dose_row({}, "other", order="sofia-mph", student="sofia", at=NOON, slot=key)
    records.take_rows("dose", [other], 5001)
    case = {
        "id": str(uid("case")),
        "kind": "possible_double_dose",
        "student_id": str(uid("sofia")),
        "slot_id": key,
        "medication_id": str(uid("methylphenidate")),
        "subject_ids": f'["{saved.row.answers[0].id}","{uid("other")}","{uid("unknown")}"]',
        "opened_at": NOON.isoformat(),
        "status": "OPEN",
    }
    records.take_rows("review_case", [row("review_case", 6000, **case)], 6000)
    (shown,) = open_cases(desk)
    assert {dose.author for dose in shown.doses} == {"Ana Reyes", "Bo Lind"}
    assert shown.medication_name == "methylphenidate"
    due = row_of(desk, "Sofia")
    assert (due.status, due.case_id) == (DueStatus.DOUBLE, uid("case"))
    assert "double_dose_unresolved" in due.alerts
    resolved = {**case, "status": "RESOLVED", "resolution": "both_given"}
    records.take_rows("review_case", [row("review_case", 6001, **resolved)], 6001)
    assert open_cases(desk) == ()
    assert row_of(desk, "Sofia").status is DueStatus.DONE


def test_the_sync_screen_tells_what_waits(desk: Desk) -> None:
    give(desk, "Sofia")
    open_chart(desk, StudentId(uid("omar")))
    state = sync_state(desk)
    assert [(entry.what, entry.outcome, entry.author) for entry in state.journal] == [
        ("access.record", None, "Ana Reyes"),
        ("dose.log", None, "Ana Reyes"),
        ("access.record", None, "Ana Reyes"),
    ]
    assert state.journal[0].student is not None
    assert (state.link.state, state.link.waiting, state.link.data_as_of) == (LinkState.OFFLINE, 1, NOON)
    assert state.replica_rows == sum(len(held) for held in small_school().values())
    assert state.digests_agree is None
    assert link_status(desk) == state.link
