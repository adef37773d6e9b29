"""Letters are written with what they tell or not at all, taken by one worker at a time, and never forgotten."""

# ruff: noqa: PT012  (the block is one transaction; what it raises leaves as it ends)

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from tests.cutting_proxy import Cut, through_proxy
from tests.sync_server.db.district_of_tests import AT, Town, new_id, settle, student_row

from wc_contract.model.ids import SchoolId
from wc_contract.model.kinds import STUDENT
from wc_sync_server.db.context_keys import signer_of
from wc_sync_server.db.directory import District, add_district
from wc_sync_server.db.engine import Pool, connect_pool
from wc_sync_server.db.errors import RowsRejected
from wc_sync_server.db.provision import Dsns
from wc_sync_server.db.repositories.cells import HOME, Cells
from wc_sync_server.db.repositories.outbox import PostgresOutbox
from wc_sync_server.db.retry import run_retrying
from wc_sync_server.db.unit_of_work import scoped
from wc_sync_server.domain.messages import (
    Channel,
    Delivered,
    Failed,
    LetterStatus,
    Message,
    MessageKind,
    MessageTalks,
)
from wc_sync_server.embedded import Dsn

pytestmark = pytest.mark.postgres

ALL = (Channel.WEBHOOK, Channel.EMAIL)
SOON = timedelta(minutes=1)


@pytest.fixture
def town(shared_pool: Pool) -> Town:
    return settle(shared_pool)


@pytest.fixture
def outbox(shared_pool: Pool, shared_dsns: Dsns, town: Town) -> PostgresOutbox:
    add_district(shared_pool, District(id=town.district, code=f"elm-{town.district}", name="Elm"), AT)
    return PostgresOutbox(Cells(shared_pool, {HOME: shared_dsns.app}))


def message(school: SchoolId | None = None, **changes: Any) -> Message:
    subject = new_id()
    values = {
        "kind": MessageKind.INCIDENT_SEVERE,
        "subject": subject,
        "school": school,
        "key": f"incident/{subject}",
        "codes": {"severity": "HIGH"},
    }
    return Message(**(values | changes))


def written(pool: Pool, town: Town, messages: Sequence[Message], channels: Sequence[Channel] = ALL[:1]) -> None:
    with scoped(pool, town.context(), channels=channels) as uow:
        uow.post(messages)
        uow.commit()


def letters(
    superuser: Dsn, town: Town, columns: str = "channel, status, attempts, last_error"
) -> list[tuple[Any, ...]]:
    with psycopg.connect(superuser.conninfo()) as connection:
        return connection.execute(
            f"SELECT {columns} FROM outbox_messages WHERE district_id = %s ORDER BY id".encode(), (town.district,)
        ).fetchall()


def let_time_pass(superuser: Dsn) -> None:
    """Make every letter due that waits."""
    with psycopg.connect(superuser.conninfo()) as connection:
        connection.execute("UPDATE outbox_messages SET next_attempt_at = next_attempt_at - interval '1 day'")


def test_a_message_is_a_letter_on_each_channel(shared_pool: Pool, town: Town, shared_superuser: Dsn) -> None:
    told = message(town.first)
    written(shared_pool, town, [told], ALL)
    found = letters(shared_superuser, town, "channel, status, attempts, payload, school_id")
    payload = {
        "kind": "incident_severe",
        "subject_id": str(told.subject),
        "school_id": str(town.first),
        "severity": "HIGH",
    }
    assert sorted(found) == [(channel, "WAITING", 0, payload, town.first) for channel in ("email", "webhook")]


def test_an_undone_transaction_tells_nobody(shared_pool: Pool, town: Town, shared_superuser: Dsn) -> None:
    with scoped(shared_pool, town.context(), channels=ALL) as uow:
        uow.post([message()])
    assert letters(shared_superuser, town) == []


