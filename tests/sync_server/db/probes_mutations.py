"""Every way a policy could be broken: each of these must turn a probe red."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from psycopg import Connection
from tests.sync_server.db.probes_oracle import Relation

from wc_sync_server.db.search_functions import SEARCHED
from wc_sync_server.db.tables import Guard, Visible
from wc_sync_server.db.tables.base import Above
from wc_sync_server.db.tables.roles import ROLES

_DISTRICT = "district_id = (SELECT wc_sec.current_district())"
_SCHOOL = "school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])"
_ROLE = "(SELECT wc_sec.current_role())"
_NO_DISTRICT = "(SELECT wc_sec.current_district()) IS NULL"
_NO_SCHOOLS = "(SELECT wc_sec.current_school_ids()) IS NULL"
_CONFIDENTIAL_READERS = ("DEVICE", "NURSE", "SUPERVISOR", "SYSTEM")
_NO_DISTRICT_ASKED, _NO_SCHOOL_ASKED = "school alone", "district alone"
_STRANGE_SCHOOL_ASKED = "a school of another district"
_POLICIES = """SELECT policyname, permissive = 'RESTRICTIVE', cmd, qual, with_check FROM pg_policies
    WHERE schemaname = 'public' AND tablename = %s ORDER BY 1"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy as it stands in the catalogue."""

    name: str
    restrictive: bool
    command: str
    using: str | None
    check: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One policy (or the table's switch, or a function beside it) broken in one way.

    seen_by: the role or context that is likely to see it, to be asked first.
    """

    policy: str
    name: str
    statements: tuple[str, ...]
    seen_by: str | None = None


Broken = tuple[str, str, str | None]  # name, predicate, seen_by


def policies_on(connection: Connection[Any], relation: Relation) -> tuple[Policy, ...]:
    """Return the policies a relation has in the database, whatever was declared."""
    found = connection.execute(_POLICIES, (relation.name,)).fetchall()
    return tuple(
        Policy(name=name, restrictive=restrictive, command=command, using=using, check=check)
        for name, restrictive, command, using, check in found
    )


def unequal_halves(connection: Connection[Any], relation: Relation) -> list[str]:
    """Return the policies whose WITH CHECK is not their USING: no statement can show it where another one refuses."""
    both = [policy for policy in policies_on(connection, relation) if policy.command in {"ALL", "UPDATE"}]
    return [policy.name for policy in both if policy.using != policy.check]


def mutations(connection: Connection[Any], relation: Relation) -> Iterator[Mutation]:
    """Yield everything that can be broken about a relation's policies."""
    yield _switch(relation, "enabled", "DISABLE")
    yield _switch(relation, "forced", "NO FORCE")
    for policy in policies_on(connection, relation):
        yield from _of_any(relation, policy)
        for name, predicate, seen_by in _predicates(relation.guard, policy):
            yield replace(_altered(relation, policy, name, predicate, predicate), seen_by=seen_by)
    if relation.name in SEARCHED:
        yield from _of_search(connection, relation)


def _switch(relation: Relation, name: str, verb: str) -> Mutation:
    statement = f"ALTER TABLE {relation.name} {verb} ROW LEVEL SECURITY"
    return Mutation(policy=f"({name})", name="removed", statements=(statement,))


def _of_any(relation: Relation, policy: Policy) -> Iterator[Mutation]:
    drop = f"DROP POLICY {policy.name} ON {relation.name}"
    yield Mutation(policy=policy.name, name="dropped", statements=(drop,))
    yield _altered(relation, policy, "TRUE", "true", "true")
    if policy.using is not None and policy.check is not None:
        yield _altered(relation, policy, "USING TRUE", "true", policy.check)
        yield _altered(relation, policy, "WITH CHECK TRUE", policy.using, "true")
    kind = "PERMISSIVE" if policy.restrictive else "RESTRICTIVE"
    using = "" if policy.using is None else f" USING ({policy.using})"
    check = "" if policy.check is None else f" WITH CHECK ({policy.check})"
    create = f"CREATE POLICY {policy.name} ON {relation.name} AS {kind} FOR {policy.command}{using}{check}"
    yield Mutation(policy=policy.name, name=f"made {kind.lower()}", statements=(drop, create))


def _altered(relation: Relation, policy: Policy, name: str, using: str, check: str) -> Mutation:
    parts = "" if policy.using is None else f" USING ({using})"
    parts += "" if policy.check is None else f" WITH CHECK ({check})"
    return Mutation(
        policy=policy.name, name=name, statements=(f"ALTER POLICY {policy.name} ON {relation.name}{parts}",)
    )


def _predicates(guard: Guard, policy: Policy) -> Iterator[Broken]:
    match policy.name:
        case "tenant":
            yield from _of_tenant(guard.visible)
        case "confidential":
            for name, predicate, seen_by in _of_roles(_CONFIDENTIAL_READERS, sorted(ROLES)):
                yield name, f"NOT is_confidential OR {predicate}", seen_by
            yield "the wrong way round", f"is_confidential OR {_among(_CONFIDENTIAL_READERS)}", None
        case "confidential_with" if guard.confidential_with is not None:
            yield from _of_above(guard.confidential_with)
        case "readers" | "secret":
            yield from _of_roles(guard.readers or (), sorted(ROLES))
        case _:
            # Somebody who may not read the table could not write it anyhow: another reader is one role too many.
            yield from _of_roles(guard.writers, sorted(guard.readers or ROLES), anybody=guard.readers is None)


def _of_tenant(visible: Visible) -> Iterator[Broken]:
    match visible:
        case Visible.DISTRICT | Visible.SECRET:
            yield "open without a district", f"{_DISTRICT} OR {_NO_DISTRICT}", _NO_DISTRICT_ASKED
            yield "any district there is", "district_id IS NOT NULL", None
        case Visible.SCHOOL:
            yield "district only", _DISTRICT, None
            yield "school only", _SCHOOL, _STRANGE_SCHOOL_ASKED
            yield "district or school", f"{_DISTRICT} OR {_SCHOOL}", None
            yield "open without a district", f"{_SCHOOL} AND ({_DISTRICT} OR {_NO_DISTRICT})", _NO_DISTRICT_ASKED
            yield "open without a school", f"{_DISTRICT} AND ({_SCHOOL} OR {_NO_SCHOOLS})", _NO_SCHOOL_ASKED
        case Visible.MAYBE_SCHOOL:
            none = "school_id IS NULL"
            open_ = f"({_DISTRICT} OR {_NO_DISTRICT}) AND ({none} OR {_SCHOOL})"
            yield "district only", _DISTRICT, None
            yield "school only", f"{none} OR {_SCHOOL}", None
            yield "brackets forgotten", f"{_DISTRICT} AND {none} OR {_SCHOOL}", _STRANGE_SCHOOL_ASKED
            yield "brackets forgotten the other way", f"{_DISTRICT} AND {_SCHOOL} OR {none}", None
            yield "rows of no school forgotten", f"{_DISTRICT} AND {_SCHOOL}", None
            yield "open without a district", open_, _NO_DISTRICT_ASKED
            yield "open without a school", f"{_DISTRICT} AND ({none} OR {_SCHOOL} OR {_NO_SCHOOLS})", _NO_SCHOOL_ASKED


def _of_above(above: Above) -> Iterator[Broken]:
    none, readers = f"{above.column} IS NULL", _among(_CONFIDENTIAL_READERS)
    any_ = f"EXISTS (SELECT 1 FROM {above.table} AS a WHERE a.{_DISTRICT})"
    one = f"EXISTS (SELECT 1 FROM {above.table} AS a WHERE a.{_DISTRICT} AND a.id = {above.column})"
    for name, predicate, seen_by in _of_roles(_CONFIDENTIAL_READERS, sorted(ROLES)):
        yield name, f"{none} OR {predicate} OR {one}", seen_by
    yield "rows of none forgotten", f"{readers} OR {one}", None
    yield "the other row not asked for", f"{none} OR {readers}", None
    yield "any other row will do", f"{none} OR {readers} OR {any_}", None
    yield "the wrong way round", f"{none} OR {readers} OR NOT {one}", None
    yield "rows of none only", none, None


def _of_roles(roles: tuple[str, ...], asking: list[str], *, anybody: bool = True) -> Iterator[Broken]:
    for role in asking:
        if role not in roles:
            yield "one role more", _among((*roles, role)), role
    for role in roles:
        yield "one role fewer", _among(tuple(each for each in roles if each != role)), role
    if anybody:
        yield "open without a role", f"{_among(roles)} OR {_ROLE} IS NULL", "no role"


def _among(roles: tuple[str, ...]) -> str:
    return f"{_ROLE} IN ({', '.join(repr(str(role)) for role in roles)})" if roles else "false"


def _of_search(connection: Connection[Any], relation: Relation) -> Iterator[Mutation]:
    """A search repeats the tenant's policy in its own WHERE: each half of that is left out in turn."""
    query = "SELECT pg_get_functiondef(%s::regproc)"
    ((source,),) = connection.execute(query, (f"wc_sec.search_{relation.name}",)).fetchall()
    halves = {
        "district left out": "t.district_id = (SELECT wc_sec.current_district())",
        "school left out": "t.school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])",
    }
    for name, half in halves.items():
        if half in source:
            yield Mutation(policy="(search function)", name=name, statements=(source.replace(half, "true"),))
