"""The server was put back: what a workstation sends again may come before what it speaks of, and waits for that."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from tests import factories as make
from tests.sync_server.house import House
from tests.sync_server.in_house import Office, office_of
from tests.sync_server.reconcile.record_world import World, change_of, pulled

from wc_contract.model.changes import CaseAnswered, Change, DoseLogged, Entry
from wc_contract.model.ids import CaseId, OrderId, OrderVersionId, slot_case_id
from wc_contract.model.instants import Instant
from wc_contract.model.kinds import ALLERGY
from wc_contract.model.values import CaseResolution, DoseState
from wc_contract.wire.versions import KEPT
from wc_sync_server.cli.records import system
from wc_sync_server.db.repositories.epochs import mint_epoch

pytestmark = pytest.mark.postgres

WAITS, APPLIED = ("waiting", "depends"), ("applied", None)
_MOMENT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A district that was put back at an instant, and two of its workstations."""

    house: House
    at: Instant
    here: Office
    there: Office

    def said(self, office: Office, *changes: Change, by: str = "ann") -> Entry:
        """Return an entry by somebody who saw the server as it was before."""
        return office.entry(*changes, author_id=self.house.nurses[by].id, replica_as_of=self.at - _MOMENT)


@pytest.fixture(scope="module")
def put_back(world: World) -> Instant:
    parts = world.house.parts
    at = parts.clock.now()
    mint_epoch(parts.cells.home, at, parts.chance, reason="restored in a test")
    return at


@pytest.fixture
def restored(house: House, put_back: Instant) -> Restored:
    return Restored(house=house, at=put_back, here=office_of(house), there=office_of(house))


def told(office: Office, *entries: Entry) -> list[tuple[str, str | None]]:
    return [(receipt.outcome.value, receipt.code) for receipt in office.push(*entries)]


_DAYS = iter(range(1, 28))


def double(house: House) -> tuple[DoseLogged, DoseLogged]:
    """Return two doses for one slot of a day that no other test uses."""
    ned, day = house.pupils["ned"], make.SCHOOL_DAY.replace(day=next(_DAYS))
    facts = {"student_id": ned.id, "order_id": ned.order, "slot": make.noon_slot(ned.order, day), "local_date": day}
    at = make.local("12:00", day)
    return make.dose_logged(**facts, administered_at=at), make.dose_logged(**facts, administered_at=at)


def void(dose: DoseLogged) -> DoseLogged:
    said = {"reason": "Written down twice", "amends_id": dose.id, "amend_reason": "Written down twice"}
    nothing = {"dose_given": None, "unit": None, "status": DoseState.ENTERED_IN_ERROR}
    return replace(dose, id=make.dose_logged().id, **said, **nothing)


def duplicate(*doses: DoseLogged) -> CaseAnswered:
    return CaseAnswered(
        case_id=case_of(doses[0]),
        resolution=CaseResolution.DUPLICATE_RECORD,
        subject_ids=tuple(dose.id for dose in doses),
    )


def case_of(dose: DoseLogged) -> CaseId:
    assert dose.slot is not None
    return slot_case_id(dose.slot.id)


def codes_kept(office: Office, entry: Entry) -> Sequence[object]:
    asked = "SELECT code, answered_at IS NOT NULL FROM refused_entries WHERE device_id = %s AND entry_id = %s"
    return office.house.asked(asked, office.device, entry.id)


def test_a_void_that_comes_before_its_dose_waits_for_it(restored: Restored) -> None:
    here, there = restored.here, restored.there
    dose, _ = double(restored.house)
    voided = void(dose)
    taken_back, given = restored.said(here, voided), restored.said(there, dose, by="bea")
    assert told(here, taken_back) == [WAITS]
    assert codes_kept(here, taken_back) == [("depends", False)]
    assert told(here, taken_back) == [WAITS]
    assert told(there, given) == [APPLIED]
    assert told(here, taken_back) == [APPLIED]
    assert codes_kept(here, taken_back) == [("depends", True)]
    assert ("dose", str(voided.id)) in pulled(here)


