"""The key of contexts by command: rotated while the server works, taken away at once, fetched again, and missed."""

import time
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from tests.sync_server.cli.commanded import run
from tests.sync_server.cli.examined import examined
from tests.sync_server.house import House
from tests.sync_server.serving import free_port

from wc_sync_server.auth.key_files import KeysUnusable
from wc_sync_server.db.context import SYSTEM, Context
from wc_sync_server.db.context_keys import stored_keys
from wc_sync_server.db.engine import connect_pool
from wc_sync_server.db.errors import ContextNotBelieved, ContextUnsigned
from wc_sync_server.db.unit_of_work import scoped
from wc_sync_server.domain.context_keys import ContextKey, ContextSigner, OneKey
from wc_sync_server.wiring import context_signer, open_workshop

pytestmark = pytest.mark.postgres


@pytest.fixture
def known(house: House) -> Iterator[ContextKey]:
    """Give the key in use; afterwards the folder has the one that the database believes."""
    yield house.parts.contexts.key()
    with psycopg.connect(house.dsns.migrate) as connection:
        house.parts.contexts.put(stored_keys(connection)[0].key)


def seen_with(house: House, signer: ContextSigner) -> int:
    pool = connect_pool(house.dsns.app, size=1, signer=signer)
    try:
        with scoped(pool, Context(district=house.district, role=SYSTEM), read_only=True) as uow:
            query = "SELECT id FROM schools WHERE district_id = %(district)s"
            return len(uow.connection.execute(query, {"district": house.district}).fetchall())
    finally:
        pool.close()


def test_both_keys_count_while_one_takes_the_place_of_the_other(house: House, known: ContextKey) -> None:
    said = run(house, "keys", "rotate-context", "--keep", "5")
    assert said.returncode == 0, said.stderr
    fresh = context_signer(house.parts.settings).key()
    assert fresh.id != known.id
    assert fresh.id in said.stdout
    assert seen_with(house, OneKey(known)) == seen_with(house, OneKey(fresh)) > 0
    with psycopg.connect(house.dsns.migrate) as connection:
        until = {each.key.id: each.until for each in stored_keys(connection)}
    assert until[fresh.id] is None
    assert until[known.id] is not None
    assert not examined(house.environment(8440), "keys").states("do")


def test_a_stolen_key_counts_no_more(house: House, known: ContextKey) -> None:
    assert run(house, "keys", "rotate-context", "--keep", "5").returncode == 0
    said = run(house, "keys", "rotate-context", "--keep", "0")
    assert "3 seconds more" in said.stdout, said.stderr
    # A running server signs with it for as long as it does not look into the folder.
    assert seen_with(house, OneKey(known)) > 0
    time.sleep(3)
    with pytest.raises(ContextNotBelieved):
        seen_with(house, OneKey(known))
    assert seen_with(house, context_signer(house.parts.settings)) > 0


def test_a_folder_with_another_key_is_named_and_mended(house: House, known: ContextKey) -> None:
    house.parts.contexts.put(house.parts.contexts.fresh())
    with pytest.raises(ContextNotBelieved):
        seen_with(house, house.parts.contexts)
    everything, alone = house.environment(8440), house.environment(8440)
    del alone["WC_MIGRATE_URL"]
    for environment in (everything, alone):
        assert examined(environment, "keys").named("keys", "context.key", "fetch-context")
    assert run(house, "keys", "fetch-context").returncode == 0
    assert context_signer(house.parts.settings).key() == known
    assert not examined(everything, "keys").states("do")


@pytest.mark.usefixtures("known")
def test_serving_does_not_begin_with_a_key_that_the_database_does_not_know(house: House) -> None:
    told = {"WC_BIND": f"127.0.0.1:{free_port()}", "WC_MIGRATE_URL": ""}
    house.parts.contexts.put(house.parts.contexts.fresh())
    ended = run(house, "serve", **told)
    assert (ended.returncode, "doctor keys" in ended.stderr, "DATABASE_URL" in ended.stderr) == (4, True, False)
    (house.keys / "context.key").unlink()
    ended = run(house, "serve", **told)
    assert (ended.returncode, "keys fetch-context" in ended.stderr) == (1, True)


@pytest.mark.usefixtures("known")
def test_a_database_that_has_lost_its_keys_is_told_of_and_given_another(house: House) -> None:
    house.done("DELETE FROM wc_keys.context_keys")
    ended = run(house, "keys", "fetch-context")
    assert (ended.returncode, "keys rotate-context" in ended.stderr) == (4, True), ended.stderr
    assert run(house, "keys", "rotate-context").returncode == 0
    assert seen_with(house, context_signer(house.parts.settings)) > 0


def test_a_server_that_may_not_read_the_keys_says_what_to_do(house: House, known: ContextKey) -> None:
    file = house.keys / "context.key"
    file.unlink()
    parts = open_workshop(replace(house.parts.settings, migrate_url=None))
    try:
        with pytest.raises(KeysUnusable, match="fetch-context"):
            seen_with(house, parts.contexts)
        assert not file.exists()
    finally:
        parts.close()
    open_workshop(house.parts.settings).close()
    assert context_signer(house.parts.settings).key() == known


def test_a_way_in_without_a_signature_opens_no_context(house: House) -> None:
    pool = connect_pool(house.dsns.app, size=1)
    try:
        with (
            pytest.raises(ContextUnsigned),
            scoped(pool, Context(district=house.district, role=SYSTEM), read_only=True),
        ):
            pytest.fail("a context without a signature")
    finally:
        pool.close()
