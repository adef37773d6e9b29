"""Every command there is on a table, as SQL, beside what the oracle says of it."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from psycopg import Connection, sql
from tests.sync_server.db.central_world import ASH, BIRCH, NORTH, PLACES, SOUTH, Place, sample
from tests.sync_server.db.probes_attempts import Battery, Probe, Told, Verdict
from tests.sync_server.db.probes_oracle import SEARCH, Asker, Relation, Row, sees, writes
from tests.sync_server.db.probes_world import ONE_OF_A_KIND, Values, above_of, another, forms_above, insertion, key

from wc_sync_server.db.search_functions import SEARCHED
from wc_sync_server.db.tables import Visible


def battery_of(connection: Connection[Any], relation: Relation) -> Battery:
    """Return every probe of a relation. connection is the superuser's, which sees all there is to look for.

    One plan is prepared on it, and kept through every role and context.
    """
    plan = f"PREPARE plan_{relation.name} AS SELECT string_agg({key(relation.table)}, ',') FROM {relation.name}"
    connection.execute("DEALLOCATE ALL")
    connection.execute(plan.encode())
    probes = (*_reads(connection, relation), *_changes(relation), *_additions(connection, relation))
    statements = sql.Literal([probe.statement for probe in probes]).as_string(connection)
    return Battery(relation=relation, probes=probes, call=f"SELECT probes.attempts({statements}::text[])")


def _seen(relation: Relation, asker: Asker) -> frozenset[str]:
    return frozenset(row.key for row in relation.rows if sees(relation.guard, asker, row))


def _written(relation: Relation, asker: Asker) -> frozenset[str]:
    return frozenset(row.key for row in relation.rows if writes(relation.guard, asker, row))


def _seen_count(relation: Relation, asker: Asker) -> int:
    return len(_seen(relation, asker))


def _written_count(relation: Relation, asker: Asker) -> int:
    return len(_written(relation, asker))


def _districts(relation: Relation, asker: Asker) -> frozenset[str]:
    numbers: Counter[str] = Counter()
    for row in relation.rows:
        numbers[str(row.district)] += sees(relation.guard, asker, row)
    return frozenset(f"{district} {n}" for district, count in numbers.items() for n in range(1, count + 1))


def _reads(connection: Connection[Any], relation: Relation) -> Iterator[Probe]:
    name, keys = relation.name, key(relation.table)
    columns = ", ".join(column.name for column in relation.table.primary_key.columns)
    ids = ", ".join("(" + ", ".join(f"'{part}'" for part in row.key.split("|")) + ")" for row in relation.rows)
    select = (("SELECT", None),)
    by_key = f"SELECT string_agg({keys}, ',') FROM {name} WHERE ({columns}) IN ({ids})"
    # Whoever can put a condition that runs before the policy reads by it.
    searched = f"SELECT string_agg({keys}, ',') FROM {name} WHERE {name}::text LIKE '%-%'"
    per_district = f"SELECT district_id, count(*) AS n FROM {name} GROUP BY district_id"
    locked = f"SELECT string_agg({keys}, ',') FROM (SELECT {columns} FROM {name} FOR UPDATE) AS held"
    yield Probe(command="list", statement=f"SELECT string_agg({keys}, ',') FROM {name}", needs=select, outcome=_seen)
    yield Probe(command="by id", statement=by_key, needs=select, outcome=_seen)
    yield Probe(command="search", statement=searched, needs=select, outcome=_seen)
    yield Probe(command="count", statement=f"SELECT count(*) FROM {name}", needs=select, outcome=_seen_count)
    counted = f"SELECT district_id || ' ' || generate_series(1, n) AS one FROM ({per_district}) AS g"
    aggregate = f"SELECT string_agg(one, ',') FROM ({counted}) AS c"
    yield Probe(command="aggregate", statement=aggregate, needs=select, outcome=_districts)
    yield Probe(command="prepared plan", statement=f"EXECUTE plan_{name}", needs=select, outcome=_seen)
    yield Probe(command="for update", statement=locked, needs=(*select, ("UPDATE", None)), outcome=_written)
    if name in SEARCHED:
        words = "SELECT string_agg(DISTINCT quote_literal(word), ' | ') FROM (SELECT unnest(tsvector_to_array(search))"
        ((query,),) = connection.execute(f"{words} AS word FROM {name}) AS w".encode()).fetchall()
        function = f"wc_sec.search_{name}({sql.Literal(query).as_string(connection)}::tsquery, 500)"
        found = f"SELECT string_agg(id::text, ',') FROM {function}"
        yield Probe(command="full-text search", statement=found, needs=((SEARCH, None),), outcome=_seen_ids)


def _seen_ids(relation: Relation, asker: Asker) -> frozenset[str]:
    return frozenset(text.split("|")[1] for text in _seen(relation, asker))


def _changes(relation: Relation) -> Iterator[Probe]:
    name, keys, table = relation.name, key(relation.table), relation.table
    column = "updated_at" if "updated_at" in table.columns else "district_id"
    returning = f"RETURNING {keys} AS k) SELECT string_agg(k, ',') FROM gone"
    select, delete = ("SELECT", None), ("DELETE", None)
    yield Probe(
        command="update",
        statement=f"WITH gone AS (UPDATE {name} SET {column} = {column} {returning}",
        needs=(select, ("UPDATE", column)),
        outcome=_written,
    )
    yield Probe(
        command="update unseen",
        statement=f"UPDATE {name} SET {column} = {_constant(relation)}",
        needs=(("UPDATE", column),),
        outcome=_written_count if column == "updated_at" else _moved(district=NORTH),
    )
    yield Probe(
        command="delete",
        statement=f"WITH gone AS (DELETE FROM {name} {returning}",
        needs=(select, delete),
        outcome=_written,
    )
    yield Probe(command="delete unseen", statement=f"DELETE FROM {name}", needs=(delete,), outcome=_written_count)
    yield from _moves(relation)


def _constant(relation: Relation) -> str:
    return "now()" if "updated_at" in relation.table.columns else f"'{NORTH}'"


def _moves(relation: Relation) -> Iterator[Probe]:
    name = relation.name
    moves: dict[str, dict[str, Any]] = {"move to a district": {"district_id": SOUTH}}
    if "school_id" in relation.table.columns:
        moves["move to a school"] = {"school_id": BIRCH.school}
    if relation.guard.confidential:
        moves["mark confidential"] = {"is_confidential": True}
    for command, ((column, value),) in ((command, change.items()) for command, change in moves.items()):
        statement = f"UPDATE {name} SET {column} = '{value}'"
        changed = {column.removesuffix("_id").removeprefix("is_"): value}
        yield Probe(command=command, statement=statement, needs=(("UPDATE", column),), outcome=_moved(**changed))


def _moved(**changes: Any) -> Told:
    def outcome(relation: Relation, asker: Asker) -> Verdict:
        taken = [row for row in relation.rows if writes(relation.guard, asker, row)]
        if not taken:
            return Verdict.NOTHING
        after = [_changed(row, **changes) for row in taken]
        return _passes(all(writes(relation.guard, asker, row) for row in after))

    return outcome


def _changed(row: Row, **changes: Any) -> Row:
    same = {name: getattr(row, name) for name in ("key", "district", "school", "confidential", "above")}
    return Row(**(same | changes))


def _passes(passes: bool) -> Verdict:
    return Verdict.PASSED if passes else Verdict.REFUSED


def _additions(connection: Connection[Any], relation: Relation) -> Iterator[Probe]:
    table, guard = relation.table, relation.guard
    targets: list[tuple[str, Place, Values]] = [("insert", place, {}) for place in PLACES]
    if guard.visible is Visible.MAYBE_SCHOOL:
        targets.append(("insert of no school", ASH, {"school_id": None}))
    if guard.confidential:
        targets.append(("insert not confidential", ASH, {"is_confidential": False}))
    targets += [(f"insert {word}", ASH, change) for word, change in forms_above(table, ASH).items()]
    for command, place, change in targets:
        values = another(table, sample(table, place), "new") | change
        new = Row(
            key="new",
            district=place.district,
            school=values.get("school_id"),
            confidential=values.get("is_confidential") is True,
            above=above_of(connection, table, values),
        )
        statement = insertion(relation.name, values).as_string(connection)
        yield Probe(command=command, statement=statement, needs=(("INSERT", None),), outcome=_added(new))
    if table.name not in ONE_OF_A_KIND:
        yield _upsert(connection, relation)


def _added(*rows: Row) -> Told:
    def outcome(relation: Relation, asker: Asker) -> Verdict:
        return _passes(all(writes(relation.guard, asker, row) for row in rows))

    return outcome


def _upsert(connection: Connection[Any], relation: Relation) -> Probe:
    """Add a row of ASH under the key of a row of BIRCH, to change that one in passing."""
    table = relation.table
    of_school = relation.guard.visible in {Visible.SCHOOL, Visible.MAYBE_SCHOOL}
    schools = {BIRCH.school} if of_school else {BIRCH.school, ASH.school, None}
    old = next(row for row in relation.rows if row.district == NORTH and row.school in schools)
    new = _changed(old, school=ASH.school) if of_school else old
    columns = [column.name for column in table.columns if column.computed is None]
    conflict = ", ".join(column.name for column in table.primary_key.columns)
    query = f"SELECT to_jsonb(t)::text FROM {relation.name} AS t WHERE {key(table)} = %s"
    ((record,),) = connection.execute(query.encode(), (old.key,)).fetchall()
    given = sql.Literal(record).as_string(connection)
    change = f" || jsonb_build_object('school_id', '{ASH.school}')" if of_school else ""
    column = "updated_at" if "updated_at" in table.columns else "district_id"
    return Probe(
        command="upsert",
        statement=f"INSERT INTO {relation.name} ({', '.join(columns)}) SELECT {', '.join(columns)}"
        f" FROM jsonb_populate_record(NULL::{relation.name}, {given}::jsonb{change})"
        f" ON CONFLICT ({conflict}) DO UPDATE SET {column} = EXCLUDED.{column}",
        needs=(("SELECT", None), ("INSERT", None), ("UPDATE", column)),
        outcome=_added(old, new),
    )
