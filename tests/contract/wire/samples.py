"""One fixed sample of every change and message. Its bytes are in golden/ and never change within a version.

A new sample's file is written by `python -m tests.contract.wire.samples`; an existing file is left as it is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from uuid import UUID

from wc_contract.model.changes import (
    AccessRecorded,
    CaseAnswered,
    Change,
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
    StudentId,
    UserId,
    order_version_id,
    slot_id,
)
from wc_contract.model.values import (
    AccessAction,
    CaseResolution,
    Disposition,
    DoseState,
    IncidentType,
    MedicationErrorType,
    Severity,
)
from wc_contract.wire import messages as m
from wc_contract.wire.base import WireModel
from wc_contract.wire.codes import Directive, Outcome
from wc_contract.wire.entries import body_hash, entry_to_body

GOLDEN = Path(__file__).parent / "golden"
NOON = datetime(2026, 11, 23, 18, 0, 0, 250_000, tzinfo=UTC)
BEFORE = datetime(2026, 11, 23, 17, 42, tzinfo=UTC)


def _id(number: int) -> UUID:
    return UUID(f"0190b7c8-5a2e-7c31-9a44-{number:012x}")


ORDER = OrderId(_id(3))
DAY = date(2026, 11, 23)

DOSE = DoseLogged(
    id=DoseId(_id(1)),
    student_id=StudentId(_id(2)),
    order_id=ORDER,
    order_version_id=order_version_id(ORDER, 1),
    medication_id=MedicationId(_id(4)),
    slot=SlotRef(id=slot_id(ORDER, DAY, time(12, 0)), date=DAY, time=time(12, 0)),
    status=DoseState.ADMINISTERED,
    administered_at=NOON,
    local_date=DAY,
    dose_given=Decimal("2.5"),
    unit="mg",
    reason=None,
    site="left arm",
    overrides=(Override(code="too_early", reason="field trip — bus at 11:25"),),
)
PRN = DoseLogged(
    id=DoseId(_id(5)),
    student_id=StudentId(_id(2)),
    order_id=ORDER,
    order_version_id=order_version_id(ORDER, 2),
    medication_id=MedicationId(_id(4)),
    slot=None,
    status=DoseState.REFUSED,
    administered_at=BEFORE,
    local_date=DAY,
    reason="Says it tastes bad.",
)
INCIDENT = IncidentSigned(
    id=IncidentId(_id(6)),
    student_id=StudentId(_id(2)),
    type=IncidentType.MEDICATION_ERROR,
    severity=Severity.MEDIUM,
    occurred_at=BEFORE,
    location="Health office",
    activity="Noon medication",
    narrative='Given twice.\n"Both" tablets — café table.',
    body_regions=("mouth",),
    injury_kind="none",
    witnesses=(Witness(name="Invented Aide", role="aide"),),
    care_given="Observed.",
    disposition=Disposition.RESTED_IN_CLINIC,
    notifications=(ContactAttempt(person="Invented Parent", method="phone", at=NOON, outcome="reached"),),
    med_error_type=MedicationErrorType.DUPLICATE,
    ncc_merp="C",
    follow_up_due=date(2026, 11, 24),
    signed_at=NOON,
)
LOOK = AccessRecorded(
    action=AccessAction.VIEW,
    entity_type="student",
    entity_id=str(_id(2)),
    at=NOON,
    fields=("first_name", "last_name"),
)


VISIT = RecordAdded(
    kind="clinic_visit",
    id=_id(12),
    values={
        "student_id": str(_id(2)),
        "arrived_at": "2026-11-23T17:42:00+00:00",
        "complaint": "Headache — since the bus.",
        "vitals": '{"temperature":"37.2"}',
        "is_confidential": False,
    },
)
CONTACT = RecordChanged(
    kind="emergency_contact",
    id=_id(13),
    base_version=77,
    base={"phone": "+1 555 0100", "priority": 1, "is_primary": True},
    values={"phone": "+1 555 0199", "priority": 2},
)
ANSWER = CaseAnswered(
    case_id=CaseId(_id(11)),
    resolution=CaseResolution.DUPLICATE_RECORD,
    subject_ids=(_id(1), _id(14)),
    note="Both of us wrote the same tablet down.",
)
VOID = replace(
    DOSE,
    id=DoseId(_id(15)),
    status=DoseState.ENTERED_IN_ERROR,
    dose_given=None,
    unit=None,
    site=None,
    overrides=(),
    amends_id=DoseId(_id(1)),
    amend_reason="Written down twice.",
)


def _entry(number: int, *changes: Change, synced: bool = True) -> Entry:
    return Entry(
        number=number,
        id=EntryId(_id(100 + number)),
        device_id=DeviceId(_id(7)),
        author_id=UserId(_id(8)),
        authored_at=NOON,
        zone="America/Chicago",
        hlc="1795456800250-0-7",
        clock_offset_ms=-1250 if synced else None,
        replica_as_of=BEFORE if synced else None,
        depends_on=(EntryId(_id(99)),) if synced else (),
        changes=changes,
    )


ENTRIES: Mapping[str, Entry] = MappingProxyType(
    {
        "entry.dose.log": _entry(1, DOSE),
        "entry.dose.log.prn": _entry(2, PRN, synced=False),
        "entry.incident.sign": _entry(3, INCIDENT),
        "entry.access.record": _entry(4, LOOK),
        "entry.atomic": _entry(5, DOSE, INCIDENT, LOOK),
        "entry.record.add": _entry(6, VISIT),
        "entry.record.change": _entry(7, CONTACT, synced=False),
        "entry.case.answer": _entry(8, ANSWER, VOID),
        "entry.dose.amend": _entry(9, VOID),
        "entry.said.again": replace(_entry(10, PRN), replaces=EntryId(_id(102))),
        "entry.chained": replace(_entry(11, LOOK), previous=f"{7:064x}"),
        "entry.search": _entry(12, replace(LOOK, action=AccessAction.SEARCH, entity_id="students", fields=())),
    }
)

_KEY = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA="
_PERSON = m.PersonInfo(id=_id(8), first_name="Nora", last_name="Invented", role="NURSE", licence_type="RN")
_DISTRICT = m.DistrictInfo(id=_id(9), code="demo", name="Demo District", seal_key=_KEY, verify_key=_KEY)
_SCHOOL = m.SchoolInfo(id=_id(10), name="Demo School", timezone="America/Chicago")
_LEASE = m.SignedLease(body='{"epoch":"e1"}', signature=_KEY)
_TOKENS = m.Tokens(access_token="access", expires_in=900, refresh_token="refresh")
_BODY = entry_to_body(ENTRIES["entry.dose.log"])

_ALL: tuple[WireModel, ...] = (
    _PERSON,
    _SCHOOL,
    _DISTRICT,
    _LEASE,
    m.LeaseUser(id=_id(8), generation=2),
    m.LeaseBody(
        device_id=_id(7),
        school_id=_id(10),
        district_id=_id(9),
        users=(m.LeaseUser(id=_id(8), generation=2),),
        epoch="e1",
        policy_version=1,
        issued_at=BEFORE,
        expires_at=NOON,
    ),
    m.Enrol(
        protocol=1,
        district="demo",
        code="ABCD-1234",
        email="nora@example.invalid",
        password="pass",
        totp="123456",
        device_name="Health office",
        sign_key=_KEY,
        seal_key=_KEY,
        app_version="0.1.0",
    ),
    _TOKENS,
    m.Enrolled(device_id=_id(7), district=_DISTRICT, school=_SCHOOL, user=_PERSON, tokens=_TOKENS, lease=_LEASE),
    m.Refresh(protocol=1, refresh_token="refresh"),
    m.AddUser(protocol=1, email="nora@example.invalid", password="pass", totp="123456"),
    m.BeginSignOn(protocol=1, district="demo", redirect="http://127.0.0.1:40001/white-cross", sign_key=_KEY),
    m.SignOnBegun(page="https://login.example.invalid/authorize?x=1", state="state", flow="flow"),
    m.FinishSignOn(protocol=1, sign_key=_KEY, flow="flow", code="code", state="state"),
    m.SignOnFinished(ticket="ticket", second_factor=True),
    m.UserAdded(user=_PERSON, lease=_LEASE),
    m.Hello(
        protocol=1,
        app_version="0.1.0",
        checkpoint=None,
        last_number=12,
        waiting=3,
        oldest_waiting=BEFORE,
        device_time=NOON,
    ),
    m.HelloAnswer(
        protocol=1,
        supported=(1,),
        server_time=NOON,
        epoch="e1",
        last_number=9,
        directive=Directive.OK,
        lease=_LEASE,
        min_app_version="0.1.0",
    ),
    m.SealedEntry(body=_BODY, signature=_KEY),
    m.Push(protocol=1, epoch="e1", entries=(m.SealedEntry(body=_BODY, signature=_KEY),)),
    m.Receipt(
        entry_id=_id(101),
        number=1,
        hash=body_hash(_BODY),
        outcome=Outcome.CASE_OPENED,
        findings=("possible_double_dose",),
        cases=(_id(11),),
        received_at=NOON,
    ),
    m.PushAnswer(
        protocol=1,
        receipts=(
            m.Receipt(
                entry_id=_id(102),
                number=2,
                hash=body_hash(_BODY),
                outcome=Outcome.REFUSED,
                code="malformed",
                fields=("changes.0.dose.log.status",),
                received_at=NOON,
            ),
        ),
        acknowledged=2,
    ),
    m.Pull(protocol=1, epoch="e1", since={"student": 1234, "removal": 7}, digest=True),
    m.PullHeader(frame="header", epoch="e1", district_head=10, school_head=1234, snapshot_at=NOON, estimate=60_000),
    m.PullEnd(frame="end", checkpoint="e1:10:1234", acknowledged=2, digest={"student": (1900, 2**60 - 1)}),
    m.SliceDigest(slice=255, count=7, sum=2**60 - 1),
    m.Manifest(protocol=1, epoch="e1", slices={"dose": (m.SliceDigest(slice=0, count=3, sum=12),), "order": ()}),
    m.ManifestAnswer(protocol=1, differing={"dose": (0, 17)}, records=31),
    m.HeldSlice(kind="dose", slice=17, records=((_id(1), 1234),)),
    m.Repair(protocol=1, epoch="e1", held=(m.HeldSlice(kind="dose", slice=17, records=((_id(1), 1234),)),)),
    m.RepairEnd(frame="end", sent=3, gone=1),
    m.Wait(protocol=1, epoch="e1", checkpoint="e1:10:1234", seconds=30),
    m.Waited(protocol=1, moved=True),
    m.Problem(
        type="urn:whitecross:problem:busy",
        title="Busy",
        status=503,
        detail="Try again later.",
        code="busy",
        retry_after=5,
        expected=13,
    ),
)
MESSAGES: Mapping[str, WireModel] = MappingProxyType({type(message).__name__: message for message in _ALL})

_HELLO = m.Hello(
    protocol=1,
    app_version="0.2.0",
    checkpoint="e1:10:1234",
    last_number=12,
    waiting=0,
    oldest_waiting=None,
    device_time=NOON,
)
# The same messages with what came later; without it, they read and are written as they always were.
VARIANTS: Mapping[str, WireModel] = MappingProxyType(
    {
        "Hello.nonce": _HELLO.model_copy(update={"nonce": "c29tZSB3b3Jk"}),
        "Hello.unstored": _HELLO.model_copy(update={"unstored": 2}),
        "HelloAnswer.nonce": m.HelloAnswer(
            protocol=1,
            supported=(1,),
            server_time=NOON,
            epoch="e1",
            last_number=12,
            directive=Directive.OK,
            lease=_LEASE,
            min_app_version="0.1.0",
            next_nonce="YW5vdGhlciB3b3Jk",
            again=True,
        ),
        "Pull.named": m.Pull(protocol=1, epoch="e1", since={"student": 1234}, digest=False, shape=2),
        "PullHeader.named": m.PullHeader(
            frame="header",
            epoch="e1",
            district_head=10,
            school_head=1234,
            snapshot_at=NOON,
            estimate=3,
            columns={"shift": ("id", "user_id", "a_later_field", "row_version")},
            scope="0a1b2c3d4e5f6071",
        ),
        "Repair.named": m.Repair(
            protocol=1, epoch="e1", held=(m.HeldSlice(kind="dose", slice=17, records=()),), shape=2
        ),
    }
)


def golden_texts() -> Iterator[tuple[str, str]]:
    """Yield the name of each golden file and what the present code writes."""
    for name, entry in ENTRIES.items():
        yield f"{name}.json", entry_to_body(entry)
    for name, message in (*MESSAGES.items(), *VARIANTS.items()):
        yield f"message.{name}.json", message.model_dump_json(by_alias=True)


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for file, text in golden_texts():
        if not (GOLDEN / file).exists():
            (GOLDEN / file).write_bytes(text.encode())