def test_a_letter_that_cannot_be_written_undoes_what_it_tells(
    shared_pool: Pool, town: Town, shared_superuser: Dsn
) -> None:
    """Both or neither: a message about a school that the context does not hold is a mistake, not a loss."""
    with pytest.raises(RowsRejected), scoped(shared_pool, town.context(town.first), channels=ALL) as uow:
        uow.lock_streams(town.first)
        uow.write_rows(STUDENT, town.first, [student_row()])
        uow.post([message(town.second)])
        uow.commit()
    with psycopg.connect(shared_superuser.conninfo()) as connection:
        held = connection.execute("SELECT count(*) FROM students WHERE district_id = %s", (town.district,)).fetchall()
    assert held == [(0,)]


def test_a_happening_is_told_once_however_often_it_is_written(
    shared_pool: Pool, town: Town, shared_superuser: Dsn
) -> None:
    same, other = message(), message()
    written(shared_pool, town, [same, same])
    with scoped(shared_pool, town.context(), channels=ALL) as uow:
        with uow.together():
            uow.post([same, other])
        uow.commit()
    assert sorted(letters(shared_superuser, town, "dedupe_key, channel")) == sorted(
        (each.key, channel.value) for each in (same, other) for channel in ALL
    )


def test_without_a_channel_nothing_is_written(shared_pool: Pool, town: Town, shared_superuser: Dsn) -> None:
    written(shared_pool, town, [message()], ())
    assert letters(shared_superuser, town) == []


@pytest.mark.parametrize("word", ["fell from the swing", "Zoë", "", "x" * 65])
def test_a_message_that_talks_is_refused_without_repeating_it(word: str) -> None:
    with pytest.raises(MessageTalks) as raised:
        message(codes={"what": word})
    assert not word or word not in f"{raised.value!r}"


def test_a_letter_is_taken_once_and_comes_back_when_its_worker_is_lost(
    shared_pool: Pool, town: Town, outbox: PostgresOutbox, shared_superuser: Dsn
) -> None:
    written(shared_pool, town, [message(town.second)])
    (first,) = outbox.take(town.district, 10)
    assert (first.attempt, first.channel, first.payload["severity"]) == (1, Channel.WEBHOOK, "HIGH")
    assert outbox.take(town.district, 10) == ()
    let_time_pass(shared_superuser)
    (again,) = outbox.take(town.district, 10)
    assert (again.id, again.attempt) == (first.id, 2)


def test_a_delivered_letter_is_never_taken_again(
    shared_pool: Pool, town: Town, outbox: PostgresOutbox, shared_superuser: Dsn
) -> None:
    written(shared_pool, town, [message()])
    (letter,) = outbox.take(town.district, 10)
    outbox.settle(town.district, letter, Delivered(), SOON)
    outbox.settle(town.district, letter, Failed(code="timeout"), None)
    let_time_pass(shared_superuser)
    assert outbox.take(town.district, 10) == ()
    assert letters(shared_superuser, town) == [("webhook", "DELIVERED", 1, None)]


def test_a_failed_letter_is_due_again_after_its_pause_and_at_last_dead(
    shared_pool: Pool, town: Town, outbox: PostgresOutbox, shared_superuser: Dsn
) -> None:
    written(shared_pool, town, [message()])
    (letter,) = outbox.take(town.district, 10)
    outbox.settle(town.district, letter, Failed(code="http_503"), SOON)
    assert outbox.take(town.district, 10) == ()
    assert letters(shared_superuser, town) == [("webhook", "WAITING", 1, "http_503")]
    let_time_pass(shared_superuser)
    (letter,) = outbox.take(town.district, 10)
    outbox.settle(town.district, letter, Failed(code="timeout"), None)
    let_time_pass(shared_superuser)
    assert outbox.take(town.district, 10) == ()
    assert letters(shared_superuser, town) == [("webhook", "DEAD", 2, "timeout")]


