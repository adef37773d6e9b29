"""Sizes of text in points, and of space in proportion to text, so that the nurse's text size reaches everything."""

from dataclasses import dataclass
from enum import Enum, unique
from functools import lru_cache

from PySide6.QtGui import QFont, QGuiApplication

FAMILY = "Inter"
BODY_POINTS = 10.5
SMALLEST_FACTOR = 0.9
LARGEST_FACTOR = 2.0


@unique
class TextStyle(Enum):
    """A place in the hierarchy: points at factor 1, and weight."""

    TITLE = (16.0, QFont.Weight.DemiBold)
    HEADING = (13.5, QFont.Weight.DemiBold)
    BODY = (BODY_POINTS, QFont.Weight.Normal)
    BODY_MEDIUM = (BODY_POINTS, QFont.Weight.Medium)
    STRONG = (BODY_POINTS, QFont.Weight.DemiBold)
    SMALL = (9.0, QFont.Weight.Normal)
    SMALL_MEDIUM = (9.0, QFont.Weight.Medium)
    SMALL_STRONG = (9.0, QFont.Weight.DemiBold)


@lru_cache(maxsize=64)
def _font(families: tuple[str, ...], points: float, weight: QFont.Weight) -> QFont:
    font = QFont(families)
    font.setPointSizeF(points)
    font.setWeight(weight)
    return font


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeScale:
    """Everything that has a size, for one text size factor."""

    factor: float

    def points(self, style: TextStyle) -> float:
        return style.value[0] * self.factor

    def font(self, style: TextStyle) -> QFont:
        """Return a font of the program's family in that style."""
        return _font(tuple(QGuiApplication.font().families()), self.points(style), style.value[1])

    def figures(self, style: TextStyle) -> QFont:
        """Return the same with figures of one width, for columns of numbers only: they widen hyphens in dates."""
        font = QFont(self.font(style))
        font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def px(self, length: float) -> int:
        """Return a distance that was drawn for factor 1, at this factor, in device-independent pixels."""
        return round(length * self.factor)


def factor_within_bounds(factor: float) -> float:
    """Return the nearest text size that every screen is tested with."""
    return min(max(factor, SMALLEST_FACTOR), LARGEST_FACTOR)


def current_scale() -> TypeScale:
    """Return the scale that the program's font was set to."""
    points = QGuiApplication.font().pointSizeF()
    return TypeScale(factor=points / BODY_POINTS if points > 0 else 1.0)
