"""Incident reports: drafts that survive a crash, then a signature; after that only addenda."""

from wc_contract.model.ids import IncidentId, StudentId, UserId, new_uuid
from wc_contract.model.instants import whole_millis
from wc_contract.model.kinds import INCIDENT
from wc_contract.model.values import AccessAction, IncidentStatus
from wc_contract.rules.findings import Finding, blocking
from wc_contract.rules.incident import check_before_signing
from wc_desktop.actions.access import record
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.reading import people, students_by_id
from wc_desktop.actions.refused import still_refused
from wc_desktop.domain.failures import NotFound, Unfinished
from wc_desktop.domain.incident_form import draft_severity, draft_text, facts_of, replaced_entry, signed
from wc_desktop.domain.screens import Confirmed, IncidentDraft, IncidentRow, StudentRow
from wc_desktop.domain.views import author_name, incident_row, text
from wc_desktop.domain.visit_form import is_visit


def new_draft(desk: Desk, student_id: StudentId | None = None) -> IncidentDraft:
    """Return an empty form; it is kept from the first save_draft on."""
    return IncidentDraft(
        id=IncidentId(new_uuid(desk.clock.now(), desk.chance)), student_id=student_id, fields={}, saved_at=None
    )


def save_draft(desk: Desk, draft: IncidentDraft) -> IncidentDraft:
    """Keep the form as it stands, durably; return it with the instant of saving."""
    return desk.journal.save_draft(draft, author=desk.user, at=whole_millis(desk.clock.now()))


def drafts(desk: Desk) -> tuple[IncidentRow, ...]:
    """Return the unfinished forms of this workstation, newest first."""
    found = [(draft, author) for draft, author in desk.journal.drafts() if not is_visit(draft)]
    children = students_by_id(desk, [str(draft.student_id) for draft, _ in found if draft.student_id])
    rows = (
        _draft_row(desk, draft, author, children.get(str(draft.student_id)))
        for draft, author in found
        # Signed, but the program stopped before the draft was thrown away.
        if not _is_signed(desk, draft)
    )
    return tuple(rows)


def load_draft(desk: Desk, incident: IncidentId) -> IncidentDraft:
    """Return an unfinished form, and write that it was looked at. Raises NotFound."""
    draft = desk.journal.draft(incident)
    if draft is None:
        raise NotFound(str(incident))
    record(desk, AccessAction.VIEW, INCIDENT.name, str(incident), tuple(sorted(INCIDENT.phi_fields)))
    return draft


def discard_draft(desk: Desk, incident: IncidentId) -> None:
    """Throw an unfinished form away; the nurse asked for it."""
    desk.journal.discard_draft(incident)


def check(desk: Desk, draft: IncidentDraft) -> tuple[Finding, ...]:
    """Return what stands between the form and its signature, the most serious first."""
    return check_before_signing(facts_of(draft), whole_millis(desk.clock.now()), desk.zone)


def sign_incident(desk: Desk, draft: IncidentDraft) -> IncidentRow:
    """Sign the report: it is durable when this returns, and changes only by addenda.

    Raises Unfinished when a finding blocks, DiskFull, DiskFailed; then the draft stays.
    """
    stops = tuple(dict.fromkeys(finding.code.value for finding in blocking(check(desk, draft))))
    if stops:
        raise Unfinished(stops)
    if not _is_signed(desk, draft):
        at = whole_millis(desk.clock.now())
        desk.author((signed(draft, at),), at, replaces=replaced_entry(draft))
    desk.journal.discard_draft(draft.id)
    row = desk.records.find(INCIDENT, str(draft.id))
    if row is None:
        raise NotFound(str(draft.id))
    children = students_by_id(desk, [] if draft.student_id is None else [str(draft.student_id)])
    return incident_row(row, people=people(desk), student=children.get(str(draft.student_id)))


def list_incidents(desk: Desk) -> tuple[IncidentRow, ...]:
    """Return drafts of this workstation first, then signed reports, newest first.

    A refused report that is being mended stands once: as the draft.
    """
    begun = drafts(desk)
    mended = {str(draft.id) for draft in begun}
    rows = [row for row in desk.records.every(INCIDENT) if row["id"] not in mended]
    children = students_by_id(desk, sorted({text(row, "student_id") for row in rows if row["student_id"]}))
    staff = people(desk)
    reports = [incident_row(row, people=staff, student=children.get(text(row, "student_id"))) for row in rows]
    reports.sort(key=_when, reverse=True)
    return (*begun, *reports)


def _is_signed(desk: Desk, draft: IncidentDraft) -> bool:
    """Whether the form made its entry already; one that mends a refused report makes it while that is refused."""
    refused = replaced_entry(draft)
    if refused is not None:
        return not still_refused(desk, refused)
    return desk.records.find(INCIDENT, str(draft.id)) is not None


def _draft_row(desk: Desk, draft: IncidentDraft, author: UserId, student: StudentRow | None) -> IncidentRow:
    facts = facts_of(draft)
    return IncidentRow(
        id=draft.id,
        student=student,
        type="" if facts.type is None else facts.type.value,
        severity=draft_severity(draft),
        occurred_at=facts.occurred_at,
        location=draft_text(draft, "location"),
        status=IncidentStatus.DRAFT.value,
        author=author_name(people(desk), str(author)),
        confirmed=Confirmed.WAITING,
        saved_at=draft.saved_at or desk.clock.now(),
    )


def _when(row: IncidentRow) -> str:
    return "" if row.occurred_at is None else row.occurred_at.isoformat()
