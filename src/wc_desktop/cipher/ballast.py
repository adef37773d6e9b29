"""A file that holds nothing but room: given back when the disk is full, so that the program opens, locks and sends."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wc_desktop.cipher.whole_file import sync_folder

BALLAST_FILE: Final = "ballast"
BALLAST_BYTES: Final = 64 * 1024 * 1024
# With less than this an unlock, a lock and their entries may not fit any more.
_LEAST_ROOM: Final = 16 * 1024 * 1024
_BLOCK: Final = bytes(1024 * 1024)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballast:
    """The ballast of one folder. octets: how large it is to be; none at all with 0."""

    folder: Path
    octets: int = BALLAST_BYTES

    @property
    def is_short(self) -> bool:
        """Whether the room it held is in use: somebody must free some."""
        return self.octets > 0 and not self._path.exists() and free_room(self.folder) < self.octets + _LEAST_ROOM

    def keep(self) -> None:
        """Set the room apart, where it is not and there is plenty. What fails is tried again at the next lock."""
        if not self.octets or self._path.exists() or free_room(self.folder) < 3 * self.octets:
            return
        draft = self._path.with_name(BALLAST_FILE + ".new")
        try:
            with draft.open("wb") as file:
                _fill(file.fileno(), self.octets)
            draft.replace(self._path)
            sync_folder(self.folder)
        except OSError:
            draft.unlink(missing_ok=True)

    def let_go(self) -> bool:
        """Give the room back; return whether there was any."""
        try:
            self._path.unlink()
        except OSError:
            return False
        return True

    @property
    def _path(self) -> Path:
        return self.folder / BALLAST_FILE


def make_room(folder: Path) -> None:
    """Let the ballast of a folder go when the disk is so full that its files may not open."""
    if free_room(folder) < _LEAST_ROOM:
        Ballast(folder=folder).let_go()


def has_room_for(folder: Path, octets: int) -> bool:
    """Return whether so much fits beside what is there, and the program opens all the same."""
    return free_room(folder) >= octets + _LEAST_ROOM


def free_room(folder: Path) -> int:
    """Return how many octets are free."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        # Not there, or it says nothing of itself: then nothing is done about it.
        return _LEAST_ROOM


def _fill(handle: int, octets: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(handle, 0, octets)
    else:
        for start in range(0, octets, len(_BLOCK)):
            os.write(handle, _BLOCK[: octets - start])
    os.fsync(handle)
