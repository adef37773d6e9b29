"""Unlocking says what is wrong and what helps."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from pytestqt.qtbot import QtBot
from tests.fakes.pages_seam import NURSE, ImmediateJobs, LaterJobs

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import UserId
from wc_desktop.domain.enrolment import FirstSync
from wc_desktop.domain.failures import (
    FirstSyncUnfinished,
    JournalDamaged,
    JournalForeign,
    JournalPageDamaged,
    LeaseExpired,
    ReplicaDamaged,
    TooManyTries,
    WrongPassword,
)
from wc_desktop.domain.rebuilt import Rebuilt
from wc_desktop.domain.screens import PersonRow
from wc_desktop.ui.viewmodels.unlock import Remedy, SignInTyped, UnlockModel, UnlockVerbs

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("qapp")]
USER = UserId(UUID(int=900))


@dataclass
class FakeStation:
    failures: list[WhiteCrossError] = field(default_factory=list)
    desk: object = field(default_factory=object)
    downloads: int = 0
    unlocks: int = 0

    def unlock(self, _user: UserId, _password: str) -> Any:
        self.unlocks += 1
        if self.failures:
            raise self.failures.pop(0)
        return self.desk

    def first_sync(self, _user: UserId, _password: str, progress: Callable[[FirstSync], None]) -> None:
        self.downloads += 1
        progress(FirstSync(done=1, total_about=1, stage="done"))

    def sign_in(self, _email: str, _password: str, _totp: str) -> PersonRow:
        return NURSE

    def capture(self, _user: UserId, _password: str) -> Any:
        return "a capture desk"

    def rebuild(self, _user: UserId, _password: str) -> Rebuilt | None:
        return None


def _model(fake: FakeStation, jobs: ImmediateJobs | None = None) -> UnlockModel:
    verbs = UnlockVerbs(
        unlock=fake.unlock,
        first_sync=fake.first_sync,
        sign_in=fake.sign_in,
        rebuild=fake.rebuild,
        capture=fake.capture,
    )
    return UnlockModel(jobs or ImmediateJobs(), verbs)


def test_a_wrong_password_says_how_many_tries_are_left() -> None:
    model = _model(FakeStation([WrongPassword(3)]))
    model.unlock(USER, "x")
    assert model.fault.endswith("3 tries left.")
    assert model.remedy is Remedy.NONE
    model.clear_fault()
    assert model.fault == ""


def test_the_right_password_opens_the_desk(qtbot: QtBot) -> None:
    fake = FakeStation()
    model = _model(fake)
    with qtbot.waitSignal(model.unlocked) as told:
        model.unlock(USER, "right")
    assert told.args == [fake.desk]


@pytest.mark.parametrize("failure", [ReplicaDamaged("unreadable"), FirstSyncUnfinished("x")])
def test_records_that_do_not_open_are_fetched_again_and_the_desk_opens(qtbot: QtBot, failure: WhiteCrossError) -> None:
    fake = FakeStation([failure])
    model = _model(fake)
    model.unlock(USER, "right")
    assert model.remedy is Remedy.DOWNLOAD
    with qtbot.waitSignal(model.unlocked):
        model.download(USER, "right")
    assert fake.downloads == 1


@pytest.mark.parametrize("failure", [JournalDamaged("unreadable"), JournalPageDamaged("in use")])
def test_a_damaged_journal_is_offered_to_be_rebuilt_and_a_foreign_one_is_not(failure: WhiteCrossError) -> None:
    model = _model(FakeStation([failure, JournalForeign("newer_schema")]))
    model.unlock(USER, "right")
    assert model.remedy is Remedy.REBUILD
    model.unlock(USER, "right")
    assert model.remedy is Remedy.NONE
    assert model.fault.startswith("The journal in this folder belongs to another workstation")


def test_after_ten_tries_an_online_sign_in_is_offered(qtbot: QtBot) -> None:
    model = _model(FakeStation([TooManyTries("x")]))
    model.unlock(USER, "x")
    assert model.remedy is Remedy.SIGN_IN
    with qtbot.waitSignal(model.signed_in):
        model.sign_in(SignInTyped(email="a@b", password="p", totp="123456"))
    assert model.fault == ""


def test_a_second_enter_while_opening_does_nothing() -> None:
    jobs, fake = LaterJobs(), FakeStation()
    model = _model(fake, jobs)
    model.unlock(USER, "right")
    model.unlock(USER, "right")
    assert len(jobs.kept) == 1


def test_after_the_lease_it_says_since_when_and_what_can_be_done() -> None:
    zone, ended = ZoneInfo("America/Chicago"), datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
    expired = LeaseExpired(
        issued_at=ended - timedelta(hours=72), ended_at=ended, zone=zone, because="certificate_not_trusted"
    )
    model = _model(FakeStation([expired]))
    opened: list[object] = []
    model.captured.connect(opened.append)
    model.unlock(USER, "right")
    assert model.remedy is Remedy.CAPTURE
    assert "No contact with the district since about 20 Nov 2026 12:00" in model.fault
    assert "ended on 23 Nov 2026 12:00" in model.fault
    assert "you can write down what happened, and see nothing" in model.fault
    assert model.fault.endswith("do not go on without.")
    model.capture(USER, "right")
    assert (opened, model.busy) == (["a capture desk"], False)