def test_what_a_slow_worker_says_late_does_not_undo_a_newer_try(
    shared_pool: Pool, town: Town, outbox: PostgresOutbox, shared_superuser: Dsn
) -> None:
    written(shared_pool, town, [message()])
    (slow,) = outbox.take(town.district, 10)
    let_time_pass(shared_superuser)
    (newer,) = outbox.take(town.district, 10)
    outbox.settle(town.district, slow, Failed(code="timeout"), None)
    assert letters(shared_superuser, town) == [("webhook", "WAITING", 2, None)]
    # But that it arrived is true, whoever says so and when.
    outbox.settle(town.district, slow, Delivered(), SOON)
    outbox.settle(town.district, newer, Failed(code="timeout"), SOON)
    assert letters(shared_superuser, town) == [("webhook", "DELIVERED", 2, None)]


def test_workers_at_once_share_the_letters_and_wait_for_nobody(
    shared_pool: Pool, town: Town, outbox: PostgresOutbox
) -> None:
    written(shared_pool, town, [message(town.first) for _ in range(40)])

    def work(_number: int) -> list[UUID]:
        taken: list[UUID] = []
        while some := outbox.take(town.district, 3):
            taken += [letter.id for letter in some]
        return taken

    with ThreadPoolExecutor(4) as workers:
        shares = list(workers.map(work, range(4)))
    everything = [id_ for share in shares for id_ in share]
    assert len(everything) == len(set(everything)) == 40


def test_a_worker_goes_past_letters_that_another_holds(
    shared_pool: Pool, town: Town, outbox: PostgresOutbox, shared_superuser: Dsn
) -> None:
    written(shared_pool, town, [message(), message()])
    with psycopg.connect(shared_superuser.conninfo()) as other:
        held = other.execute(
            "SELECT id FROM outbox_messages WHERE district_id = %s ORDER BY id LIMIT 1 FOR UPDATE", (town.district,)
        ).fetchall()
        assert [(letter.id,) for letter in outbox.take(town.district, 10)] != held
    assert [(letter.id,) for letter in outbox.take(town.district, 10)] == held


def test_dead_letters_are_counted_and_tried_anew_by_a_person(
    shared_pool: Pool, town: Town, outbox: PostgresOutbox
) -> None:
    written(shared_pool, town, [message(town.first), message(town.second)])
    dead = outbox.take(town.district, 10)
    for letter in dead:
        outbox.settle(town.district, letter, Failed(code="http_410"), None)
    (count,) = outbox.counts(town.district)
    assert (count.status, count.letters, count.last_error) == (LetterStatus.DEAD, 2, "http_410")
    assert outbox.retry(town.district, [dead[0].id]) == 1
    assert outbox.retry(town.district) == 1
    assert outbox.retry(town.district) == 0
    assert [letter.attempt for letter in outbox.take(town.district, 10)] == [1, 1]


def test_another_district_takes_none_of_it(shared_pool: Pool, town: Town, outbox: PostgresOutbox) -> None:
    other = settle(shared_pool)
    add_district(shared_pool, District(id=other.district, code=f"oak-{other.district}", name="Oak"), AT)
    written(shared_pool, town, [message(town.first), message()])
    assert outbox.take(other.district, 10) == ()
    assert len(outbox.take(town.district, 10)) == 2


@pytest.mark.logs_warnings
@pytest.mark.parametrize("where", Cut)
def test_a_message_whose_commit_went_unanswered_is_told_once(
    shared_dsns: Dsns, town: Town, shared_superuser: Dsn, where: Cut
) -> None:
    told = message(town.first)
    with through_proxy(shared_dsns.app) as (dsn, proxy):
        pool = connect_pool(dsn, signer=signer_of(shared_dsns.migrate), size=1)
        proxy.cut_next_commits(where)
        post: Callable[[], None] = lambda: written(pool, town, [told])  # noqa: E731
        run_retrying(post)
        assert proxy.cuts_left == 0
        pool.close()
    assert letters(shared_superuser, town) == [("webhook", "WAITING", 0, None)]
