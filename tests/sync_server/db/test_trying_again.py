"""What passes is tried again, whole; what does not is told at once, without a word of any row."""

from collections.abc import Callable

import psycopg
import pytest

from wc_sync_server.db.errors import RowsRejected, StatementFailed, TryAgain
from wc_sync_server.db.retry import Patience, run_retrying
from wc_sync_server.db.translate import constraint_of, translated

PASSING = ("40001", "40P01", "55P03", "57P01", "25006", "08006", "53300", "57014")


class Clockwork:
    """Waits that take no time, and are remembered."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)

    def monotonic(self) -> float:
        return sum(self.waits)


def patience(clock: Clockwork, *, tries: int = 8, seconds: float = 5.0) -> Patience:
    return Patience(tries=tries, seconds=seconds, wait=clock.wait, monotonic=clock.monotonic, jitter=lambda: 1.0)


def failing(times: int, error: Callable[[], Exception]) -> Callable[[], str]:
    left = iter(range(times))

    def work() -> str:
        if next(left, None) is not None:
            raise error()
        return "done"

    return work


def said(sqlstate: str) -> psycopg.Error:
    kind = psycopg.errors.lookup(sqlstate)
    return kind("Failing row contains (SECRETMARK)")


@pytest.mark.parametrize("sqlstate", PASSING)
def test_what_passes_is_tried_again(sqlstate: str) -> None:
    clock = Clockwork()
    assert run_retrying(failing(3, lambda: said(sqlstate)), patience=patience(clock)) == "done"
    assert clock.waits == [0.02, 0.04, 0.08]


def test_a_connection_that_went_without_a_word_is_tried_again() -> None:
    work = failing(1, lambda: psycopg.OperationalError("the connection is lost"))
    assert run_retrying(work, patience=patience(Clockwork())) == "done"


def test_an_unknown_commit_is_tried_again() -> None:
    assert run_retrying(failing(2, lambda: TryAgain(None)), patience=patience(Clockwork())) == "done"


def test_patience_ends_by_count() -> None:
    clock = Clockwork()
    with pytest.raises(TryAgain):
        run_retrying(failing(100, lambda: TryAgain("40001")), patience=patience(clock, tries=4))
    assert len(clock.waits) == 3


def test_patience_ends_by_time_and_pauses_are_capped() -> None:
    clock = Clockwork()
    with pytest.raises(TryAgain):
        run_retrying(failing(100, lambda: TryAgain("40001")), patience=patience(clock, tries=99, seconds=4.0))
    assert sum(clock.waits) <= 4.0
    assert max(clock.waits) == 1.0


@pytest.mark.parametrize(
    ("sqlstate", "family"),
    [("23505", RowsRejected), ("23514", RowsRejected), ("42501", RowsRejected), ("42P01", StatementFailed)],
)
def test_what_does_not_pass_is_told_at_once(sqlstate: str, family: type[Exception]) -> None:
    clock = Clockwork()
    with pytest.raises(family) as raised:
        run_retrying(failing(1, lambda: said(sqlstate)), patience=patience(clock))
    assert clock.waits == []
    assert "SECRETMARK" not in f"{raised.value} {raised.value!r}"


def test_our_own_errors_pass_through() -> None:
    with pytest.raises(KeyError):
        run_retrying(failing(1, lambda: KeyError("x")), patience=patience(Clockwork()))


@pytest.mark.parametrize("sqlstate", ["23505", "40001", "42P01"])
def test_a_translation_holds_no_text(sqlstate: str) -> None:
    error = translated(said(sqlstate))
    assert "SECRETMARK" not in f"{error} {error!r} {error.args}"


class Diagnosed(psycopg.errors.UniqueViolation):
    """An error whose fields a distributed PostgreSQL left empty."""

    def __init__(self, primary: str) -> None:
        super().__init__(primary)
        self.primary = primary

    @property
    def diag(self) -> "Diagnosed":  # type: ignore[override]
        return self

    @property
    def message_primary(self) -> str:
        return self.primary


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ('duplicate key value violates unique constraint "uq_users_email"', "uq_users_email"),
        ('duplicate key value violates unique constraint "uq_users_email_105305"', "uq_users_email"),
        ('null value in column "x" violates not-null constraint', None),
        ("", None),
    ],
)
def test_a_constraint_is_known_with_and_without_a_shards_number(message: str, name: str | None) -> None:
    assert constraint_of(Diagnosed(message)) == name
