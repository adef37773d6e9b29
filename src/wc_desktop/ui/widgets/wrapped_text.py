"""Breaking text into lines that fit, for everything that is painted and must not be cut."""

import re
from functools import lru_cache
from typing import Final

from PySide6.QtGui import QFont, QFontMetricsF, QTextLayout, QTextOption

_ENDLESS = 1_000_000
_NO_BREAK: Final = "\N{NO-BREAK SPACE}"
_JOINT: Final = re.compile(r"( · |  )")
_BEFORE_UNIT: Final = re.compile(r"(?<=\d) (?=[A-Za-z%\N{MICRO SIGN}])")
_BEFORE_YEAR: Final = re.compile(r"(?<=\d\N{NO-BREAK SPACE}[A-Z][a-z]{2}) (?=\d{4})")


@lru_cache(maxsize=4096)
def wrapped_lines(text: str, font: QFont, width: int) -> tuple[str, ...]:
    """Return the text in lines no wider than `width`. Nothing is dropped.

    Lines break between parts ("Gr 2 · Rm 6", two spaces) where they can, never between a number and its unit,
    and inside a word only when the word alone is wider than the line.
    """
    glued = _glued(text)
    if not glued or text_width(glued, font) <= width:
        return (glued,) if glued else ()
    lines: list[str] = []
    pieces = _JOINT.split(glued)  # part, joint, part, joint, part
    line = pieces[0]
    for joint, part in zip(pieces[1::2], pieces[2::2], strict=True):
        if text_width(line + joint + part, font) <= width:
            line += joint + part
        else:
            lines += _broken(line, font, width)
            line = part
    return (*lines, *_broken(line, font, width))


def _glued(text: str) -> str:
    """Join numbers to their units, and months to their years, with spaces that do not break."""
    return _BEFORE_YEAR.sub(_NO_BREAK, _BEFORE_UNIT.sub(_NO_BREAK, text))


def _broken(text: str, font: QFont, width: int) -> list[str]:
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    lines: list[str] = []
    layout.beginLayout()
    line = layout.createLine()
    while line.isValid():
        line.setLineWidth(max(width, 1))
        lines.append(text[line.textStart() : line.textStart() + line.textLength()].strip())
        line = layout.createLine()
    layout.endLayout()
    return lines


@lru_cache(maxsize=8192)
def text_width(text: str, font: QFont) -> int:
    """Return the width of one line, rounded up."""
    return int(QFontMetricsF(font).horizontalAdvance(text) + 0.999)


@lru_cache(maxsize=64)
def line_height(font: QFont) -> int:
    """Return the height of one line, without the gap to the next."""
    return int(QFontMetricsF(font).height() + 0.999)


def flow(widths: tuple[int, ...], available: int, gap: int) -> tuple[tuple[int, ...], ...]:
    """Return which boxes stand on which line when they wrap; each is on exactly one."""
    lines: list[list[int]] = []
    used = _ENDLESS
    for number, width in enumerate(widths):
        if used + gap + width > available or not lines:
            lines.append([number])
            used = width
        else:
            lines[-1].append(number)
            used += gap + width
    return tuple(tuple(line) for line in lines)
