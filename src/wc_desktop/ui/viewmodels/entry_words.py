"""One entry of the journal in words: whom it is about, what the district answered, why, and what can be done."""

from typing import Final, assert_never

from PySide6.QtCore import QCoreApplication

from wc_contract.wire.codes import Outcome, Refusal
from wc_desktop.domain.link_views import EntryText, JournalRow
from wc_desktop.domain.screens import Obstacle
from wc_desktop.ui.messages.findings import finding_title
from wc_desktop.ui.messages.outcomes import outcome_words, refusal_sentence, wait_sentence
from wc_desktop.ui.viewmodels.record_words import field_words
from wc_desktop.ui.viewmodels.words import full_name

_CONTEXT: Final = "EntryWords"


def tr(text: str) -> str:
    """Translate one of the words of this module."""
    return QCoreApplication.translate(_CONTEXT, text)


def is_refused(row: JournalRow) -> bool:
    """Return whether the district refused an entry, and nobody has said it again."""
    return row.outcome == Outcome.REFUSED.value and not row.is_replaced


def is_unsettled(row: JournalRow) -> bool:
    """Return whether an entry was refused or has to wait: then its content can be read here."""
    return row.outcome in {Outcome.REFUSED.value, Outcome.WAITING.value}


def kind_of(verb: str) -> str:
    """Return the kind of record that a part of an entry is about; '' when it is about none."""
    what, _, kind = verb.partition(":")
    return kind or {"dose.log": "dose", "incident.sign": "incident", "case.answer": "review_case"}.get(what, "")


def child_words(row: JournalRow) -> str:
    """Return whom an entry is about; '' for nobody."""
    return "" if row.student is None else full_name(row.student)


def answer_words(row: JournalRow) -> str:
    """Return what the district answered, in two or three words."""
    if row.is_replaced:
        return tr("Refused, set aside") if row.set_aside_by else tr("Refused, sent again")
    return outcome_words(row.outcome)


def why_words(row: JournalRow) -> str:
    """Return why an entry was refused, or the marks the district set on it; '' when there is neither."""
    if row.set_aside_by:
        return tr("{who} set it aside: it is not sent again. Nothing is to be done.").format(who=row.set_aside_by)
    if row.is_replaced:
        return tr("A later entry says it again, mended. Nothing is to be done.")
    if row.outcome == Outcome.REFUSED.value:
        return " ".join(part for part in (refusal_sentence(row.code or ""), _wrong(row.fields)) if part)
    if row.outcome == Outcome.WAITING.value:
        return wait_sentence(row.code or "")
    return ", ".join(finding_title(code) for code in row.findings)


def _wrong(fields: tuple[str, ...]) -> str:
    named = ", ".join(dict.fromkeys(field_words(field.rpartition(".")[2]) for field in fields))
    return tr("It names: {fields}.").format(fields=named) if named else ""


def what_to_do(entry: EntryText) -> str:
    """Return what a nurse can do about an entry."""
    if entry.dose is not None or entry.incident is not None or entry.records:
        can_send = tr("You can put it right and send it again. This entry stays readable.")
        return " ".join(part for part in (_before_sending(entry.row), can_send) if part)
    match entry.obstacle:
        case None:
            return tr("Nothing is to be done here.")
        case Obstacle.CASE:
            return tr("The case is open again: answer it under Review. Then set this entry aside.")
        case Obstacle.GONE:
            return tr(
                "The record that this would change is not here any more, so it cannot be sent again. Write it "
                "anew on its own screen if it is still true, then set this entry aside."
            )
        case Obstacle.OTHER:
            return tr("It cannot be edited here. Ask your administrator; it is kept until you set it aside.")
        case _:
            assert_never(entry.obstacle)


def _before_sending(row: JournalRow) -> str:
    """Return what must happen first, where editing alone would be refused again."""
    match row.code:
        case Refusal.UNKNOWN_STUDENT.value | Refusal.NEVER_IN_SCOPE.value:
            return tr("First let your administrator correct the roster; then send it again as it is.")
        case Refusal.NOT_ENTITLED.value:
            return tr("Somebody whose role writes this kind of record unlocks the desk and sends it again.")
        case Refusal.UNSUPPORTED_SCHEMA.value:
            return tr("First let your administrator update the server.")
        case Refusal.UNKNOWN_AUTHOR.value:
            return tr("Somebody whom the district knows can send it again in their own name.")
        case _:
            return ""
