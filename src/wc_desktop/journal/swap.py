"""A new journal put in the old one's place: what is ready for it is never lost, whenever the program is stopped.

Taking the old files away and putting the new one there is several steps. The new journal first gets a name that says
it is whole and proven; from then on whoever wants the journal ends the swap, and nobody erases that file.
"""

from collections.abc import Iterator
from pathlib import Path

from wc_desktop.cipher.whole_file import disk_refusals, sync_folder

COMPANIONS = ("-wal", "-shm")
_READY_FILE = "journal.ready.db"
_ASIDE = "journal.damaged-"


def ready_path(folder: Path) -> Path:
    """Return where a new journal stands that is whole and only waits to be put in its place."""
    return folder / _READY_FILE


def make_ready(new: Path) -> None:
    """Say, durably, that a new journal is whole. Raises OSError."""
    new.replace(ready_path(new.parent))
    sync_folder(new.parent)


def end_swap(path: Path) -> tuple[str, ...] | None:
    """Put the journal that is ready in the place of path; None when none is ready.

    What is left there is kept aside, under the names that are returned. Raises DiskFull, DiskFailed; then doing it
    again goes on where it stopped.
    """
    ready = ready_path(path.parent)
    if not ready.exists():
        return None
    with disk_refusals():
        aside = _set_aside(path)
        ready.replace(path)
        sync_folder(path.parent)
    return aside


def family(path: Path) -> Iterator[Path]:
    """Yield a database file and its companions, as far as they exist; the companions first.

    A write-ahead log that stays behind would be played into the next file of that name.
    """
    for ending in (*COMPANIONS, ""):
        member = path.with_name(path.name + ending)
        if member.exists():
            yield member


def kept_aside(folder: Path) -> tuple[str, ...]:
    """Return the names of all damaged journals that are kept."""
    return tuple(sorted(kept.name for kept in folder.glob(f"{_ASIDE}*")))


def free_name(folder: Path, beginning: str) -> str:
    """Return beginning with the first number above those that are taken."""
    taken = {found.name[len(beginning) :].partition(".")[0] for found in folder.glob(f"{beginning}*")}
    return f"{beginning}{max((int(number) for number in taken if number.isdecimal()), default=0) + 1}"


def _set_aside(path: Path) -> tuple[str, ...]:
    name = free_name(path.parent, _ASIDE)
    kept = []
    for member in family(path):
        target = member.with_name(member.name.replace(path.name, f"{name}.db", 1))
        member.rename(target)
        kept.append(target.name)
    sync_folder(path.parent)
    return tuple(kept)
