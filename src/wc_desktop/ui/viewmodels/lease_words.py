"""Why a workstation without a lease shows nothing, in words."""

from zoneinfo import ZoneInfo

from wc_contract.model.instants import Instant
from wc_desktop.domain.capture import CaptureDraft
from wc_desktop.domain.failures import LeaseExpired
from wc_desktop.ui.messages.failures import failure_code_sentence
from wc_desktop.ui.viewmodels.words import JOINT, clock_words, day_words, local, say


def lease_words(issued_at: Instant, ended_at: Instant, zone: ZoneInfo) -> str:
    """Return since when there is no lease, and what to do."""
    said = say(
        "No contact with the district since about {since}: the permission to show records here ended on {ended}. "
        "Connect this workstation to the network. Until then you can write down what happened, and see nothing."
    )
    return said.format(since=moment_words(issued_at, zone), ended=moment_words(ended_at, zone))


def expired_words(failure: LeaseExpired) -> str:
    """Return why it does not open, and what to do."""
    because = failure_code_sentence(failure.because) if failure.because else ""
    return " ".join((lease_words(failure.issued_at, failure.ended_at, failure.zone), because)).strip()


def left_behind_words(draft: CaptureDraft) -> str:
    """Return what was typed without a lease and never written down."""
    said = say("You had begun to write this down without a lease, and it is on no record. Enter it now: {what}")
    typed = (draft.fields.get(name, "").strip() for name in ("medicine", "amount", "child", "reason"))
    return said.format(what=JOINT.join(words for words in typed if words))


def moment_words(at: Instant, zone: ZoneInfo) -> str:
    """Return '23 Nov 2026 11:45'."""
    return f"{day_words(local(at, zone).date())} {clock_words(at, zone)}"
