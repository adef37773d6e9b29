"""What this program says of itself and of the programs of others within it, read from what is installed."""

import platform
import re
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, distribution
from typing import Final

from wc_desktop.ui.views.about_sheet import About, Work

_OURS: Final = "white-cross"
# What a package names in its licence file alone.
_IN_A_FILE: Final = {"sqlcipher3": "Zlib", "sqlcipher3-binary": "Zlib"}


def about_this_program() -> About:
    """Return version, licence, notice and every package that the workstation asks for."""
    ours = distribution(_OURS)
    return About(
        version=ours.version,
        licence=_licence_of(_OURS),
        python=platform.python_version(),
        works=_works(ours.requires or ()),
        notice=(ours.read_text("licenses/NOTICE") or "").strip(),
    )


def _works(requires: Sequence[str]) -> tuple[Work, ...]:
    names = {_name(line) for line in requires if "extra ==" not in line or 'extra == "desktop"' in _quoted(line)}
    found: list[Work] = []
    for name in sorted(names):
        try:
            found.append(Work(name=name, version=distribution(name).version, licence=_licence_of(name)))
        except PackageNotFoundError:
            # A marker of another system: it is not in this program.
            continue
    return tuple(found)


def _name(line: str) -> str:
    return re.split(r"[\s\[<>=!~;(]", line, maxsplit=1)[0].lower()


def _quoted(line: str) -> str:
    return line.replace("'", '"')


def _licence_of(name: str) -> str:
    told = distribution(name).metadata
    for field in ("License-Expression", "License"):
        for value in told.get_all(field) or ():
            # Some put the whole text there; its first line names it.
            return str(value).strip().partition("\n")[0]
    return _IN_A_FILE.get(name, "")
