"""One list says how every kind of transaction runs; the documentation shows it, and the code asks nobody else."""

import ast
from pathlib import Path

import pytest

from wc_sync_server.db import operations
from wc_sync_server.db.context import Isolation
from wc_sync_server.db.operations import ANY_ROWS, OPERATIONS, Operation, isolation_table
from wc_sync_server.db.tables import TENANT

ROOT = Path(__file__).resolve().parents[3]
SERVER = ROOT / "src" / "wc_sync_server"
DOCUMENT = ROOT / "docs" / "isolation.md"
# Where an isolation is made into a statement; everywhere else it comes from the list.
_CHOSEN_IN = {"operations.py", "context.py", "unit_of_work.py"}


def test_the_documentation_shows_the_list_as_it_is() -> None:
    _, begin, rest = DOCUMENT.read_text(encoding="utf-8").partition("<!-- operations -->\n")
    shown, end, _ = rest.partition("\n<!-- end -->")
    assert begin
    assert end
    assert shown == isolation_table(), f"put this between the marks of docs/isolation.md:\n{isolation_table()}"


@pytest.mark.parametrize("operation", OPERATIONS, ids=[each.name for each in OPERATIONS])
def test_an_operation_locks_tables_that_there_are_in_the_order_of_their_names(operation: Operation) -> None:
    assert operation.rows == ANY_ROWS or list(operation.rows) == sorted(operation.rows)
    assert operation.rows == ANY_ROWS or set(operation.rows) <= {table.name for table in TENANT}
    assert operation.why


@pytest.mark.parametrize("operation", OPERATIONS, ids=[each.name for each in OPERATIONS])
def test_who_only_reads_holds_no_locks_and_who_locks_sees_what_is_committed(operation: Operation) -> None:
    locks = operation.streams or bool(operation.rows)
    assert not (operation.read_only and locks)
    # Under REPEATABLE READ a lock is taken on a row of which only an old state is seen.
    assert not (locks and operation.isolation is not Isolation.READ_COMMITTED)


def test_every_operation_is_in_the_list_once_and_has_its_own_name() -> None:
    declared = [value for value in vars(operations).values() if isinstance(value, Operation)]
    assert sorted(each.name for each in declared) == sorted({each.name for each in OPERATIONS})
    assert len(OPERATIONS) == len(declared)


def chosen(tree: ast.AST) -> list[int]:
    """Return the lines in which an isolation is named, or given as an argument."""
    lines = []
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="Isolation")):
                lines.append(node.lineno)
            case ast.keyword(arg="isolation"):
                lines.append(node.value.lineno)
    return lines


def test_no_transaction_chooses_its_own_isolation() -> None:
    found = [
        f"{path.relative_to(SERVER)}:{line}"
        for path in sorted(SERVER.rglob("*.py"))
        if path.name not in _CHOSEN_IN
        for line in chosen(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []


@pytest.mark.parametrize("text", ["scoped(pool, context, isolation=level)", "level = Isolation.REPEATABLE_READ"])
def test_a_choice_would_be_seen(text: str) -> None:
    assert chosen(ast.parse(text)) == [1]
