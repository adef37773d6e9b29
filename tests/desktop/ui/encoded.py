"""A picture as a file of some kind, all of one colour."""

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QColor, QImage


def encoded(width: int, height: int, kind: str, colour: str = "#336699") -> bytes:
    """Return the content of such a file."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert image.save(buffer, kind)  # type: ignore[call-overload]
    return bytes(buffer.data().data())
