"""The weeks before today: each school's past doses, signed by a device and pushed like any other."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from wc_contract.model.changes import DoseLogged, Entry, SlotRef
from wc_contract.model.ids import (
    Chance,
    DeviceId,
    DistrictId,
    DoseId,
    EntryId,
    MedicationId,
    OrderId,
    new_uuid,
    order_version_id,
    slot_id,
)
from wc_contract.model.instants import whole_millis
from wc_contract.model.values import DoseState
from wc_sync_server.importing import stable_ids

_WRITTEN_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRef:
    """What a past dose needs to know of its order in the database."""

    medication: MedicationId
    version: int


def past_entries(
    history: Path,
    *,
    district: DistrictId,
    school: str,
    zone: str,
    device: DeviceId,
    chance: Chance,
    orders: Mapping[OrderId, OrderRef],
) -> Iterator[Entry]:
    """Yield a school's past doses as entries of device, in order of time.

    A dose whose order the import left out is passed by: nothing can be logged against it.
    """
    number = 0
    for item in json.loads(history.read_text(encoding="utf-8")):
        student = stable_ids.student_id(district, item["student"])
        order = OrderId(stable_ids.chart_id(student, "MedicationRequest", item["order"]))
        if item["school"] != school or order not in orders:
            continue
        number += 1
        yield _entry(number, item, orders[order], order, district, zone, device, chance)


def _entry(
    number: int,
    item: Mapping[str, Any],
    known: OrderRef,
    order: OrderId,
    district: DistrictId,
    zone: str,
    device: DeviceId,
    chance: Chance,
) -> Entry:
    at = whole_millis(datetime.fromisoformat(item["administered_at"]))
    written = at + _WRITTEN_AFTER
    day = date.fromisoformat(item["slot_date"])
    slot = None
    if item["slot_time"] is not None:
        nominal = time.fromisoformat(item["slot_time"])
        slot = SlotRef(id=slot_id(order, day, nominal), date=day, time=nominal)
    status = DoseState(item["status"])
    dose = DoseLogged(
        id=DoseId(new_uuid(written, chance)),
        student_id=stable_ids.student_id(district, item["student"]),
        order_id=order,
        order_version_id=order_version_id(order, known.version),
        medication_id=known.medication,
        slot=slot,
        status=status,
        administered_at=at,
        local_date=day,
        dose_given=Decimal(item["dose_given"]) if status.given and item["dose_given"] is not None else None,
        unit=item["unit"] if status.given else None,
        reason=item["reason"] or ("as needed" if slot is None else None),
    )
    return Entry(
        number=number,
        id=EntryId(new_uuid(written, chance)),
        device_id=device,
        author_id=stable_ids.user_id(district, item["nurse"]),
        authored_at=written,
        zone=zone,
        hlc=f"{int(written.timestamp() * 1000)}-0-{device}",
        clock_offset_ms=0,
        replica_as_of=at,
        depends_on=(),
        changes=(dose,),
    )
