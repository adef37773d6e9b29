"""A small picture: the middle of what reads as one, and no room for what does not."""

import pytest
from pytestqt.qtbot import QtBot
from tests.desktop.ui.encoded import encoded

from wc_desktop.ui.widgets.picture import Picture
from wc_desktop.ui.widgets.picture_reader import read_page, read_square

pytestmark = pytest.mark.gui


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_the_middle_is_shown_as_a_square(qtbot: QtBot, kind: str) -> None:
    picture = Picture("Photo")
    qtbot.addWidget(picture)
    assert picture.isHidden()
    picture.show_image(read_square(encoded(300, 200, kind), picture.points))
    assert picture.is_shown
    assert not picture.isHidden()
    picture.resize(picture.sizeHint())
    seen = picture.grab().toImage().pixelColor(picture.rect().center())
    assert abs(seen.blue() - 0x99) < 8
    assert picture.accessibleName() == "Photo"
    picture.show_image(None)
    assert picture.isHidden()


def test_it_is_square_and_no_larger_than_asked() -> None:
    image = read_square(encoded(300, 200, "PNG"), 64)
    assert image is not None
    assert (image.width(), image.height()) == (64, 64)


@pytest.mark.qt_log_ignore("JPEG", "libpng")
@pytest.mark.parametrize(
    "octets", [b"", b"%PDF-1.7 no picture", encoded(300, 200, "PNG")[:40], b"\xff\xd8\xff\xe0" + bytes(500)]
)
def test_what_does_not_read_gives_no_picture(octets: bytes) -> None:
    assert read_square(octets, 64) is None
    assert read_page(octets, 0).image is None


def test_a_picture_of_too_many_points_is_not_read() -> None:
    small = bytearray(encoded(10, 10, "PNG"))
    # Width and height as the header says them; nothing of the rest is looked at.
    small[16:24] = (50_000).to_bytes(4, "big") * 2
    assert read_square(bytes(small), 64) is None
    assert read_page(bytes(small), 0).image is None
