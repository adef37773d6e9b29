"""The locked program begins afresh: its memory goes back to the system, with everything that was ever in it.

Overwriting keys one by one leaves what libraries, Qt and the interpreter copied: keys of the device, tokens, the
password that was typed, names that were shown. A process that is replaced leaves nothing (docs/adr/0037).
"""

import base64
import json
import os
import subprocess
import sys
from collections.abc import MutableMapping, Sequence
from dataclasses import asdict, dataclass

from wc_desktop.app.settings import STARTED_VARIABLE, TRACE_VARIABLE

_VARIABLE = "WC_AFRESH"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """What the next process goes on with: how its window stands, where it was, what its page says. Nothing secret."""

    place: bytes
    active: bool
    minimised: bool
    section: str
    said: str


def begin_afresh(handed: HandedOver, words: Sequence[str]) -> None:
    """Replace this process by one that was started with the same words; where exec is none, start one beside it.

    Everything has ended before: threads, files, the hold on the folder.
    """
    command = (sys.executable, "-P", "-m", "wc_desktop", *words)
    content = asdict(handed) | {"place": base64.b64encode(handed.place).decode()}
    environment = {name: value for name, value in os.environ.items() if name not in {STARTED_VARIABLE, TRACE_VARIABLE}}
    environment[_VARIABLE] = json.dumps(content)
    if sys.platform == "win32":
        # There, exec would start another process as well, and wait for nobody.
        subprocess.Popen(command, env=environment)  # noqa: S603  # our own words
        return
    os.execve(sys.executable, command, environment)  # noqa: S606  # our own words


def taken_over(environment: MutableMapping[str, str] = os.environ) -> HandedOver | None:
    """Return what the process before handed over, None after a start by a person; children do not inherit it."""
    try:
        content = json.loads(environment.pop(_VARIABLE))
        return HandedOver(
            place=base64.b64decode(content["place"]),
            active=bool(content["active"]),
            minimised=bool(content["minimised"]),
            section=str(content["section"]),
            said=str(content["said"]),
        )
    except (KeyError, ValueError, TypeError):
        return None
