"""`enrol`: make a folder a workstation, and fill its replica; taken up again where an earlier attempt stopped."""

import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from wc_contract.model.instants import Clock
from wc_desktop.actions.enrol import enrol, resume_first_sync
from wc_desktop.app import console_given
from wc_desktop.domain.enrolment import EnrolRequest, FirstSync
from wc_desktop.security.keystore import INSECURE_BANNER
from wc_desktop.security.station import Station

_SAY_EVERY_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolOrder:
    """What the command line asked for."""

    folder: Path
    keystore_file: Path | None
    server: str
    district: str
    code: str = field(repr=False)
    email: str
    totp: str = field(repr=False)
    name: str | None
    ca_file: Path | None
    sign_on: bool = False


def enrol_here(order: EnrolOrder) -> None:
    """Enrol, or go on with an unfinished first sync. Raises the failures of actions.enrol."""
    parts = console_given.parts(order.keystore_file)
    password = console_given.password()
    if not parts.keystore.secure:
        print_line(INSECURE_BANNER)
    telling = Telling(parts.clock, print_line)
    known = Station.load(order.folder, parts)
    if known is not None and not known.first_sync_done:
        resume_first_sync(known, known.people()[0].id, password, telling)
        return
    request = EnrolRequest(
        server_url=order.server,
        district=order.district,
        code=order.code,
        email=order.email,
        password=password,
        totp=order.totp,
        device_name=order.name or platform.node() or "Workstation",
        ca_file=order.ca_file,
        sign_on=order.sign_on,
    )
    enrol(request, order.folder, parts, telling)


def print_line(line: str) -> None:
    """Write one line, at once. The work goes on when whoever read along has gone, as `head` does."""
    try:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # What is still held for the closed pipe would complain once more when the program ends.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


class Telling:
    """Says how a first sync goes, in records: each stage, and once a second how far it is."""

    def __init__(self, clock: Clock, say: Callable[[str], None]) -> None:
        self._clock = clock
        self._say = say
        self._stage = ""
        self._said_at = 0.0

    def __call__(self, progress: FirstSync) -> None:
        """Say it, when it is a new stage or was not said for a second."""
        now = self._clock.monotonic()
        if progress.stage == self._stage and now - self._said_at < _SAY_EVERY_SECONDS:
            return
        self._stage, self._said_at = progress.stage, now
        self._say(progress_words(progress))


def progress_words(progress: FirstSync) -> str:
    """Return how far a first sync is."""
    match progress.stage:
        case "enrolling":
            return QCoreApplication.translate("Console", "Asking the server to enrol this workstation …")
        case "downloading":
            words = QCoreApplication.translate("Console", "Downloading: {done} of about {total} records")
        case "indexing":
            words = QCoreApplication.translate("Console", "{done} records here; making them searchable …")
        case "checking":
            words = QCoreApplication.translate("Console", "Comparing {done} records with the server's …")
        case _:
            words = QCoreApplication.translate("Console", "Done: {done} records, the same as the server's.")
    return words.format(done=f"{progress.done:,}", total=f"{progress.total_about:,}")
