"""The one style sheet, built from tokens and the text size. What it cannot say, the widgets paint."""

from string import Template

from wc_desktop.ui.theme.tokens import Tokens
from wc_desktop.ui.theme.type_scale import TextStyle, TypeScale

_SHEET = Template("""
QToolTip { background: $raised; color: $text; border: 1px solid $border; padding: ${p4}px ${p8}px; }
QMainWindow, QDialog, QWidget[area="page"] { background: $background; }
QWidget[area="clear"], QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; }
QScrollArea { border: none; }

QLabel { background: transparent; }
QLabel[text_style="title"] { font-size: ${title}pt; font-weight: 600; }
QLabel[text_style="heading"] { font-size: ${heading}pt; font-weight: 600; }
QLabel[text_style="strong"] { font-weight: 600; }
QLabel[text_style="muted"] { color: $muted; }
QLabel[text_style="small"] { color: $muted; font-size: ${small}pt; font-weight: 500; }
QLabel[text_style="eyebrow"] { color: $muted; font-size: ${small}pt; font-weight: 500; }
QLabel[tone="danger"] { color: $danger; }
QLabel[tone="warning"] { color: $warning; }
QLabel[tone="ok"] { color: $ok; }
QLabel[tone="info"] { color: $info; }
QLabel[tone="accent"] { color: $accent; }

QPushButton, QToolButton[kind="secondary"] {
  background: $surface; border: 1px solid $border; border-radius: ${p8}px;
  padding: ${p8}px ${p16}px; font-weight: 600; min-height: ${p20}px; outline: none;
}
QPushButton:hover, QToolButton[kind="secondary"]:hover { background: $hover; }
QPushButton:pressed, QToolButton[kind="secondary"]:pressed { background: $press; }
QPushButton:focus, QToolButton[kind="secondary"]:focus {
  border: 2px solid $focus; padding: ${p7}px ${p15}px;
}
QPushButton:disabled { color: $muted; background: $background; border-color: $hairline; }
QPushButton[kind="primary"] { background: $accent; color: $on_accent; border: 1px solid $accent; }
QPushButton[kind="primary"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[kind="primary"]:pressed { background: $accent_press; border-color: $accent_press; }
QPushButton[kind="primary"]:focus { border: 2px solid $focus; }
QPushButton[kind="primary"]:disabled { background: $press; color: $muted; border-color: $press; }
QPushButton[kind="danger"] { color: $danger; border-color: $danger_line; }
QPushButton[kind="danger"]:hover { background: $danger_soft; }
QPushButton[kind="danger"]:focus { border: 2px solid $focus; }
QPushButton[kind="danger"]:disabled { color: $muted; border-color: $hairline; }
QPushButton[kind="quiet"] { background: transparent; border-color: transparent; color: $accent; }
QPushButton[kind="quiet"]:hover { background: $accent_soft; }
QPushButton[kind="quiet"]:focus { border: 2px solid $focus; }
QPushButton[kind="quiet"]:disabled { color: $muted; }

QLineEdit, QPlainTextEdit, QTextEdit {
  background: $surface; border: 1px solid $field_line; border-radius: ${p8}px;
  padding: ${p7}px ${p10}px; selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit { min-height: ${p20}px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus { border: 2px solid $focus; padding: ${p6}px ${p9}px; }
QLineEdit:disabled, QPlainTextEdit:disabled, QLineEdit:read-only, QPlainTextEdit[readOnly="true"] {
  background: $background; color: $muted; border-color: $border;
}
QLineEdit[fault="true"], QPlainTextEdit[fault="true"] { border: 2px solid $danger; padding: ${p6}px ${p9}px; }
QLineEdit[fault="true"]:focus, QPlainTextEdit[fault="true"]:focus { background: $danger_soft; border-color: $focus; }
QLineEdit QToolButton { background: transparent; border: none; border-radius: ${p4}px; padding: 0; }
QLineEdit QToolButton:focus { border: 2px solid $focus; }

QListView {
  background: $surface; border: 1px solid $field_line; border-radius: ${p8}px; padding: ${p4}px; outline: none;
}
QListView:focus { border: 2px solid $focus; padding: ${p3}px; }
QListView[fault="true"] { border: 2px solid $danger; padding: ${p3}px; }
QListView[fault="true"]:focus { background: $danger_soft; border-color: $focus; }
QListView[frame="none"] { background: transparent; border: none; padding: 0; }

QTableView, QTreeView {
  background: $surface; border: none; outline: none; gridline-color: $hairline;
  selection-background-color: $selected; selection-color: $text;
}
QHeaderView { background: $surface; border: none; }
QHeaderView::section {
  background: $surface; color: $muted; border: none; border-bottom: 1px solid $border;
  padding: ${p8}px ${p12}px; font-size: ${small}pt; font-weight: 600; text-align: left;
}
QTableCornerButton::section { background: $surface; border: none; }

QProgressBar {
  background: $press; border: none; border-radius: ${p4}px; min-height: ${p8}px; max-height: ${p8}px;
}
QProgressBar::chunk { background: $accent; border-radius: ${p4}px; }

QScrollBar:vertical { background: transparent; width: ${p12}px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: ${p12}px; margin: 0; }
QScrollBar::handle { background: $scroll; border-radius: ${p4}px; margin: ${p2}px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::handle:vertical { min-height: ${p32}px; }
QScrollBar::handle:horizontal { min-width: ${p32}px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
""")

_STEPS = (2, 3, 4, 6, 7, 8, 9, 10, 12, 15, 16, 20, 32)


def style_sheet(tokens: Tokens, scale: TypeScale) -> str:
    """Return the style sheet of one theme at one text size."""
    return _SHEET.substitute(
        {f"p{step}": scale.px(step) for step in _STEPS},
        background=tokens.background,
        surface=tokens.surface,
        raised=tokens.raised,
        border=tokens.border,
        field_line=tokens.field_line,
        hairline=tokens.hairline,
        scroll=tokens.scroll,
        text=tokens.text,
        muted=tokens.muted,
        accent=tokens.accent,
        accent_hover=tokens.accent_hover,
        accent_press=tokens.accent_press,
        accent_soft=tokens.accent_soft,
        on_accent=tokens.on_accent,
        hover=tokens.hover,
        press=tokens.press,
        selected=tokens.selected,
        focus=tokens.focus,
        danger=tokens.danger.ink,
        danger_soft=tokens.danger.soft,
        danger_line=tokens.danger.line,
        warning=tokens.warning.ink,
        ok=tokens.ok.ink,
        info=tokens.info.ink,
        small=f"{scale.points(TextStyle.SMALL):.2f}",
        heading=f"{scale.points(TextStyle.HEADING):.2f}",
        title=f"{scale.points(TextStyle.TITLE):.2f}",
    )
