"""How a code is put into words."""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from PySide6.QtCore import QCoreApplication


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A short title for a chip, a sentence, and a fuller one that names details in braces."""

    title: str
    plain: str
    fuller: str = ""


def sentence(context: str, said: Said, details: Mapping[str, str]) -> str:
    """Return the fuller sentence when every detail it names is there, else the plain one; translated."""
    if said.fuller and _names(said.fuller) <= details.keys():
        return QCoreApplication.translate(context, said.fuller).format_map(details)
    return QCoreApplication.translate(context, said.plain)


def _names(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}
