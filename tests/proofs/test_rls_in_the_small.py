"""What `make prove-rls` prints, and that it tells a breach. The probes themselves run in tests/sync_server/db."""

import io

from rich.console import Console
from tests.proofs import rls
from tests.sync_server.db.probes_attempts import Finding
from tests.sync_server.db.probes_mutations import Mutation
from tests.sync_server.db.probes_suite import Broken, Looked

LEAK = Finding(relation="students", command="list", who="a nurse", leak=True, what="2 rows instead of 1 rows")
DROPPED = Mutation(policy="tenant", name="dropped", statements=("DROP POLICY tenant ON students",))


def shown(looked: Looked, *broken: Broken) -> tuple[bool, str]:
    said = io.StringIO()
    fine = rls.show(rls.Proof((), looked, list(broken)), Console(file=said, width=140), each=True)
    return fine, said.getvalue()


def test_a_leak_is_told() -> None:
    fine, said = shown(Looked(findings=[LEAK]))
    assert not fine
    assert "LEAK students: list by a nurse" in said
    assert "1 leaks" in said


def test_a_mutation_that_nobody_noticed_is_told() -> None:
    caught = Broken(relation="students", mutation=DROPPED, caught_by=("list",), leaked=False)
    missed = Broken(relation="schools", mutation=DROPPED, caught_by=(), leaked=False)
    fine, said = shown(Looked(), caught, missed)
    assert not fine
    assert "UNNOTICED schools: tenant, dropped" in said
    assert "2 mutations, 1 caught" in said


def test_when_all_is_caught_all_is_fine() -> None:
    caught = Broken(relation="students", mutation=DROPPED, caught_by=("list",), leaked=False)
    fine, said = shown(Looked(), caught)
    assert fine
    assert "1 policies, 1 mutations, 1 caught" in said
