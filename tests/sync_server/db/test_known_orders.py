"""What is remembered of a school's orders stands for what the database would answer, and for nothing else."""

import pytest
from tests import factories as make

from wc_contract.model.ids import SchoolId, StudentId
from wc_sync_server.db.repositories.known_orders import OrderBooks

_SCHOOL = SchoolId(make.named("a school"))
_HEADS = {"student": 3, "order": 7}


@pytest.mark.parametrize(
    ("epoch", "heads", "still"),
    [
        ("one", _HEADS, True),
        ("one", {**_HEADS, "dose": 9}, True),
        ("one", {**_HEADS, "order": 8}, False),
        ("one", {**_HEADS, "removal": 1}, False),
        ("after a restore", _HEADS, False),
    ],
)
def test_a_school_is_known_under_its_heads_in_one_epoch(epoch: str, heads: dict[str, int], *, still: bool) -> None:
    books, student = OrderBooks(), StudentId(make.named("a student"))
    books.open(_SCHOOL, "one", _HEADS).learn({}, {student: _SCHOOL}, _SCHOOL)
    assert (student in books.open(_SCHOOL, epoch, heads).students) is still
