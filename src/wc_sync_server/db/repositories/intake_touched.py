"""What changes of declared records touch, read in one statement that a batch without any never sends."""

# ruff: noqa: S608  # put together from names of our own declaration

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

import orjson

from wc_contract.merge.fold import RecordKey
from wc_contract.model.ids import EntryId, SchoolId, UserId
from wc_contract.model.kinds import BY_NAME, DOSE, REVIEW_CASE, RecordKind, Scope
from wc_contract.wire.codes import Outcome
from wc_sync_server.db.errors import StatementFailed
from wc_sync_server.db.repositories.wire_sql import wire_object
from wc_sync_server.db.unit_of_work import UnitOfWork
from wc_sync_server.reconcile.touched import (
    JUDGED_AGAIN,
    Answerable,
    Held,
    Movement,
    Named,
    Touched,
    TouchedFacts,
)

_IN = "district_id = %(district)s"
_SCHOOL_TABLES = frozenset(kind.table for kind in BY_NAME.values() if kind.scope is Scope.SCHOOL)
_EFFECTIVE = (Outcome.APPLIED, Outcome.MERGED, Outcome.CASE_OPENED, Outcome.DUPLICATE)

_LEFT = f"""
(SELECT json_agg(m.record_id) FROM removals m WHERE m.{_IN} AND m.stream_id = %(school)s AND m.reason = 'moved'
 AND m.record_id = ANY(%(touched)s::uuid[]))
"""
_AMENDED = f"""
EXISTS (SELECT 1 FROM medication_logs a
        WHERE a.{_IN} AND a.order_id = d.order_id AND a.amends_id IS NOT NULL AND a.amends_id = d.id)
"""
_SUBJECTS = f"""
(SELECT json_agg(json_build_array(d.id, d.author_user_id, {_AMENDED})) FROM medication_logs d
 WHERE d.{_IN} AND d.id = ANY(ARRAY(SELECT jsonb_array_elements_text(c.subject_ids)::uuid FROM review_cases c
                                    WHERE c.{_IN} AND c.id = ANY(%(answered)s::uuid[]))))
"""
_LEDGER = f"""
(SELECT json_agg(json_build_array(l.id, l.container_id, l.event, l.quantity::text, l.occurred_at, l.log_id))
 FROM medication_ledger l WHERE l.{_IN} AND l.container_id = ANY(%(containers)s::uuid[]))
"""
_GIVEN = f"""
(SELECT json_agg(json_build_object('school', d.school_id, 'row', {wire_object(DOSE.name, "d")}))
 FROM medication_logs d WHERE d.{_IN} AND d.order_id = ANY(%(orders)s::uuid[])
 AND d.administered_at > %(at)s::timestamptz - interval '{JUDGED_AGAIN} days')
"""
_SETTLED = f"""
(SELECT json_agg(w.id) FROM unnest(%(depends)s::uuid[]) AS w(id)
 WHERE EXISTS (SELECT 1 FROM receipts r WHERE r.{_IN} AND r.entry_id = w.id AND r.outcome = ANY(%(effective)s))
 OR EXISTS (SELECT 1 FROM later_answers a WHERE a.{_IN} AND a.entry_id = w.id AND a.outcome = ANY(%(effective)s))
 OR EXISTS (SELECT 1 FROM refused_entries k
            WHERE k.{_IN} AND k.entry_id = w.id AND k.answered_entry_id IS NOT NULL))
"""


def load_touched(uow: UnitOfWork, touched: Touched) -> TouchedFacts:
    """Return what is known of what a batch touches; nothing is asked when it touches nothing."""
    if not touched:
        return TouchedFacts()
    records, named = _by(touched.records), _by(touched.named)
    statement = _statement(
        tuple(records),
        tuple(named),
        answered=bool(touched.answered),
        ledger=bool(touched.containers),
        depends=bool(touched.depends),
        given=bool(touched.orders),
    )
    parameters = {
        **{f"r_{kind}": ids for kind, ids in records.items()},
        **{f"n_{table}": ids for table, ids in named.items()},
        "district": uow.context.district,
        "school": uow.context.schools[0],
        "touched": [id_ for ids in (*records.values(), *named.values()) for id_ in ids],
        "cases": list(touched.cases),
        "answered": list(touched.answered),
        "containers": list(touched.containers),
        "orders": list(touched.orders),
        "at": uow.at,
        "depends": list(touched.depends),
        "effective": [outcome.value for outcome in _EFFECTIVE],
    }
    row = uow.connection.execute(statement.encode(), parameters).fetchone()
    if row is None:
        raise StatementFailed(None)
    return _facts(uow, orjson.loads(row[0]))


