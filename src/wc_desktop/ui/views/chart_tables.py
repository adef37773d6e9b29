"""The tables of a chart: what each column shows and says."""

from collections.abc import Hashable
from typing import Final
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication, QObject

from wc_contract.model.ids import DoseId, OrderId
from wc_contract.model.values import ConditionStatus, OrderKind
from wc_desktop.domain.screens import AllergyView, ConditionView, ContactView, DoseView, OrderView, VaccinationView
from wc_desktop.ui.models.row_table import ColumnSpec, RowTableModel
from wc_desktop.ui.theme.cells import CellLook, Chip, ChipsCell, StatusCell, TextCell, Widths
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.viewmodels.tall_man import tall_man
from wc_desktop.ui.viewmodels.words import (
    JOINT,
    clock_words,
    day_words,
    dose_words,
    drug_words,
    local,
    route_words,
    schedule_words,
)
from wc_desktop.ui.views.state_looks import dose_status, finding_chip, order_status

_CONTEXT: Final = "ChartTables"


def tr(text: str) -> str:
    """Translate one of the words of this module."""
    return QCoreApplication.translate(_CONTEXT, text)


def cell_words(look: CellLook) -> str:
    """Return what a cell shows, as one sentence for a screen reader."""
    match look:
        case TextCell():
            return _joined(look.headline, look.detail.replace(JOINT, ", ").replace("\n", ", "), look.note)
        case StatusCell():
            return _joined(look.word, look.detail)
        case ChipsCell():
            return _joined(*(chip.spoken for chip in look.chips)) or tr("No marks")


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


# Orders.


def _order_drug(row: OrderView) -> TextCell:
    name, strength = drug_words(row.medication)
    how = f"{dose_words(row.dose)} {route_words(row.route)}"
    purpose = tr("For: {indication}").format(indication=row.indication) if row.indication else ""
    detail = JOINT.join(part for part in (how, row.instructions or "", purpose) if part)
    return TextCell(headline=f"{name}  {strength}".strip(), detail=detail)


def _order_times(row: OrderView) -> TextCell:
    times = tr("As needed") if row.kind is OrderKind.PRN else ", ".join(row.times)
    return TextCell(headline=times, strong=False)


def _order_authority(row: OrderView) -> TextCell:
    until = tr("no end") if row.end_date is None else day_words(row.end_date)
    consent = (
        tr("none on record") if row.parent_auth_to is None else tr("to {day}").format(day=day_words(row.parent_auth_to))
    )
    return TextCell(
        headline=row.prescriber,
        detail=tr("{start} to {until}, version {version} · Parent consent {consent}").format(
            start=day_words(row.start_date), until=until, version=row.version, consent=consent
        ),
        strong=False,
    )


def _order_marks(row: OrderView) -> ChipsCell:
    chips = [finding_chip(code) for code in row.findings]
    controlled = schedule_words(row.medication.dea_schedule)
    if controlled:
        chips.append(
            Chip(text=controlled, tone=Tone.INFO, icon=Icon.LOCK, said=tr("Controlled: {list}").format(list=controlled))
        )
    if row.medication.is_emergency:
        chips.append(Chip(text=tr("Emergency"), tone=Tone.INFO, icon=Icon.HEART_PULSE))
    return ChipsCell(chips=tuple(chips))


def _order_status(row: OrderView) -> StatusCell:
    return order_status(row.status)


def _order_said(row: OrderView) -> str:
    alerts = [chip.spoken for chip in _order_marks(row).chips]
    return ", ".join((*alerts, cell_words(_order_drug(row))))


def _said_times(row: OrderView) -> str:
    return cell_words(_order_times(row))


def _said_authority(row: OrderView) -> str:
    return cell_words(_order_authority(row))


def _said_marks(row: OrderView) -> str:
    return cell_words(_order_marks(row))


def _said_order_status(row: OrderView) -> str:
    return cell_words(_order_status(row))


def _order_key(row: OrderView) -> OrderId:
    return row.id


def _order_edge(row: OrderView) -> Tone | None:
    tones = [chip.tone for chip in _order_marks(row).chips]
    if Tone.DANGER in tones:
        return Tone.DANGER
    return Tone.WARNING if Tone.WARNING in tones else None


