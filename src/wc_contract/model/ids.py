"""Identities: every one has its own type, and two devices name the same slot alike."""

from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha1
from typing import NewType, Protocol
from uuid import NAMESPACE_OID, UUID, uuid5

import orjson

from wc_contract.model.instants import Instant

DistrictId = NewType("DistrictId", UUID)
SchoolId = NewType("SchoolId", UUID)
UserId = NewType("UserId", UUID)
DeviceId = NewType("DeviceId", UUID)
StudentId = NewType("StudentId", UUID)
MedicationId = NewType("MedicationId", UUID)
OrderId = NewType("OrderId", UUID)
OrderVersionId = NewType("OrderVersionId", UUID)
SlotId = NewType("SlotId", UUID)
DoseId = NewType("DoseId", UUID)
IncidentId = NewType("IncidentId", UUID)
EntryId = NewType("EntryId", UUID)
CaseId = NewType("CaseId", UUID)
AllergyId = NewType("AllergyId", UUID)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_SLOTS = uuid5(NAMESPACE_OID, "white-cross/slot")
_SLOT_SPACE = _SLOTS.bytes
_WITHOUT_VERSION = ~((0xF << 76) | (0b11 << 62))
_VERSION_5 = (0x5 << 76) | (0b10 << 62)
_VERSIONS = uuid5(NAMESPACE_OID, "white-cross/order-version")
_CASES = uuid5(NAMESPACE_OID, "white-cross/review-case")
_WITNESSED = uuid5(NAMESPACE_OID, "white-cross/witnessed")


class Chance(Protocol):
    """Where random bytes come from; a seeded one makes a run repeatable."""

    def octets(self, count: int) -> bytes:
        """Return count bytes that nobody can foresee (or, seeded, that everybody can repeat)."""
        ...


def id_text(identity: UUID) -> str:
    """Return an id as records and messages have it."""
    # What str says, eight times as fast: a batch that arrives says thousands.
    return orjson.dumps(identity)[1:-1].decode()


def new_uuid(at: Instant, chance: Chance) -> UUID:
    """Return a UUIDv7 (RFC 9562): its first 48 bits are the milliseconds of at, so ids sort by time."""
    # Whole arithmetic: a float timestamp loses a millisecond now and then.
    millis = (at - _EPOCH) // _MILLISECOND
    random = int.from_bytes(chance.octets(10), "big")
    value = (millis & (1 << 48) - 1) << 80 | 0x7 << 76
    value |= (random >> 68 & 0xFFF) << 64 | 0b10 << 62 | random & (1 << 62) - 1
    return UUID(int=value)


def slot_id(order: OrderId, local_date: date, nominal: time) -> SlotId:
    """Return the id of one scheduled time of an order on one school-local day: the same on every device."""
    # uuid5 written out: every dose that arrives is asked whether its slot is the one it names.
    text = f"{id_text(order)}/{local_date.isoformat()}/{nominal.isoformat('minutes')}"
    value = int.from_bytes(sha1(_SLOT_SPACE + text.encode(), usedforsecurity=False).digest()[:16], "big")
    return SlotId(UUID(int=value & _WITHOUT_VERSION | _VERSION_5))


def order_version_id(order: OrderId, version: int) -> OrderVersionId:
    """Return the id of an order's immutable version (1, 2, …)."""
    return OrderVersionId(uuid5(_VERSIONS, f"{order}/{version}"))


def slot_case_id(slot: SlotId) -> CaseId:
    """Return the id of the review case 'possible double dose' of a slot: one per slot, whoever opens it."""
    return CaseId(uuid5(_CASES, f"double-dose/{slot}"))


def record_case_id(code: str, kind: str, record: UUID) -> CaseId:
    """Return the id of the review case that a code opens about one record: one, however many entries speak to it."""
    return CaseId(uuid5(_CASES, f"{code}/{kind}/{record}"))


def case_side_id(case: CaseId, entry: EntryId, number: int, side: str) -> UUID:
    """Return the id of one side of a conflict that an entry came into; number tells its conflicts apart."""
    return uuid5(_CASES, f"side/{case}/{entry}/{number}/{side}")


def entry_case_id(entry: EntryId, code: str) -> CaseId:
    """Return the id of the review case that a rule opens for one entry."""
    return CaseId(uuid5(_CASES, f"{code}/{entry}"))


def child_case_id(child: StudentId, medication: MedicationId, code: str) -> CaseId:
    """Return the id of the review case that a rule opens for all that a child got of one drug under two charts."""
    return CaseId(uuid5(_CASES, f"{code}/{child}/{medication}"))


def merge_case_id(merge: UUID, code: str) -> CaseId:
    """Return the id of the review case that a merge of two charts opens, or its undoing."""
    return CaseId(uuid5(_CASES, f"{code}/{merge}"))


def witnessed_ids(line: UUID) -> tuple[UUID, UUID]:
    """Return the ids of the two lines that write a line of the ledger again with its witness: back, and out anew.

    They are the same on every device: what waits for a witness is witnessed once.
    """
    return uuid5(_WITNESSED, f"back/{line}"), uuid5(_WITNESSED, f"out/{line}")
