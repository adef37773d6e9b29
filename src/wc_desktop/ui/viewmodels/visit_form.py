"""The form of a clinic visit: kept as an incident's is, saved as a record, and gone on with until the child leaves."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

from PySide6.QtCore import QCoreApplication, QObject

from wc_contract.model.instants import instant_to_text
from wc_contract.model.kinds import CLINIC_VISIT
from wc_desktop.actions import incidents, reading, visits
from wc_desktop.domain.documents import SEES_CONFIDENTIAL
from wc_desktop.domain.screens import IncidentDraft, StudentRow
from wc_desktop.ui.viewmodels.incident_faults import LONGEST_LINE, LONGEST_NOTE, Fault, reads_as_instant
from wc_desktop.ui.viewmodels.incident_form import FormVerbs, IncidentForm, child_of
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.visit_words import FETCHED

_CONTEXT: Final = "VisitForm"
_MOMENTS: Final = ("arrived_at", "left_at")
_LONGEST: Final = (("said", LONGEST_NOTE), ("care_given", LONGEST_NOTE), ("fetched_by", LONGEST_LINE))


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitVerbs:
    """What the form of a visit does on the replica thread."""

    form: FormVerbs
    go_on: Callable[..., IncidentDraft]


REAL: Final = VisitVerbs(
    form=FormVerbs(
        new_draft=visits.new_draft,
        save_draft=incidents.save_draft,
        load_draft=visits.load_draft,
        discard_draft=incidents.discard_draft,
        check=visits.check,
        sign_incident=visits.save_visit,
        children=reading.students_by_id,
        begins_at="",
    ),
    go_on=visits.go_on,
)


class VisitForm(IncidentForm):
    """One visit at a time. `signed` carries a VisitView: the visit is saved, whether the child left or not."""

    def __init__(self, session: Session, verbs: VisitVerbs = REAL, parent: QObject | None = None) -> None:
        super().__init__(session, verbs.form, parent)
        self._go_on_with = verbs.go_on

    @property
    def amends(self) -> bool:
        """Whether a visit that stands already is gone on with or corrected."""
        return bool(self.text("amends"))

    @property
    def asks_who_fetched(self) -> bool:
        """Whether it matters who went with the child."""
        return self.text("disposition") in FETCHED

    @property
    def may_hide(self) -> bool:
        """Whether the person at the desk sees what is confidential, and so may say that a visit is."""
        return self._session.person.role in SEES_CONFIDENTIAL

    def go_on(self, visit: UUID, why: str) -> None:
        """Put a visit that stands on the screen, to go on with it or to correct it."""
        self._leave()
        self._session.run(
            partial(_gone_on_with, self._go_on_with, self._verbs, self._session, visit, why),
            done=partial(self._on_opened, self._wanted),
            failed=partial(self._on_missing, self._wanted),
            urgent=True,
        )

    def end_as(self, disposition: str) -> None:
        """Take how the visit ended; the child leaves now unless a time stands there, and has not while it is here."""
        if disposition == self.text("disposition"):
            return
        self.put("disposition", disposition)
        if not disposition:
            self.put("left_at", "")
        elif not self.text("left_at"):
            self.put("left_at", instant_to_text(self._session.now().replace(second=0, microsecond=0)))
        self.sections_changed.emit()

    def _to_sign(self, draft: IncidentDraft) -> IncidentDraft:
        if self.asks_who_fetched:
            return draft
        return IncidentDraft(
            id=draft.id,
            student_id=draft.student_id,
            fields={name: value for name, value in draft.fields.items() if name != "fetched_by"},
            saved_at=draft.saved_at,
        )

    def _own_faults(self, draft: IncidentDraft) -> tuple[Fault, ...]:
        return tuple(_faults(draft))

    def _tell_signed(self) -> None:
        self._session.changed(CLINIC_VISIT.name)
        self._session.tell(self.tr("Visit saved on this workstation"))


def _faults(draft: IncidentDraft) -> Iterator[Fault]:
    tr = QCoreApplication.translate
    for name in _MOMENTS:
        typed = str(draft.fields.get(name, ""))
        if typed.strip() and not reads_as_instant(typed):
            words = tr(_CONTEXT, "This time does not read. Type 11:45, -10, or 20 Nov 11:45.")
            yield Fault(field=name, sentence=words, blocks=True)
    for name, longest in _LONGEST:
        if len(str(draft.fields.get(name, ""))) > longest:
            words = tr(_CONTEXT, "This is too long. Keep it under {count} letters.").format(count=f"{longest:,}")
            yield Fault(field=name, sentence=words, blocks=True)


def _gone_on_with(
    go_on: Callable[..., IncidentDraft], verbs: FormVerbs, session: Session, visit: UUID, why: str
) -> tuple[IncidentDraft, StudentRow | None]:
    draft = go_on(session.desk, visit, why)
    return draft, child_of(verbs, session, draft)
