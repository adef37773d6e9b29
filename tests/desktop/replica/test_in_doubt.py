"""A server that went back: what it answered before stays on this workstation's screens until it answers again."""

import pytest
from tests.desktop.actions.test_log_dose import give, row_of
from tests.desktop.clinic import EPOCH, NOON, end_of, header_at, uid
from tests.desktop.replica.test_departed import answered
from tests.desktop.replica.test_projection import own_rows, replica

from wc_contract.model.ids import StudentId
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.students import open_chart
from wc_desktop.app.parts import opened_of
from wc_desktop.domain.screens import Confirmed, DoseSaved, DueStatus


def complete(desk: Desk, acknowledged: int, epoch: str) -> None:
    """Take the end of a pull, as the sync thread does."""
    end = end_of({}, acknowledged=acknowledged).model_copy(update={"digest": None})
    replica(desk).finish(end, header_at(NOON, epoch=epoch), NOON)
    replica(desk).lay_anew(opened_of(desk).journal.standing(replica(desk).acknowledged, replica(desk).epoch))


@pytest.fixture
def confirmed(desk: Desk) -> DoseSaved:
    """Give a dose that the district has and this workstation's replica holds."""
    saved = give(desk, "Sofia")
    answered(desk, saved.entry_number)
    replica(desk).take_rows("dose", own_rows(desk, saved.entry_number), 7777)
    complete(desk, saved.entry_number, EPOCH)
    assert stands(desk) == [Confirmed.CONFIRMED]
    return saved


def stands(desk: Desk) -> list[Confirmed]:
    return [dose.confirmed for dose in row_of(desk, "Sofia").answers]


@pytest.mark.parametrize("doubted", [False, True])
def test_a_dose_stays_given_when_the_number_it_had_is_acknowledged_for_another_text(
    desk: Desk, confirmed: DoseSaved, doubted: bool
) -> None:
    # Two copies of a workstation: the other one sent under this number after the server was put back to before it.
    (dose,) = row_of(desk, "Sofia").answers
    if doubted:
        opened_of(desk).journal.doubt_receipts_above(confirmed.entry_number - 1)
    replica(desk).take_removals([["dose", str(dose.id), "deleted", 8888]], 8888)
    complete(desk, confirmed.entry_number, "epoch-2")
    assert stands(desk) == [Confirmed.WAITING]
    assert row_of(desk, "Sofia").status is DueStatus.DONE
    assert dose.id in {shown.id for shown in open_chart(desk, StudentId(uid("sofia"))).doses}


def test_a_dose_that_the_district_still_has_stands_once_and_confirmed(desk: Desk, confirmed: DoseSaved) -> None:
    complete(desk, confirmed.entry_number, "epoch-2")
    assert stands(desk) == [Confirmed.CONFIRMED]
