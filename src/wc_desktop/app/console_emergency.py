"""`emergency-code`: make the code of the emergency cards and print the sheet for the principal's envelope."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from wc_desktop.actions.emergency import make_code
from wc_desktop.actions.unlock import lock, unlock
from wc_desktop.app import console_given
from wc_desktop.app.console_enrol import print_line
from wc_desktop.app.emergency import after_unlock
from wc_desktop.app.single import holding
from wc_desktop.security.station import Station


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyOrder:
    """What the command line asked for."""

    folder: Path
    keystore_file: Path | None
    user: str


def make_code_here(order: EmergencyOrder) -> None:
    """Make a code, write the cards for it, and print the sheet. Raises EmergencyCardOff, EmergencyCodeNotYours."""
    parts = console_given.parts(order.keystore_file)
    station = console_given.station(order.folder, parts)
    person = console_given.person(station.people(), order.user)
    password = console_given.password()
    with holding(order.folder):
        desk = unlock(station, person.id, password)
        try:
            after_unlock(desk, station)
            code = make_code(desk)()
        finally:
            lock(desk)
    for line in sheet_lines(station, code):
        print_line(line)


def sheet_lines(station: Station, code: str) -> tuple[str, ...]:
    """Return the sheet for the envelope."""
    tr = QCoreApplication.translate
    return (
        tr("Console", "White Cross: emergency cards of {school}").format(school=station.school_name),
        tr("Console", "Workstation: {name}").format(name=station.device_name),
        "",
        f"    {code}",
        "",
        tr("Console", "For the principal's envelope. This code opens allergies, action plans, emergency medicine and"),
        tr("Console", "contacts of every child of the school when nobody who can unlock the workstation is there."),
        tr("Console", "On the locked screen: Emergency card, your name, why you ask, this code. No network is needed."),
        tr("Console", "Every use is on record and will be looked at. After a use, ask for a new code."),
    )
