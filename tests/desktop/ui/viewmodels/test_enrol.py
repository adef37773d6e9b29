"""Enrolling: what is wrong is said at the field to blame, and nothing typed is lost."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from tests.fakes.pages_seam import ImmediateJobs

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import UserId
from wc_desktop.domain.enrolment import EnrolRequest, FirstSync
from wc_desktop.domain.failures import (
    CertificateNotTrusted,
    CodeExpired,
    DiskFull,
    SecondFactorFailed,
    ServerUnreachable,
    WrongDistrict,
)
from wc_desktop.ui.viewmodels.enrol import EnrolModel, EnrolTyped, EnrolVerbs
from wc_desktop.ui.viewmodels.first_sync import FirstSyncCancelled, SyncProgress, progress_words

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("qapp")]
TYPED = EnrolTyped(
    server="https://district.example",
    district="prairie",
    code="ABC",
    device="Clinic",
    email="ana@example.invalid",
    password="long enough",
    totp="123 456",
)


@dataclass
class FakeEnrolment:
    failure: WhiteCrossError | None = None
    enrolled: bool = False
    request: EnrolRequest | None = None

    def enrol(self, request: EnrolRequest, progress: Callable[[FirstSync], None]) -> UserId:
        self.request = request
        progress(FirstSync(done=1, total_about=2, stage="downloading"))
        if self.failure is not None:
            raise self.failure
        return UserId(__import__("uuid").UUID(int=5))

    def is_enrolled(self) -> bool:
        return self.enrolled


def _model(fake: FakeEnrolment) -> EnrolModel:
    return EnrolModel(ImmediateJobs(), EnrolVerbs(enrol=fake.enrol, is_enrolled=fake.is_enrolled))


def test_empty_fields_are_named_before_anything_is_asked() -> None:
    fake = FakeEnrolment()
    model = _model(fake)
    model.submit(replace(TYPED, server="", totp="12345"))
    assert model.first_fault == "server"
    assert model.fault("totp") == "The code has six digits."
    assert fake.request is None


@pytest.mark.parametrize("code", ["abcd-EFGH-2345-ijkl", "ABCDEFGH2345IJKL"])
def test_a_recovery_code_stands_in_for_the_six_digits(code: str) -> None:
    fake = FakeEnrolment()
    _model(fake).submit(replace(TYPED, totp=code))
    assert fake.request is not None
    assert fake.request.totp == code


@pytest.mark.parametrize("code", ["abcd-EFGH-2345", "12345x", "ä" * 16])
def test_what_is_neither_is_told_before_anything_is_asked(code: str) -> None:
    fake = FakeEnrolment()
    model = _model(fake)
    model.submit(replace(TYPED, totp=code))
    assert (model.fault("totp"), fake.request) == ("The code has six digits.", None)


def test_a_ca_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    model = _model(FakeEnrolment())
    model.submit(replace(TYPED, ca_file=str(tmp_path / "none.pem")))
    assert model.first_fault == "ca_file"


@pytest.mark.parametrize(
    ("failure", "field"),
    [
        (ServerUnreachable("x"), "server"),
        (WrongDistrict("x"), "district"),
        (CodeExpired("x"), "code"),
        (SecondFactorFailed("x"), "totp"),
        (CertificateNotTrusted("x"), "ca_file"),
    ],
)
def test_the_field_to_blame_says_what_to_do(failure: WhiteCrossError, field: str) -> None:
    model = _model(FakeEnrolment(failure=failure))
    model.submit(TYPED)
    assert model.first_fault == field
    assert model.fault(field).endswith(".")
    assert not model.busy


def test_a_fault_of_no_field_is_said_in_general() -> None:
    model = _model(FakeEnrolment(failure=DiskFull("x")))
    model.submit(TYPED)
    assert model.first_fault is None
    assert "disk is full" in model.general_fault


def test_enrolling_ends_in_an_open_desk(qtbot: QtBot) -> None:
    fake = FakeEnrolment()
    model = _model(fake)
    with qtbot.waitSignal(model.finished) as told:
        model.submit(TYPED)
    assert told.args is not None
    assert told.args[1] == "long enough"
    assert fake.request is not None
    assert fake.request.totp == "123456"


def test_a_download_that_broke_off_leads_to_the_locked_screen(qtbot: QtBot) -> None:
    model = _model(FakeEnrolment(failure=FirstSyncCancelled("x"), enrolled=True))
    with qtbot.waitSignal(model.half_done) as told:
        model.submit(TYPED)
    assert told.args is not None
    assert "What arrived is kept" in told.args[0]


def test_cancelling_stops_at_the_next_batch() -> None:
    progress = SyncProgress()
    progress.report(FirstSync(done=1, total_about=9, stage="downloading"))
    progress.cancel()
    with pytest.raises(FirstSyncCancelled):
        progress.report(FirstSync(done=2, total_about=9, stage="downloading"))
    progress.begin()
    progress.report(FirstSync(done=3, total_about=9, stage="downloading"))


def test_progress_counts_records() -> None:
    assert progress_words(FirstSync(done=1200, total_about=60000, stage="downloading")) == (
        "1,200 of about 60,000 records"
    )
    assert progress_words(FirstSync(done=5, total_about=5, stage="done")).startswith("5 records")