def test_an_answer_that_comes_before_its_case_waits_for_it(restored: Restored) -> None:
    here, there = restored.here, restored.there
    first, second = double(restored.house)
    answer = restored.said(here, duplicate(first, second), void(second), by="bea")
    assert told(here, answer) == [WAITS]
    # The case is not there before both doses are.
    assert told(there, restored.said(there, first)) == [APPLIED]
    assert told(here, answer) == [WAITS]
    told(there, restored.said(there, second))
    assert told(here, answer) == [APPLIED]
    assert pulled(here)["review_case", str(case_of(first))]["status"] == "RESOLVED"


def test_an_answer_waits_for_the_void_that_it_rests_on(restored: Restored) -> None:
    here, there = restored.here, restored.there
    first, second = double(restored.house)
    told(there, restored.said(there, first), restored.said(there, second))
    answer = restored.said(here, duplicate(first, second), by="bea")
    assert told(here, answer) == [WAITS]
    told(there, restored.said(there, void(second)))
    assert told(here, answer) == [APPLIED]


def test_a_change_of_a_record_and_what_names_one_wait_for_it(restored: Restored, world: World) -> None:
    here, there = restored.here, restored.there
    allergy, container = world.added("allergy"), world.added("medication_container")
    seen = {**make.row("allergy"), "row_version": 1}
    changed = restored.said(here, change_of(("allergy", str(allergy.id)), seen, {"reaction": "Hives"}))
    counted = restored.said(here, world.added("ledger_entry", container_id=str(container.id)))
    assert told(here, changed, counted) == [WAITS] * 2
    told(there, restored.said(there, allergy), restored.said(there, container))
    assert WAITS not in told(here, changed, counted)


def test_a_dose_under_an_order_that_is_not_back_waits_for_it(restored: Restored, world: World) -> None:
    here, there = restored.here, restored.there
    order = world.added("order")
    version = world.added("order_version", order_id=str(order.id), version=1)
    dose = make.dose_logged(
        student_id=restored.house.pupils["ned"].id,
        order_id=OrderId(order.id),
        order_version_id=OrderVersionId(version.id),
        slot=None,
    )
    given = restored.said(here, dose)
    assert told(here, given) == [WAITS]
    assert told(there, restored.said(there, order), restored.said(there, version)) == [APPLIED] * 2
    assert WAITS not in told(here, given)
    assert ("dose", str(dose.id)) in pulled(here)


def test_what_was_written_since_is_refused_as_ever(restored: Restored) -> None:
    dose, _ = double(restored.house)
    late = restored.here.entry(void(dose), replica_as_of=restored.at + _MOMENT)
    assert told(restored.here, late) == [("refused", "unknown_record")]


def test_a_record_that_was_deleted_is_not_waited_for(restored: Restored, world: World) -> None:
    here, house = restored.here, restored.house
    allergy = world.added("allergy")
    told(here, restored.said(here, allergy))
    change = restored.said(
        here, change_of(("allergy", str(allergy.id)), pulled(here)["allergy", str(allergy.id)], {"reaction": "Hives"})
    )
    with system(house.parts, house.district, (house.north,)) as uow:
        uow.lock_streams(house.north)
        uow.remove_rows(ALLERGY, house.north, [allergy.id], "deleted")
        uow.commit()
    assert told(here, change) == [("refused", "unknown_record")]


@contextmanager
def long_ago(house: House) -> Iterator[None]:
    """Let the restore be as long ago as workstations keep what was answered."""
    shift = "UPDATE server_epochs SET minted_at = minted_at - %s"
    house.done(shift, KEPT)
    yield
    house.done(shift, -KEPT)


def test_nothing_waits_longer_than_workstations_keep_what_they_sent(restored: Restored) -> None:
    dose, _ = double(restored.house)
    entry = restored.here.entry(void(dose), replica_as_of=restored.at - KEPT - _MOMENT)
    assert told(restored.here, entry) == [WAITS]
    with long_ago(restored.house):
        later = office_of(restored.house)
        later.device = restored.here.device
        assert told(later, entry) == [("refused", "unknown_record")]
    assert codes_kept(restored.here, entry) == [("unknown_record", False)]
