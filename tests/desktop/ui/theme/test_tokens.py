"""Text can be read in both themes: each pair of colours in use has 4.5:1, lines that matter 3:1."""

import itertools
import re

import pytest
from PySide6.QtGui import QColor, QPalette
from tests.desktop.ui.contrast import ratio

from wc_desktop.ui.theme.palette import build_palette
from wc_desktop.ui.theme.stylesheet import style_sheet
from wc_desktop.ui.theme.tokens import DARK, LIGHT, Tokens, tokens_of
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import TypeScale

THEMES = pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
GROUNDS = ("background", "surface", "raised", "hover", "selected", "press")


@THEMES
@pytest.mark.parametrize(("ink", "ground"), list(itertools.product(("text", "muted"), GROUNDS)))
def test_words_are_readable_on_every_ground(tokens: Tokens, ink: str, ground: str) -> None:
    assert ratio(getattr(tokens, ink), getattr(tokens, ground)) >= 4.5


@THEMES
@pytest.mark.parametrize("tone", list(Tone))
def test_every_tone_is_readable_on_its_own_fill_and_on_rows(tokens: Tokens, tone: Tone) -> None:
    inks = tokens.inks(tone)
    grounds = [inks.soft, tokens.surface, tokens.background, tokens.selected, tokens.hover]
    assert min(ratio(inks.ink, ground) for ground in grounds) >= 4.5


@THEMES
def test_the_filled_button_is_readable_in_every_state(tokens: Tokens) -> None:
    fills = (tokens.accent, tokens.accent_hover, tokens.accent_press)
    assert min(ratio(tokens.on_accent, fill) for fill in fills) >= 4.5


@THEMES
def test_the_focus_ring_and_field_lines_are_seen(tokens: Tokens) -> None:
    lines = (tokens.focus, tokens.field_line)
    assert min(ratio(line, ground) for line in lines for ground in (tokens.surface, tokens.background)) >= 3.0


@THEMES
def test_the_palette_leaves_no_role_to_the_system(tokens: Tokens) -> None:
    palette = build_palette(tokens)
    known = {str(value).upper() for value in _all_colours(tokens)}
    for role in QPalette.ColorRole:
        if role not in (QPalette.ColorRole.NColorRoles, QPalette.ColorRole.NoRole):
            assert palette.color(role).name().upper() in known, role


@THEMES
def test_a_palette_names_its_theme(tokens: Tokens) -> None:
    assert tokens_of(build_palette(tokens)) is tokens


@THEMES
def test_the_style_sheet_uses_only_the_tokens_colours(tokens: Tokens) -> None:
    used = set(re.findall(r"#[0-9A-Fa-f]{6}", style_sheet(tokens, TypeScale(factor=1.0))))
    assert used <= set(_all_colours(tokens))


def test_text_size_reaches_the_style_sheet() -> None:
    assert "font-size: 16.00pt" in style_sheet(LIGHT, TypeScale(factor=1.0))
    assert "font-size: 32.00pt" in style_sheet(LIGHT, TypeScale(factor=2.0))


def _all_colours(tokens: Tokens) -> list[str]:
    own = [getattr(tokens, name) for name in Tokens.__dataclass_fields__]
    plain = [value for value in own if isinstance(value, str) and value.startswith("#")]
    toned = [tokens.inks(tone) for tone in Tone]
    return plain + [colour for inks in toned for colour in (inks.ink, inks.soft, inks.line)]


def test_black_on_white_measures_twenty_one() -> None:
    assert ratio("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert ratio(QColor("white").name(), QColor("white").name()) == pytest.approx(1.0)
