"""Letters and icons come from the package and are all there, with their licences."""

import gc
from importlib import resources

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QFontInfo, QIcon, QPixmap
from tests.desktop.ui.dressed import dressed

from wc_desktop.ui.theme.fonts import FONT_FILES, load_fonts
from wc_desktop.ui.theme.icons import Icon, icon_for, icon_pixmap
from wc_desktop.ui.theme.scheme import SchemeChoice
from wc_desktop.ui.theme.tokens import DARK, LIGHT
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import FAMILY, TextStyle, current_scale

pytestmark = pytest.mark.usefixtures("qapp")

ASSETS = resources.files("wc_desktop") / "resources"


def test_the_folder_of_icons_and_their_names_are_the_same_set() -> None:
    files = {path.name for path in (ASSETS / "icons").iterdir()} - {"LICENSE.txt"}
    assert files == {f"{icon.value}.svg" for icon in Icon}


def test_each_asset_folder_carries_its_licence() -> None:
    assert "SIL Open Font License" in (ASSETS / "fonts" / "OFL.txt").read_text("utf-8")
    licence = (ASSETS / "icons" / "LICENSE.txt").read_text("utf-8")
    assert "ISC License" in licence
    assert "Feather" in licence
    assert "MIT License" in licence


@pytest.mark.parametrize("icon", list(Icon))
def test_every_icon_draws_something_in_the_colour_asked(icon: Icon) -> None:
    image = icon_pixmap(icon, "#a8201a", 24, 1.0).toImage()
    inked = [image.pixelColor(x, y) for x in range(24) for y in range(24) if image.pixelColor(x, y).alpha() == 255]
    assert len(inked) > 10
    # Antialiasing over transparency may round a channel by a step.
    assert all(abs(colour.red() - 0xA8) <= 2 and abs(colour.green() - 0x20) <= 2 for colour in inked)


def test_an_icon_is_drawn_at_real_pixels_on_a_fine_screen() -> None:
    pixmap = icon_for(Icon.PILL).pixmap(QSize(24, 24), 2.0)
    assert pixmap.size() == QSize(48, 48)
    assert pixmap.devicePixelRatio() == 2.0
    doubled = icon_for(Icon.PILL).pixmap(QSize(24, 24), 1.0).scaled(48, 48).toImage()
    assert pixmap.toImage() != doubled


def test_an_icon_follows_the_theme_by_itself() -> None:
    icon = icon_for(Icon.CLOUD_OFF, Tone.WARNING)
    with dressed(SchemeChoice.LIGHT) as dresser:
        light = _inks(icon)
        dresser.choose_scheme(SchemeChoice.DARK)
        dark = _inks(icon)
    assert LIGHT.warning.ink.lower() in light
    assert DARK.warning.ink.lower() in dark


def _inks(icon: QIcon) -> set[str]:
    image = icon.pixmap(QSize(48, 48), 1.0).toImage()
    colours = [image.pixelColor(x, y) for x in range(48) for y in range(48)]
    return {colour.name() for colour in colours if colour.alpha() == 255}


def test_a_changed_copy_of_an_icon_can_still_be_drawn() -> None:
    copy = QIcon(icon_for(Icon.PILL))
    copy.addPixmap(QPixmap(1, 1))
    gc.collect()
    assert copy.pixmap(QSize(24, 24)).toImage() == icon_for(Icon.PILL).pixmap(QSize(24, 24)).toImage()


def test_all_four_weights_are_inter() -> None:
    assert len(FONT_FILES) == 4
    assert load_fonts()
    with dressed():
        for style in TextStyle:
            info = QFontInfo(current_scale().font(style))
            assert info.family() == FAMILY
            assert info.weight() == style.value[1]
