"""Charts made one, from the rows that tell of them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from wc_contract.model.ids import OrderId, StudentId
from wc_contract.rules.charts import Charts
from wc_contract.rules.facts import OrderVersionFacts


def charts_of(kept: Mapping[StudentId, StudentId], versions: Sequence[Mapping[str, Any]]) -> Charts:
    """Return charts made one. A version of an order was written once, and tells whose chart it was written in."""
    by_order: dict[OrderId, tuple[OrderVersionFacts, ...]] = {}
    for version in map(OrderVersionFacts.from_row, versions):
        by_order[version.order_id] = (*by_order.get(version.order_id, ()), version)
    origin = {OrderId(UUID(row["order_id"])): StudentId(UUID(row["student_id"])) for row in versions}
    return Charts(kept=kept, origin=origin, versions=by_order)
