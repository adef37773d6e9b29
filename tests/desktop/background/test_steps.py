"""A pull in short steps: whoever waits for the replica thread waits for a few rows, never for a line."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QCoreApplication
from tests.desktop.clinic import NOON, Clinic, Rows, add_student, end_of, header_at, small_school

from wc_desktop.actions.unlock import Desk, lock
from wc_desktop.background.runner import Runner, RunnerStopped
from wc_desktop.background.steps import SteppedFiles, SteppedSide, Steps
from wc_desktop.sync.files import Files
from wc_desktop.sync.gateway import RowsFrame

pytestmark = pytest.mark.gui
ARRIVING = 120


@dataclass
class Beside:
    """A desk on its replica thread, and a door to it that can be shut after a number of steps."""

    clinic: Clinic
    runner: Runner
    left: int = 1_000_000
    desk: Desk = field(init=False)

    def __post_init__(self) -> None:
        self.desk = self.runner.call(self.clinic.opened)
        self.files: Files = self.runner.call(lambda: self.clinic.parts.link_of(self.desk)).files

    def is_shut(self) -> bool:
        self.left -= 1
        return self.left < 0

    @property
    def stepped(self) -> SteppedFiles:
        return SteppedFiles(Steps(self.runner, self.is_shut), self.files)

    def position(self, kind: str) -> int:
        return self.runner.call(self.files.view).positions[kind]

    def students(self) -> int:
        return self.runner.call(self.desk.records.counts)["student"]


@pytest.fixture
def beside(clinic: Clinic, qapp: QCoreApplication) -> Iterator[Beside]:
    assert qapp is not None
    runner = Runner()
    made = Beside(clinic, runner)
    yield made
    runner.call(lambda: lock(made.desk))
    runner.stop()


def arriving(rows: Rows) -> RowsFrame:
    """Add so many children to rows; return the line that brings them."""
    before = len(rows["student"])
    for number in range(ARRIVING):
        add_student(rows, f"new{number}", "Nia", f"New{number}", born="2016-01-01", grade="2", room="1")
    new = rows["student"][before:]
    return RowsFrame(kind="student", upto=new[-1][-1], rows=new)


def test_a_line_is_taken_in_several_steps_and_counted_once(beside: Beside) -> None:
    line, before = arriving(small_school()), beside.students()
    assert beside.stepped.take_rows(line) == ARRIVING
    assert 1_000_000 - beside.left == ARRIVING / 20, "a dose waits for so few rows"
    assert beside.students() == before + ARRIVING
    assert beside.position("student") == line.upto


def test_a_line_that_was_broken_off_is_asked_for_again_from_its_beginning(beside: Beside) -> None:
    line, before, stood = arriving(small_school()), beside.students(), beside.position("student")
    beside.left = 1
    with pytest.raises(RunnerStopped):
        beside.stepped.take_rows(line)
    assert before < beside.students() < before + ARRIVING
    assert beside.position("student") == stood
    beside.left = 1_000
    beside.stepped.take_rows(line)
    assert (beside.students(), beside.position("student")) == (before + ARRIVING, line.upto)


def test_a_line_without_rows_still_moves_its_position(beside: Beside) -> None:
    assert beside.stepped.take_rows(RowsFrame(kind="student", upto=90_000, rows=[])) == 0
    assert beside.position("student") == 90_000


def test_a_comparison_in_steps_finds_what_differs_and_nothing_else(beside: Beside) -> None:
    rows = small_school()
    beside.stepped.take_rows(arriving(rows))
    assert beside.stepped.take_end(end_of(rows), header_at(NOON)) == ()
    assert beside.desk.records.kept("digests_agree") == "1"
    rows["student"].pop()
    assert beside.stepped.take_end(end_of(rows, checkpoint="c2"), header_at(NOON)) == ("student",)
    assert beside.runner.call(beside.files.view).checkpoint == "c2"


def test_the_lines_of_a_rebuild_are_cut_too(beside: Beside) -> None:
    line = arriving(small_school())
    link = beside.clinic.parts.link_of(beside.desk)
    side = SteppedSide(Steps(beside.runner, beside.is_shut), beside.runner.call(lambda: link.begin_side("epoch-1")))
    steps = beside.left
    assert side.take_rows(line.kind, line.rows, line.upto) == ARRIVING
    assert steps - beside.left > 1
    assert side.positions == {"student": line.upto}
