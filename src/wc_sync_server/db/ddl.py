"""The whole central schema as statements, made from the models: what a new revision is checked against."""

from collections.abc import Iterator

from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from wc_sync_server.db.grants import grant_statements
from wc_sync_server.db.rls import context_functions, protect
from wc_sync_server.db.search_functions import search_functions
from wc_sync_server.db.tables import METADATA, TENANT, guard_of


def create_statements() -> Iterator[str]:
    """Yield every statement of an empty database's way to the present models, to be run as the owner."""
    yield from context_functions()
    yield from table_statements()
    for table in TENANT:
        yield from protect(table.name, guard_of(table))
    yield from grant_statements()
    yield from search_functions()


def table_statements() -> Iterator[str]:
    """Yield the tables, parents first, each followed by its indexes in the order of their names."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    for table in METADATA.sorted_tables:
        yield str(CreateTable(table).compile(dialect=dialect)).strip()
        for index in sorted(table.indexes, key=lambda each: str(each.name)):
            yield str(CreateIndex(index).compile(dialect=dialect)).strip()
