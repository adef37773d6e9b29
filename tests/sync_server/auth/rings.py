"""Key rings of tests: in a folder of their own, with a clock that is held."""

import sys
from pathlib import Path
from uuid import UUID

from tests import factories as make

from wc_sync_server.auth.column_cipher import ColumnCipher
from wc_sync_server.auth.key_ring import KeyRing
from wc_sync_server.auth.keys import KeyFolder
from wc_sync_server.domain.sealing import Cell
from wc_sync_server.machine import SystemChance

CHANCE = SystemChance()
PLACE = Cell(district=make.named("a district"), table="health_records", row=make.named("a row"), column="notes")
KMS = Path(__file__).with_name("kms_for_tests.py")


def ring_in(folder: Path, clock: make.HeldClock | None = None, kms: tuple[str, ...] = ()) -> KeyRing:
    """Return the ring of a key folder."""
    return KeyFolder(folder, CHANCE).ring(clock or make.HeldClock(), kms)


def cipher_in(folder: Path, clock: make.HeldClock | None = None) -> ColumnCipher:
    """Return a cipher with the ring of a key folder."""
    return ColumnCipher(ring_in(folder, clock), CHANCE)


def place(**changes: UUID | str) -> Cell:
    """Return a cell like PLACE, moved."""
    values = {name: getattr(PLACE, name) for name in ("district", "table", "row", "column")}
    return Cell(**(values | changes))


def kms_command(master: Path) -> tuple[str, ...]:
    """Return the command of a KMS whose master key is in that file."""
    return (sys.executable, str(KMS), str(master))
