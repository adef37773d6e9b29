"""All probes of one table and its partitions as they are, and again with each of their policies broken."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import Connection
from tests.sync_server.db.probes_attempts import SCHEMA_OF_ATTEMPTS, Battery, Finding, tried
from tests.sync_server.db.probes_commands import battery_of
from tests.sync_server.db.probes_forged import forged
from tests.sync_server.db.probes_mutations import Mutation, mutations, unequal_halves
from tests.sync_server.db.probes_oracle import OWN, Asker, Relation, everybody, may
from tests.sync_server.db.probes_sessions import clashes, copied, left_behind, never_set
from tests.sync_server.db.probes_world import fill_all

from wc_sync_server.db.engine import Pool
from wc_sync_server.db.grants import APP, AUDIT_READER, MIGRATE, OWNER
from wc_sync_server.embedded import Dsn

CATALOGUE = "catalogue: WITH CHECK is not USING"
_LOGINS = (OWNER, MIGRATE, APP, AUDIT_READER)
# COPY is a round trip of its own: as many as it takes to see each half of a policy, unless the whole is wanted.
_COPYING = {(OWN, "NURSE"), (OWN, "SYSTEM"), ("other district", "SYSTEM"), ("nothing left", "SYSTEM")}
_SESSION_PROBES = ("own rows", "after commit", "after rollback", "cursor with hold", "pooled connection")


@dataclass(slots=True)
class Looked:
    """How many probes of each command were tried by how many, and what they found."""

    tried: Counter[str] = field(default_factory=Counter)
    askers: set[Asker] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    def count(self, probes: Iterable[tuple[str, list[Finding]]]) -> None:
        """Count single probes in, each a command and what it found."""
        for command, findings in probes:
            self.tried[command] += 1
            self.findings += findings

    def add(self, other: "Looked") -> None:
        """Count another look in."""
        self.tried += other.tried
        self.askers |= other.askers
        self.findings += other.findings


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A mutation of a relation and the commands that turned red, none when nobody noticed."""

    relation: str
    mutation: Mutation
    caught_by: tuple[str, ...]
    leaked: bool

    @property
    def caught(self) -> bool:
        return bool(self.caught_by)

    @property
    def only_by_catalogue(self) -> bool:
        return self.caught_by == (CATALOGUE,)


def make_world(superuser: Dsn) -> tuple[Relation, ...]:
    """Fill a migrated database with every form of row; return its tenant tables and partitions."""
    with psycopg.connect(superuser.conninfo()) as connection:
        connection.execute(SCHEMA_OF_ATTEMPTS)
        return fill_all(connection)


@contextmanager
def prober(superuser: Dsn) -> Iterator[Connection[Any]]:
    """Give a connection for probes. Prepared plans on it are generic at once, and stay through a rollback."""
    with psycopg.connect(superuser.conninfo(), prepare_threshold=None) as connection:
        connection.execute("SET plan_cache_mode = force_generic_plan")
        connection.commit()
        yield connection


def look(connection: Connection[Any], relation: Relation, *, whole: bool) -> Looked:
    """Try every command by everybody within transactions of one connection."""
    looked = Looked()
    battery = battery_of(connection, relation)
    for asker in everybody(relation, whole=whole):
        looked.askers.add(asker)
        looked.findings += tried(connection, battery, asker)
        looked.tried.update(probe.command for probe in battery.probes)
        if whole or (asker.where, asker.role) in _COPYING:
            looked.count(copied(connection, relation, asker))
    looked.count(clashes(connection, relation))
    looked.findings += _unequal(connection, relation)
    connection.rollback()
    return looked


def look_at_sessions(superuser: Dsn, pools: dict[str, Pool], relations: Sequence[Relation]) -> Looked:
    """Look for what is left behind by transactions that really end, and at a session in which none began.

    pools: one of one connection for each login that reads anything, by the login's name.
    """
    looked = Looked()
    with psycopg.connect(superuser.conninfo(), prepare_threshold=None) as untouched:
        for relation in relations:
            looked.findings += never_set(untouched, relation, _LOGINS)
            looked.tried["never set"] += len(_LOGINS)
            for login, pool in pools.items():
                if may(login, relation, "SELECT"):
                    looked.findings += left_behind(pool, relation, login, pool.signer.key())
                    looked.tried.update(_SESSION_PROBES)
        for name, findings in forged(untouched, pools[APP], relations):
            looked.count([(f"forged: {name.partition(':')[0]}", findings)])
    return looked


def broken(connection: Connection[Any], relation: Relation) -> Iterator[Broken]:
    """Break each policy of relation in each way, look who notices, and undo it."""
    battery = battery_of(connection, relation)
    askers = list(everybody(relation, whole=False))
    for mutation in list(mutations(connection, relation)):
        with connection.transaction(force_rollback=True):
            for statement in mutation.statements:
                connection.execute(statement.encode())
            likely = [asker for asker in askers if mutation.seen_by in {asker.where, asker.role or "no role"}]
            found = _first(connection, battery, [*likely, *askers])
            commands = list(dict.fromkeys(each.command for each in found))
            if not found and unequal_halves(connection, relation):
                commands = [CATALOGUE]
        leaked = any(each.leak for each in found)
        yield Broken(relation=relation.name, mutation=mutation, caught_by=tuple(commands), leaked=leaked)
    connection.rollback()


def _first(connection: Connection[Any], battery: Battery, askers: list[Asker]) -> list[Finding]:
    for asker in askers:
        if found := tried(connection, battery, asker):
            return found
    return []


def _unequal(connection: Connection[Any], relation: Relation) -> Iterator[Finding]:
    for policy in unequal_halves(connection, relation):
        yield Finding(relation=relation.name, command=CATALOGUE, who="catalogue", leak=True, what=policy)
