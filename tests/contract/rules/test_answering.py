"""Who may answer a review case, and with what (rules.md X3)."""

import pytest
from tests.factories import NURSE, named

from wc_contract.model.ids import UserId
from wc_contract.model.values import CaseResolution, Role
from wc_contract.rules.answering import check_answer, resolutions_of
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
