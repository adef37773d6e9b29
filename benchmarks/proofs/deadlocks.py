"""Twenty pairs of transactions that want the same things the other way round: in lock order, none waits for ever."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from threading import Barrier, BrokenBarrierError
from uuid import UUID

from psycopg import sql

from benchmarks.proofs.ground import NOON, Ground, new_id
from benchmarks.proofs.proof import Verdict, at_once
from wc_contract.model.kinds import INVENTORY_ITEM
from wc_sync_server.db.errors import TryAgain
from wc_sync_server.db.unit_of_work import UnitOfWork, scoped

NAME = "deadlock-prone pairs"
PAIRS = 20
DEADLOCK = "40P01"

_STREAMS = "streams"
_CATEGORY = """
INSERT INTO budget_categories (district_id, id, fiscal_year, name, allocated, spent_amount, created_at, updated_at)
VALUES (%(district)s, %(id)s, 2028, %(name)s, 1, 0, %(at)s, %(at)s)
"""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Thing:
    """A row that somebody wants to hold."""

    table: str
    id: UUID


Pair = tuple[Thing, Thing]


def prove(ground: Ground, rounds: int) -> Verdict:
    """Prove that lock order leaves no deadlock, and see each pair deadlock without it."""
    pairs = _pairs(ground)
    each = max(1, rounds // PAIRS)
    breaches = [breach for pair in pairs for number in range(each) for breach in _in_order(ground, pair, number)]
    met = sum(_as_wanted(ground, pair) for pair in pairs)
    return Verdict(
        name=NAME,
        rounds=each * PAIRS,
        writes=each * PAIRS * 2,
        breaches=breaches,
        control=f"order off: {met} of {PAIRS} pairs deadlocked",
        control_failed=met < PAIRS,
    )


def _in_order(ground: Ground, pair: Pair, number: int) -> list[str]:
    """Let both take what they want by the unit of work; return what went wrong."""
    first, second = pair
    failed = at_once([partial(_hold, ground, (first, second)), partial(_hold, ground, (second, first))])
    return [f"round {number}, {first.table} and {second.table}: {state}" for state in failed if state is not None]


def _hold(ground: Ground, wanted: Sequence[Thing]) -> str | None:
    try:
        with scoped(ground.pool, ground.context) as uow:
            hold(uow, wanted)
            uow.commit()
    except TryAgain as error:
        return error.sqlstate or "nothing said"
    return None


def hold(uow: UnitOfWork, wanted: Sequence[Thing]) -> None:
    """Take rows as every writer must: streams all at once, then the rows of each table, in the order of names."""
    streams = [thing.id for thing in wanted if thing.table == _STREAMS]
    if streams:
        uow.lock_streams(*streams)
    for table in sorted({thing.table for thing in wanted} - {_STREAMS}):
        uow.lock_rows(table, [thing.id for thing in wanted if thing.table == table])


def _as_wanted(ground: Ground, pair: Pair) -> bool:
    """Let both take what they want in the order they name it; return whether one met a deadlock."""
    first, second = pair
    between = Barrier(2)
    states = at_once(
        [partial(_grab, ground, (first, second), between), partial(_grab, ground, (second, first), between)]
    )
    return DEADLOCK in states


def _grab(ground: Ground, wanted: Pair, between: Barrier) -> str | None:
    try:
        with scoped(ground.pool, ground.context) as uow:
            _lock(uow, wanted[0])
            between.wait(20)
            _lock(uow, wanted[1])
    except TryAgain as error:
        return error.sqlstate
    except BrokenBarrierError:
        return "the other one never came"
    return None


def _lock(uow: UnitOfWork, thing: Thing) -> None:
    statement = sql.SQL("SELECT 1 FROM {} WHERE district_id = %s AND id = %s FOR UPDATE")
    uow.connection.execute(statement.format(sql.Identifier(thing.table)), (uow.context.district, thing.id))


def _pairs(ground: Ground) -> list[Pair]:
    """Return twenty pairs: two of one table, two of different tables, a stream and a row."""
    items, categories = [new_id() for _ in range(2)], [new_id() for _ in range(2)]
    for item in items:
        ground.write(INVENTORY_ITEM, ground.schools[0], {"id": str(item), "name": "Gauze", "quantity": "1"})
    with scoped(ground.pool, ground.context) as uow:
        for category in categories:
            values = {"district": ground.district, "id": category, "name": str(category), "at": NOON}
            uow.connection.execute(_CATEGORY, values)
        uow.commit()
    things = [
        *(Thing(table="streams", id=school) for school in ground.schools),
        *(Thing(table="students", id=pupil) for pupil in ground.pupils[:2]),
        *(Thing(table=INVENTORY_ITEM.table, id=item) for item in items),
        *(Thing(table="budget_categories", id=category) for category in categories),
    ]
    return list(combinations(things, 2))[:PAIRS]
