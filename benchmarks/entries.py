"""Signed entries of a workstation: doses on the school's orders, one a day on each, in their windows."""

import base64
from datetime import timedelta
from decimal import Decimal

from benchmarks.school import FULL, NOMINAL, TINY, ZONE, given_at, make_school
from wc_contract.model.changes import DoseLogged, Entry, SlotRef
from wc_contract.model.ids import DoseId, EntryId, MedicationId, StudentId, new_uuid, order_version_id, slot_id
from wc_contract.model.values import DoseState
from wc_contract.wire.entries import body_hash, entry_to_body
from wc_contract.wire.messages import SealedEntry
from wc_desktop.security.clock import SystemChance
from wc_desktop.security.station import Station

_WRITTEN_AFTER = timedelta(minutes=1)


def make_entries(station: Station, size: str, start: int, count: int) -> list[SealedEntry]:
    """Return count entries numbered from start, signed; their slots lie on the days behind the school's past."""
    school = make_school(FULL if size == "full" else TINY)
    chance, author = SystemChance(), station.people()[0].id
    signer = station.device_keys().signer()
    first = school.days_used * len(school.orders) - 1
    sealed = []
    for number in range(start, start + count):
        order = school.orders[(first + number) % len(school.orders)]
        at = given_at(first + number, len(school.orders))
        written = at + _WRITTEN_AFTER
        dose = DoseLogged(
            id=DoseId(new_uuid(written, chance)),
            student_id=StudentId(order.student),
            order_id=order.id,
            order_version_id=order_version_id(order.id, 1),
            medication_id=MedicationId(order.medication),
            slot=SlotRef(id=slot_id(order.id, at.date(), NOMINAL), date=at.date(), time=NOMINAL),
            status=DoseState.ADMINISTERED,
            administered_at=at,
            local_date=at.date(),
            dose_given=Decimal(10),
            unit="mg",
            reason=None,
        )
        entry = Entry(
            number=number,
            id=EntryId(new_uuid(written, chance)),
            device_id=station.device_id,
            author_id=author,
            authored_at=written,
            zone=ZONE,
            hlc=f"{int(written.timestamp() * 1000)}-0-{station.device_id}",
            clock_offset_ms=0,
            replica_as_of=at,
            depends_on=(),
            changes=(dose,),
        )
        body = entry_to_body(entry)
        signature = signer.sign(bytes.fromhex(body_hash(body))).signature
        sealed.append(SealedEntry(body=body, signature=base64.b64encode(signature).decode()))
    return sealed
