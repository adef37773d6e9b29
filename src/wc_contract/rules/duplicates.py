"""Two orders with one ingredient (P6), and a drug blocked by an unanswered double dose (X2)."""

from collections.abc import Iterable, Iterator

from wc_contract.model.values import OrderStatus
from wc_contract.rules.facts import CaseFacts, MedicationFacts, OrderFacts
from wc_contract.rules.findings import Code, Noticed


def check_duplicate_ingredient(
    order: OrderFacts, medication: MedicationFacts, others: Iterable[tuple[OrderFacts, MedicationFacts]]
) -> Iterator[Noticed]:
    """Notice the student's other active orders that share an ingredient with this one (P6)."""
    for other, its_medication in others:
        if other.id == order.id or other.student_id != order.student_id or other.status is not OrderStatus.ACTIVE:
            continue
        shared = medication.ingredients & its_medication.ingredients
        if shared:
            yield Noticed(code=Code.DUPLICATE_INGREDIENT, detail={"order": str(other.id), "code": min(shared)})


def check_unresolved_double(order: OrderFacts, cases: Iterable[CaseFacts]) -> Iterator[Noticed]:
    """Notice that the student's last doses of this drug are still in question (X2)."""
    for case in cases:
        asks = case.is_open and case.kind == Code.POSSIBLE_DOUBLE_DOSE.value
        if asks and case.student_id == order.student_id and case.medication_id == order.medication_id:
            yield Noticed(code=Code.DOUBLE_DOSE_UNRESOLVED)
            return
