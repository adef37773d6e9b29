"""The ledgers of the school's containers, read once and again only where a line has come."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal

from wc_contract.model.kinds import DISTRICT, LEDGER_ENTRY, MEDICATION_CONTAINER
from wc_contract.rules.policy import Policy
from wc_contract.rules.stock import ContainerFacts, LedgerLine, balance_of, strength_in
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.reading import medications
from wc_desktop.domain.views import text
from wc_desktop.ports import Row

_Seen = tuple[int, str]


class StockBook:
    """Lines by container. A ledger is added to only: one whose lines are as many, up to the same id, is as it was."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}
        self._lines: dict[str, tuple[LedgerLine, ...]] = {}
        self._balances: dict[tuple[str, bool], Decimal] = {}

    def read(self, desk: Desk) -> Mapping[str, Sequence[LedgerLine]]:
        """Return the lines of every container that has any."""
        seen = dict(desk.records.tally(LEDGER_ENTRY, "container_id"))
        changed = sorted(container for container, now in seen.items() if self._seen.get(container) != now)
        for container, lines in lines_by_container(desk, changed).items():
            self._lines[container] = lines
        for container in changed:
            self._forget(container)
        for gone in self._lines.keys() - seen.keys():
            del self._lines[gone]
            self._forget(gone)
        self._seen = seen
        return self._lines

    def balance(self, container: str, *, controlled: bool) -> Decimal:
        """Return what a container held when its ledger was read last."""
        key = container, controlled
        if key not in self._balances:
            self._balances[key] = balance_of(self._lines.get(container, ()), controlled=controlled)
        return self._balances[key]

    def _forget(self, container: str) -> None:
        for controlled in (False, True):
            self._balances.pop((container, controlled), None)


def ledgers(desk: Desk) -> Mapping[str, Sequence[LedgerLine]]:
    """Return the lines of every container, by container."""
    book = _book(desk)
    return desk.remembered("ledgers", (LEDGER_ENTRY,), None, lambda: dict(book.read(desk)))


def balance_in_book(desk: Desk, container: ContainerFacts) -> Decimal:
    """Return what a container holds now, worked out once for all that ask."""
    ledgers(desk)
    return _book(desk).balance(str(container.id), controlled=container.is_controlled)


def _book(desk: Desk) -> StockBook:
    make: Callable[[], StockBook] = StockBook
    return desk.remembered("stock_book", (), None, make)


def lines_by_container(desk: Desk, containers: Iterable[str]) -> dict[str, tuple[LedgerLine, ...]]:
    """Return the lines of some containers, read now."""
    found: dict[str, list[LedgerLine]] = {}
    for row in desk.records.where(LEDGER_ENTRY, "container_id", tuple(containers)):
        found.setdefault(text(row, "container_id"), []).append(LedgerLine.from_row(row))
    return {container: tuple(lines) for container, lines in found.items()}


def with_balances(desk: Desk, rows: Iterable[Row]) -> tuple[tuple[ContainerFacts, Decimal], ...]:
    """Return containers and what each holds now."""
    facts = [facts_of(desk, row) for row in rows]
    lines = lines_by_container(desk, [str(one.id) for one in facts])
    return tuple((one, balance_of(lines.get(str(one.id), ()), controlled=one.is_controlled)) for one in facts)


def facts_of(desk: Desk, row: Row) -> ContainerFacts:
    """Return a container with the strength that the catalogue gives its medicine."""
    drug = medications(desk).get(text(row, "medication_id"))
    strength = None if drug is None else strength_in(text(drug, "strength"), text(drug, "name"))
    return ContainerFacts.from_row(row, strength=strength)


def containers(desk: Desk) -> Mapping[str, Row]:
    """Return the school's containers by id."""
    return desk.remembered(
        "containers", (MEDICATION_CONTAINER,), None, lambda: _by_id(desk.records.every(MEDICATION_CONTAINER))
    )


def policy_of(desk: Desk) -> Policy:
    """Return the district's numbers."""
    return desk.remembered("policy", (DISTRICT,), None, lambda: _policy(desk))


def _by_id(rows: Iterable[Row]) -> Mapping[str, Row]:
    return {text(row, "id"): row for row in rows}


def _policy(desk: Desk) -> Policy:
    districts = desk.records.every(DISTRICT)
    return Policy.from_json(text(districts[0], "policy") if districts else None)
