"""Review cases as the workstation shows them. Answering comes with the sync issue."""

from uuid import UUID

from wc_contract.model.ids import CaseId
from wc_contract.model.instants import instant_from_text
from wc_contract.model.kinds import DOSE, REVIEW_CASE
from wc_contract.model.values import CaseStatus
from wc_contract.rules.rows import json_of, texts
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.reading import medications, people, students_by_id
from wc_desktop.domain.screens import CaseRow, DoseView
from wc_desktop.domain.views import dose_view, text
from wc_desktop.ports import Row


def open_cases(desk: Desk) -> tuple[CaseRow, ...]:
    """Return the open cases with the doses they are about, newest first."""
    cases = desk.records.where(REVIEW_CASE, "status", [CaseStatus.OPEN.value])
    children = students_by_id(desk, sorted({text(case, "student_id") for case in cases if case["student_id"]}))
    subjects = {text(case, "id"): texts(json_of(text(case, "subject_ids"))) for case in cases}
    doses = _doses(desk, sorted({subject for ids in subjects.values() for subject in ids}))
    catalogue = medications(desk)
    rows = [
        CaseRow(
            id=CaseId(UUID(text(case, "id"))),
            kind=text(case, "kind"),
            student=children.get(text(case, "student_id")),
            medication_name=_name(catalogue.get(text(case, "medication_id"))),
            opened_at=instant_from_text(text(case, "opened_at")),
            status=text(case, "status"),
            doses=tuple(doses[subject] for subject in subjects[text(case, "id")] if subject in doses),
        )
        for case in cases
    ]
    return tuple(sorted(rows, key=_opened, reverse=True))


def _doses(desk: Desk, ids: list[str]) -> dict[str, DoseView]:
    staff, catalogue = people(desk), medications(desk)
    return {
        text(row, "id"): dose_view(
            row, people=staff, device=desk.device_id, medication=_name(catalogue.get(text(row, "medication_id"))) or ""
        )
        for row in desk.records.where(DOSE, "id", ids)
    }


def _name(medication: Row | None) -> str | None:
    return None if medication is None else text(medication, "name")


def _opened(case: CaseRow) -> str:
    return case.opened_at.isoformat()
