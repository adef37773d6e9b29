"""The roles and the database: what only a superuser can make, once."""

from dataclasses import dataclass, field

import psycopg
from psycopg import Connection, sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow

from wc_sync_server.db.grants import APP, AUDIT_READER, BACKUP, MIGRATE, OWNER
from wc_sync_server.db.search_functions import SEARCHERS

_PLAIN = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION"
# An error's detail quotes the failing row: children's data would stand in the server's log.
QUIET = {"log_error_verbosity": "terse", "log_min_error_statement": "panic", "log_parameter_max_length_on_error": "0"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Passwords:
    """One for each role that signs in."""

    migrate: str = field(repr=False)
    app: str = field(repr=False)
    audit_reader: str = field(repr=False)
    backup: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dsns:
    """The ways into one database, as libpq strings."""

    migrate: str = field(repr=False)
    app: str = field(repr=False)
    audit_reader: str = field(repr=False)
    backup: str = field(repr=False)


def provision(superuser_dsn: str, database: str, passwords: Passwords) -> Dsns:
    """Make the roles and the database, or bring them to what they should be; doing it twice changes nothing."""
    logins = {
        MIGRATE: passwords.migrate,
        APP: passwords.app,
        AUDIT_READER: passwords.audit_reader,
        BACKUP: passwords.backup,
    }
    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        _make_roles(connection, logins)
        _make_database(connection, database)
    with psycopg.connect(make_conninfo(superuser_dsn, dbname=database), autocommit=True) as connection:
        connection.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(sql.Identifier(OWNER)))
        connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    ways = {role: make_conninfo(superuser_dsn, dbname=database, user=role, password=logins[role]) for role in logins}
    return Dsns(migrate=ways[MIGRATE], app=ways[APP], audit_reader=ways[AUDIT_READER], backup=ways[BACKUP])


def _make_roles(connection: Connection[TupleRow], logins: dict[str, str]) -> None:
    _role(connection, OWNER, "NOLOGIN NOBYPASSRLS")
    # Its functions find ids in indexes that no policy lets be used. It may read the words that are searched, names
    # among them, past all policies, and so signs in nowhere.
    _role(connection, SEARCHERS, "NOLOGIN BYPASSRLS")
    connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(SEARCHERS), sql.Identifier(OWNER)))
    for role, password in logins.items():
        # A backup that does not pass row-level security is an empty backup that exits 0.
        _role(connection, role, "LOGIN " + ("BYPASSRLS" if role == BACKUP else "NOBYPASSRLS"))
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password)))
        for name, value in QUIET.items():
            connection.execute(
                sql.SQL("ALTER ROLE {} SET {} = {}").format(
                    sql.Identifier(role), sql.Identifier(name), sql.Literal(value)
                )
            )
    connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(OWNER), sql.Identifier(MIGRATE)))
    # Statistics, sessions and replication for `db health`; no row of any table comes with it.
    connection.execute(sql.SQL("GRANT pg_monitor TO {}").format(sql.Identifier(MIGRATE)))


def _role(connection: Connection[TupleRow], role: str, options: str) -> None:
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
    verb = "ALTER" if known else "CREATE"
    connection.execute(
        sql.SQL("{} ROLE {} {}").format(sql.SQL(verb), sql.Identifier(role), sql.SQL(f"{_PLAIN} {options}"))
    )


def _make_database(connection: Connection[TupleRow], database: str) -> None:
    name = sql.Identifier(database)
    known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone()
    if not known:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(name))
    connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(name, sql.Identifier(OWNER)))
    # PUBLIC has TEMP by default: a temporary table outlives the transaction and its context.
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    connection.execute(
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(
            name, sql.SQL(", ").join(sql.Identifier(role) for role in (MIGRATE, APP, AUDIT_READER, BACKUP))
        )
    )
