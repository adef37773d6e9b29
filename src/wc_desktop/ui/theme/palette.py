"""The palette that Fusion draws with, from the tokens."""

from PySide6.QtGui import QColor, QPalette

from wc_desktop.ui.theme.tokens import Tokens

_Role = QPalette.ColorRole
_Group = QPalette.ColorGroup


def build_palette(tokens: Tokens) -> QPalette:
    """Return a complete palette: no role is left to the desktop's own theme, so light and dark never mix."""
    colours = {
        _Role.Window: tokens.background,
        _Role.WindowText: tokens.text,
        _Role.Base: tokens.surface,
        _Role.AlternateBase: tokens.hover,
        _Role.Text: tokens.text,
        _Role.PlaceholderText: tokens.muted,
        _Role.Button: tokens.surface,
        _Role.ButtonText: tokens.text,
        _Role.BrightText: tokens.danger.ink,
        _Role.ToolTipBase: tokens.raised,
        _Role.ToolTipText: tokens.text,
        _Role.Highlight: tokens.accent,
        _Role.HighlightedText: tokens.on_accent,
        _Role.Accent: tokens.accent,
        _Role.Link: tokens.accent,
        _Role.LinkVisited: tokens.accent,
        _Role.Light: tokens.surface,
        _Role.Midlight: tokens.hairline,
        _Role.Mid: tokens.border,
        _Role.Dark: tokens.border,
        _Role.Shadow: tokens.border,
    }
    palette = QPalette()
    for role, colour in colours.items():
        palette.setColor(role, QColor(colour))
    for role in (_Role.WindowText, _Role.Text, _Role.ButtonText):
        palette.setColor(_Group.Disabled, role, QColor(tokens.disabled_text))
    palette.setColor(_Group.Disabled, _Role.Highlight, QColor(tokens.border))
    return palette
