"""The weeks before today: each school's past doses, signed by a device and pushed like any other."""

from collections.abc import Iterator
from datetime import time, timedelta
from decimal import Decimal
from pathlib import Path

from wc_contract.model.changes import DoseLogged, Entry, SlotRef
from wc_contract.model.ids import Chance, DeviceId, DistrictId, DoseId, EntryId, new_uuid, order_version_id, slot_id
from wc_contract.model.instants import whole_millis
from wc_sync_server.demo.district.history import DoseIds, PastDose, ids_of, read_past_doses
from wc_sync_server.demo.district.shape import ZONE

_WRITTEN_AFTER = timedelta(minutes=1)
_FIRST_VERSION = 1


def past_entries(
    history: Path, *, district: DistrictId, school: str, device: DeviceId, chance: Chance
) -> Iterator[Entry]:
    """Yield a school's past doses as entries of device, in order of time. school is its id in the roster."""
    doses = (dose for dose in read_past_doses(history) if dose.school == school)
    for number, dose in enumerate(doses, start=1):
        yield _entry(number, dose, ids_of(dose, district), device, chance)


def _entry(number: int, dose: PastDose, ids: DoseIds, device: DeviceId, chance: Chance) -> Entry:
    at = whole_millis(dose.administered_at)
    written = at + _WRITTEN_AFTER
    return Entry(
        number=number,
        id=EntryId(new_uuid(written, chance)),
        device_id=device,
        author_id=ids.nurse,
        authored_at=written,
        zone=ZONE,
        hlc=f"{int(written.timestamp() * 1000)}-0-{device}",
        clock_offset_ms=0,
        replica_as_of=at,
        depends_on=(),
        changes=(
            DoseLogged(
                id=DoseId(new_uuid(written, chance)),
                student_id=ids.student,
                order_id=ids.order,
                order_version_id=order_version_id(ids.order, _FIRST_VERSION),
                medication_id=ids.medication,
                slot=_slot(dose, ids),
                status=dose.status,
                administered_at=at,
                local_date=dose.slot_date,
                dose_given=Decimal(dose.dose_given) if dose.status.given and dose.dose_given is not None else None,
                unit=dose.unit if dose.status.given else None,
                reason=dose.reason,
            ),
        ),
    )


def _slot(dose: PastDose, ids: DoseIds) -> SlotRef | None:
    if dose.slot_time is None:
        return None
    nominal = time.fromisoformat(dose.slot_time)
    return SlotRef(id=slot_id(ids.order, dose.slot_date, nominal), date=dose.slot_date, time=nominal)
