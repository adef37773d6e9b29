"""What is said after a damaged journal was made anew: in the window, and on the command line."""

from PySide6.QtCore import QCoreApplication

from wc_contract.model.spans import ranges
from wc_desktop.domain.rebuilt import Rebuilt

_CONTEXT = "Rebuilt"


def rebuilt_words(rebuilt: Rebuilt) -> str:
    """Return what happened, what is back, what is not, and what to do."""
    said = [_back(rebuilt), _missing(rebuilt), _unsure(rebuilt), _to_do(rebuilt), _forms(rebuilt)]
    said.append(_say("Tell your administrator: the disk may be failing. The damaged files are kept."))
    return " ".join(words for words in said if words)


def whole_words() -> str:
    """Return what is said when there was nothing to mend."""
    return _say("The journal reads from end to end. Nothing was changed.")


def _back(rebuilt: Rebuilt) -> str:
    if rebuilt.restored == 1:
        return _say("The journal was rebuilt: 1 entry is back.")
    return _say("The journal was rebuilt: {count} entries are back.").format(count=f"{rebuilt.restored:,}")


def _forms(rebuilt: Rebuilt) -> str:
    if rebuilt.drafts:
        return _say("Incident forms not signed yet: {count} back.").format(count=rebuilt.drafts)
    return _say("An incident form that was not signed yet may be missing.")


def _missing(rebuilt: Rebuilt) -> str:
    if not rebuilt.missing:
        return ""
    words = (
        _say("Lost: {count} (number {numbers}); neither this workstation nor the district has them.")
        if rebuilt.asked
        else _say(
            "Not found here: {count} (number {numbers}). The district may have them; it is asked at next contact."
        )
    )
    return words.format(count=f"{len(rebuilt.missing):,}", numbers=ranges(rebuilt.missing))


def _unsure(rebuilt: Rebuilt) -> str:
    return _say("Whether the very last entries are here cannot be told.") if rebuilt.unsure else ""


def _to_do(rebuilt: Rebuilt) -> str:
    if rebuilt.is_complete:
        return _say("Go on working; what waits is sent by itself, and nothing is counted twice.")
    return _say(
        "Before you give anything, compare today's doses with what you remember; write again what is missing, "
        "and give nothing twice."
    )


def _say(words: str) -> str:
    return QCoreApplication.translate(_CONTEXT, words)
