"""What screens read: confirmed records with own entries over them, each once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.desktop.actions.test_log_dose import give, row_of
from tests.desktop.clinic import (
    EPOCH,
    NOON,
    NURSE,
    PASSWORD,
    Clinic,
    Rows,
    add_student,
    digest_of,
    dose_row,
    end_of,
    header_at,
    row,
    small_school,
    uid,
)

from wc_contract.model.apply import apply_entry
from wc_contract.model.ids import UserId
from wc_contract.model.kinds import DOSE, KINDS, STUDENT
from wc_contract.wire.entries import entry_from_body
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.students import search
from wc_desktop.actions.unlock import lock, unlock
from wc_desktop.app.parts import opened_of
from wc_desktop.domain.failures import ServerFailed
from wc_desktop.domain.screens import Confirmed, DueStatus
from wc_desktop.replica.projection import Projection


def replica(desk: Desk) -> Projection:
    return opened_of(desk).records


def own_rows(desk: Desk, number: int) -> list[list[object]]:
    """The row as the server would send it back."""
    (body,) = (
        opened_of(desk).journal._connection.execute("SELECT body FROM entries WHERE number = ?", (number,)).fetchone()
    )
    return [
        [7777 if name == "row_version" else write.values[name] for name in DOSE.columns]
        for write in apply_entry(entry_from_body(body))
    ]


def test_an_own_dose_that_comes_back_stands_once_and_is_confirmed(desk: Desk) -> None:
    saved = give(desk, "Sofia")
    replica(desk).take_rows("dose", own_rows(desk, saved.entry_number), 7777)
    answers = row_of(desk, "Sofia").answers
    assert [dose.confirmed for dose in answers] == [Confirmed.CONFIRMED]
    replica(desk).finish(
        end_of({}, acknowledged=saved.entry_number).model_copy(update={"digest": None}), header_at(NOON), NOON
    )
    replica(desk).lay_anew(opened_of(desk).journal.standing(replica(desk).acknowledged, replica(desk).epoch))
    assert [dose.confirmed for dose in row_of(desk, "Sofia").answers] == [Confirmed.CONFIRMED]


def test_a_receipted_dose_stays_in_view_until_the_replica_holds_it(desk: Desk) -> None:
    saved = give(desk, "Sofia")
    replica(desk).lay_anew(opened_of(desk).journal.standing(replica(desk).acknowledged, replica(desk).epoch))
    assert len(row_of(desk, "Sofia").answers) == 1
    assert saved.entry_number > replica(desk).acknowledged


def test_own_doses_are_there_after_reopening(clinic: Clinic, desk: Desk) -> None:
    give(desk, "Sofia")
    lock(desk)
    again = unlock(clinic.station(), UserId(NURSE), PASSWORD)
    assert row_of(again, "Sofia").status is DueStatus.DONE
    again.close()


def test_a_dose_of_another_device_in_the_same_slot_is_a_possible_double_dose(desk: Desk) -> None:
    give(desk, "Sofia")
    key = row_of(desk, "Sofia").key
    other = dose_row({}, "other", order="sofia-mph", student="sofia", at=NOON + timedelta(minutes=1), slot=key)
    replica(desk).take_rows("dose", [other], 5001)
    after = row_of(desk, "Sofia")
    assert after.status is DueStatus.DOUBLE
    assert len(after.answers) == 2


def test_a_later_version_replaces_and_an_earlier_one_does_not(desk: Desk) -> None:
    rows = small_school()
    sofia = rows["student"][0]
    newer = [*sofia[:-1], sofia[-1] + 5000]
    newer[STUDENT.columns.index("grade")] = "4"
    replica(desk).take_rows("student", [newer], newer[-1])
    replica(desk).take_rows("student", [sofia], sofia[-1])
    found = replica(desk).find(STUDENT, str(uid("sofia")))
    assert found is not None
    assert found["grade"] == "4"
    assert replica(desk).positions()["student"] == newer[-1]


def test_a_removed_record_goes_unless_it_came_back_later(desk: Desk) -> None:
    version = replica(desk).find(STUDENT, str(uid("omar")))["row_version"]  # type: ignore[index]
    replica(desk).take_removals([["student", str(uid("omar")), "moved", version - 1]], 1)
    assert replica(desk).find(STUDENT, str(uid("omar"))) is not None
    touched = replica(desk).take_removals([["student", str(uid("omar")), "moved", version + 1]], 2)
    assert touched == {"student"}
    assert replica(desk).find(STUDENT, str(uid("omar"))) is None
    assert [student.first_name for student in search(desk, "omar")] == []


def test_an_incomplete_line_leaves_neither_rows_nor_position(desk: Desk) -> None:
    before = replica(desk).positions()
    good = row("calendar_day", 9000, id=str(uid("day")), date="2026-11-24", kind="HOLIDAY")
    bad = [*row("calendar_day", 9001, id=str(uid("day2")), date="2026-11-25", kind="HOLIDAY")[:-1], None]
    with pytest.raises(ServerFailed):
        replica(desk).take_rows("calendar_day", [good, bad], 9001)
    assert replica(desk).positions() == before
    assert replica(desk).counts()["calendar_day"] == 0


def test_what_was_remembered_is_made_anew_when_a_record_changes(desk: Desk) -> None:
    assert len(search(desk, "")) == 4
    assert row_of(desk, "Sofia").student.grade == "3"
    newer = [*small_school()["student"][0][:-1], 9000]
    newer[STUDENT.columns.index("grade")] = "4"
    replica(desk).take_rows("student", [newer], 9000)
    assert row_of(desk, "Sofia").student.grade == "4"


def test_digests_taken_a_slice_at_a_time_are_those_taken_at_once(open_desk: Callable[[Rows | None], Desk]) -> None:
    rows = small_school()
    for number in range(2_500):
        add_student(rows, f"n{number}", "Nia", f"New{number}", born="2016-01-01", grade="2", room="1")
    records = replica(open_desk(rows))
    digesting, slices = records.begin_digest(), 1
    while digesting.go_on():
        slices += 1
    assert slices == len(KINDS) + 6
    assert digesting.found == records.digests() == digest_of(rows)


def test_a_complete_pull_moves_the_checkpoint_and_says_what_differs(desk: Desk) -> None:
    records = replica(desk)
    rows = small_school()
    assert records.finish(end_of(rows, checkpoint="c2"), header_at(NOON + timedelta(minutes=5)), NOON) == ()
    assert (records.checkpoint, records.epoch, records.kept("digests_agree")) == ("c2", EPOCH, "1")
    assert records.data_as_of == NOON + timedelta(minutes=5)
    rows["student"].pop()
    assert records.finish(end_of(rows), header_at(NOON), NOON) == ("student",)
    assert records.kept("digests_agree") == "0"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("mart", ["Sofia", "Sonia"]),
        ("MARTÍNEZ so", ["Sofia", "Sonia"]),
        ("martinez sofia", ["Sofia"]),
        ("S1002", ["Omar"]),
        ("5", ["Omar"]),
        ("okafor lee", ["Lee"]),
        ('"; DROP TABLE students; --', []),
        ("nobody", []),
        ("   ", ["Omar", "Sofia", "Sonia", "Lee"]),
        ("NEAR(", []),
    ],
)
def test_children_are_found_as_one_types(desk: Desk, typed: str, found: list[str]) -> None:
    assert [student.first_name for student in search(desk, typed)] == found


def test_a_new_name_is_found_and_the_old_one_is_not(desk: Desk) -> None:
    newer = [*small_school()["student"][0][:-1], 9000]
    newer[STUDENT.columns.index("last_name")] = "Zuñiga"
    replica(desk).take_rows("student", [newer], 9000)
    assert [student.last_name for student in search(desk, "zuniga")] == ["Zuñiga"]
    assert [student.first_name for student in search(desk, "martinez")] == ["Sonia"]
