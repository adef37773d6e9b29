"""`rebuild-journal`: what the window offers when the journal is damaged, for an administrator without a window."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from wc_desktop.app import console_given
from wc_desktop.app.console_enrol import print_line
from wc_desktop.app.rebuild import rebuild_journal
from wc_desktop.app.single import holding
from wc_desktop.ui.messages.rebuilt import rebuilt_words, whole_words


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildOrder:
    """What the command line asked for."""

    folder: Path
    keystore_file: Path | None
    user: str


def rebuild_here(order: RebuildOrder) -> None:
    """Make the journal anew and say what came of it. Raises the failures of app.rebuild, PermissionError."""
    parts = console_given.parts(order.keystore_file)
    station = console_given.station(order.folder, parts)
    person = console_given.person(station.people(), order.user)
    password = console_given.password()
    with holding(order.folder):
        rebuilt = rebuild_journal(parts, station, person.id, password)
    if rebuilt is None:
        print_line(whole_words())
        return
    print_line(rebuilt_words(rebuilt))
    if rebuilt.aside:
        said = QCoreApplication.translate("Console", "Kept aside: {names}")
        print_line(said.format(names=", ".join(rebuilt.aside)))
