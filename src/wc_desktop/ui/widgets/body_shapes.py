"""Where the parts of a body lie in a drawing of it: a face, a figure from in front, and one from behind.

Sides are the child's own: in front its right lies on the left of the drawing, from behind on the right.
"""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import QPainterPath, QTransform

# The units in which figures are drawn: the whole of a drawing, with its three figures beside one another.
SIZE: Final = QSizeF(330, 230)
_FACE_AT, _FRONT_AT, _BACK_AT = 0.0, 112.0, 226.0
_MIDDLE: Final = 50.0


@dataclass(frozen=True, slots=True)
class Shape:
    """One outline of a part. A part may have several: an arm is seen from both sides."""

    code: str
    path: QPainterPath


def shapes() -> tuple[Shape, ...]:
    """Return every outline, those that lie upon others last."""
    front = [Shape(code, path.translated(_FRONT_AT, 0)) for code, path in _figure(_FRONT)]
    # Seen from behind the sides change places.
    back = [Shape(code, _mirrored(path).translated(_BACK_AT, 0)) for code, path in _figure(_BEHIND)]
    return (*(Shape(code, path.translated(_FACE_AT, 0)) for code, path in _face()), *front, *back)


def figures() -> tuple[QRectF, QRectF, QRectF]:
    """Return where face, front and back stand."""
    return QRectF(_FACE_AT, 0, 100, 130), QRectF(_FRONT_AT, 0, 100, 216), QRectF(_BACK_AT, 0, 100, 216)


_FRONT: Final = (("CHEST", (34, 38, 32, 30)), ("ABDOMEN", (36, 69, 28, 22)), ("GROIN", (43, 92, 14, 13)))
_BEHIND: Final = (("BACK", (34, 38, 32, 52)), ("GROIN", (38, 91, 24, 15)))
# Of the child's right side, from in front; the left one is its mirror image. Round parts lie upon long ones.
_LIMBS: Final = (
    ("ARM", (22, 47, 10, 22), False),
    ("ARM", (22, 75, 9, 19), False),
    ("LEG", (36, 107, 13, 35), False),
    ("LEG", (37, 153, 11, 35), False),
    ("HIP", (33, 90, 9.5, 15), True),
    ("SHOULDER", (23, 36, 13, 13), True),
    ("ELBOW", (21, 66, 11, 11), True),
    ("WRIST", (22, 93, 9, 7), False),
    ("HAND", (20, 99, 12, 14), True),
    ("KNEE", (35.5, 140, 14, 14), True),
    ("ANKLE", (38, 187, 9, 8), False),
    ("FOOT", (32, 194, 16, 10), True),
)


def _figure(trunk: tuple[tuple[str, tuple[float, float, float, float]], ...]) -> list[tuple[str, QPainterPath]]:
    found = [("NECK", _box(44, 28, 12, 11)), ("HEAD", _round(37, 3, 26, 28))]
    found += [(code, _box(*place)) for code, place in trunk]
    for code, place, is_round in _LIMBS:
        right = _round(*place) if is_round else _box(*place)
        found += [(f"{code}_RIGHT", right), (f"{code}_LEFT", _mirrored(right))]
    return found


def _face() -> list[tuple[str, QPainterPath]]:
    whole = _round(18, 16, 64, 88)
    forehead = whole.intersected(_box(10, 28, 80, 17))
    scalp = _round(16, 8, 68, 90).intersected(_box(10, 0, 80, 28))
    eye, ear = _round(28, 48, 16, 10), _round(10, 50, 10, 22)
    return [
        ("FACE", whole),
        ("HEAD", scalp),
        ("FOREHEAD", forehead),
        ("EAR_RIGHT", ear),
        ("EAR_LEFT", _mirrored(ear)),
        ("EYE_RIGHT", eye),
        ("EYE_LEFT", _mirrored(eye)),
        ("NOSE", _round(44, 56, 12, 19)),
        ("MOUTH", _round(35, 78, 30, 16)),
        ("TOOTH", _box(43, 82, 14, 8)),
        ("NECK", _box(40, 104, 20, 14)),
    ]


def _box(left: float, top: float, width: float, height: float) -> QPainterPath:
    path = QPainterPath()
    corner = min(width, height) * 0.3
    path.addRoundedRect(QRectF(left, top, width, height), corner, corner)
    return path


def _round(left: float, top: float, width: float, height: float) -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(QRectF(left, top, width, height))
    return path


def _mirrored(path: QPainterPath) -> QPainterPath:
    return QTransform(-1, 0, 0, 1, 2 * _MIDDLE, 0).map(path)
