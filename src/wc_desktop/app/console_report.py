"""`report`: what one workstation authored, what the district answered, and what its replica holds, as one object."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication

from wc_contract.model.kinds import DOSE, INCIDENT
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.sync_state import sync_state
from wc_desktop.actions.unlock import REBUILT_FACT, lock, unlock
from wc_desktop.app import console_given
from wc_desktop.app.console_enrol import print_line
from wc_desktop.app.console_given import NotGiven
from wc_desktop.app.console_sync import sync_once
from wc_desktop.domain.views import text
from wc_desktop.ports import JournalRecord

_VERBS = ("dose.log", "incident.sign", "access.record")
_EVERY_ENTRY = 2**31


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOrder:
    """What the command line asked for."""

    folder: Path
    keystore_file: Path | None
    user: str
    entries: Path | None
    sync: bool


def report_here(order: ReportOrder) -> None:
    """Print the report of a workstation. Raises what unlocking and the exchange raise."""
    found = found_at(order, None)
    print_line(json.dumps(found))


def found_at(order: ReportOrder, password: str | None) -> Mapping[str, Any]:
    """Unlock, exchange once when asked to, and return the report; the password is asked for when it is None."""
    wanted = entry_ids(order.entries)
    parts = console_given.parts(order.keystore_file)
    station = console_given.station(order.folder, parts)
    person = console_given.person(station.people(), order.user)
    desk = unlock(station, person.id, console_given.password() if password is None else password)
    try:
        if order.sync:
            sync_once(parts.link_of(desk))
        return report_of(desk, wanted)
    finally:
        lock(desk)


def entry_ids(file: Path | None) -> tuple[str, ...]:
    """Return the ids that a file lists. Raises NotGiven."""
    if file is None:
        return ()
    try:
        listed = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        listed = None
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        said = QCoreApplication.translate("Console", "{file} is not a JSON array of entry ids.")
        raise NotGiven(said.format(file=file.name))
    return tuple(listed)


def report_of(desk: Desk, wanted: Sequence[str] = ()) -> dict[str, Any]:
    """Return what stands in journal and replica. On the replica thread. Nothing about a child is in it."""
    entries = desk.journal.newest(_EVERY_ENTRY)[::-1]
    verbs = Counter(entry.verb for entry in entries)
    state = sync_state(desk)
    return {
        "journal": {verb: verbs[verb] for verb in _VERBS},
        "journal_rebuilt": _rebuilt(desk),
        "waiting": state.link.waiting,
        "entries": _own(desk, entries),
        "replica": dict(desk.records.counts()),
        "digests": {kind: list(digest) for kind, digest in desk.records.digests().items()},
        "digests_agree": state.digests_agree,
        "unstored": dict(desk.records.unstored()),
        "open_cases": state.link.open_cases,
        "found": _confirmed(desk, wanted),
    }


def _rebuilt(desk: Desk) -> object:
    """Return when the journal was made anew last, how many entries came back and which numbers did not, or None."""
    kept = desk.journal.recall(REBUILT_FACT)
    return None if kept is None else json.loads(kept)


def _own(desk: Desk, entries: Sequence[JournalRecord]) -> list[Mapping[str, str | None]]:
    doses = [str(entry.id) for entry in entries if entry.verb == "dose.log"]
    # A dose stands in the projection from the moment it is written, whether the district has it or not.
    states = {text(row, "entry_id"): text(row, "status") for row in desk.records.where(DOSE, "entry_id", doses)}
    return [
        {"id": str(entry.id), "verb": entry.verb, "status": states.get(str(entry.id)), "outcome": entry.outcome}
        for entry in entries
    ]


def _confirmed(desk: Desk, wanted: Sequence[str]) -> dict[str, int]:
    counted = dict.fromkeys(wanted, 0)
    for kind in (DOSE, INCIDENT):
        for row in desk.records.where(kind, "entry_id", tuple(counted)):
            counted[text(row, "entry_id")] += not row["waiting"]
    return counted
