"""Words for what the server answered to an entry, and for the problems it names (wc_contract.wire.codes)."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QCoreApplication

from wc_desktop.ui.messages.failures import FAILURES, failure_code_sentence

_CONTEXT: Final = "Outcomes"

OUTCOMES: Final[Mapping[str, str]] = {
    "applied": "At the district",
    "merged": "At the district, merged",
    "case_opened": "At the district, to be reviewed",
    "duplicate": "At the district already",
    "refused": "Refused",
    "waiting": "At the district, waiting",
}

REFUSALS: Final[Mapping[str, str]] = {
    "malformed": "The server could not read this entry. It is kept here; tell your administrator.",
    "bad_signature": "The signature of this entry does not fit. It is kept here; tell your administrator.",
    "unknown_author": "The server does not know who wrote this. It is kept here; ask your administrator.",
    "never_in_scope": "This child never belonged to this school for the server. It is kept here; "
    "ask your administrator to correct the roster.",
    "unknown_student": "The server does not know this child. It is kept here; ask your administrator.",
    "unknown_order": "The server does not know this order. It is kept here; check the order with the prescriber.",
    "already_signed": "This report was signed before. Write an addendum instead; what you wrote is kept here.",
    "unknown_record": "The server does not have the record that this changes. It is kept here; look whether it was "
    "removed, and write it anew if it is needed.",
    "already_there": "A record with this number is with the server already. Edit this entry and send it again.",
    "said_again": "This was said again in another entry, which counts in its place.",
    "not_entitled": "Who wrote this may not decide it. Another nurse or a supervisor answers the case.",
    "answer_does_not_fit": "This answer does not belong to this kind of case. Open the case under Review again.",
    "unsupported_schema": "The server cannot read this kind of entry yet. It is kept here and sent after the update.",
}

WAITS: Final[Mapping[str, str]] = {
    "defect": "The server made a mistake with this entry. It is kept on both sides and tried again; "
    "tell your administrator if it stays.",
    "depends": "It builds on an entry that has no effect yet, of this workstation or another one. It is taken in as "
    "soon as that one is.",
    "later_schema": "The server is older than this program. It is taken in after the server's update.",
}

PROBLEMS: Final[Mapping[str, str]] = {
    "bad_request": "The server could not read the request. Tell your administrator.",
    "use_nonce": "The server asked to be greeted again. It is tried again by itself.",
    "bad_proof": "The server did not accept this workstation's key. Tell your administrator.",
    "token_expired": "The sign-in has ended. It is renewed by itself.",
    "unsupported_protocol": "This program and the server are of different ages. Ask your administrator to update.",
    "server_too_old": "The server is older than this program. Ask your administrator to update the server.",
    "defect": "The server made a mistake. Try again later; tell your administrator if it stays.",
    "not_found": "The server does not have this record.",
}


def outcome_words(outcome: str | None) -> str:
    """Return two or three words for a receipt; an entry without one is waiting here."""
    if outcome is None:
        return QCoreApplication.translate(_CONTEXT, "Waiting here")
    words = OUTCOMES.get(outcome)
    return outcome if words is None else QCoreApplication.translate(_CONTEXT, words)


def refusal_sentence(code: str) -> str:
    """Return why the server gave an entry no effect, and what to do."""
    words = REFUSALS.get(code)
    return failure_code_sentence(code) if words is None else QCoreApplication.translate(_CONTEXT, words)


def wait_sentence(code: str) -> str:
    """Return why the district lets an entry wait, and what comes of it."""
    words = WAITS.get(code)
    if words is None:
        words = "The district keeps it and takes it in later. Nothing is to be done."
    return QCoreApplication.translate(_CONTEXT, words)


def problem_sentence(code: str) -> str:
    """Return what a problem of the connection means, and what to do."""
    words = PROBLEMS.get(code)
    if words is None or code in FAILURES:
        return failure_code_sentence(code)
    return QCoreApplication.translate(_CONTEXT, words)
