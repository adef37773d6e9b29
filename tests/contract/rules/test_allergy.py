"""Allergies at ingredient and class level; silence is never 'none' (O7)."""

from typing import Any

import pytest
from tests.contract.rules.facts_of import allergy, medication

from wc_contract.rules.allergy import check_allergies, interactions_not_checked
from wc_contract.rules.findings import Code

AMOXICILLIN: dict[str, Any] = {
    "ingredients": '[{"code":"723","name":"amoxicillin","classes":["Penicillins","beta-lactam"]}]'
}


def test_a_penicillin_allergy_stops_amoxicillin_by_class() -> None:
    (found,) = check_allergies(medication(**AMOXICILLIN), [allergy()])
    assert (found.code, found.detail["level"], found.detail["code"]) == (Code.ALLERGY_MATCH, "class", "penicillins")


def test_an_amoxicillin_allergy_stops_it_by_ingredient_first() -> None:
    (found,) = check_allergies(medication(**AMOXICILLIN), [allergy(ingredient_codes='["723","penicillins"]')])
    assert (found.detail["level"], found.detail["code"]) == ("ingredient", "723")


def test_case_and_blanks_hide_no_allergy() -> None:
    assert list(check_allergies(medication(**AMOXICILLIN), [allergy(ingredient_codes='[" PENICILLINS ",""]')]))


def test_another_class_or_a_resolved_allergy_is_silent() -> None:
    assert list(check_allergies(medication(), [allergy()])) == []
    assert list(check_allergies(medication(**AMOXICILLIN), [allergy(is_active=False)])) == []
    assert list(check_allergies(medication(**AMOXICILLIN), [allergy(is_active=0)])) == []


@pytest.mark.parametrize("ingredients", ["[]", "{}", "null", '[{"name":"uncoded"}]', '["6901"]'])
def test_a_medicine_without_codes_says_not_checked(ingredients: str) -> None:
    (found,) = check_allergies(medication(ingredients=ingredients), [])
    assert (found.code, dict(found.detail)) == (Code.NOT_CHECKED, {"what": "allergies"})


def test_an_allergy_without_codes_says_not_checked_beside_what_matches() -> None:
    found = list(check_allergies(medication(**AMOXICILLIN), [allergy(ingredient_codes="[]"), allergy()]))
    assert [n.code for n in found] == [Code.ALLERGY_MATCH, Code.NOT_CHECKED]


def test_interactions_are_never_said_to_be_none() -> None:
    assert dict(interactions_not_checked().detail) == {"what": "interactions"}