def where_now(records: Sequence[Named]) -> Iterator[tuple[str, list[UUID]]]:
    """Yield statements that tell at which schools records are now, each with the ids it asks for as %(ids)s."""
    for table, ids in _by(records).items():
        if table in _SCHOOL_TABLES:
            yield f"SELECT DISTINCT t.school_id FROM {table} t WHERE t.{_IN} AND t.id = ANY(%(ids)s::uuid[])", ids


def _facts(uow: UnitOfWork, read: dict[str, Any]) -> TouchedFacts:
    records: dict[RecordKey, Held] = {}
    gone: set[RecordKey] = set()
    for name, found in read["records"].items():
        for one in found or ():
            (row,) = uow.sealing.opened(BY_NAME[name], [one["row"]])
            if one["gone"]:
                gone.add((name, row["id"]))
            else:
                records[name, row["id"]] = _held(one["school"], row)
    return TouchedFacts(
        records=records,
        gone=frozenset(gone),
        named={
            (table, UUID(id_)): None if school is None else SchoolId(UUID(school))
            for table, found in read["named"].items()
            for id_, school in found or ()
        },
        left=frozenset(UUID(id_) for id_ in read["left"] or ()),
        cases={UUID(one["row"]["id"]): _held(one["school"], one["row"]) for one in read["cases"] or ()},
        subjects={
            UUID(id_): Answerable(author=UserId(UUID(author)), amended=amended)
            for id_, author, amended in read["subjects"] or ()
        },
        ledger=tuple(
            Movement(id=UUID(id_), container=UUID(container), event=event, quantity=quantity, occurred_at=at, log=log)
            for id_, container, event, quantity, at, log in read["ledger"] or ()
        ),
        given=tuple(_held(one["school"], one["row"]) for one in read["given"] or ()),
        settled=frozenset(EntryId(UUID(entry)) for entry in read["settled"] or ()),
    )


def _held(school: str, row: Mapping[str, Any]) -> Held:
    return Held(school=SchoolId(UUID(school)), row=row)


def _by(wanted: Iterable[RecordKey | Named]) -> dict[str, list[UUID]]:
    found: dict[str, list[UUID]] = {}
    for name, id_ in sorted(wanted, key=str):
        found.setdefault(name, []).append(UUID(str(id_)))
    return found


@cache
def _statement(
    kinds: tuple[str, ...], tables: tuple[str, ...], *, answered: bool, ledger: bool, depends: bool, given: bool
) -> str:
    parts = (
        f"'records', {_object(kinds, _records)}",
        f"'named', {_object(tables, _named)}",
        f"'left', {_LEFT}",
        f"'cases', {_cases()}",
        f"'subjects', {_SUBJECTS if answered else 'NULL'}",
        f"'ledger', {_LEDGER if ledger else 'NULL'}",
        f"'given', {_GIVEN if given else 'NULL'}",
        f"'settled', {_SETTLED if depends else 'NULL'}",
    )
    return " ".join(f"SELECT json_build_object({','.join(parts)})::text".split())


def _object(names: Iterable[str], expression: Callable[[str], str]) -> str:
    pairs = (f"'{name}', {expression(name)}" for name in names)
    return f"json_build_object({','.join(pairs)})"


def _records(name: str) -> str:
    kind = BY_NAME[name]
    return f"(SELECT json_agg({_whole(kind)}) FROM {kind.table} t WHERE t.{_IN} AND t.id = ANY(%(r_{name})s::uuid[]))"


def _whole(kind: RecordKind) -> str:
    gone = "false" if kind.append_only else "t.deleted_at IS NOT NULL"
    return f"json_build_object('school', t.school_id, 'gone', {gone}, 'row', {wire_object(kind.name, 't')})"


def _named(table: str) -> str:
    school = "t.school_id" if table in _SCHOOL_TABLES else "NULL"
    return (
        f"(SELECT json_agg(json_build_array(t.id, {school})) FROM {table} t"
        f" WHERE t.{_IN} AND t.id = ANY(%(n_{table})s::uuid[]))"
    )


def _cases() -> str:
    held = f"json_build_object('school', c.school_id, 'row', {wire_object(REVIEW_CASE.name, 'c')})"
    return (
        f"(SELECT json_agg({held}) FROM review_cases c"
        f" WHERE c.{_IN} AND c.id = ANY(%(cases)s::uuid[]) AND c.deleted_at IS NULL)"
    )
