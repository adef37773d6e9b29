"""Full-text search below row-level security: functions that return ids, and nothing that was found.

`@@` is not leakproof, so a query under a policy never reaches the GIN index (docs/adr/0017). These functions belong to
a role that policies do not bind. Each repeats in its WHERE what the policy says, and that role may read no more than
ids, tenancy and the column that is searched. That column holds the words themselves, names among them: what keeps them
in is that a function returns an id and a rank and nothing else. A mistake in its WHERE could tell ids of others, and by
asking for one word after the other which of them have it. The caller joins the ids to the table under its own policies.
"""

# ruff: noqa: S608  # names of our own declaration

from collections.abc import Iterator

from wc_sync_server.db.tables import METADATA

SEARCHERS = "wc_search"
SEARCHED = ("inventory_items", "medications", "students", "users")
_MOST = 500
_APP = "wc_app"


def search_functions() -> Iterator[str]:
    """Yield the statements that make the functions and give them what they need."""
    yield f"GRANT USAGE, CREATE ON SCHEMA wc_sec TO {SEARCHERS}"
    for name in ("current_district", "current_school_ids"):
        yield f"GRANT EXECUTE ON FUNCTION wc_sec.{name}() TO {SEARCHERS}"
    for table in SEARCHED:
        yield from _function(table)
    yield f"REVOKE CREATE ON SCHEMA wc_sec FROM {SEARCHERS}"


def _function(table: str) -> Iterator[str]:
    of_school = "school_id" in METADATA.tables[table].columns
    columns = ["district_id", *(["school_id"] if of_school else []), "id", "search", "deleted_at"]
    school = " AND t.school_id = ANY ((SELECT wc_sec.current_school_ids())::uuid[])" if of_school else ""
    name = f"wc_sec.search_{table}(tsquery, integer)"
    yield f"GRANT SELECT ({', '.join(columns)}) ON {table} TO {SEARCHERS}"
    # Deleted rows are left out by whoever joins the ids; here they would only take the places of living ones.
    yield (
        f"CREATE FUNCTION wc_sec.search_{table}(query tsquery, most integer)"
        " RETURNS TABLE (id uuid, rank real) LANGUAGE sql STABLE SECURITY DEFINER ROWS 50"
        " SET search_path = pg_catalog, pg_temp AS $$"
        f" SELECT t.id, ts_rank(t.search, query) FROM public.{table} t"
        f" WHERE t.district_id = (SELECT wc_sec.current_district()){school}"
        f" AND t.deleted_at IS NULL AND t.search @@ query ORDER BY 2 DESC, 1 LIMIT least(most, {_MOST}) $$"
    )
    yield f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC"
    yield f"GRANT EXECUTE ON FUNCTION {name} TO {_APP}"
    yield f"ALTER FUNCTION {name} OWNER TO {SEARCHERS}"
