"""The drawing of a body: every part can be clicked, sides are the child's, and a mark is more than a colour."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from tests.desktop.ui.dressed import dressed

from wc_desktop.ui.theme.scheme import SchemeChoice
from wc_desktop.ui.viewmodels.incident_words import BODY_REGIONS
from wc_desktop.ui.widgets.body_picture import BodyPicture


@pytest.fixture
def picture(qtbot: QtBot) -> BodyPicture:
    made = BodyPicture(BODY_REGIONS, ("Face", "Front", "Back"), ("R", "L"))
    qtbot.addWidget(made)
    made.resize(420, 300)
    return made


def test_every_part_of_the_list_can_be_clicked_and_no_other(picture: BodyPicture) -> None:
    clicked: list[str] = []
    picture.part_clicked.connect(clicked.append)
    for code in BODY_REGIONS:
        QTest.mouseClick(picture, Qt.MouseButton.LeftButton, pos=picture.place_of(code).toPoint())
    assert clicked == list(BODY_REGIONS)
    drawn = {picture.part_at(QPointF(x, y)) for x in range(0, 420, 2) for y in range(0, 300, 2)}
    assert drawn - {None} == set(BODY_REGIONS)
    QTest.mouseClick(picture, Qt.MouseButton.LeftButton, pos=QPoint(1, 299))
    QTest.mouseClick(picture, Qt.MouseButton.RightButton, pos=picture.place_of("NOSE").toPoint())
    assert len(clicked) == len(BODY_REGIONS)


def test_the_childs_right_lies_on_the_left_in_front_and_on_the_right_behind(picture: BodyPicture) -> None:
    width = picture.width()
    hands = [
        x for x in range(width) if any(picture.part_at(QPointF(x, y)) == "HAND_RIGHT" for y in range(picture.height()))
    ]
    assert min(hands) < width / 2, "in front"
    assert max(hands) > width * 0.85, "from behind"
    assert picture.place_of("EYE_RIGHT").x() < picture.place_of("EYE_LEFT").x()


@pytest.mark.parametrize("scheme", [SchemeChoice.LIGHT, SchemeChoice.DARK], ids=["light", "dark"])
def test_a_marked_part_looks_otherwise_in_shades_of_grey_too(qtbot: QtBot, scheme: SchemeChoice) -> None:
    with dressed(scheme):
        made = BodyPicture(BODY_REGIONS, ("Face", "Front", "Back"), ("R", "L"))
        qtbot.addWidget(made)
        made.resize(420, 300)
        before = made.grab().toImage()
        made.mark(("CHEST",))
        after = made.grab().toImage()
        at = made.place_of("CHEST").toPoint()
        shades = {after.pixelColor(at.x() + x, at.y() + y).lightness() for x in range(-8, 9) for y in range(-8, 9)}
        plain = {before.pixelColor(at.x() + x, at.y() + y).lightness() for x in range(-8, 9) for y in range(-8, 9)}
        assert len(plain) == 1
        assert max(shades) - min(shades) > 60, "it is hatched"
        assert made.accessibleDescription() == "Chest"


def test_it_keeps_its_shape_in_any_room(picture: BodyPicture) -> None:
    for width, height in ((250, 174), (420, 300), (900, 300), (300, 900)):
        picture.resize(width, height)
        assert picture.part_at(picture.place_of("KNEE_LEFT")) == "KNEE_LEFT"
    assert picture.heightForWidth(330) == 230
    assert picture.heightForWidth(4_000) == picture.sizeHint().height(), "it does not grow for ever"
