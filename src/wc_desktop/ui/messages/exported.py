"""What is said after entries were saved as a file: in the window, and on the command line."""

from datetime import tzinfo

from PySide6.QtCore import QCoreApplication

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.instants import Instant
from wc_contract.model.spans import ranges
from wc_desktop.domain.exported import Exported
from wc_desktop.domain.failures import DiskFailed, DiskFull
from wc_desktop.ui.messages.failures import failure_sentence

_CONTEXT = "Exported"


def exported_words(exported: Exported, zone: tzinfo) -> str:
    """Return how many entries from when to when are in which file, and what to do with it."""
    said = [_count(exported, zone), _where(exported), _damaged(exported), _to_do()]
    return " ".join(words for words in said if words)


def no_file_words(failure: WhiteCrossError) -> str:
    """Return why no file was written, and what to do."""
    match failure:
        case DiskFull():
            return _say("There is no room for the file. Free some space or take another stick. No file was written.")
        case DiskFailed():
            return _say("The file could not be written. Try another stick or folder. No file was written.")
        case _:
            return failure_sentence(failure)


def _count(exported: Exported, zone: tzinfo) -> str:
    if exported.entries == 1:
        words = _say("1 entry saved")
    else:
        words = _say("{count} entries saved").format(count=f"{exported.entries:,}")
    if exported.first is None or exported.last is None:
        return words
    first, last = _moment(exported.first, zone), _moment(exported.last, zone)
    return _say("{count}, written from {first} to {last},").format(count=words, first=first, last=last)


def _where(exported: Exported) -> str:
    words = _say("as {file}.").format(file=exported.path)
    if exported.everything:
        return f"{words} {_say('It holds also what the district has already; nothing is counted twice.')}"
    return words


def _damaged(exported: Exported) -> str:
    if not exported.damaged:
        return ""
    words = _say("Number {numbers} does not read here; the district may read it. Tell your administrator.")
    return words.format(numbers=ranges(exported.damaged))


def _to_do() -> str:
    return _say(
        "Take the file to your administrator, who imports it (wc-sync-server import-journal). Only the district can "
        "read it. Nothing was deleted here: the entries are sent once more when there is a network, and count once."
    )


def _moment(at: Instant, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _say(words: str) -> str:
    return QCoreApplication.translate(_CONTEXT, words)
