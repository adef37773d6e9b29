"""A slow statement is told by what it is, never by what it was asked with."""

import string
from collections.abc import Iterator
from threading import Event, Thread

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from psycopg import sql
from structlog.testing import capture_logs

from wc_sync_server.db.engine import Pool
from wc_sync_server.db.fingerprint import fingerprint, shape, verb
from wc_sync_server.db.watched import log_slower_than

CHILD = "Zoraida"


@pytest.fixture
def telling() -> Iterator[None]:
    log_slower_than(1)
    yield
    log_slower_than(0)


def measure(name: str) -> float:
    return REGISTRY.get_sample_value(name) or 0.0


def slow(logs: list[dict[str, object]]) -> list[dict[str, object]]:
    return [dict(line) for line in logs if line["event"] == "slow_statement"]


@pytest.mark.postgres
@pytest.mark.usefixtures("telling")
def test_a_slow_statement_is_told_without_its_values(central_pool: Pool) -> None:
    statement = "SELECT pg_sleep(0.01), %(name)s::text, 'Zoraida' AS c, 4711 AS n"
    with capture_logs() as logs, central_pool.connection() as connection:
        connection.execute(statement, {"name": CHILD})
    (line,) = [each for each in slow(logs) if "pg_sleep" in str(each["shape"])]
    assert line["fingerprint"] == fingerprint(statement)
    assert line["shape"] == "select pg_sleep(?), ?::text, ? as c, ? as n"
    assert (line["verb"], line["log_level"]) == ("select", "warning")
    assert CHILD not in repr(logs)
    assert "4711" not in repr(logs)


@pytest.mark.postgres
@pytest.mark.usefixtures("telling")
def test_a_composed_statement_hides_its_literals(central_pool: Pool) -> None:
    statement = sql.SQL("SELECT pg_sleep(0.01), {}").format(sql.Literal(CHILD))
    with capture_logs() as logs, central_pool.connection() as connection:
        connection.execute(statement)
    assert "select pg_sleep(?), ?" in [line["shape"] for line in slow(logs)]
    assert CHILD not in repr(logs)


@pytest.mark.postgres
@pytest.mark.usefixtures("telling")
def test_one_that_fails_is_told_too(central_pool: Pool) -> None:
    with capture_logs() as logs, central_pool.connection() as connection, pytest.raises(psycopg.errors.DivisionByZero):
        connection.execute("SELECT 1 / length(pg_sleep(0.01)::text)")
    assert any("pg_sleep" in str(line["shape"]) for line in slow(logs))


@pytest.mark.postgres
@pytest.mark.usefixtures("telling")
def test_a_pipeline_is_told_as_a_whole(central_pool: Pool) -> None:
    with capture_logs() as logs, central_pool.connection() as connection:
        with connection.pipeline():
            connection.execute("SELECT pg_sleep(0.01)")
            connection.execute("SELECT pg_sleep(0.01)")
        connection.commit()
    assert "pipeline" in [line["verb"] for line in slow(logs)]
    assert not [line for line in slow(logs) if "pg_sleep" in str(line["shape"])]


@pytest.mark.postgres
def test_nothing_is_told_unless_somebody_wants_to_know(central_pool: Pool) -> None:
    with capture_logs() as logs, central_pool.connection() as connection:
        connection.execute("SELECT pg_sleep(0.01)")
    assert slow(logs) == []


@pytest.mark.postgres
def test_who_has_and_who_waits_for_a_connection_is_counted(central_pool: Pool) -> None:
    had, waited = measure("wc_pool_in_use"), measure("wc_pool_waiting")
    held = [central_pool.getconn() for _ in range(4)]
    assert measure("wc_pool_in_use") == had + 4
    waiting = Thread(target=_borrow, args=(central_pool,))
    waiting.start()
    pause = Event()
    for _ in range(500):
        if measure("wc_pool_waiting") == waited + 1:
            break
        pause.wait(0.01)
    assert measure("wc_pool_waiting") == waited + 1
    for connection in held:
        central_pool.putconn(connection)
    waiting.join()
    assert (measure("wc_pool_in_use"), measure("wc_pool_waiting")) == (had, waited)


def _borrow(pool: Pool) -> None:
    with pool.connection():
        pass


TEXTS = st.text(alphabet=string.ascii_letters + "'\\$-/* \"", min_size=1).filter(str.strip)
MARK = "zqx"


@given(before=TEXTS, number=st.integers(min_value=0, max_value=10**9))
def test_no_value_is_left_in_a_shape(before: str, number: int) -> None:
    quoted = sql.Literal(f"{before}{MARK}").as_string(None)
    dollars = f"$t${(before + MARK).replace('$', '')}$t$"
    statement = f"SELECT {quoted}, {dollars} /* it's */, {number}, -- don't\n \"name\" FROM t1 WHERE a = {quoted}"
    made = shape(statement)
    assert made == 'select ?, "name" from t1 where a = ?'


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT a FROM t WHERE b = %(x)s", "select a\n  from t where b = $1"),
        ("SELECT a FROM t WHERE b IN (1, 2, 3)", "SELECT a FROM t WHERE b IN ($1, $2 , $3, $4)"),
        ("SELECT a -- why\nFROM t", "SELECT a FROM t"),
        ("SELECT 1.5e3", "SELECT 'x''y'"),
        ("SELECT E'a\\'b'", "SELECT $$ it's $$"),
    ],
)
def test_statements_of_one_shape_share_a_fingerprint(one: str, other: str) -> None:
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(
    ("one", "other"), [("SELECT a FROM t", "SELECT b FROM t"), ("SELECT t1.a FROM t1", "SELECT t2.a FROM t2")]
)
def test_others_do_not(one: str, other: str) -> None:
    assert fingerprint(one) != fingerprint(other)


@pytest.mark.parametrize(
    ("statement", "word"),
    [("  SELECT 1", "select"), ("WITH a AS (SELECT 1) SELECT 1", "with"), ("Zoraida", "other"), ("", "other")],
)
def test_a_verb_is_of_a_closed_set(statement: str, word: str) -> None:
    assert verb(statement) == word


def test_a_text_that_was_cut_off_hides_the_rest() -> None:
    assert shape("SELECT 'Zorai") == "select ?"
    assert shape("SELECT /* Zorai") == "select"
