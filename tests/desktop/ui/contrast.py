"""Contrast as WCAG 2 measures it, of two colours and of the pixels of a picture."""

from collections import Counter

from PySide6.QtGui import QColor, QImage


def ratio(one: str, other: str) -> float:
    """How many times lighter the lighter of two colours is."""
    light, dark = sorted((_luminance(QColor(one)), _luminance(QColor(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def strongest_against_ground(image: QImage) -> float:
    """The contrast between a picture's commonest colour and the colour farthest from it."""
    colours = Counter(image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height()))
    ground = colours.most_common(1)[0][0]
    return max(ratio(ground, colour) for colour in colours)


def _luminance(colour: QColor) -> float:
    red, green, blue = (_linear(part) for part in (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
