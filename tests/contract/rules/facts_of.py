"""Facts made from the shared factories' rows, the way both programs make them."""

from typing import Any

from tests.factories import CHICAGO, allergy_row, dose_row, medication_row, order_row, prn_version_row, version_row

from wc_contract.model.values import Role
from wc_contract.rules.book import FactBook, fact_book
from wc_contract.rules.facts import AllergyFacts, DoseFacts, MedicationFacts, OrderFacts, OrderVersionFacts
from wc_contract.rules.giving import GivingFacts

PRN_ORDER: dict[str, Any] = {"kind": "PRN"}


def order(**values: Any) -> OrderFacts:
    changed_at = values.pop("changed_at", None)
    return OrderFacts.from_row(order_row(**values), changed_at=changed_at)


def version(**values: Any) -> OrderVersionFacts:
    return OrderVersionFacts.from_row(version_row(**values))


def prn_version(**values: Any) -> OrderVersionFacts:
    return OrderVersionFacts.from_row(prn_version_row(**values))


def medication(**values: Any) -> MedicationFacts:
    return MedicationFacts.from_row(medication_row(**values))


def allergy(**values: Any) -> AllergyFacts:
    return AllergyFacts.from_row(allergy_row(**values))


def dose(**values: Any) -> DoseFacts:
    return DoseFacts.from_row(dose_row(**values))


def book(**parts: Any) -> FactBook:
    """Return a book with one order, its version and its medicine, unless told otherwise."""
    defaults: dict[str, Any] = {
        "zone": CHICAGO,
        "orders": (order(),),
        "versions": (version(),),
        "medications": (medication(),),
    }
    return fact_book(**(defaults | parts))


def prn_book(**parts: Any) -> FactBook:
    """Return a book with one order given as needed."""
    return book(**({"orders": (order(kind="PRN"),), "versions": (prn_version(),)} | parts))


def giving(of: FactBook | None = None, **values: Any) -> GivingFacts:
    defaults: dict[str, Any] = {"book": of or book(), "role": Role.NURSE}
    return GivingFacts(**(defaults | values))
