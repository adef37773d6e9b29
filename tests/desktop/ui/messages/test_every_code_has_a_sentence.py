"""No code reaches a nurse as a code."""

import inspect

import pytest

from wc_contract.model.errors import WhiteCrossError
from wc_contract.rules.findings import Code
from wc_contract.wire.codes import Directive, Outcome, ProblemCode, Refusal
from wc_desktop.domain import failures
from wc_desktop.domain.failures import LockedOut, NotAllowed, WrongPassword
from wc_desktop.ui.messages.failures import FAILURES, failure_code_sentence, failure_sentence
from wc_desktop.ui.messages.findings import FINDINGS, finding_sentence
from wc_desktop.ui.messages.outcomes import OUTCOMES, PROBLEMS, REFUSALS, outcome_words, problem_sentence

FAILURE_CLASSES = sorted(
    {kind.code for _, kind in inspect.getmembers(failures, inspect.isclass) if issubclass(kind, WhiteCrossError)}
)


@pytest.mark.parametrize("code", [code.value for code in Code])
def test_every_finding_has_a_title_and_a_sentence(code: str) -> None:
    said = FINDINGS[code]
    assert said.title
    assert said.plain.endswith(".")


def test_no_sentence_is_for_a_finding_that_does_not_exist() -> None:
    assert set(FINDINGS) == {code.value for code in Code}


@pytest.mark.parametrize("code", FAILURE_CLASSES)
def test_every_failure_class_has_a_sentence(code: str) -> None:
    assert FAILURES[code].endswith(".")


@pytest.mark.parametrize("code", [code.value for code in ProblemCode])
def test_every_problem_of_the_server_has_a_sentence(code: str) -> None:
    assert code in PROBLEMS or code in FAILURES
    assert problem_sentence(code).endswith(".")


def test_every_outcome_and_refusal_has_words() -> None:
    assert set(OUTCOMES) == {outcome.value for outcome in Outcome}
    assert set(REFUSALS) == {refusal.value for refusal in Refusal}
    assert outcome_words(None) == "Waiting here"


@pytest.mark.parametrize("directive", [Directive.FORKED, Directive.DRAIN_ONLY])
def test_directives_that_the_strip_names_have_a_sentence(directive: Directive) -> None:
    assert directive.value in FAILURES


def test_details_are_named_only_when_all_of_them_are_known() -> None:
    assert "11:30" in finding_sentence("too_early", {"due": "12:00", "from": "11:30"})
    assert "{" not in finding_sentence("too_early", {"due": "12:00"})


def test_what_a_failure_knows_is_said() -> None:
    assert failure_sentence(WrongPassword(3)) == "The password is not right. 3 tries left."
    assert failure_sentence(WrongPassword(1)).endswith("1 try left.")
    assert failure_sentence(LockedOut(90)).endswith("Try again in 2 minutes.")
    assert FINDINGS["order_expired"].plain in failure_sentence(NotAllowed(("order_expired",)))


def test_a_code_of_a_newer_server_is_named() -> None:
    assert "brand_new" in finding_sentence("brand_new")
    assert "brand_new" in failure_code_sentence("brand_new")
