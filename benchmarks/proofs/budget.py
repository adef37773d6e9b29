"""Twelve postings at one budget category: the ceiling holds, and what is spent is what was posted."""

from datetime import date
from decimal import Decimal
from functools import partial
from random import Random
from uuid import UUID

from benchmarks.proofs.ground import NOON, WRITERS, Ground, new_id
from benchmarks.proofs.proof import Verdict, at_once, proved
from wc_sync_server.db.operations import BUDGET
from wc_sync_server.db.repositories.budget import post
from wc_sync_server.db.retry import run_retrying
from wc_sync_server.db.unit_of_work import scoped
from wc_sync_server.domain.budget import BudgetCode, BudgetOutcome, Posting

NAME = "budget under its ceiling"
CEILING = Decimal("100.00")

_CATEGORY = """
INSERT INTO budget_categories (district_id, id, fiscal_year, name, allocated, spent_amount, created_at, updated_at)
VALUES (%(district)s, %(id)s, 2027, %(name)s, %(allocated)s, 0, %(at)s, %(at)s)
"""
_FOUND = """
SELECT c.spent_amount, coalesce(sum(t.amount), 0), count(t.id) FROM budget_categories c
LEFT JOIN budget_transactions t ON t.category_id = c.id WHERE c.id = %s GROUP BY c.district_id, c.id
"""


class Purse:
    """Writers who together want more than is allocated."""

    def __init__(self, ground: Ground, seed: int = 1) -> None:
        self._ground = ground
        self._random = Random(seed)  # noqa: S311  # how much each wants, not a secret

    def one_round(self, number: int) -> list[str]:
        """Let twelve post to a new category at once; return what is not as the law wants it."""
        category = self._category()
        wanted = [Decimal(self._random.randrange(500, 3_000)) / 100 for _ in range(WRITERS)]
        outcomes = at_once([partial(self._post, category, amount) for amount in wanted])
        ((spent, posted, postings),) = self._ground.asked(_FOUND, category)
        broken = []
        if posted > CEILING:
            broken.append(f"round {number}: {posted} posted, {CEILING} allocated")
        if spent != posted:
            broken.append(f"round {number}: the category says {spent}, its postings say {posted}")
        if postings != sum(outcome.code is BudgetCode.POSTED for outcome in outcomes):
            broken.append(f"round {number}: {postings} postings are held, the writers were told otherwise")
        for amount, outcome in zip(wanted, outcomes, strict=True):
            known = outcome.category
            if outcome.code is BudgetCode.OVER_CEILING and (known is None or known.spent + amount <= CEILING):
                broken.append(f"round {number}: {amount} was refused below the ceiling")
        return broken

    def _category(self) -> UUID:
        ground, category = self._ground, new_id()
        with scoped(ground.pool, ground.context, operation=BUDGET) as uow:
            values = {"district": ground.district, "id": category, "name": str(category), "allocated": CEILING}
            uow.connection.execute(_CATEGORY, {**values, "at": NOON})
            uow.commit()
        return category

    def _post(self, category: UUID, amount: Decimal) -> BudgetOutcome:
        posting = Posting(id=new_id(), category=category, amount=amount, occurred_on=date(2026, 11, 23))
        return run_retrying(partial(self._posted, posting))

    def _posted(self, posting: Posting) -> BudgetOutcome:
        with scoped(self._ground.pool, self._ground.context, operation=BUDGET) as uow:
            outcome = post(uow, posting)
            uow.commit()
        return outcome


def prove(ground: Ground, rounds: int, control: int) -> Verdict:
    """Prove that no ceiling breaks."""
    return proved(NAME, rounds, control, Purse(ground).one_round)
