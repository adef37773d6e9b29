"""Records that were deleted are left out in one place, and nobody goes round it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.sync_server.db.central_world import ASH, NOW, fill
from tests.sync_server.db.probes import acting

import wc_sync_server.db.repositories.records as repositories
from wc_contract.model.kinds import KINDS, Scope
from wc_sync_server.db.grants import APP
from wc_sync_server.db.repositories.feed_sql import digest, page
from wc_sync_server.db.repositories.records.living import living
from wc_sync_server.db.tables import TENANT
from wc_sync_server.embedded import Dsn

FOLDER = Path(str(repositories.__file__)).parent
SOFT = {table.name for table in TENANT if "deleted_at" in table.columns}
READS = re.compile(r"\b(?:FROM|JOIN)\s+(?P<what>[a-z_]+|\{[A-Za-z_.]+\.table\})", re.ASCII)

# A district is never deleted; whoever writes a record asks whether its id was ever used, by a deleted one too.
ROUND_IT = {
    ("schedule.py", "districts"),
    ("vaccinations.py", "districts"),
    ("district_policy.py", "districts"),
    ("writing.py", "{kind.table}"),
}


def reads(text: str) -> set[str]:
    """Return the tables that deleted rows stay in and that a source reads by their own name."""
    return {match["what"] for match in READS.finditer(text) if match["what"] in SOFT or match["what"].startswith("{")}


def test_repositories_read_what_may_be_deleted_through_one_function() -> None:
    found = {
        (path.name, what)
        for path in FOLDER.glob("*.py")
        if path.name != "living.py"
        for what in reads(path.read_text(encoding="utf-8"))
    }
    assert found <= ROUND_IT


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SELECT 1 FROM students s", {"students"}),
        ("… JOIN  health_records h ON …", {"health_records"}),
        ("SELECT 1 FROM {STUDENT.table} s", {"{STUDENT.table}"}),
        ("SELECT 1 FROM {living(STUDENT, 's')} JOIN medication_logs d", set()),
    ],
)
def test_the_way_round_would_be_seen(text: str, found: set[str]) -> None:
    assert reads(text) == found


@pytest.mark.postgres
@pytest.mark.usefixtures("unchecked_statements")
def test_a_deleted_row_is_gone_for_repositories_and_for_workstations(
    module_database: Callable[..., Dsn], central_template: str
) -> None:
    with psycopg.connect(module_database(central_template).conninfo()) as connection:
        fill(connection)
        with acting(connection, APP, ASH):
            for kind in KINDS:
                assert all(seen(connection, kind)), kind.name
        for table in sorted(SOFT):
            connection.execute(f"UPDATE {table} SET deleted_at = %s".encode(), (NOW,))
        with acting(connection, APP, ASH):
            for kind in KINDS:
                there = kind.append_only
                assert seen(connection, kind) == [there] * 3, kind.name


def seen(connection: psycopg.Connection[Any], kind: Any) -> list[bool]:
    """Whether a repository, a page of the feed and its digest have a row of a kind."""
    parameters: dict[str, Any] = {"district": ASH.district, "after": 0}
    if kind.scope is Scope.SCHOOL:
        parameters["school"] = ASH.school
    listed = connection.execute(f"SELECT 1 FROM {living(kind, 't')}".encode(), parameters).fetchall()
    ((_, sent, _, _),) = connection.execute(page(kind.name, digest=True).encode(), parameters).fetchall()
    ((summed, _),) = connection.execute(digest(kind.name).encode(), parameters).fetchall()
    return [bool(listed), bool(sent), bool(summed)]