def orders_table(parent: QObject) -> RowTableModel[OrderView]:
    """Return the orders: medicine, times, authority, findings, state."""
    columns = (
        ColumnSpec(
            title=tr("Medicine and dose"),
            look=_order_drug,
            said=_order_said,
            widths=Widths(least=180, usual=300, share=3),
        ),
        ColumnSpec(title=tr("Times"), look=_order_times, said=_said_times, widths=Widths(least=90, usual=110)),
        ColumnSpec(
            title=tr("Authority"),
            look=_order_authority,
            said=_said_authority,
            widths=Widths(least=170, usual=260, share=2),
        ),
        ColumnSpec(
            title=tr("Check"), look=_order_marks, said=_said_marks, widths=Widths(least=130, usual=190, share=1)
        ),
        ColumnSpec(
            title=tr("Status"), look=_order_status, said=_said_order_status, widths=Widths(least=130, usual=140)
        ),
    )
    return RowTableModel(columns, _order_key, edge=_order_edge, parent=parent)


# Doses.


class DoseColumns:
    """The columns of the dose history; they print times in the school's zone."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def when(self, row: DoseView) -> TextCell:
        at = local(row.administered_at, self._zone)
        detail = clock_words(row.administered_at, self._zone)
        if row.slot_time is not None:
            detail = tr("{time} · for {slot}").format(time=detail, slot=f"{row.slot_time:%H:%M}")
        return TextCell(headline=day_words(at.date()), detail=detail)

    def medicine(self, row: DoseView) -> TextCell:
        amount = "" if row.quantity is None else dose_words(row.quantity)
        return TextCell(headline=tall_man(row.medication_name), detail=amount)

    def state(self, row: DoseView) -> StatusCell:
        return dose_status(row)

    def who(self, row: DoseView) -> TextCell:
        here = tr("This workstation") if row.device_is_this else tr("Another workstation")
        return TextCell(headline=row.author or tr("Not known here"), detail=here, strong=False)

    def why(self, row: DoseView) -> TextCell:
        if row.amend_reason is None:
            return TextCell(headline=row.reason or "", strong=False)
        corrects = tr("Corrects an entry: {reason}").format(reason=row.amend_reason)
        return TextCell(headline=corrects, detail=row.reason or "", strong=False)

    def marks(self, row: DoseView) -> ChipsCell:
        return ChipsCell(chips=tuple(finding_chip(code) for code in row.flags))

    def when_said(self, row: DoseView) -> str:
        marks = [chip.spoken for chip in self.marks(row).chips]
        return ", ".join((*marks, cell_words(self.when(row)), cell_words(self.state(row))))

    def medicine_said(self, row: DoseView) -> str:
        return cell_words(self.medicine(row))

    def state_said(self, row: DoseView) -> str:
        return cell_words(self.state(row))

    def who_said(self, row: DoseView) -> str:
        return cell_words(self.who(row))

    def why_said(self, row: DoseView) -> str:
        return cell_words(self.why(row)) or tr("No reason")

    def marks_said(self, row: DoseView) -> str:
        return cell_words(self.marks(row))


def _dose_key(row: DoseView) -> DoseId:
    return row.id


def doses_table(zone: ZoneInfo, parent: QObject) -> RowTableModel[DoseView]:
    """Return the dose history: when, what, what happened, who, why, marks."""
    make = DoseColumns(zone)
    columns = (
        ColumnSpec(title=tr("When"), look=make.when, said=make.when_said, widths=Widths(least=120, usual=150)),
        ColumnSpec(
            title=tr("Medicine"),
            look=make.medicine,
            said=make.medicine_said,
            widths=Widths(least=130, usual=200, share=2),
        ),
        ColumnSpec(title=tr("State"), look=make.state, said=make.state_said, widths=Widths(least=140, usual=170)),
        ColumnSpec(title=tr("Who"), look=make.who, said=make.who_said, widths=Widths(least=130, usual=170, share=1)),
        ColumnSpec(title=tr("Reason"), look=make.why, said=make.why_said, widths=Widths(least=110, usual=180, share=2)),
        ColumnSpec(
            title=tr("Marks"), look=make.marks, said=make.marks_said, widths=Widths(least=110, usual=160, share=1)
        ),
    )
    return RowTableModel(columns, _dose_key, parent=parent)


# Vaccinations.


def _itself(row: Hashable) -> Hashable:
    return row


def _vaccine(row: VaccinationView) -> TextCell:
    return TextCell(headline=row.name, detail=tr("CVX {code}").format(code=row.cvx))


def _vaccine_said(row: VaccinationView) -> str:
    return cell_words(_vaccine(row))


def _vaccine_day(row: VaccinationView) -> TextCell:
    return TextCell(headline=day_words(row.administered_on), strong=False)


def _vaccine_day_said(row: VaccinationView) -> str:
    return day_words(row.administered_on)


def vaccinations_table(parent: QObject) -> RowTableModel[VaccinationView]:
    """Return the vaccinations, newest first."""
    columns = (
        ColumnSpec(
            title=tr("Vaccine"), look=_vaccine, said=_vaccine_said, widths=Widths(least=200, usual=420, share=3)
        ),
        ColumnSpec(
            title=tr("Given on"),
            look=_vaccine_day,
            said=_vaccine_day_said,
            widths=Widths(least=110, usual=160, share=1),
        ),
    )
    return RowTableModel(columns, _itself, parent=parent)


# Allergies and conditions.

Ailment = AllergyView | ConditionView


def _ailment_kind(row: Ailment) -> StatusCell:
    match row:
        case AllergyView():
            return StatusCell(word=tr("Allergy"), icon=Icon.TRIANGLE_ALERT, tone=Tone.DANGER)
        case ConditionView():
            return StatusCell(word=tr("Condition"), icon=Icon.HEART_PULSE, tone=Tone.INFO)


def _ailment_kind_said(row: Ailment) -> str:
    return f"{cell_words(_ailment_kind(row))}: {cell_words(_ailment(row))}"


def _ailment(row: Ailment) -> TextCell:
    match row:
        case AllergyView():
            return TextCell(headline=row.allergen, detail=row.reaction or "")
        case ConditionView():
            code = tr("ICD-10 {code}").format(code=row.icd10) if row.icd10 else ""
            return TextCell(headline=row.name, detail=code, muted=row.status != ConditionStatus.ACTIVE.value)


def _ailment_said(row: Ailment) -> str:
    return cell_words(_ailment(row))


_AILMENT_STATES: Final = {
    "low": "Low risk",
    "high": "High risk",
    "unable-to-assess": "Risk not assessed",
    "ACTIVE": "Active",
    "RESOLVED": "Resolved",
}


def _ailment_state(row: Ailment) -> TextCell:
    code = row.criticality if isinstance(row, AllergyView) else row.status
    return TextCell(headline=tr(_AILMENT_STATES.get(code, code)), strong=False)


def _ailment_state_said(row: Ailment) -> str:
    return cell_words(_ailment_state(row))


def ailments_table(parent: QObject) -> RowTableModel[Ailment]:
    """Return allergies, then conditions."""
    columns = (
        ColumnSpec(title=tr("Kind"), look=_ailment_kind, said=_ailment_kind_said, widths=Widths(least=130, usual=150)),
        ColumnSpec(title=tr("What"), look=_ailment, said=_ailment_said, widths=Widths(least=200, usual=400, share=3)),
        ColumnSpec(
            title=tr("State"),
            look=_ailment_state,
            said=_ailment_state_said,
            widths=Widths(least=110, usual=170, share=1),
        ),
    )
    return RowTableModel(columns, _itself, parent=parent)


# Contacts.


def _contact(row: ContactView) -> TextCell:
    return TextCell(headline=row.name, detail=row.relationship)


def _contact_said(row: ContactView) -> str:
    first = tr("Call first") if row.is_primary else ""
    return ", ".join(part for part in (first, cell_words(_contact(row)), row.phone) if part)


def _contact_phone(row: ContactView) -> TextCell:
    return TextCell(headline=row.phone, figures=True)


def _contact_phone_said(row: ContactView) -> str:
    return row.phone


def _contact_marks(row: ContactView) -> ChipsCell:
    first = Chip(text=tr("Call first"), tone=Tone.ACCENT, icon=Icon.PHONE)
    return ChipsCell(chips=(first,) if row.is_primary else ())


def _contact_marks_said(row: ContactView) -> str:
    return cell_words(_contact_marks(row))


def contacts_table(parent: QObject) -> RowTableModel[ContactView]:
    """Return whom to call, in the family's order."""
    columns = (
        ColumnSpec(
            title=tr("Contact"), look=_contact, said=_contact_said, widths=Widths(least=160, usual=320, share=2)
        ),
        ColumnSpec(
            title=tr("Phone"),
            look=_contact_phone,
            said=_contact_phone_said,
            widths=Widths(least=130, usual=220, share=1),
        ),
        ColumnSpec(
            title=tr("Order"),
            look=_contact_marks,
            said=_contact_marks_said,
            widths=Widths(least=120, usual=180, share=1),
        ),
    )
    return RowTableModel(columns, _itself, parent=parent)
