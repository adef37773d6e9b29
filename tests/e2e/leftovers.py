"""What a program leaves behind: every byte of its files, and what is in its memory."""

import base64
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

_CHUNK = 1 << 24
_REGION = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) r")


def spelled(words: Iterable[str]) -> dict[bytes, str]:
    """Return words by the bytes that a file may hold them in."""
    return {word.encode(coding): word for word in words for coding in ("utf-8", "utf-16-le")}


def keyed(keys: Mapping[str, bytes]) -> dict[bytes, str]:
    """Return the names of keys by the forms in which somebody could take them away."""
    forms: dict[bytes, str] = {}
    for name, key in keys.items():
        text = key.hex().encode()
        forms |= dict.fromkeys((bytes(key), text, text.upper(), base64.b64encode(key).rstrip(b"=")), name)
    return forms


def in_files(folders: Iterable[Path], wanted: Mapping[bytes, str]) -> tuple[int, dict[str, set[str]]]:
    """Return how many bytes were looked at, and by file which of the wanted stand in it, in name or content."""
    looked, found = 0, {}
    for path in (path for folder in folders for path in folder.rglob("*")):
        said = {meaning for form, meaning in wanted.items() if form in path.name.encode()}
        if path.is_file() and not path.is_symlink():
            looked += path.stat().st_size
            with path.open("rb") as file:
                said |= _found(iter(lambda: file.read(_CHUNK), b""), wanted)
        if said:
            found[path.name] = said
    return looked, found


def in_memory(pid: int, wanted: Mapping[bytes, str]) -> tuple[int, set[str]]:
    """Return how many bytes of a process could be read, and which of the wanted are among them.

    Raises PermissionError for who may not look.
    """
    looked, found = 0, set()
    with Path(f"/proc/{pid}/maps").open() as maps, Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in maps:
            region = _REGION.match(line)
            if region is None or "[v" in line:
                continue
            begin, end = (int(at, 16) for at in region.groups())
            pieces = list(_region(memory.fileno(), begin, end))
            looked += sum(map(len, pieces))
            found |= _found(iter(pieces), wanted)
    return looked, found


def _region(memory: int, begin: int, end: int) -> Iterator[bytes]:
    while begin < end:
        try:
            piece = os.pread(memory, min(_CHUNK, end - begin), begin)
        except OSError:
            return
        if not piece:
            return
        yield piece
        begin += len(piece)


def _found(pieces: Iterator[bytes], wanted: Mapping[bytes, str]) -> set[str]:
    longest = max(map(len, wanted))
    found, end = set(), b""
    for piece in pieces:
        # Of room that holds nothing only the edge can be the end of something.
        text = end + (piece[:longest] if piece.count(0) == len(piece) else piece)
        found |= {meaning for form, meaning in wanted.items() if form in text}
        end = text[-longest:]
    return found
