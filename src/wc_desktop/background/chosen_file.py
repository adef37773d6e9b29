"""Reading a file that somebody chose, away from the screen."""

from pathlib import Path

from wc_desktop.domain.failures import FileNotRead


def read_chosen(path: Path, most: int) -> bytes:
    """Return a file's content; of one that is larger than most no more than shows that it is. Raises FileNotRead."""
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except OSError:
        raise FileNotRead("chosen") from None
