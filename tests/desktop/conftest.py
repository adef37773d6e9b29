"""What tests of the workstation share."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.desktop.clinic import Clinic, Rows

from wc_desktop.actions.unlock import Desk


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    """A workstation's folder, not enrolled yet."""
    return Clinic(tmp_path / "station")


@pytest.fixture
def open_desk(clinic: Clinic) -> Iterator[Callable[[Rows | None], Desk]]:
    """Give a maker of unlocked desks; they are closed at the end."""
    desks: list[Desk] = []

    def make(rows: Rows | None = None) -> Desk:
        desks.append(clinic.opened(rows))
        return desks[-1]

    yield make
    for desk in desks:
        desk.close()


@pytest.fixture
def desk(open_desk: Callable[[Rows | None], Desk]) -> Desk:
    """An unlocked desk in a small school."""
    return open_desk(None)
