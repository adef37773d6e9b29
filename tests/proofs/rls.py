"""Every command on every tenant table by everybody, against the oracle; then every policy broken in every way.

python -m tests.proofs.rls     (prints two tables; exits 1 on a leak, a loss or a mutation that nobody noticed)
"""

import argparse
import os
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from psycopg import Connection
from rich.console import Console
from rich.table import Table
from tests.central_database import PASSWORDS
from tests.sync_server.db.probes_oracle import ASKED_ROLES, CONTEXTS, Relation
from tests.sync_server.db.probes_suite import Broken, Looked, broken, look, look_at_sessions, make_world, prober

from wc_sync_server.db import migrate
from wc_sync_server.db.context_keys import signer_of
from wc_sync_server.db.engine import Pool, connect_pool
from wc_sync_server.db.grants import APP, AUDIT_READER
from wc_sync_server.db.provision import Dsns, provision
from wc_sync_server.embedded import Dsn, EmbeddedPostgres

_WIDTH = 140
_MOST_FINDINGS = 40


@dataclass(slots=True)
class Proof:
    """What all probes and all mutations came to."""

    relations: tuple[Relation, ...]
    looked: Looked = field(default_factory=Looked)
    broken: list[Broken] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def uncaught(self) -> list[Broken]:
        return [each for each in self.broken if not each.caught]


@contextmanager
def session_pools(dsns: Dsns) -> Iterator[dict[str, Pool]]:
    """Give a pool of one connection for each login that reads tenant tables."""
    with ExitStack() as open_:
        yield {
            login: open_.enter_context(connect_pool(dsn, signer=signer_of(dsns.migrate), size=1))
            for login, dsn in ((APP, dsns.app), (AUDIT_READER, dsns.audit_reader))
        }


def prove(superuser: Dsn, dsns: Dsns, *, whole: bool, jobs: int) -> Proof:
    """Probe everything, break everything."""
    proof = Proof(make_world(superuser))
    # A table and its partitions lock each other: one worker has them together.
    together = [tuple(group) for _, group in groupby(proof.relations, key=_root)]
    free: SimpleQueue[Connection[Any]] = SimpleQueue()
    with ExitStack() as open_, ThreadPoolExecutor(jobs) as workers:
        for _ in range(jobs):
            free.put(open_.enter_context(prober(superuser)))

        def looks(group: tuple[Relation, ...]) -> list[Looked]:
            connection = free.get()
            try:
                return [look(connection, relation, whole=whole) for relation in group]
            finally:
                free.put(connection)

        def breaks(group: tuple[Relation, ...]) -> list[Broken]:
            connection = free.get()
            try:
                return [each for relation in group for each in broken(connection, relation)]
            finally:
                free.put(connection)

        began = time.monotonic()
        for several in workers.map(looks, together):
            for looked in several:
                proof.looked.add(looked)
        with session_pools(dsns) as pools:
            proof.looked.add(look_at_sessions(superuser, pools, proof.relations))
        proof.seconds["probes"] = time.monotonic() - began
        began = time.monotonic()
        for found in workers.map(breaks, together):
            proof.broken += found
        proof.seconds["mutations"] = time.monotonic() - began
    return proof


def _root(relation: Relation) -> str:
    return relation.table.name


def show(proof: Proof, console: Console, *, each: bool = False) -> bool:
    """Print what was tried and found; return whether nothing leaked, nothing was lost and nothing went unnoticed."""
    _show_commands(proof, console)
    _show_mutations(proof, console, each=each)
    for finding in proof.looked.findings[:_MOST_FINDINGS]:
        console.print(str(finding))
    for missed in proof.uncaught[:_MOST_FINDINGS]:
        console.print(f"UNNOTICED {missed.relation}: {missed.mutation.policy}, {missed.mutation.name}")
    leaks = sum(finding.leak for finding in proof.looked.findings)
    tables = len({_root(relation) for relation in proof.relations})
    policies = {(each.relation, each.mutation.policy) for each in proof.broken if each.mutation.policy[0] != "("}
    console.print(
        f"{tables} tables and {len(proof.relations) - tables} partitions, {len(proof.looked.tried)} commands,"
        f" {len(ASKED_ROLES)} roles, {len(CONTEXTS)} contexts,"
        f" {len({asker.login for asker in proof.looked.askers})} logins:"
        f" {proof.looked.tried.total():,} probes tried, {leaks} leaks,"
        f" {len(proof.looked.findings) - leaks} wrongly hidden ({proof.seconds.get('probes', 0):.0f} s)."
    )
    console.print(
        f"{len(policies)} policies, {len(proof.broken):,} mutations, {len(proof.broken) - len(proof.uncaught):,} caught"
        f" ({sum(each.only_by_catalogue for each in proof.broken)} of them by the catalogue only),"
        f" {len(proof.uncaught)} unnoticed ({proof.seconds.get('mutations', 0):.0f} s)."
    )
    return not proof.looked.findings and not proof.uncaught


def _show_commands(proof: Proof, console: Console) -> None:
    leaks = Counter(finding.command for finding in proof.looked.findings if finding.leak)
    lost = Counter(finding.command for finding in proof.looked.findings if not finding.leak)
    table = Table("command", "probes", "leaks", "wrongly hidden", title="Everybody tries everything")
    for command, tried in sorted(proof.looked.tried.items()):
        table.add_row(command, f"{tried:,}", str(leaks[command]), str(lost[command]))
    console.print(table)


def _show_mutations(proof: Proof, console: Console, *, each: bool) -> None:
    rows: defaultdict[tuple[str, ...], list[Broken]] = defaultdict(list)
    for one in proof.broken:
        rows[(one.relation if each else "", one.mutation.policy, one.mutation.name)].append(one)
    title = "Every policy broken in every way"
    table = Table("table", "policy", "mutation", "broken", "caught", "leaks", "first caught by", title=title)
    for (relation, policy, mutation), several in sorted(rows.items()):
        by = Counter(command for one in several for command in one.caught_by)
        table.add_row(
            relation or f"{len({one.relation for one in several})}",
            policy,
            mutation,
            str(len(several)),
            str(sum(one.caught for one in several)),
            str(sum(one.leaked for one in several)),
            ", ".join(command for command, _ in by.most_common(4)) or "NOBODY",
        )
    console.print(table)


def main(argv: Sequence[str] | None = None) -> int:
    """Prove; tell by the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.rls", description=__doc__)
    parser.add_argument("--thin", action="store_true", help="each role and each context, not each role in each context")
    parser.add_argument("--each", action="store_true", help="a line for each policy of each table")
    parser.add_argument("--jobs", type=int, default=min(4, os.cpu_count() or 1), help="connections that probe at once")
    given = parser.parse_args(argv)
    console = Console(highlight=False, width=_WIDTH)
    with tempfile.TemporaryDirectory(prefix="wc-proof-") as made:
        server = EmbeddedPostgres(Path(made) / "postgres", durable=False)
        try:
            dsns = provision(server.start().conninfo(), "proof", PASSWORDS)
            migrate.upgrade(dsns.migrate)
            proof = prove(server.superuser_dsn("proof"), dsns, whole=not given.thin, jobs=given.jobs)
        finally:
            server.erase()
    return 0 if show(proof, console, each=given.each) else 1


if __name__ == "__main__":
    raise SystemExit(main())
