"""Hypothesis strategies for entries and their parts. Shared by the properties of every room."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from hypothesis import strategies as st
from tests.factories import DEVICE_A, DEVICE_B, NOON, SCHOOL_DAY

from wc_contract.model.apply import compact
from wc_contract.model.authoring import ADDABLE, CHANGEABLE, authored_fields
from wc_contract.model.changes import (
    AccessRecorded,
    CaseAnswered,
    ContactAttempt,
    DoseLogged,
    Entry,
    IncidentSigned,
    Override,
    RecordAdded,
    RecordChanged,
    SlotRef,
    Witness,
)
from wc_contract.model.ids import (
    CaseId,
    DeviceId,
    DoseId,
    EntryId,
    IncidentId,
    MedicationId,
    OrderId,
    OrderVersionId,
    SlotId,
    StudentId,
    UserId,
)
from wc_contract.model.instants import instant_to_text
from wc_contract.model.kinds import BY_NAME, Field, FieldType, MergePolicy, RecordKind, WireValue
from wc_contract.model.quantity import plain
from wc_contract.model.values import (
    AccessAction,
    CaseResolution,
    Disposition,
    DoseState,
    IncidentType,
    MedicationErrorType,
    Severity,
)

uuids = st.uuids()
# What a person can type and a database can store.
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
codes = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)
instants = st.datetimes(
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001  # hypothesis adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000))
amounts = st.decimals(min_value=0, max_value=Decimal("999999999.999999"), places=6, allow_nan=False)
wall_clocks = st.builds(time, st.integers(0, 23), st.integers(0, 59))
near_noon = st.integers(-24 * 3600, 24 * 3600).map(lambda seconds: NOON + timedelta(seconds=seconds))
devices = st.sampled_from([DEVICE_A, DEVICE_B])
dates = st.dates(min_value=date(1970, 1, 1), max_value=date(2100, 1, 1))
school_days = st.integers(0, 200).map(lambda days: SCHOOL_DAY + timedelta(days=days))

overrides = st.builds(Override, code=codes, reason=texts)
slots = st.builds(SlotRef, id=uuids.map(SlotId), date=dates, time=wall_clocks)
doses = st.builds(
    DoseLogged,
    id=uuids.map(DoseId),
    student_id=uuids.map(StudentId),
    order_id=uuids.map(OrderId),
    order_version_id=uuids.map(OrderVersionId),
    medication_id=uuids.map(MedicationId),
    slot=st.none() | slots,
    status=st.sampled_from(DoseState),
    administered_at=instants,
    local_date=dates,
    dose_given=st.none() | amounts,
    unit=st.none() | texts,
    reason=st.none() | texts,
    site=st.none() | texts,
    overrides=st.lists(overrides, max_size=3).map(tuple),
)
incidents = st.builds(
    IncidentSigned,
    id=uuids.map(IncidentId),
    student_id=st.none() | uuids.map(StudentId),
    type=st.sampled_from(IncidentType),
    severity=st.sampled_from(Severity),
    occurred_at=instants,
    location=texts,
    activity=texts,
    narrative=texts,
    body_regions=st.lists(texts, max_size=3).map(tuple),
    injury_kind=texts,
    witnesses=st.lists(st.builds(Witness, name=texts, role=texts), max_size=2).map(tuple),
    care_given=texts,
    disposition=st.sampled_from(Disposition),
    notifications=st.lists(
        st.builds(ContactAttempt, person=texts, method=texts, at=instants, outcome=texts), max_size=2
    ).map(tuple),
    med_error_type=st.none() | st.sampled_from(MedicationErrorType),
    ncc_merp=st.none() | st.sampled_from("ABCDEFGHI"),
    follow_up_due=st.none() | dates,
    signed_at=instants,
)
accesses = st.builds(
    AccessRecorded,
    action=st.sampled_from(AccessAction),
    entity_type=codes,
    entity_id=texts,
    at=instants,
    fields=st.lists(codes, max_size=3).map(tuple),
)
sentences = texts.filter(lambda text: bool(text.strip()))


_WIRE_VALUES: dict[FieldType, st.SearchStrategy[WireValue]] = {
    FieldType.UUID: uuids.map(str),
    FieldType.INTEGER: st.integers(-(2**31) + 1, 2**31 - 1),
    FieldType.BOOLEAN: st.booleans(),
    FieldType.DATE: dates.map(date.isoformat),
    FieldType.INSTANT: instants.map(instant_to_text),
    FieldType.DECIMAL: amounts.map(plain),
    FieldType.JSON: st.lists(sentences, max_size=3).map(compact),
}


def wire_values(field: Field) -> st.SearchStrategy[WireValue]:
    """Return values that fit a declared field, in the form in which they are written."""
    if field.values:
        return st.sampled_from(field.values)
    return _WIRE_VALUES.get(field.type, sentences if field.required else texts)


def records(kind: RecordKind) -> st.SearchStrategy[dict[str, WireValue]]:
    """Return whole records of a kind in wire form, row_version included."""
    fields = {f.name: wire_values(f) if f.required else st.none() | wire_values(f) for f in kind.fields}
    return st.fixed_dictionaries({"id": uuids.map(str), **fields, "row_version": st.integers(1, 10_000)})


def additions(name: str) -> st.SearchStrategy[RecordAdded]:
    """Return additions of a kind that are well formed."""
    fields = [BY_NAME[name].field(one) for one in authored_fields(name)]
    required = {f.name: wire_values(f) for f in fields if f.required}
    optional = {f.name: st.none() | wire_values(f) for f in fields if not f.required}
    values = st.fixed_dictionaries(required, optional=optional)
    return st.builds(RecordAdded, kind=st.just(name), id=uuids, values=values)


@st.composite
def changes_of(draw: st.DrawFn, name: str) -> RecordChanged:
    """Return changes of a kind that are well formed."""
    kind = BY_NAME[name]
    names = draw(st.lists(st.sampled_from(authored_fields(name)), min_size=1, max_size=4, unique=True))
    seen = draw(records(kind))
    whole = kind.merge is MergePolicy.BASE_MUST_MATCH
    together = {field for one in names for field in kind.group_of(one)}
    base = {f.name: seen[f.name] for f in kind.fields if whole or f.name in together}
    values = {one: draw(wire_values(kind.field(one))) for one in names}
    return RecordChanged(kind=name, id=draw(uuids), base_version=draw(st.integers(0, 10_000)), base=base, values=values)


added = st.sampled_from(sorted(ADDABLE)).flatmap(additions)
changed = st.sampled_from(sorted(CHANGEABLE)).flatmap(changes_of)
answered = st.builds(
    CaseAnswered,
    case_id=uuids.map(CaseId),
    resolution=st.sampled_from(CaseResolution),
    subject_ids=st.lists(uuids, max_size=3).map(tuple),
    note=texts,
)
amending = st.builds(replace, doses, amends_id=uuids.map(DoseId), amend_reason=sentences)
changes = doses | incidents | accesses | amending | added | changed | answered
entries = st.builds(
    Entry,
    number=st.integers(1, 2**31 - 1),
    id=uuids.map(EntryId),
    device_id=uuids.map(DeviceId),
    author_id=uuids.map(UserId),
    authored_at=instants,
    zone=st.sampled_from(["America/Chicago", "America/Phoenix", "Pacific/Honolulu"]),
    hlc=codes,
    clock_offset_ms=st.none() | st.integers(-(10**13), 10**13),
    replica_as_of=st.none() | instants,
    depends_on=st.lists(uuids.map(EntryId), max_size=3).map(tuple),
    changes=st.lists(changes, min_size=1, max_size=3).map(tuple),
    replaces=st.none() | uuids.map(EntryId),
)
