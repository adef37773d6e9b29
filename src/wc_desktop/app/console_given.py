"""What a command is given besides its options: the environment, a password, the workstation in a folder."""

import getpass
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QCoreApplication

from wc_contract.model.errors import Refused
from wc_desktop.app.parts import Parts, build_parts
from wc_desktop.app.settings import clock_offset_from, keystore_from
from wc_desktop.domain.failures import UnknownPerson
from wc_desktop.domain.screens import PersonRow
from wc_desktop.security.clock import SystemChance, SystemClock
from wc_desktop.security.keystore import InsecureKeystore, system_keystore
from wc_desktop.security.station import Station

PASSWORD_VARIABLE = "WC_PASSWORD"  # noqa: S105  # the name of a variable


class NotGiven(Refused):
    """Something a command needs was not given; sentence says what to do."""

    code = "not_given"

    def __init__(self, sentence: str) -> None:
        super().__init__("a command lacks something")
        self.sentence = sentence


def password_missing() -> NotGiven:
    """Return what to raise when there is no password."""
    return NotGiven(
        QCoreApplication.translate(
            "Console", "A password is needed: write it as the first line of standard input, or set WC_PASSWORD."
        )
    )


def password() -> str:
    """Return the password: from the environment, a person at a terminal, or the first line of standard input.

    Raises NotGiven.
    """
    given = os.environ.get(PASSWORD_VARIABLE)
    if given is None:
        asked = sys.stdin.isatty()
        given = getpass.getpass() if asked else sys.stdin.readline().rstrip("\r\n")
    if not given:
        raise password_missing()
    return given


def parts(insecure: Path | None) -> Parts:
    """Return the program's parts as options and environment ask for them. Raises KeystoreRefused."""
    named = insecure or keystore_from(os.environ)
    return build_parts(
        # The plain file only when it was asked for by name.
        keystore=system_keystore() if named is None else InsecureKeystore(named),
        clock=clock(),
        chance=SystemChance(),
    )


def clock() -> SystemClock:
    """Return the program's clock, for a command that needs nothing else."""
    return SystemClock(clock_offset_from(os.environ))


def station(folder: Path, given: Parts) -> Station:
    """Return the workstation in folder. Raises NotGiven, SlotDamaged."""
    found = Station.load(folder, given)
    if found is None:
        raise NotGiven(QCoreApplication.translate("Console", "There is no workstation in this folder. Enrol it first."))
    return found


def person(people: Sequence[PersonRow], wanted: str) -> PersonRow:
    """Return whose full name or id was given. Raises UnknownPerson.

    A workstation knows its people by name only: e-mail addresses stay at the server.
    """
    sought = wanted.strip().casefold()
    for one in people:
        if sought in {f"{one.first_name} {one.last_name}".casefold(), str(one.id)} or _same_id(sought, one):
            return one
    raise UnknownPerson("no such person on this workstation")


def _same_id(text: str, one: PersonRow) -> bool:
    try:
        return UUID(text) == one.id
    except ValueError:
        return False
