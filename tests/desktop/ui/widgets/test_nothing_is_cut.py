"""Safety marks and doses wrap; only notes may end in an ellipsis."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect
from PySide6.QtGui import QFont, QImage, QPainter
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from tests.desktop.ui.dressed import dressed
from tests.desktop.ui.rows import ALLERGY, NAME_ALERT, due_row

from wc_desktop.ui.models.due_rows import DueTableModel, due_columns
from wc_desktop.ui.theme.cells import CellRole, Chip, ChipsCell, TextCell
from wc_desktop.ui.theme.tokens import LIGHT
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import TextStyle, TypeScale
from wc_desktop.ui.widgets import cell_painter
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.cell_painter import content_size, paint_cell, row_height
from wc_desktop.ui.widgets.chip_painter import lay_out_chips
from wc_desktop.ui.widgets.fact_list import Fact, FactList
from wc_desktop.ui.widgets.record_table import RecordTable
from wc_desktop.ui.widgets.wrapped_text import flow, text_width, wrapped_lines

pytestmark = pytest.mark.usefixtures("qapp")
SCALE = TypeScale(factor=1.0)
NO_BREAK = "\N{NO-BREAK SPACE}"
words = st.lists(st.sampled_from(["Allergy", "to", "penicillin", "5 mg", "·", "dexmethylphenidate"]), max_size=9)


def body() -> QFont:
    return SCALE.font(TextStyle.BODY)


@given(st.lists(st.integers(1, 400), max_size=12), st.integers(1, 500))
def test_every_box_of_a_flow_is_on_exactly_one_line(widths: list[int], available: int) -> None:
    lines = flow(tuple(widths), available, 6)
    assert [number for line in lines for number in line] == list(range(len(widths)))
    for line in lines:
        needed = sum(widths[number] for number in line) + 6 * (len(line) - 1)
        assert needed <= available or len(line) == 1


@given(words, st.integers(20, 600))
def test_wrapping_keeps_every_letter_and_fits(parts: list[str], width: int) -> None:
    text = " ".join(parts)
    lines = wrapped_lines(text, body(), width)
    letters = "".join(lines).replace(NO_BREAK, "").replace(" ", "").replace("·", "")
    assert letters == text.replace(" ", "").replace("·", "")
    if width > text_width("W", body()):
        assert all(text_width(line, body()) <= width for line in lines)


@pytest.mark.parametrize("width", range(60, 260, 20))
def test_a_number_is_never_parted_from_its_unit(width: int) -> None:
    lines = wrapped_lines("1 tablet by mouth, then 2.5 mL on 2 Oct 2018", body(), width)
    assert not any(line.endswith(("1", "2.5", " 2", "Oct")) for line in lines)


def test_lines_break_between_parts_first() -> None:
    text = "Gr 4 · Rm 12 · 2 Mar 2016"
    width = text_width("Gr 4 · Rm 12 · 2 Mar", body())
    assert [line.replace(NO_BREAK, " ") for line in wrapped_lines(text, body(), width)] == [
        "Gr 4 · Rm 12",
        "2 Mar 2016",
    ]


@given(
    st.lists(st.text(alphabet="abcdefgh ijk", min_size=1, max_size=40).map(str.strip).filter(bool), max_size=6),
    st.integers(60, 300),
)
def test_every_chip_is_placed_within_the_width_and_none_covers_another(texts: list[str], width: int) -> None:
    chips = tuple(Chip(text=text, tone=Tone.DANGER) for text in texts)
    row = lay_out_chips(chips, width, SCALE)
    assert [placed.chip for placed in row.placed] == list(chips)
    for number, placed in enumerate(row.placed):
        assert placed.box.right() <= width
        assert "".join(placed.lines).replace(" ", "") == placed.chip.text.replace(" ", "")
        assert not any(placed.box.intersects(other.box) for other in row.placed[number + 1 :])


class Recorder(QPainter):
    """A painter that also notes the words it draws."""

    def __init__(self, image: QImage) -> None:
        super().__init__(image)
        self.drawn: list[str] = []

    def drawText(self, *arguments: object) -> None:  # noqa: N802 - Qt names it
        self.drawn.append(str(arguments[-1]))


def drawn(look: TextCell | ChipsCell, width: int) -> str:
    image = QImage(600, 400, QImage.Format.Format_RGB32)
    painter = Recorder(image)
    paint_cell(painter, QRect(0, 0, width, row_height(look, width, SCALE)), look, SCALE, LIGHT)
    painter.end()
    return " ".join(painter.drawn).replace(NO_BREAK, " ")


@pytest.mark.parametrize("width", [150, 180, 240, 300, 420])
def test_drug_strength_and_dose_are_drawn_whole_at_any_width(width: int) -> None:
    look = TextCell(
        headline="dexmethylphenidate  5 mg extended-release capsule",
        detail="1 capsule (5 mg) by mouth",
        note="With food, never with grapefruit juice, and only after breakfast",
    )
    seen = drawn(look, width).replace(" ", "")
    assert "dexmethylphenidate5mgextended-releasecapsule" in seen
    assert "1capsule(5mg)bymouth" in seen


@pytest.mark.parametrize("factor", [1.0, 1.5, 2.0])
@pytest.mark.parametrize(
    "drug", ["dexmethylphenidate", "methylPHENIDATE", "lisdexamfetamine", "oxcarbazepine", "medroxyPROGESTERone"]
)
def test_the_medication_column_never_breaks_a_long_name(drug: str, factor: float) -> None:
    with dressed(factor=factor):
        scale = TypeScale(factor=factor)
        least = due_columns()[2].widths.least
        inner = scale.px(least) - 2 * scale.px(cell_painter.PAD_X)
        assert wrapped_lines(f"{drug}  5 mg tablet", scale.font(TextStyle.STRONG), inner)[0] == drug


def test_a_dose_never_ends_in_the_ellipsis_of_its_note() -> None:
    detail = "1 tablet (1 mg) by mouth"
    for width in range(100, 400, 5):
        look = TextCell(headline="guanFACINE", detail=detail, note="Check blood pressure if dizzy or pale")
        assert "mouth…" not in drawn(look, width).replace(" ", "")


def test_more_chips_make_the_row_higher() -> None:
    chips = tuple(Chip(text=f"Alert number {number}", tone=Tone.DANGER) for number in range(5))
    one = row_height(ChipsCell(chips=chips[:1]), 160, SCALE)
    assert row_height(ChipsCell(chips=chips), 160, SCALE) >= one * 3
    assert all(chip.text in drawn(ChipsCell(chips=chips), 220) for chip in chips)


@pytest.mark.parametrize("factor", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("width", [520, 800, 1100])
def test_each_row_of_the_table_is_as_high_as_its_highest_cell(qtbot: QtBot, width: int, factor: float) -> None:
    with dressed(factor=factor):
        model = DueTableModel()
        table = RecordTable("Doses due today", model)
        qtbot.addWidget(table)
        model.reset_rows([due_row(number, chips=(ALLERGY, NAME_ALERT) * (number % 3)) for number in range(90)])
        table.resize(width, 400)
        table.show()
        qtbot.waitUntil(lambda: table.view.rowHeight(89) > 41)
        scale = TypeScale(factor=factor)
        for row in (0, 1, 2, 45, 88, 89):
            for column in range(model.columnCount()):
                look = model.index(row, column).data(CellRole.LOOK)
                inner = table.view.columnWidth(column) - 2 * scale.px(cell_painter.PAD_X)
                assert content_size(look, inner, scale).height() <= table.view.rowHeight(row)


def test_a_layout_without_room_asks_for_more_rather_than_cutting_a_warning(qtbot: QtBot) -> None:
    with dressed():
        pane = QWidget()
        qtbot.addWidget(pane)
        column = QVBoxLayout(pane)
        banner = AlertBanner(Tone.WARNING, "Similar name: MARTINEZ, Sofia (Gr 2, Rm 5). Check the birth date. " * 2)
        facts = FactList()
        facts.set_facts([Fact(label="Order", value="Dr L. Chen, to 11 Jun 2027, renewed by telephone, unsigned")])
        column.addWidget(banner)
        column.addWidget(facts)
        pane.resize(260, 60)
        pane.show()
        for child in (banner, facts):
            qtbot.waitUntil(lambda part=child: part.height() >= part.heightForWidth(part.width()) > 50)


def test_a_warning_is_said_with_its_severity(qtbot: QtBot) -> None:
    banner = AlertBanner(Tone.DANGER, "Allergy: penicillin")
    qtbot.addWidget(banner)
    said = [child.accessibleName() for child in banner.findChildren(QWidget) if child.accessibleName()]
    assert said == ["Danger: Allergy: penicillin"]
    banner.set_alert(Tone.WARNING, "Order ends in 3 days")
    assert banner.text == "Order ends in 3 days"
