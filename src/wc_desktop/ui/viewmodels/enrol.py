"""Enrolling this workstation: what is typed, what is wrong with it and where, and the first download."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import UserId
from wc_desktop.domain.enrolment import EnrolRequest, FirstSync
from wc_desktop.ui.messages.failures import failure_sentence
from wc_desktop.ui.viewmodels.first_sync import SyncProgress
from wc_desktop.ui.viewmodels.jobs import Jobs
from wc_desktop.ui.viewmodels.words import say

FIELDS: Final = ("server", "district", "code", "device", "email", "password", "totp", "ca_file")
_OPTIONAL: Final = frozenset({"ca_file"})
_TOTP_DIGITS: Final = 6
_RECOVERY_SIGNS: Final = 16
_BLAMES: Final[Mapping[str, str]] = {
    "server_unreachable": "server",
    "server_slow": "server",
    "insecure_address": "server",
    "not_a_sync_server": "server",
    "server_failed": "server",
    "protocol_too_old": "server",
    "protocol_too_new": "server",
    "certificate_not_trusted": "ca_file",
    "wrong_district": "district",
    "code_invalid": "code",
    "code_expired": "code",
    "sign_in_failed": "password",
    "not_assigned": "email",
    "second_factor_failed": "totp",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolTyped:
    """The form as it stands."""

    server: str = ""
    district: str = ""
    code: str = field(default="", repr=False)
    device: str = ""
    email: str = ""
    password: str = field(default="", repr=False)
    totp: str = field(default="", repr=False)
    ca_file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolVerbs:
    """What enrolling can have done; both run on the replica thread."""

    enrol: Callable[[EnrolRequest, Callable[[FirstSync], None]], UserId]
    is_enrolled: Callable[[], bool]


class EnrolModel(QObject):
    """Nothing typed is lost by a failure: the form stays as it was, with a sentence at the field to blame."""

    changed = Signal()
    progressed = Signal(object)  # FirstSync
    finished = Signal(object, str)  # UserId, password: the desk opens at once
    half_done = Signal(str)  # the sentence: enrolled, but the first download is not complete

    def __init__(self, jobs: Jobs, verbs: EnrolVerbs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._verbs = verbs
        self._progress = SyncProgress(self)
        self._progress.progressed.connect(self.progressed)
        self._faults: dict[str, str] = {}
        self._general = ""
        self._busy = False
        self._password = ""

    @property
    def busy(self) -> bool:
        return self._busy

    @property
    def general_fault(self) -> str:
        """What is wrong, when no field is to blame."""
        return self._general

    def fault(self, name: str) -> str:
        """Return what is wrong with a field."""
        return self._faults.get(name, "")

    @property
    def first_fault(self) -> str | None:
        """The first field with a fault, for the focus."""
        return next((name for name in FIELDS if name in self._faults), None)

    def submit(self, typed: EnrolTyped) -> None:
        """Enrol with what was typed, when it can be right."""
        if self._busy:
            return
        self._general = ""
        self._faults = _missing(typed)
        if not self._faults:
            self._busy = True
            self._password = typed.password
            self._progress.begin()
            job = partial(self._verbs.enrol, _request(typed), self._progress.report)
            self._jobs.run(job, done=self._on_enrolled, failed=self._on_failed)
        self.changed.emit()

    def cancel(self) -> None:
        """Stop the download; what arrived is kept."""
        self._progress.cancel()

    def _on_enrolled(self, user: UserId) -> None:
        self._busy = False
        password, self._password = self._password, ""
        self.finished.emit(user, password)

    def _on_failed(self, failure: WhiteCrossError) -> None:
        self._busy = False
        self._password = ""
        sentence = failure_sentence(failure)
        if self._verbs.is_enrolled():
            self.half_done.emit(sentence)
            return
        blamed = _BLAMES.get(failure.code)
        if blamed is None:
            self._general = sentence
        else:
            self._faults = {blamed: sentence}
        self.changed.emit()


def _missing(typed: EnrolTyped) -> dict[str, str]:
    faults = {
        name: say("Fill this in.") for name in FIELDS if name not in _OPTIONAL and not str(getattr(typed, name)).strip()
    }
    if "totp" not in faults and not _may_be_second_factor(typed.totp):
        faults["totp"] = say("The code has six digits.")
    if "email" not in faults and "@" not in typed.email:
        faults["email"] = say("This is no e-mail address.")
    if typed.ca_file.strip() and not Path(typed.ca_file.strip()).is_file():
        faults["ca_file"] = say("There is no such file.")
    return faults


def _may_be_second_factor(typed: str) -> bool:
    """Whether it looks like the six digits of an authenticator, or like a recovery code."""
    signs = typed.replace(" ", "").replace("-", "")
    digits = len(signs) == _TOTP_DIGITS and signs.isdigit()
    return digits or (len(signs) == _RECOVERY_SIGNS and signs.isascii() and signs.isalnum())


def _request(typed: EnrolTyped) -> EnrolRequest:
    ca_file = typed.ca_file.strip()
    return EnrolRequest(
        server_url=typed.server.strip(),
        district=typed.district.strip(),
        code=typed.code.strip(),
        email=typed.email.strip(),
        password=typed.password,
        totp=typed.totp.replace(" ", ""),
        device_name=typed.device.strip(),
        ca_file=Path(ca_file) if ca_file else None,
    )
