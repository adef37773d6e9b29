"""Rows are followed by their keys: nothing loses its selection because something else changed."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QItemSelectionModel, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester, QSignalSpy

from wc_desktop.ui.models.paged_rows import PagedRowTableModel
from wc_desktop.ui.models.row_diff import Span, come_spans, gone_spans, spans
from wc_desktop.ui.models.row_table import ColumnSpec, RowTableModel
from wc_desktop.ui.theme.cells import CellRole, TextCell, Widths
from wc_desktop.ui.theme.tone import Tone

pytestmark = pytest.mark.usefixtures("qapp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    key: int
    word: str = ""


def look(row: Row) -> TextCell:
    return TextCell(headline=str(row.key), detail=row.word)


def said(row: Row) -> str:
    return f"row {row.key} {row.word}".strip()


def key(row: Row) -> int:
    return row.key


def edge(row: Row) -> Tone | None:
    return Tone.DANGER if row.word == "late" else None


COLUMNS = [
    ColumnSpec(title="Number", look=look, said=said, widths=Widths(least=10, usual=20)),
    ColumnSpec(title="Again", look=look, said=said, widths=Widths(least=10, usual=20, share=1)),
]


def model(*keys: int) -> RowTableModel[Row]:
    made = RowTableModel(COLUMNS, key, edge=edge)
    made.reset_rows([Row(key=number) for number in keys])
    return made


keyed_rows = st.lists(
    st.builds(Row, key=st.integers(0, 12), word=st.sampled_from(["", "late", "given"])), unique_by=key, max_size=10
)


@given(keyed_rows, keyed_rows)
def test_any_update_ends_with_the_rows_given_and_obeys_qts_rules(old: list[Row], new: list[Row]) -> None:
    table = RowTableModel(COLUMNS, key)
    tester = QAbstractItemModelTester(table, QAbstractItemModelTester.FailureReportingMode.Fatal)
    table.reset_rows(old)
    held = {row.key: QPersistentModelIndex(table.index_of(row.key)) for row in old}
    table.update_rows(new)
    assert list(table.rows) == new
    for number, index in held.items():
        assert index.isValid() == (number in {row.key for row in new})
        if index.isValid():
            assert index.data(CellRole.KEY) == number
    tester.deleteLater()


def test_the_chosen_row_stays_chosen_when_others_come_go_and_move() -> None:
    table = model(1, 2, 3, 4)
    selection = QItemSelectionModel(table)
    chosen = QItemSelectionModel.SelectionFlag.SelectCurrent | QItemSelectionModel.SelectionFlag.Rows
    selection.setCurrentIndex(table.index_of(3), chosen)
    table.update_rows([Row(key=9), Row(key=4), Row(key=3, word="given"), Row(key=2)])
    assert selection.currentIndex().data(CellRole.KEY) == 3
    assert {index.data(CellRole.KEY) for index in selection.selectedRows()} == {3}


def test_an_update_that_changes_one_row_redraws_one_row() -> None:
    table = model(1, 2, 3)
    changed, resets = QSignalSpy(table.dataChanged), QSignalSpy(table.modelReset)
    table.update_rows([Row(key=1), Row(key=2, word="late"), Row(key=3)])
    assert resets.count() == 0
    assert changed.count() == 1
    first, last = changed.at(0)[0], changed.at(0)[1]
    assert (first.row(), last.row(), last.column()) == (1, 1, 1)


def test_an_update_with_nothing_new_says_nothing() -> None:
    table = model(1, 2)
    spies = [QSignalSpy(table.dataChanged), QSignalSpy(table.layoutChanged), QSignalSpy(table.modelReset)]
    table.update_rows([Row(key=1), Row(key=2)])
    assert [spy.count() for spy in spies] == [0, 0, 0]


def test_rows_that_share_a_key_are_all_shown() -> None:
    table = model(1)
    table.update_rows([Row(key=2, word="a"), Row(key=2, word="b")])
    assert [row.word for row in table.rows] == ["a", "b"]


def test_one_row_is_replaced_by_its_key() -> None:
    table = model(1, 2)
    assert table.change_row(Row(key=2, word="given"))
    assert not table.change_row(Row(key=7))
    assert [row.word for row in table.rows] == ["", "given"]


def test_every_cell_speaks_and_knows_its_row() -> None:
    table = model(5)
    table.reset_rows([Row(key=5, word="late")])
    for column in range(2):
        index = table.index(0, column)
        assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "row 5 late"
        assert index.data(CellRole.ROW) == Row(key=5, word="late")
        assert index.data(CellRole.LOOK) == TextCell(headline="5", detail="late")
    assert table.index(0, 0).data(CellRole.EDGE) is Tone.DANGER
    assert table.index(0, 1).data(CellRole.EDGE) is None


def test_headings_carry_titles_and_widths() -> None:
    table = model(1)
    assert table.headerData(1, Qt.Orientation.Horizontal) == "Again"
    assert table.headerData(1, Qt.Orientation.Horizontal, CellRole.WIDTHS) == COLUMNS[1].widths


def test_spans_join_neighbours() -> None:
    assert spans([0, 1, 4]) == [Span(first=0, last=1), Span(first=4, last=4)]
    assert gone_spans([1, 2, 3, 4], [2]) == [Span(first=2, last=3), Span(first=0, last=0)]
    assert come_spans([2], [1, 2, 3]) == [Span(first=0, last=0), Span(first=2, last=2)]


def test_a_page_is_asked_for_once_until_it_comes() -> None:
    table = PagedRowTableModel(COLUMNS, key)
    asked = QSignalSpy(table.page_wanted)
    number = table.begin_list([Row(key=1)], complete=False)
    nowhere = table.index(-1, -1)
    table.fetchMore(nowhere)
    table.fetchMore(nowhere)
    assert [list(asked.at(at)) for at in range(asked.count())] == [[1, number]]
    assert table.append_page([Row(key=2)], complete=True, list_number=number)
    assert not table.canFetchMore(nowhere)
    assert [row.key for row in table.rows] == [1, 2]


def test_a_page_of_an_older_list_is_dropped() -> None:
    table = PagedRowTableModel(COLUMNS, key)
    old = table.begin_list([Row(key=1)], complete=False)
    table.begin_list([Row(key=5)], complete=False)
    assert not table.append_page([Row(key=2)], complete=True, list_number=old)
    assert [row.key for row in table.rows] == [5]
    assert not table.is_complete
