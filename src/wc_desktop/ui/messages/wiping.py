"""What a nurse reads while her workstation is erased: what happens, why it does not go on, what she can do."""

from PySide6.QtCore import QCoreApplication

from wc_desktop.domain.wiping import ENTRIES_WAIT, NEEDS_PASSWORD, WipeNews, WipePhase
from wc_desktop.ui.messages.failures import failure_code_sentence

_CONTEXT = "Wiping"


def ended_words(news: WipeNews) -> str:
    """Return why this workstation ends."""
    if news.lost:
        return _say("The district has marked this workstation as lost. Nobody can work on it any more.")
    return _say("The district retires this workstation. Nobody can work on it any more.")


def still_open_words() -> str:
    """Return what is said to whoever works at a workstation that is retired."""
    return _say(
        "The district retires this workstation. Sign or discard the forms you began, then lock it: everything is sent, "
        "and its files are erased."
    )


def step_words(news: WipeNews) -> str:
    """Return what happens now, and what to do."""
    match news.phase:
        case WipePhase.NONE:
            return ""
        case WipePhase.ORDERED | WipePhase.SENDING:
            return _say("It sends what the district does not have yet. Nothing is erased before. Leave it switched on.")
        case WipePhase.HELD:
            return " ".join(words for words in (_say("Nothing was erased."), _waits(news), _why(news)) if words)
        case WipePhase.ERASING:
            said = _say("Everything was sent. Its keys and files are being erased; if it is stopped, it goes on later.")
            return said if news.problem is None else f"{said} {failure_code_sentence(news.problem)}"
        case WipePhase.UNDELIVERED:
            return _undelivered(news)
        case WipePhase.KEPT:
            return _say("No record is left on it. Its receipt is with the district: you can hand it over.")


def _waits(news: WipeNews) -> str:
    if not news.unsent:
        return ""
    if news.unsent == 1:
        return _say("1 entry is not with the district yet.")
    return _say("{count} entries are not with the district yet.").format(count=f"{news.unsent:,}")


def _why(news: WipeNews) -> str:
    if news.problem == NEEDS_PASSWORD:
        return _say(
            "Photos or entries are left that only a password opens. Choose your name and type your password: they are "
            "sent, and nothing is shown."
        )
    if news.problem == ENTRIES_WAIT:
        return _say("The district has kept them, but not answered them for good. Call your administrator.")
    if news.problem is None:
        return ""
    return f"{failure_code_sentence(news.problem)} {_say('It tries again by itself.')}"


def _undelivered(news: WipeNews) -> str:
    said = _say("No record is left on it. The district does not have its receipt yet: leave it switched on.")
    return said if news.problem is None else f"{said} {failure_code_sentence(news.problem)}"


def _say(words: str) -> str:
    return QCoreApplication.translate(_CONTEXT, words)
