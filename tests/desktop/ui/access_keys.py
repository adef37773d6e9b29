"""Which access keys a screen has: a letter that leads to two places leads to neither."""

import re
from collections import Counter

from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

_MARKED = re.compile(r"&([^&\s])")


def doubled_keys(root: QWidget) -> list[str]:
    """Return the letters that more than one label or button of a screen asks for at the same time."""
    asked: Counter[str] = Counter()
    for widget in (*root.findChildren(QLabel), *root.findChildren(QAbstractButton)):
        found = _MARKED.search(widget.text())
        leads_somewhere = isinstance(widget, QAbstractButton) or (
            isinstance(widget, QLabel) and widget.buddy() is not None
        )
        if found and leads_somewhere and widget.isVisible() and widget.window() is root.window():
            asked[found[1].upper()] += 1
    return [letter for letter, count in asked.items() if count > 1]
