"""Key files: written whole or not at all, for the server's account only."""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wc_contract.model.errors import Refused
from wc_contract.model.ids import Chance


class KeysUnusable(Refused):
    """The key folder cannot be used as it is. The sentence says what to do."""

    code = "keys_unusable"


def prepare(folder: Path) -> None:
    """Make a folder of mode 0700, unless it is there. Raises KeysUnusable for one that others can read."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = folder.stat().st_mode
    except OSError as error:
        raise KeysUnusable(
            f"The key folder cannot be used: {error.strerror}. Set WC_KEYS to a folder of the server's account."
        ) from error
    if stat.S_IMODE(mode) & 0o077:
        raise KeysUnusable("The key folder can be read by others: set its mode to 0700 and start again.")


def create(file: Path, text: str, chance: Chance) -> bool:
    """Write a file that is not there yet; say whether it was this call that did.

    Written beside, then linked: of two processes that start at once, one wins and both read the same.
    """
    draft = _draft(file, text, chance)
    try:
        os.link(draft, file)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    _settle(file.parent)
    return True


def replace(file: Path, text: str, chance: Chance) -> None:
    """Write a file anew: whoever reads it finds the old text or the new one, also after a power cut."""
    draft = _draft(file, text, chance)
    draft.replace(file)
    _settle(file.parent)


def move(file: Path, target: Path) -> None:
    """Move a file to another folder of the same disk."""
    file.rename(target)
    _settle(target.parent)
    _settle(file.parent)


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold the folder's lock for the block: one process at a time changes what is in it."""
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _draft(file: Path, text: str, chance: Chance) -> Path:
    draft = file.with_name(f".{file.name}.{chance.octets(6).hex()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    return draft


def _settle(folder: Path) -> None:
    # Without this a power cut may take the name of a file whose content was written.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
