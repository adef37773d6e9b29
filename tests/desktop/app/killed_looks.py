"""A use of the emergency cards in a program of its own, killed before one of the things it does to files or shows."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.desktop.clinic import Clinic, uid

from wc_contract.model.values import EmergencyReason
from wc_desktop.app.emergency import open_cards
from wc_desktop.domain.emergency import EmergencyAsk

WATCHED = ("write", "fsync", "ftruncate", "unlink")


def killed_at(folder: Path, code: str, step: int) -> None:
    """Open the cards and one child's, writing down what is shown as it is shown; end by kill before a step."""
    clinic = Clinic(folder)
    station = clinic.station()
    left = [step]

    def count() -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def watched(name: str) -> Callable[..., Any]:
        real = getattr(os, name)

        def call(*given: Any, **named: Any) -> Any:
            count()
            return real(*given, **named)

        return call

    for name in WATCHED:
        setattr(os, name, watched(name))

    def show(what: str) -> None:
        count()
        with (folder.parent / "shown").open("a") as file:
            file.write(what + "\n")

    cards = open_cards(station, EmergencyAsk(asked_by="Pat", reason=EmergencyReason.OTHER), code)
    cards.names()
    show("opened")
    card = cards.look(str(uid("omar")))
    show(card.name.student)
    cards.close()
    print(step - left[0])
