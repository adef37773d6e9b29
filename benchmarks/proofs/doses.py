"""Twelve workstations log a medicine of which three a day are allowed: nothing is refused, all beyond is flagged."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from random import Random

from benchmarks.proofs.ground import NOON, WRITERS, Ground, new_id, pupil_row
from benchmarks.proofs.proof import Verdict, at_once, proved
from wc_contract.model.changes import DoseLogged, Entry
from wc_contract.model.ids import DoseId, EntryId, MedicationId, OrderId, StudentId, order_version_id
from wc_contract.model.instants import instant_to_text
from wc_contract.model.kinds import ORDER, ORDER_VERSION, STUDENT
from wc_contract.model.values import DoseState
from wc_contract.rules.findings import Code
from wc_contract.wire.entries import entry_to_body
from wc_contract.wire.messages import SealedEntry
from wc_sync_server.db.cache import Cache
from wc_sync_server.db.repositories.intake import PostgresIntake
from wc_sync_server.db.repositories.reference import References
from wc_sync_server.db.retry import FAILOVER, run_retrying
from wc_sync_server.domain.access import Principal
from wc_sync_server.machine import SystemChance
from wc_sync_server.reconcile.arrivals import digests_of, read_arrivals
from wc_sync_server.reconcile.batch import Batch, Reconciler

MAXIMUM = 3
NAME = "daily maximum of doses"

_FOUND = """
SELECT d.id, d.flags, EXISTS (SELECT 1 FROM review_cases c WHERE c.district_id = d.district_id
                              AND c.status = 'OPEN' AND c.subject_ids ? d.id::text)
FROM medication_logs d WHERE d.order_id = %s ORDER BY d.administered_at, d.id
"""


class Doses:
    """Twelve workstations, of which each numbers its entries."""

    def __init__(self, ground: Ground, seed: int = 1) -> None:
        self._ground = ground
        self._random = Random(seed)  # noqa: S311  # which workstation gave when, not a secret
        self._numbers = dict.fromkeys(ground.devices, 0)
        intake = PostgresIntake(ground.cells, ground.epochs, SystemChance(), lambda _district: (), References(Cache()))
        self._reconciler = Reconciler(intake)

    def one_round(self, number: int) -> list[str]:
        """Let every workstation push one dose of a new order at once; return what is not as the law wants it."""
        pupil = StudentId(new_id())
        self._ground.write(STUDENT, self._ground.schools[0], pupil_row(pupil))
        order = self._order(pupil)
        minutes = self._random.sample(range(12 * 60), WRITERS)
        at_once([partial(self._push, pupil, order, place, minute) for place, minute in enumerate(minutes)])
        rows = self._ground.asked(_FOUND, order)
        if len(rows) != WRITERS:
            return [f"round {number}: {len(rows)} of {WRITERS} doses are held"]
        return [
            f"round {number}: dose {place} of a maximum of {MAXIMUM} is not flagged, or has no open case"
            for place, (_, flags, case) in enumerate(rows, start=1)
            if place > MAXIMUM and not (Code.OVER_MAXIMUM.value in flags and case)
        ] + [
            f"round {number}: dose {place} is flagged and lies within the maximum"
            for place, (_, flags, _) in enumerate(rows, start=1)
            if place <= MAXIMUM and Code.OVER_MAXIMUM.value in flags
        ]

    def _order(self, pupil: StudentId) -> OrderId:
        ground, order = self._ground, OrderId(new_id())
        ground.write(
            ORDER,
            ground.schools[0],
            {
                "id": str(order),
                "student_id": str(pupil),
                "medication_id": str(ground.medicine),
                "version": 1,
                "kind": "PRN",
                "status": "ACTIVE",
                "prescriber_name": "Dr. Invented",
                "order_signed_on": "2026-08-20",
                "parent_auth_from": "2026-08-20",
                "self_carry": False,
                "start_date": "2026-08-20",
                "verified_by": str(ground.nurse),
            },
        )
        ground.write(
            ORDER_VERSION,
            ground.schools[0],
            {
                "id": str(order_version_id(order, 1)),
                "order_id": str(order),
                "student_id": str(pupil),
                "version": 1,
                "dose": "5",
                "unit": "mg",
                "route": "ORAL",
                "times": "[]",
                "max_doses": MAXIMUM,
                "max_period_minutes": 24 * 60,
                "effective_from": instant_to_text(NOON - timedelta(days=30)),
            },
        )
        return order

    def _push(self, pupil: StudentId, order: OrderId, place: int, minute: int) -> None:
        ground = self._ground
        device = ground.devices[place]
        number = self._numbers[device] + 1
        at = NOON - timedelta(minutes=minute)
        dose = DoseLogged(
            id=DoseId(new_id()),
            student_id=pupil,
            order_id=order,
            order_version_id=order_version_id(order, 1),
            medication_id=MedicationId(ground.medicine),
            slot=None,
            status=DoseState.ADMINISTERED,
            administered_at=at,
            local_date=at.date(),
            dose_given=Decimal(5),
            unit="mg",
        )
        entry = Entry(
            number=number,
            id=EntryId(new_id()),
            device_id=device,
            author_id=ground.nurse,
            authored_at=at + timedelta(minutes=1),
            zone="America/Chicago",
            hlc=f"{int(at.timestamp() * 1000)}-0-{device}",
            clock_offset_ms=0,
            replica_as_of=at,
            depends_on=(),
            changes=(dose,),
        )
        sealed = [SealedEntry(body=entry_to_body(entry), signature="A" * 88)]
        principal = Principal(
            district=ground.district, school=ground.schools[0], device=device, user=ground.nurse, session=new_id()
        )
        batch = Batch(
            principal=principal,
            epoch=ground.epochs.current(ground.district),
            arrivals=read_arrivals(sealed, digests_of(sealed), device),
            unsigned=frozenset,
        )
        # As a workstation does: told that the server is busy, it sends the same entry again.
        run_retrying(partial(self._reconciler.push, batch), patience=FAILOVER)
        self._numbers[device] = number


def prove(ground: Ground, rounds: int, control: int) -> Verdict:
    """Prove that no dose beyond a maximum goes unseen."""
    return proved(NAME, rounds, control, Doses(ground).one_round)
