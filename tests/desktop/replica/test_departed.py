"""A child leaves this school while an entry about it waits: the records go, the screens hold, the name stays."""

from uuid import UUID

import pytest
from tests.desktop.actions.test_log_dose import give
from tests.desktop.clinic import EPOCH, NOON, end_of, header_at, small_school, uid
from tests.desktop.replica.test_projection import replica

from wc_contract.model.ids import StudentId
from wc_contract.model.kinds import BY_NAME, DOSE
from wc_contract.wire.codes import Outcome
from wc_contract.wire.messages import Receipt
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.med_pass import due_list
from wc_desktop.actions.students import open_chart, search
from wc_desktop.actions.sync_state import sync_state
from wc_desktop.app.parts import opened_of
from wc_desktop.domain.failures import NotFound
from wc_desktop.domain.screens import StudentRow


def complete(desk: Desk, acknowledged: int) -> None:
    """Take the end of a pull, as the sync thread does."""
    end = end_of({}, acknowledged=acknowledged).model_copy(update={"digest": None})
    replica(desk).finish(end, header_at(NOON), NOON)
    replica(desk).lay_anew(opened_of(desk).journal.standing(replica(desk).acknowledged, replica(desk).epoch))


def answered(desk: Desk, number: int) -> None:
    """Have the server answer an own entry."""
    journal = opened_of(desk).journal
    asked = "SELECT id, hash FROM entries WHERE number = ?"
    ((entry, digest),) = journal._connection.execute(asked, (number,)).fetchall()
    receipt = Receipt(entry_id=UUID(entry), number=number, hash=digest, outcome=Outcome.APPLIED, received_at=NOON)
    journal.store_receipts([receipt], epoch=EPOCH, at=NOON)


def leaves(desk: Desk, name: str) -> None:
    """Have the server say that a child went to another school, with everything of it."""
    child = str(uid(name))
    removals: list[list[object]] = [["student", child, "moved", 90_000]]
    for kind_name, rows in small_school().items():
        kind = BY_NAME[kind_name]
        if any(field.name == "student_id" for field in kind.fields):
            at = kind.columns.index("student_id")
            removals += [[kind_name, row[0], "moved", 90_000] for row in rows if row[at] == child]
    replica(desk).take_removals(removals, 90_000)


def named(desk: Desk, number: int) -> StudentRow | None:
    return next(row.student for row in sync_state(desk).journal if row.number == number)


def test_the_entry_keeps_the_childs_name_until_it_is_answered(desk: Desk) -> None:
    saved = give(desk, "Sofia")
    before = replica(desk).acknowledged
    leaves(desk, "sofia")
    complete(desk, before)
    child = named(desk, saved.entry_number)
    assert child is not None
    assert (child.first_name, child.allergies) == ("Sofia", ())
    answered(desk, saved.entry_number)
    complete(desk, saved.entry_number)
    complete(desk, saved.entry_number)
    assert named(desk, saved.entry_number) is None
    assert replica(desk).kept("departed") == "{}"


def test_the_records_are_gone_at_once_and_every_screen_holds(desk: Desk) -> None:
    give(desk, "Sofia")
    leaves(desk, "sofia")
    complete(desk, replica(desk).acknowledged)
    assert search(desk, "sofia") == ()
    with pytest.raises(NotFound):
        open_chart(desk, StudentId(uid("sofia")))
    day = due_list(desk, NOON)
    assert all(row.student.first_name != "Sofia" for row in day.rows)
    assert [row["waiting"] for row in replica(desk).where(DOSE, "student_id", [str(uid("sofia"))])] == [True]


def test_nothing_is_kept_of_a_child_about_whom_nothing_waits(desk: Desk) -> None:
    give(desk, "Sofia")
    leaves(desk, "omar")
    complete(desk, replica(desk).acknowledged)
    assert replica(desk).kept("departed") in {None, "{}"}


def test_a_child_who_comes_back_is_the_replicas_again(desk: Desk) -> None:
    saved = give(desk, "Sofia")
    rows = small_school()["student"]
    leaves(desk, "sofia")
    complete(desk, saved.entry_number - 1)
    (sofia,) = [row for row in rows if row[0] == str(uid("sofia"))]
    replica(desk).take_rows("student", [[*sofia[:-1], 95_000]], 95_000)
    complete(desk, saved.entry_number - 1)
    child = named(desk, saved.entry_number)
    assert child is not None
    assert [student.first_name for student in search(desk, "sofia")] == ["Sofia"]
