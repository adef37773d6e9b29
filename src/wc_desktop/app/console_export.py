"""`export-journal`: entries as a file that is carried to the district when there is no network for long."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication

from wc_contract.wire.versions import MAX_NUMBER
from wc_desktop.app import console_given
from wc_desktop.app.console_enrol import print_line
from wc_desktop.app.console_given import NotGiven
from wc_desktop.app.export import ExportPlan, export_journal
from wc_desktop.app.new_keys import settle_keys
from wc_desktop.app.opened import answered_of, journal_of, own_keys_of
from wc_desktop.app.single import holding
from wc_desktop.domain.failures import FilesUnreadable, JournalDamaged, KeystoreChanged, KeystoreRefused, SlotDamaged
from wc_desktop.journal.schema import journal_paths
from wc_desktop.journal.survey import OwnKeys
from wc_desktop.security.passport import Passport, read_passport
from wc_desktop.security.station import Station
from wc_desktop.ui.messages.exported import exported_words


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOrder:
    """What the command line asked for. user: who unlocks, to know exactly what waits; '' without a password."""

    folder: Path
    keystore_file: Path | None
    target: Path
    user: str
    everything: bool
    force: bool


def export_here(order: ExportOrder) -> None:
    """Write the file and say what is in it. Raises the failures of app.export and of unlocking, AlreadyOpen."""
    passport = _passport(order.folder)
    try:
        with holding(order.folder):
            _export(order, passport)
    except PermissionError:
        # Nobody can write into this folder, so nobody is writing.
        _export(order, passport)


def _export(order: ExportOrder, passport: Passport) -> None:
    own, only = _opened(order, passport) if order.user else _bare(order, passport)
    plan = ExportPlan(folder=order.folder, target=order.target, only=only, force=order.force)
    exported = export_journal(plan, passport, own, console_given.clock().now())
    print_line(exported_words(exported, ZoneInfo(passport.zone)))


def _passport(folder: Path) -> Passport:
    try:
        passport = read_passport(folder)
    except SlotDamaged:
        passport = None
    if passport is None:
        raise _no_station(folder)
    return passport


def _bare(order: ExportOrder, passport: Passport) -> tuple[OwnKeys | None, Collection[int] | None]:
    """Return the device's keys and the numbers to take, without a password.

    Where this computer has lost the keys everything is taken: the district's key opens the records too.
    """
    try:
        station = Station(order.folder, passport, console_given.parts(order.keystore_file))
        own, upto = own_keys_of(station), answered_of(station).upto()
    except (KeystoreRefused, KeystoreChanged, SlotDamaged, FilesUnreadable):
        return None, None
    return own, None if order.everything or not upto else range(upto + 1, MAX_NUMBER + 1)


def _opened(order: ExportOrder, passport: Passport) -> tuple[OwnKeys, Collection[int] | None]:
    """Return the device's keys and the numbers that the district has not answered; None where that does not read."""
    parts = console_given.parts(order.keystore_file)
    station = Station(order.folder, passport, parts)
    person = console_given.person(station.people(), order.user)
    keys = station.keys_for_repair(person.id, console_given.password())
    try:
        settle_keys(station, keys)
        journal = journal_of(station, keys, parts.chance)
    except JournalDamaged:
        print_line(QCoreApplication.translate("Console", "The journal is damaged, so everything is taken."))
        return own_keys_of(station), None
    finally:
        keys.wipe()
    try:
        return own_keys_of(station), journal.waiting_numbers()
    finally:
        journal.close()


def _no_station(folder: Path) -> NotGiven:
    _, sealed = journal_paths(folder)
    if sealed.exists():
        said = QCoreApplication.translate(
            "Console",
            "The file that says whose this folder is (station.json) is gone or damaged. Take journal.sealed itself to "
            "your administrator: the district imports it as it is. Do not delete anything.",
        )
    else:
        said = QCoreApplication.translate(
            "Console", "There is no workstation in this folder, so there is nothing to export. Check --data."
        )
    return NotGiven(said)
