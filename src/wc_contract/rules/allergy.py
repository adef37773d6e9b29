"""Allergies against ingredients and classes (O7)."""

from collections.abc import Iterable, Iterator

from wc_contract.rules.facts import AllergyFacts, MedicationFacts
from wc_contract.rules.findings import Code, Noticed


def check_allergies(medication: MedicationFacts, allergies: Iterable[AllergyFacts]) -> Iterator[Noticed]:
    """Notice each active allergy that the medicine's ingredients or their classes match.

    Where either side has no codes the answer is 'not checked', never 'none'.
    """
    unchecked = not medication.ingredients
    for allergy in allergies:
        if not allergy.is_active:
            continue
        unchecked = unchecked or not allergy.codes
        matched = allergy.codes & medication.ingredients or allergy.codes & medication.classes
        if matched:
            level = "ingredient" if matched <= medication.ingredients else "class"
            yield Noticed(
                code=Code.ALLERGY_MATCH,
                detail={"allergy": str(allergy.id), "level": level, "code": min(matched)},
            )
    if unchecked:
        yield Noticed(code=Code.NOT_CHECKED, detail={"what": "allergies"})


def interactions_not_checked() -> Noticed:
    """Say that no interaction data stands behind the screen's silence (O7)."""
    return Noticed(code=Code.NOT_CHECKED, detail={"what": "interactions"})
