"""The incident form: every key is kept, nothing is lost, and a signature comes only after the rules were asked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import IncidentId, StudentId
from wc_contract.model.instants import Instant, instant_to_text
from wc_contract.model.kinds import INCIDENT
from wc_contract.model.values import IncidentType
from wc_contract.rules.findings import Finding
from wc_desktop.actions import incidents, reading
from wc_desktop.domain.incident_form import facts_of
from wc_desktop.domain.screens import IncidentDraft, IncidentRow, StudentRow, VisitView
from wc_desktop.ui.messages.failures import failure_sentence
from wc_desktop.ui.viewmodels.incident_faults import Fault, faults_of_findings, own_faults
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.words import clock_words, local

Value = str | tuple[str, ...]

_QUIET_MS: Final = 1_000
# Somebody who types without a pause is saved all the same.
_LONGEST_MS: Final = 5_000
_ERROR_FIELDS: Final = ("med_error_type", "ncc_merp")
_BODY_FIELDS: Final = ("body_regions", "injury_kind")
_WITH_BODY: Final = frozenset(
    {
        IncidentType.INJURY.value,
        IncidentType.HEAD_INJURY.value,
        IncidentType.BITE.value,
        IncidentType.EXPOSURE.value,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormVerbs:
    """What the form does on the replica thread."""

    new_draft: Callable[..., IncidentDraft]
    save_draft: Callable[..., IncidentDraft]
    load_draft: Callable[..., IncidentDraft]
    discard_draft: Callable[..., None]
    check: Callable[..., tuple[Finding, ...]]
    sign_incident: Callable[..., IncidentRow | VisitView]
    children: Callable[..., Mapping[str, StudentRow]]
    begins_at: str = "occurred_at"  # the field that a new form is given the present in


REAL: Final = FormVerbs(
    new_draft=incidents.new_draft,
    save_draft=incidents.save_draft,
    load_draft=incidents.load_draft,
    discard_draft=incidents.discard_draft,
    check=incidents.check,
    sign_incident=incidents.sign_incident,
    children=reading.students_by_id,
)


class IncidentForm(QObject):
    """One form at a time.

    `opened`: another draft stands in the form. `child_changed`, `sections_changed`, `saved_line_changed`,
    `faults_changed` say what to show anew. `ready_to_sign` comes when nothing blocks and the nurse may confirm.
    `signed` carries the report's row; `discarded` and `closed` end the form.
    """

    opened = Signal()
    child_changed = Signal()
    sections_changed = Signal()
    saved_line_changed = Signal(str)
    faults_changed = Signal()
    ready_to_sign = Signal()
    signed = Signal(object)
    discarded = Signal()
    missing = Signal()

    def __init__(self, session: Session, verbs: FormVerbs = REAL, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._verbs = verbs
        self._draft: IncidentDraft | None = None
        self._child: StudentRow | None = None
        self._faults: tuple[Fault, ...] = ()
        self._saved_line = ""
        self._wanted = 0
        self._unsaved = False
        self._busy = False
        # Drafts whose saving failed after the form was left: kept here, and tried again until the disk takes them.
        self._stranded: dict[IncidentId, IncidentDraft] = {}
        self._quiet = QTimer(self, interval=_QUIET_MS, singleShot=True)
        self._quiet.timeout.connect(self.save)
        self._longest = QTimer(self, interval=_LONGEST_MS, singleShot=True)
        self._longest.timeout.connect(self.save)

    # -- what stands in the form ---------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        return self._draft is not None

    @property
    def id(self) -> IncidentId | None:
        return None if self._draft is None else self._draft.id

    @property
    def child(self) -> StudentRow | None:
        """The child the report is about, when one was chosen."""
        return self._child

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What was found at the last try to sign, the most serious first."""
        return self._faults

    @property
    def saved_line(self) -> str:
        """Where and when the draft was saved, or why it was not."""
        return self._saved_line

    @property
    def is_unsaved(self) -> bool:
        return self._unsaved

    def text(self, name: str) -> str:
        """Return one field's text as it was left."""
        value = self._value(name)
        return value if isinstance(value, str) else ""

    def many(self, name: str) -> tuple[str, ...]:
        """Return the values of a field that holds several."""
        value = self._value(name)
        return value if isinstance(value, tuple) else ()

    def _value(self, name: str) -> Value:
        return "" if self._draft is None else self._draft.fields.get(name, "")

    @property
    def occurred_at(self) -> Instant | None:
        """When it happened, as far as that reads."""
        return None if self._draft is None else facts_of(self._draft).occurred_at

    @property
    def asks_for_body(self) -> bool:
        """Whether this kind of incident has parts of the body."""
        return self.text("type") in _WITH_BODY

    @property
    def asks_for_error(self) -> bool:
        """Whether this kind of incident has a kind of error and a harm category."""
        return self.text("type") == IncidentType.MEDICATION_ERROR.value

    @property
    def is_head_injury(self) -> bool:
        return self.text("type") == IncidentType.HEAD_INJURY.value

    # -- beginning and reopening ---------------------------------------------------------------------------

    def begin(self, student: StudentId | None = None) -> None:
        """Put a new form on the screen; it is kept from the first key on."""
        self._leave()
        self._session.run(
            partial(_begin, self._verbs, self._session, student),
            done=partial(self._on_opened, self._wanted),
            urgent=True,
        )

    def reopen(self, incident: IncidentId) -> None:
        """Put a draft back on the screen exactly as it was left."""
        if self._draft is not None and self._draft.id == incident:
            self.opened.emit()
            return
        self._leave()
        self._session.run(
            partial(_reopen, self._verbs, self._session, incident, self._stranded.get(incident)),
            done=partial(self._on_opened, self._wanted),
            failed=partial(self._on_missing, self._wanted),
            urgent=True,
        )

    def close(self) -> None:
        """Leave the form: what is unsaved is saved as a draft first."""
        self._leave()

    def _leave(self) -> None:
        self.save()
        if self._draft is not None and self._unsaved:
            self._stranded[self._draft.id] = self._draft
        self._forget()
        if self._stranded:
            self._longest.start()
        self._wanted += 1

    def _forget(self) -> None:
        self._quiet.stop()
        self._longest.stop()
        self._draft = None
        self._child = None
        self._unsaved = False
        self._busy = False
        self._faults = ()

    def _on_opened(self, wanted: int, answer: tuple[IncidentDraft, StudentRow | None]) -> None:
        if wanted != self._wanted:
            return
        self._draft, self._child = answer
        self._faults = ()
        self._unsaved = False
        self._say_saved(self._saved_words(self._draft))
        self.opened.emit()

    def _on_missing(self, wanted: int, failure: WhiteCrossError) -> None:
        if wanted == self._wanted:
            self._session.tell_failure(failure)
            self.missing.emit()

    # -- typing --------------------------------------------------------------------------------------------

    def put(self, name: str, value: Value) -> None:
        """Take what a field holds now; it is saved a second after the last key."""
        draft = self._draft
        if draft is None or draft.fields.get(name, () if isinstance(value, tuple) else "") == value:
            return
        self._draft = replace(draft, fields={**draft.fields, name: value})
        self._touched()
        if name == "type":
            self.sections_changed.emit()

    def choose_child(self, child: StudentRow | None) -> None:
        """Say whom the report is about, or that it names no child."""
        if self._draft is None or child == self._child:
            return
        self._child = child
        self._draft = replace(self._draft, student_id=None if child is None else child.id)
        self._touched()
        self.child_changed.emit()

    def _touched(self) -> None:
        self._unsaved = True
        self._quiet.start()
        if not self._longest.isActive():
            self._longest.start()
        if self._faults:
            self._faults = ()
            self.faults_changed.emit()

    # -- keeping -------------------------------------------------------------------------------------------

    @Slot()
    def save(self) -> None:
        """Queue the saving of what is unsaved. Called by the timer, on lock, focus loss, page change and close."""
        self._quiet.stop()
        self._longest.stop()
        stranded, self._stranded = self._stranded, {}
        if self._draft is not None and self._unsaved:
            self._unsaved = False
            stranded[self._draft.id] = self._draft
        for draft in stranded.values():
            self._session.run(
                partial(self._verbs.save_draft, self._session.desk, draft),
                done=self._on_saved,
                failed=partial(self._on_save_failed, draft),
                urgent=True,
            )

    def _on_saved(self, kept: IncidentDraft) -> None:
        if self._draft is not None and self._draft.id == kept.id:
            self._say_saved(self._saved_words(kept))

    def _on_save_failed(self, draft: IncidentDraft, failure: WhiteCrossError) -> None:
        self._session.tell_failure(failure)
        if self._draft is not None and self._draft.id == draft.id:
            self._unsaved = True
            self._say_saved(self.tr("Not saved: {why}").format(why=failure_sentence(failure)))
        else:
            self._stranded[draft.id] = draft
        self._longest.start()  # tried again by itself

    def _saved_words(self, draft: IncidentDraft) -> str:
        if draft.saved_at is None:
            return self.tr("Nothing to save yet. The draft is kept by itself from the first key on.")
        at = clock_words(draft.saved_at, self._session.zone)
        return self.tr("Draft saved on this workstation {time}").format(time=at)

    def _say_saved(self, line: str) -> None:
        if line != self._saved_line:
            self._saved_line = line
            self.saved_line_changed.emit(line)

    # -- signing -------------------------------------------------------------------------------------------

    @Slot()
    def ask_to_sign(self) -> None:
        """Keep the draft, ask the rules, then show faults or `ready_to_sign`."""
        if self._draft is None or self._busy:
            return
        self.save()
        self._busy = True
        self._session.run(
            partial(self._verbs.check, self._session.desk, self._to_sign(self._draft)),
            done=partial(self._on_checked, self._draft),
            failed=self._on_sign_failed,
            urgent=True,
        )

    def _on_checked(self, asked: IncidentDraft, findings: tuple[Finding, ...]) -> None:
        self._busy = False
        if self._draft is None or asked.id != self._draft.id:
            return
        found = (
            *self._own_faults(self._to_sign(self._draft)),
            *faults_of_findings(findings, self._session.zone, self._today()),
        )
        self._show_faults(found)
        if not any(fault.blocks for fault in found):
            self.ready_to_sign.emit()

    def _own_faults(self, draft: IncidentDraft) -> tuple[Fault, ...]:
        """Return what the rules cannot see."""
        return own_faults(draft)

    def _today(self) -> date:
        return local(self._session.now(), self._session.zone).date()

    def _show_faults(self, faults: Sequence[Fault]) -> None:
        known: dict[tuple[str, str], Fault] = {}
        for fault in faults:
            known.setdefault((fault.field, fault.sentence), fault)
        self._faults = tuple(known.values())
        self.faults_changed.emit()

    @Slot()
    def sign(self) -> None:
        """Sign the report; afterwards it changes only by addenda."""
        if self._draft is None or self._busy:
            return
        self._quiet.stop()
        self._longest.stop()
        self._busy = True
        self._unsaved = False
        self._session.run(
            partial(self._verbs.sign_incident, self._session.desk, self._to_sign(self._draft)),
            done=self._on_signed,
            failed=self._on_sign_failed,
            urgent=True,
        )

    def _to_sign(self, draft: IncidentDraft) -> IncidentDraft:
        """Return the draft without the sections that its kind of incident does not show."""
        hidden = (() if self.asks_for_body else _BODY_FIELDS) + (() if self.asks_for_error else _ERROR_FIELDS)
        return replace(draft, fields={name: value for name, value in draft.fields.items() if name not in hidden})

    def _on_signed(self, row: IncidentRow | VisitView) -> None:
        self._wanted += 1
        self._forget()
        self._tell_signed()
        self.signed.emit(row)

    def _tell_signed(self) -> None:
        self._session.changed(INCIDENT.name)
        self._session.tell(self.tr("Report signed and saved on this workstation"))

    def _on_sign_failed(self, failure: WhiteCrossError) -> None:
        self._busy = False
        self._unsaved = self._draft is not None
        self.save()
        self._session.tell_failure(failure)

    # -- discarding ----------------------------------------------------------------------------------------

    @Slot()
    def discard(self) -> None:
        """Throw the draft away; the nurse was asked."""
        draft = self._draft
        if draft is None or self._busy:
            return
        self._wanted += 1
        self._forget()
        self._session.run(
            partial(self._verbs.discard_draft, self._session.desk, draft.id), done=self._on_discarded, urgent=True
        )

    def _on_discarded(self, _nothing: None) -> None:
        self._session.tell(self.tr("Draft discarded"))
        self.discarded.emit()


def _begin(verbs: FormVerbs, session: Session, student: StudentId | None) -> tuple[IncidentDraft, StudentRow | None]:
    draft = verbs.new_draft(session.desk, student)
    if verbs.begins_at:
        now = instant_to_text(session.now().replace(second=0, microsecond=0))
        draft = replace(draft, fields={**draft.fields, verbs.begins_at: now})
    return draft, child_of(verbs, session, draft)


def _reopen(
    verbs: FormVerbs, session: Session, incident: IncidentId, stranded: IncidentDraft | None
) -> tuple[IncidentDraft, StudentRow | None]:
    # What could not be stored is newer than what was.
    draft = stranded or verbs.load_draft(session.desk, incident)
    return draft, child_of(verbs, session, draft)


def child_of(verbs: FormVerbs, session: Session, draft: IncidentDraft) -> StudentRow | None:
    """Return the child that a form is about, None while it names nobody. On the replica thread."""
    if draft.student_id is None:
        return None
    return verbs.children(session.desk, [str(draft.student_id)]).get(str(draft.student_id))
