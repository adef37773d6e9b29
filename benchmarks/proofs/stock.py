"""Twelve takers at one item of stock: the shelf never goes below zero and is what its movements say."""

from decimal import Decimal
from functools import partial
from random import Random
from uuid import UUID

from benchmarks.proofs.ground import NOON, WRITERS, Ground, new_id
from benchmarks.proofs.proof import Verdict, at_once, proved
from wc_contract.model.kinds import INVENTORY_ITEM
from wc_contract.model.office_values import StockMovement
from wc_sync_server.db.operations import STOCK
from wc_sync_server.db.repositories.stock import move
from wc_sync_server.db.retry import run_retrying
from wc_sync_server.db.unit_of_work import scoped
from wc_sync_server.domain.stock import StockCode, StockMove, StockOutcome

NAME = "one item of stock"
ON_SHELF = Decimal(20)

_FOUND = """
SELECT i.quantity, coalesce(sum(t.quantity), 0), count(t.id) FROM inventory_items i
LEFT JOIN inventory_transactions t ON t.item_id = i.id WHERE i.id = %s GROUP BY i.district_id, i.id
"""


class Shelf:
    """Takers who together want more than there is."""

    def __init__(self, ground: Ground, seed: int = 1) -> None:
        self._ground = ground
        self._random = Random(seed)  # noqa: S311  # how much each wants, not a secret

    def one_round(self, number: int) -> list[str]:
        """Let twelve take from a new item at once; return what is not as the law wants it."""
        ground, item = self._ground, new_id()
        row = {"id": str(item), "name": "Gauze", "quantity": str(ON_SHELF)}
        ground.write(INVENTORY_ITEM, ground.schools[0], row)
        wanted = [Decimal(self._random.randrange(1, 10)) / 2 + 1 for _ in range(WRITERS)]
        outcomes = at_once([partial(self._take, item, quantity) for quantity in wanted])
        ((left, moved, movements),) = ground.asked(_FOUND, item)
        broken = []
        if left < 0:
            broken.append(f"round {number}: {left} on the shelf")
        if left != ON_SHELF + moved:
            broken.append(f"round {number}: the shelf says {left}, its movements say {ON_SHELF + moved}")
        if movements != sum(outcome.code is StockCode.MOVED for outcome in outcomes):
            broken.append(f"round {number}: {movements} movements are held, the takers were told otherwise")
        for quantity, outcome in zip(wanted, outcomes, strict=True):
            if outcome.code is StockCode.BELOW_ZERO and (outcome.quantity or Decimal(0)) >= quantity:
                broken.append(f"round {number}: {quantity} was refused while there was as much")
        return broken

    def _take(self, item: UUID, quantity: Decimal) -> StockOutcome:
        ground = self._ground
        taken = StockMove(
            id=new_id(),
            school=ground.schools[0],
            item=item,
            kind=StockMovement.USED,
            quantity=-quantity,
            occurred_at=NOON,
            actor=ground.nurse,
        )
        return run_retrying(partial(self._move, taken))

    def _move(self, taken: StockMove) -> StockOutcome:
        with scoped(self._ground.pool, self._ground.context, operation=STOCK) as uow:
            outcome = move(uow, taken)
            uow.commit()
        return outcome


def prove(ground: Ground, rounds: int, control: int) -> Verdict:
    """Prove that no shelf goes below zero."""
    return proved(NAME, rounds, control, Shelf(ground).one_round)
