"""Who may answer a review case, and with what (rules.md X3)."""

from uuid import UUID

import pytest
from tests.factories import NURSE, dose_logged, named

from wc_contract.model.changes import CaseAnswered, Change, RecordAdded, RecordChanged
from wc_contract.model.ids import CaseId, DoseId, UserId
from wc_contract.model.values import CaseResolution, DoseState, Role
from wc_contract.rules.answering import check_answer, is_carried_out, resolutions_of
from wc_contract.rules.findings import Code

DOUBLE = Code.POSSIBLE_DOUBLE_DOSE.value
SECOND, SUPERVISOR = UserId(named("second nurse")), UserId(named("supervisor"))


def codes(kind: str, resolution: CaseResolution, role: Role, person: UserId, *authors: UserId) -> list[Code]:
    return [noticed.code for noticed in check_answer(kind, resolution, role=role, person=person, authors=authors)]


@pytest.mark.parametrize("resolution", resolutions_of(DOUBLE))
def test_neither_author_decides_about_a_double_dose_and_anybody_else_who_may_does(resolution: CaseResolution) -> None:
    for author in (NURSE, SECOND):
        assert codes(DOUBLE, resolution, Role.NURSE, author, NURSE, SECOND) == [Code.NOT_ENTITLED]
        assert codes(DOUBLE, resolution, Role.SUPERVISOR, author, NURSE, SECOND) == [Code.NOT_ENTITLED]
    assert codes(DOUBLE, resolution, Role.SUPERVISOR, SUPERVISOR, NURSE, SECOND) == []
    assert codes(DOUBLE, resolution, Role.NURSE, SUPERVISOR, NURSE, NURSE) == []


@pytest.mark.parametrize("role", Role)
def test_unlicensed_and_reading_staff_answer_nothing(role: Role) -> None:
    allowed = role not in {Role.UNLICENSED, Role.READ_ONLY}
    for kind, resolution in ((DOUBLE, CaseResolution.BOTH_GIVEN), ("after_stop", CaseResolution.REVIEWED)):
        assert codes(kind, resolution, role, SUPERVISOR) == ([] if allowed else [Code.NOT_ENTITLED])


def test_other_cases_may_be_answered_by_their_author() -> None:
    assert codes("field_conflict", CaseResolution.TOOK_OTHER, Role.NURSE, NURSE, NURSE) == []


def test_an_answer_fits_its_case() -> None:
    assert codes(DOUBLE, CaseResolution.REVIEWED, Role.SUPERVISOR, SUPERVISOR) == [Code.ANSWER_DOES_NOT_FIT]
    assert codes("after_stop", CaseResolution.BOTH_GIVEN, Role.NURSE, NURSE) == [Code.ANSWER_DOES_NOT_FIT]
    assert resolutions_of("any_other_rule") == (CaseResolution.REVIEWED,)
    assert {
        one for kind in (DOUBLE, "field_conflict", "stock_negative", "late") for one in resolutions_of(kind)
    } == set(CaseResolution)


THIS, OTHER = named("a record of the case"), named("another record")


def void(dose: UUID) -> Change:
    why = "Written down twice"
    state = DoseState.ENTERED_IN_ERROR
    return dose_logged(status=state, dose_given=None, unit=None, amends_id=DoseId(dose), amend_reason=why)


def changed(record: UUID) -> Change:
    return RecordChanged(kind="allergy", id=record, base_version=1, base={}, values={})


def moved(record: UUID, **values: str) -> Change:
    name = "item_id" if "kind" in values else "container_id"
    return RecordAdded(kind="any", id=named("movement"), values={name: str(record), **values})


@pytest.mark.parametrize(
    ("resolution", "does", "does_not"),
    [
        (CaseResolution.DUPLICATE_RECORD, void(THIS), [void(OTHER), dose_logged(amends_id=DoseId(THIS))]),
        (CaseResolution.TOOK_OTHER, changed(THIS), [changed(OTHER), moved(THIS, kind="COUNTED")]),
        (CaseResolution.COUNTED, moved(THIS, kind="COUNTED"), [moved(OTHER, kind="COUNTED"), moved(THIS, kind="USED")]),
        (CaseResolution.COUNTED, moved(THIS, event="COUNTED"), [moved(THIS, event="ADJUSTED"), changed(THIS)]),
    ],
)
def test_an_answer_that_says_something_was_done_comes_with_it(
    resolution: CaseResolution, does: Change, does_not: list[Change]
) -> None:
    answer = CaseAnswered(case_id=CaseId(named("case")), resolution=resolution, subject_ids=(THIS,))
    assert is_carried_out(answer, (answer, does))
    for changes in ((), (answer,), (answer, *does_not)):
        assert not is_carried_out(answer, changes)


@pytest.mark.parametrize(
    "resolution", [CaseResolution.REVIEWED, CaseResolution.KEPT_STANDING, CaseResolution.BOTH_GIVEN]
)
def test_other_answers_need_nothing_beside_them(resolution: CaseResolution) -> None:
    answer = CaseAnswered(case_id=CaseId(named("case")), resolution=resolution, subject_ids=(THIS,))
    assert is_carried_out(answer, (answer,))
