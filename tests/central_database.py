"""A central database for tests: migrated once a session, copied for each test. Conftests import these fixtures."""

from collections.abc import Callable, Iterator

import pytest

from wc_sync_server.db import migrate
from wc_sync_server.db.context_keys import signer_of
from wc_sync_server.db.engine import Pool, connect_pool
from wc_sync_server.db.provision import Dsns, Passwords, provision
from wc_sync_server.embedded import Dsn, EmbeddedPostgres

PASSWORDS = Passwords(migrate="for-migrations", app="for-the-app", audit_reader="for-the-auditor", backup="for-backups")
TEMPLATE = "central_template"
PLANS_FROM = -1  # plans are kept whatever is known of the tables: tests meet what a filled database does


@pytest.fixture(scope="session")
def central_template(postgres_server: EmbeddedPostgres) -> str:
    """Make one migrated database without rows, to be copied; return its name."""
    dsns = provision(postgres_server.superuser_dsn("postgres").conninfo(), TEMPLATE, PASSWORDS)
    migrate.upgrade(dsns.migrate)
    return TEMPLATE


@pytest.fixture
def central_superuser(fresh_database: Callable[..., Dsn], central_template: str) -> Dsn:
    """Give this test a migrated database of its own, as the superuser."""
    return fresh_database(central_template)


@pytest.fixture
def central_dsns(central_superuser: Dsn) -> Dsns:
    """Give the ways into this test's database, by role."""
    # A copied database does not copy who may connect.
    return provision(central_superuser.conninfo(), central_superuser.database, PASSWORDS)


@pytest.fixture
def central_pool(central_dsns: Dsns) -> Iterator[Pool]:
    """Give a pool of the application's role."""
    pool = connect_pool(central_dsns.app, signer=signer_of(central_dsns.migrate), size=4, plans_from=PLANS_FROM)
    yield pool
    pool.close()


@pytest.fixture(scope="module")
def shared_superuser(module_database: Callable[..., Dsn], central_template: str) -> Dsn:
    """Give this module's tests one migrated database, as the superuser. Each test makes a district of its own in it."""
    return module_database(central_template)


@pytest.fixture(scope="module")
def shared_dsns(shared_superuser: Dsn) -> Dsns:
    """Give the ways into this module's database, by role."""
    return provision(shared_superuser.conninfo(), shared_superuser.database, PASSWORDS)


@pytest.fixture(scope="module")
def shared_pool(shared_dsns: Dsns) -> Iterator[Pool]:
    """Give this module's pool of the application's role."""
    pool = connect_pool(shared_dsns.app, signer=signer_of(shared_dsns.migrate), size=4, plans_from=PLANS_FROM)
    yield pool
    pool.close()
