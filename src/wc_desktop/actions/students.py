"""Finding a child, and opening the chart. Opening it is on record (law 6)."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from wc_contract.model.changes import AccessRecorded
from wc_contract.model.errors import Unavailable
from wc_contract.model.ids import OrderId, StudentId
from wc_contract.model.instants import Instant, whole_millis
from wc_contract.model.kinds import (
    ALLERGY,
    CAPTURE,
    CHRONIC_CONDITION,
    CLINIC_VISIT,
    DISTRICT,
    DOCUMENT,
    DOSE,
    EMERGENCY_CONTACT,
    INCIDENT,
    ORDER,
    ORDER_VERSION,
    STUDENT,
    VACCINATION,
)
from wc_contract.model.quantity import Quantity
from wc_contract.model.values import AccessAction, DoseState, OrderKind, OrderStatus, Route
from wc_contract.rules.allergy import check_allergies
from wc_contract.rules.authority import check_authority, parent_authorisation_ends_on
from wc_contract.rules.book import FactBook, fact_book
from wc_contract.rules.facts import AllergyFacts, MedicationFacts, OrderFacts, OrderVersionFacts
from wc_contract.rules.policy import Policy
from wc_desktop.actions.capture import said_of
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.documents import documents_of
from wc_desktop.actions.photos import photo_of
from wc_desktop.actions.reading import (
    chart_that_goes_on,
    charts_of,
    medications,
    newest_doses,
    people,
    student_rows,
)
from wc_desktop.actions.visits import visits_of
from wc_desktop.domain import views
from wc_desktop.domain.capture import CaptureSaid
from wc_desktop.domain.documents import DocumentRow
from wc_desktop.domain.failures import NotFound
from wc_desktop.domain.screens import Chart, OrderView, StudentRow
from wc_desktop.domain.views import text, text_or_none
from wc_desktop.ports import Row

_ON_THE_CHART = (
    CAPTURE,
    ALLERGY,
    CHRONIC_CONDITION,
    ORDER,
    DOSE,
    INCIDENT,
    CLINIC_VISIT,
    VACCINATION,
    EMERGENCY_CONTACT,
    DOCUMENT,
)
# What an audit row names: the fields that an open chart shows, never their values.
_FIELDS = tuple(sorted({name for kind in (STUDENT, ORDER_VERSION, *_ON_THE_CHART) for name in kind.phi_fields}))
# A chart shows so many of the newest doses; the whole history is the dose history's own screen.
_MOST_DOSES = 200


def search(desk: Desk, text: str, limit: int = 200) -> tuple[StudentRow, ...]:
    """Return the children whose name, number or grade begins like every word of text, by name; all for no text."""
    return student_rows(desk, desk.records.search_students(text, limit))


def open_chart(desk: Desk, student_id: StudentId) -> Chart:
    """Return everything the replica holds about one child, and write that it was looked at. Raises NotFound.

    A chart that was merged into another opens the one that it goes on in.
    """
    row = desk.records.find(STUDENT, chart_that_goes_on(desk, str(student_id)))
    if row is None:
        raise NotFound(str(student_id))
    at = whole_millis(desk.clock.now())
    viewed = AccessRecorded(
        action=AccessAction.VIEW, entity_type="student", entity_id=text(row, "id"), at=at, fields=_FIELDS
    )
    desk.author((viewed,), at)
    return _chart(desk, row, at)


def read_again(desk: Desk, student_id: StudentId) -> Chart:
    """Return a chart that is open, as it stands now; its opening is on record already. Raises NotFound."""
    row = desk.records.find(STUDENT, chart_that_goes_on(desk, str(student_id)))
    if row is None:
        raise NotFound(str(student_id))
    return _chart(desk, row, whole_millis(desk.clock.now()))


def documents_again(desk: Desk, student_id: StudentId) -> tuple[DocumentRow, ...]:
    """Return the photos and documents of a chart that is open, as they stand now."""
    return documents_of(desk, charts_of(desk, str(student_id)))


def _chart(desk: Desk, row: Row, at: Instant) -> Chart:
    key = charts_of(desk, text(row, "id"))
    student = student_rows(desk, (row,))[0]
    records, staff, catalogue = desk.records, people(desk), medications(desk)
    return Chart(
        student=student,
        allergies=tuple(views.allergy_view(r) for r in records.where(ALLERGY, "student_id", key) if r["is_active"]),
        conditions=tuple(views.condition_view(r) for r in records.where(CHRONIC_CONDITION, "student_id", key)),
        orders=_orders(desk, key, at),
        doses=views.with_replaced(
            views.dose_view(r, people=staff, device=desk.device_id, medication=_drug(catalogue, r))
            for r in newest_doses(desk, key, limit=_MOST_DOSES)
        ),
        incidents=tuple(
            views.incident_row(r, people=staff, student=student)
            for r in sorted(records.where(INCIDENT, "student_id", key), key=_occurred, reverse=True)
        ),
        vaccinations=tuple(
            views.vaccination_view(r)
            for r in sorted(records.where(VACCINATION, "student_id", key), key=_vaccinated, reverse=True)
        ),
        contacts=tuple(
            views.contact_view(r)
            for r in sorted(records.where(EMERGENCY_CONTACT, "student_id", key), key=_priority)
            if r["is_active"]
        ),
        visits=visits_of(desk, key),
        captures=_captures(desk, key),
        documents=documents_of(desk, key),
        photo=_photo(desk, student.id),
    )


def _captures(desk: Desk, student: Sequence[str]) -> tuple[CaptureSaid, ...]:
    """Return what was written down without a lease and found to be of this child, newest first."""
    rows = desk.records.where(CAPTURE, "student_id", student)
    amended = {row["amends_id"] for row in rows}
    said = [said_of(UUID(text(row, "id")), row) for row in rows if row["id"] not in amended]
    return tuple(sorted(said, key=_happened, reverse=True))


def _happened(said: CaptureSaid) -> Instant:
    return said.happened_at


def _photo(desk: Desk, student: StudentId) -> bytes | None:
    try:
        return photo_of(desk, student)
    except Unavailable:
        # A chart opens without its picture: the file of pictures cannot be used just now, and is mended by itself.
        return None


def _orders(desk: Desk, student: Sequence[str], at: Instant) -> tuple[OrderView, ...]:
    records = desk.records
    orders = records.where(ORDER, "student_id", student)
    versions = records.where(ORDER_VERSION, "order_id", [text(order, "id") for order in orders])
    catalogue = medications(desk)
    districts = records.every(DISTRICT)
    book = fact_book(
        zone=desk.zone,
        policy=Policy.from_json(text(districts[0], "policy") if districts else None),
        orders=[OrderFacts.from_row(row) for row in orders],
        versions=[OrderVersionFacts.from_row(row) for row in versions],
        medications=[
            MedicationFacts.from_row(catalogue[key]) for o in orders if (key := text(o, "medication_id")) in catalogue
        ],
        allergies=[AllergyFacts.from_row(row) for row in records.where(ALLERGY, "student_id", student)],
    )
    by_id = {text(version, "id"): version for version in versions}
    made = [_order_view(row, book, by_id, catalogue, at) for row in orders]
    return tuple(sorted((view for view in made if view is not None), key=_order_place))


def _order_view(
    row: Row, book: FactBook, versions: Mapping[str, Row], catalogue: Mapping[str, Row], at: Instant
) -> OrderView | None:
    order = book.orders[OrderId(UUID(text(row, "id")))]
    in_force = book.in_force(order.id, at)
    drug = catalogue.get(text(row, "medication_id"))
    if in_force is None or drug is None:
        return None
    version = versions[str(in_force.id)]
    return OrderView(
        id=order.id,
        medication=views.medication_view(drug),
        kind=OrderKind(text(row, "kind")),
        status=OrderStatus(text(row, "status")),
        dose=Quantity(amount=in_force.dose, unit=in_force.unit),
        route=Route(text(version, "route")),
        times=in_force.times,
        instructions=text_or_none(version, "instructions"),
        indication=text_or_none(row, "indication"),
        prescriber=text(row, "prescriber_name"),
        start_date=order.start_date,
        end_date=order.end_date,
        parent_auth_to=parent_authorisation_ends_on(order, book.policy),
        version=in_force.version,
        findings=_findings(order, book, at),
    )


def _findings(order: OrderFacts, book: FactBook, at: Instant) -> tuple[str, ...]:
    medication = book.medications[order.medication_id]
    allergies = book.allergies.get(order.student_id, ())
    noticed = [
        *check_allergies(medication, allergies),
        *check_authority(order, DoseState.ADMINISTERED, at, None, zone=book.zone, policy=book.policy),
    ]
    return tuple(dict.fromkeys(notice.code.value for notice in noticed))


def _drug(catalogue: Mapping[str, Row], dose: Row) -> str:
    drug = catalogue.get(text(dose, "medication_id"))
    return "" if drug is None else text(drug, "name")


def _occurred(row: Row) -> str:
    return text(row, "occurred_at")


def _vaccinated(row: Row) -> str:
    return text(row, "administered_on")


def _priority(row: Row) -> int:
    return int(row["priority"] or 0)


def _order_place(view: OrderView) -> tuple[bool, str, date]:
    return view.status is not OrderStatus.ACTIVE, view.medication.name.casefold(), view.start_date
