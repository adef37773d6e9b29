"""What each screen is for, in the words that F1 shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from wc_desktop.ui.widgets.key_hints import KeyHint


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenHelp:
    """The help of one screen: its title, what it is for, and the keys that work there now."""

    title: str
    words: str
    hints: tuple[KeyHint, ...] = ()
    locked: bool = False


_SECTIONS: Final[Mapping[str, object]] = {
    "med_pass": QT_TRANSLATE_NOOP(
        "Help",
        "The doses of today by time, with what is late and what is due now. Choose a line, look at the child, the "
        "medicine and the dose at the right, and press Enter to give it. Refused, held and absent have a key each. "
        "After each entry the next open dose is chosen. W shows the doses of one class period; D asks what happened in "
        "the slots that nobody answered, today and on the last seven days.",
    ),
    "students": QT_TRANSLATE_NOOP(
        "Help",
        "Type a part of a name, a grade or a number; Enter opens the chart. A chart holds the orders, the doses, "
        "incidents, visits, vaccinations, allergies, conditions and contacts. Every chart that is opened is on record.",
    ),
    "incidents": QT_TRANSLATE_NOOP(
        "Help",
        "Reports of injuries and illness: drafts, signed ones, and those that need a follow-up. A draft is kept while "
        "you type, so you may leave it at any time. A signed report is not changed; what comes later is added to it.",
    ),
    "visits": QT_TRANSLATE_NOOP(
        "Help",
        "Who is in the clinic now, and who was. A visit stays open until the child leaves; its form is kept while you "
        "type. A correction leaves what stood there before to be read.",
    ),
    "inventory": QT_TRANSLATE_NOOP(
        "Help",
        "Every container with its balance, lot and expiry. Receive, return, waste and count here; a controlled "
        "medicine is counted by two people, each without seeing the balance. The ledger shows every movement.",
    ),
    "review": QT_TRANSLATE_NOOP(
        "Help",
        "Cases in which two entries do not fit together, such as a possible double dose. Both sides stand beside each "
        "other, with what each nurse could know. Read them, then answer with a reason; nothing is overwritten.",
    ),
    "sync": QT_TRANSLATE_NOOP(
        "Help",
        "What this workstation has sent and what waits, what the server refused and why, and the other workstations. "
        "Here the records are verified and rebuilt, and in a long outage saved as a file for the district.",
    ),
}


def section_help(section: str) -> str:
    """Return what a section of the rail is for, "" for one that has no words yet; a test names it."""
    words = str(_SECTIONS.get(section, ""))
    return QCoreApplication.translate("Help", words) if words else ""
