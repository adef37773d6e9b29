"""Which Python the environment is made with."""

from __future__ import annotations

import os
import sys

from setup_steps.speaking import CannotContinue, quiet

FIRST, LAST = (3, 11), (3, 13)
# The interpreter behind a virtual environment: asked from within .venv, we would delete what we run on.
_ASK = (
    "import os, sys; base = getattr(sys, '_base_executable', sys.executable); "
    "print('%d.%d' % sys.version_info[:2], os.path.realpath(base))"
)


def suitable() -> str:
    """Return the path of the Python to use: WC_PYTHON, else this one, else the first that fits on PATH."""
    wanted = os.environ.get("WC_PYTHON")
    candidates = [wanted] if wanted else [sys.executable, *_names()]
    seen = []
    for candidate in candidates:
        code, answer = quiet([candidate, "-c", _ASK])
        if code != 0:
            continue
        version, path = answer.split(" ", 1)
        if FIRST <= _pair(version) <= LAST:
            return path
        seen.append(version)
    found = f"found only {', '.join(sorted(set(seen), key=_pair))}" if seen else "found none that runs"
    raise CannotContinue(
        f"it needs Python {_text(FIRST)} to {_text(LAST)}, {found}. Install one (Debian, Ubuntu: "
        "apt-get install python3 python3-venv) or name one: WC_PYTHON=/path/to/python3.12 make ..."
    )


def _names() -> list[str]:
    return [f"python3.{minor}" for minor in range(FIRST[1], LAST[1] + 1)]


def _pair(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _text(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"
