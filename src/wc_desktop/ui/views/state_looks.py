"""States given icons and colours: doses, orders, reports, findings. A word stands beside each; colour comes last."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QCoreApplication

from wc_contract.model.values import DoseState, IncidentStatus, OrderStatus
from wc_contract.rules.findings import Code
from wc_desktop.domain.screens import Confirmed, DoseView, IncidentRow
from wc_desktop.ui.messages.findings import finding_sentence, finding_title
from wc_desktop.ui.theme.cells import Chip, StatusCell
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.viewmodels.incident_words import STATUSES, said
from wc_desktop.ui.viewmodels.words import dose_state_words

_CONTEXT: Final = "StateLooks"

_DOSES: Final[Mapping[DoseState, tuple[Icon, Tone]]] = {
    DoseState.ADMINISTERED: (Icon.CIRCLE_CHECK, Tone.OK),
    DoseState.PARTIAL: (Icon.CIRCLE_DASHED, Tone.WARNING),
    DoseState.REFUSED: (Icon.CIRCLE_X, Tone.WARNING),
    DoseState.ABSENT: (Icon.USER_X, Tone.INFO),
    DoseState.DISMISSED_EARLY: (Icon.USER_X, Tone.INFO),
    DoseState.HELD: (Icon.CIRCLE_PAUSE, Tone.WARNING),
    DoseState.MISSED: (Icon.CIRCLE_SLASH, Tone.DANGER),
    DoseState.NOT_AVAILABLE: (Icon.PACKAGE_X, Tone.WARNING),
    DoseState.WASTED: (Icon.TRASH_2, Tone.WARNING),
    DoseState.SELF_ADMINISTERED: (Icon.USER, Tone.OK),
    DoseState.OFF_SITE: (Icon.ARROW_RIGHT, Tone.INFO),
    DoseState.VOMITED: (Icon.TRIANGLE_ALERT, Tone.WARNING),
    DoseState.ENTERED_IN_ERROR: (Icon.BAN, Tone.MUTED),
}
_ORDERS: Final[Mapping[OrderStatus, tuple[str, Icon, Tone]]] = {
    OrderStatus.DRAFT: ("Draft", Icon.PENCIL, Tone.MUTED),
    OrderStatus.PENDING_VERIFICATION: ("Not verified", Icon.CIRCLE_HELP, Tone.WARNING),
    OrderStatus.ACTIVE: ("Active", Icon.CIRCLE_CHECK, Tone.OK),
    OrderStatus.HELD: ("On hold", Icon.CIRCLE_PAUSE, Tone.WARNING),
    OrderStatus.SUPERSEDED: ("Replaced", Icon.HISTORY, Tone.MUTED),
    OrderStatus.DISCONTINUED: ("Discontinued", Icon.BAN, Tone.MUTED),
    OrderStatus.EXPIRED: ("Expired", Icon.CALENDAR_X, Tone.WARNING),
    OrderStatus.COMPLETED: ("Completed", Icon.CHECK, Tone.MUTED),
}
_REPORTS: Final[Mapping[str, tuple[Icon, Tone]]] = {
    IncidentStatus.DRAFT.value: (Icon.PENCIL, Tone.WARNING),
    IncidentStatus.SIGNED.value: (Icon.CIRCLE_CHECK, Tone.OK),
    IncidentStatus.FOLLOW_UP.value: (Icon.CLOCK, Tone.INFO),
    IncidentStatus.CLOSED.value: (Icon.LOCK, Tone.MUTED),
}
_LOUD: Final = frozenset(
    {
        Code.ALLERGY_MATCH.value,
        Code.POSSIBLE_DOUBLE_DOSE.value,
        Code.DOUBLE_DOSE_UNRESOLVED.value,
        Code.AFTER_STOP.value,
        Code.WRONG_STUDENT.value,
        Code.WRONG_MEDICATION.value,
    }
)


def dose_status(dose: DoseView) -> StatusCell:
    """Return what happened, and whether the district has it."""
    icon, tone = _DOSES[dose.status]
    if dose.is_replaced:
        # The word stays, so that one can read what was corrected.
        corrected = QCoreApplication.translate(_CONTEXT, "Corrected since")
        return StatusCell(word=dose_state_words(dose.status), icon=Icon.HISTORY, tone=Tone.MUTED, detail=corrected)
    return StatusCell(word=dose_state_words(dose.status), icon=icon, tone=tone, detail=waiting_words(dose.confirmed))


def order_status(status: OrderStatus) -> StatusCell:
    """Return where an order stands."""
    word, icon, tone = _ORDERS[status]
    return StatusCell(word=QCoreApplication.translate(_CONTEXT, word), icon=icon, tone=tone)


def report_status(row: IncidentRow, saved: str) -> StatusCell:
    """Return where a report stands; `saved` is when a draft was kept."""
    icon, tone = _REPORTS.get(row.status, (Icon.FILE_TEXT, Tone.MUTED))
    if row.status == IncidentStatus.DRAFT.value:
        detail = QCoreApplication.translate(_CONTEXT, "Saved here {time}").format(time=saved)
    else:
        detail = waiting_words(row.confirmed)
    return StatusCell(word=said(STATUSES, row.status), icon=icon, tone=tone, detail=detail)


def waiting_words(confirmed: Confirmed) -> str:
    """Return 'Waiting to be sent' for what the district does not have yet, else nothing."""
    waits = confirmed is Confirmed.WAITING
    return QCoreApplication.translate(_CONTEXT, "Waiting to be sent") if waits else ""


def finding_chip(code: str) -> Chip:
    """Return a finding as a chip; a screen reader hears the whole sentence."""
    if code in _LOUD:
        return Chip(text=finding_title(code), tone=Tone.DANGER, icon=Icon.TRIANGLE_ALERT, said=finding_sentence(code))
    return Chip(text=finding_title(code), tone=Tone.WARNING, icon=Icon.FILE_TEXT, said=finding_sentence(code))
