"""What stands between a form and its signature, beside the field it belongs to, in sentences."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication

from wc_contract.model.instants import instant_from_text
from wc_contract.rules.findings import Code, Finding, Severity
from wc_desktop.domain.screens import IncidentDraft
from wc_desktop.ui.messages.findings import finding_sentence
from wc_desktop.ui.viewmodels.words import detail_words

_CONTEXT: Final = "IncidentFaults"
_CONTACT_PARTS: Final = 4
# What an entry may hold (wc_contract.wire.base): more would be refused by the server after the signature.
LONGEST_LINE: Final = 200
LONGEST_NOTE: Final = 20_000
MOST_WITNESSES: Final = 20
MOST_CONTACTS: Final = 40

_FIELD_OF: Final[Mapping[Code, str]] = {
    Code.FOLLOW_UP_BEFORE_EVENT: "follow_up_due",
    Code.CONTACT_BEFORE_EVENT: "notifications",
    Code.ERROR_TYPE_MISSING: "med_error_type",
    Code.ERROR_TYPE_NOT_APPLICABLE: "med_error_type",
    Code.NCC_MERP_MISSING: "ncc_merp",
    Code.NCC_MERP_NOT_APPLICABLE: "ncc_merp",
    Code.NCC_MERP_UNKNOWN: "ncc_merp",
    Code.OMISSION_NEVER_B: "ncc_merp",
    Code.HEAD_INJURY_CHECKS_DUE: "type",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One sentence, the form field it stands beside, and whether the report cannot be signed with it."""

    field: str
    sentence: str
    blocks: bool


def faults_of_findings(findings: Sequence[Finding], zone: ZoneInfo, today: date) -> tuple[Fault, ...]:
    """Return the rules' findings as faults, in their order."""
    return tuple(
        Fault(
            field=finding.detail.get("field", _FIELD_OF.get(finding.code, "")),
            sentence=_sentence(finding, zone, today),
            blocks=finding.severity is Severity.BLOCK,
        )
        for finding in findings
    )


def own_faults(draft: IncidentDraft) -> tuple[Fault, ...]:
    """Return what the rules cannot see: words that were typed and would be lost because they do not read."""
    return tuple(_own_faults(draft))


def _own_faults(draft: IncidentDraft) -> Iterator[Fault]:
    tr = QCoreApplication.translate
    when = draft.fields.get("occurred_at", "")
    if isinstance(when, str) and when.strip() and not reads_as_instant(when):
        yield _stop("occurred_at", tr(_CONTEXT, "This time does not read. Type 11:45, -10, or 20 Nov 11:45."))
    if not draft.fields.get("severity"):
        yield _stop("severity", tr(_CONTEXT, "Choose how serious it was."))
    due = draft.fields.get("follow_up_due", "")
    if isinstance(due, str) and due.strip() and not _reads_as_date(due):
        yield _stop("follow_up_due", tr(_CONTEXT, "This day does not read. Type 30 Nov 2026, or +7 for a week."))
    for name in ("narrative", "care_given"):
        if len(str(draft.fields.get(name, ""))) > LONGEST_NOTE:
            words = tr(_CONTEXT, "This is too long. Keep it under {count} letters.")
            yield _stop(name, words.format(count=f"{LONGEST_NOTE:,}"))
    yield from _contact_faults(_lines(draft, "notifications"))
    if any(not line.split("\t")[0].strip() for line in _lines(draft, "witnesses")):
        yield _stop("witnesses", tr(_CONTEXT, "A witness has no name. Type the name or remove the row."))


def _contact_faults(lines: Sequence[str]) -> Iterator[Fault]:
    tr = QCoreApplication.translate
    for line in lines:
        parts = (line.split("\t") + [""] * _CONTACT_PARTS)[:_CONTACT_PARTS]
        if not parts[0].strip():
            yield _stop("notifications", tr(_CONTEXT, "A contact names nobody. Say who was called, or remove the row."))
        if not reads_as_instant(parts[2]):
            yield _stop("notifications", tr(_CONTEXT, "A contact has no time that reads. Type 11:45 or -10."))
        if not parts[3].strip():
            yield _stop("notifications", tr(_CONTEXT, "A contact has no outcome. Say what came of it."))


def reads_as_instant(value: str) -> bool:
    """Return whether a field holds a moment, and not words on the way to one."""
    try:
        instant_from_text(value)
    except ValueError:
        return False
    return True


def _reads_as_date(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _lines(draft: IncidentDraft, name: str) -> tuple[str, ...]:
    value = draft.fields.get(name, ())
    return tuple(line for line in value if line.strip()) if isinstance(value, tuple) else ()


def _stop(field: str, sentence: str) -> Fault:
    return Fault(field=field, sentence=sentence, blocks=True)


def _sentence(finding: Finding, zone: ZoneInfo, today: date) -> str:
    return finding_sentence(finding.code.value, detail_words(finding.detail, zone, today))
