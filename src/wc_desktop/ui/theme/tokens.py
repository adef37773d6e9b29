"""The colour tokens of the light and the dark theme, and which of the two is on."""

from dataclasses import dataclass
from typing import assert_never

from PySide6.QtGui import QGuiApplication, QPalette

from wc_desktop.ui.theme.tone import Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class ToneInks:
    """One tone's colours: text and icons, the soft fill behind them, the line around the fill."""

    ink: str
    soft: str
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Every colour of one theme as `#RRGGBB`. Text pairs keep 4.5:1 or better; a test measures them."""

    name: str
    background: str
    surface: str
    raised: str
    border: str
    field_line: str
    hairline: str
    scroll: str
    text: str
    muted: str
    accent: str
    accent_hover: str
    accent_press: str
    on_accent: str
    accent_soft: str
    hover: str
    press: str
    selected: str
    focus: str
    disabled_text: str
    danger: ToneInks
    warning: ToneInks
    ok: ToneInks
    info: ToneInks

    def inks(self, tone: Tone) -> ToneInks:
        """Return the colours of a tone in this theme."""
        match tone:
            case Tone.PLAIN:
                inks = ToneInks(ink=self.text, soft=self.hover, line=self.border)
            case Tone.MUTED:
                inks = ToneInks(ink=self.muted, soft=self.hover, line=self.border)
            case Tone.ACCENT:
                inks = ToneInks(ink=self.accent, soft=self.accent_soft, line=self.accent)
            case Tone.DANGER:
                inks = self.danger
            case Tone.WARNING:
                inks = self.warning
            case Tone.OK:
                inks = self.ok
            case Tone.INFO:
                inks = self.info
            case _:
                assert_never(tone)
        return inks


LIGHT = Tokens(
    name="light",
    background="#F4F6F8",
    surface="#FFFFFF",
    raised="#FFFFFF",
    border="#D5DBE1",
    field_line="#7B8691",
    hairline="#E6EAEE",
    scroll="#C3CBD3",
    text="#17202A",
    muted="#56636F",
    accent="#0B5F6B",
    accent_hover="#094F59",
    accent_press="#073F47",
    on_accent="#FFFFFF",
    accent_soft="#DFEFF1",
    hover="#EEF2F5",
    press="#E3E9ED",
    selected="#DCEEF2",
    focus="#0A7CFF",
    disabled_text="#8793A0",
    danger=ToneInks(ink="#A8201A", soft="#FCE8E7", line="#D9615B"),
    warning=ToneInks(ink="#7A4B00", soft="#FFF0D1", line="#B98628"),
    ok=ToneInks(ink="#176A3A", soft="#E1F3E8", line="#58A279"),
    info=ToneInks(ink="#1F4E9C", soft="#E4EDFB", line="#7A9FD6"),
)

DARK = Tokens(
    name="dark",
    background="#12171C",
    surface="#1A2127",
    raised="#212A31",
    border="#36424C",
    field_line="#66747F",
    hairline="#2A343C",
    scroll="#4A5863",
    text="#E8EDF1",
    muted="#A5B2BD",
    accent="#5CC4D1",
    accent_hover="#76D2DD",
    accent_press="#8FDDE6",
    on_accent="#0E1A1D",
    accent_soft="#173A40",
    hover="#222B32",
    press="#2A353D",
    selected="#1D3B41",
    focus="#6FB3FF",
    disabled_text="#6E7B87",
    danger=ToneInks(ink="#FF9A92", soft="#45201F", line="#B45650"),
    warning=ToneInks(ink="#FFC566", soft="#3F2E0C", line="#A57F35"),
    ok=ToneInks(ink="#7FD8A0", soft="#16382A", line="#3F8A61"),
    info=ToneInks(ink="#9DC1FF", soft="#1C2F52", line="#4D72B0"),
)


def tokens_of(palette: QPalette) -> Tokens:
    """Return the theme that made this palette; for a foreign palette, the one of like lightness."""
    return DARK if palette.window().color().lightness() < 128 else LIGHT  # noqa: PLR2004 - half of 8 bits


def current_tokens() -> Tokens:
    """Return the tokens of the theme that is on. Painters ask at each paint, so a switch needs no bookkeeping."""
    return tokens_of(QGuiApplication.palette())
