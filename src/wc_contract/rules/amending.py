"""Amendments of a dose (A1 to A3): which entries speak of one dose, and two amendments that nobody chose between."""

from collections.abc import Iterable, Iterator, Mapping

from wc_contract.model.ids import DoseId
from wc_contract.rules.facts import DoseFacts


def root_of(dose: DoseFacts, known: Mapping[DoseId, DoseFacts]) -> DoseId:
    """Return the dose that a chain of amendments began with, as far as it is known."""
    seen = {dose.id}
    while dose.amends_id is not None and dose.amends_id not in seen:
        seen.add(dose.amends_id)
        before = known.get(dose.amends_id)
        if before is None:
            return dose.amends_id
        dose = before
    return dose.id


def amended_twice(doses: Iterable[DoseFacts]) -> Iterator[tuple[DoseId, tuple[DoseFacts, ...]]]:
    """Yield each dose that more than one entry amends, with those entries by id (A3)."""
    groups: dict[DoseId, dict[DoseId, DoseFacts]] = {}
    for dose in doses:
        if dose.amends_id is not None:
            groups.setdefault(dose.amends_id, {})[dose.id] = dose
    for target, found in groups.items():
        if len(found) > 1:
            yield target, tuple(found[dose] for dose in sorted(found))
