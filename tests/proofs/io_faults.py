"""Every call by which this process reads or writes files of one folder, counted, and the nth of them made to fail.

Neither a compiler nor root nor another VFS is needed: the addresses through which the interpreter and the SQLCipher
inside its module call the C library are put in the loaded program's tables (ELF, 64 bit, Linux). Whatever a save does
goes through here: the sealed copy, the number's mark, and every page and sync of SQLite.
"""

import ctypes
import errno
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

_TAGS = {5: "strtab", 6: "symtab", 7: "rela", 8: "relasz", 23: "jmprel", 2: "pltrelsz"}
_DYNAMIC, _RELA_BYTES, _SYMBOL_BYTES, _PAGE = 2, 24, 24, 4096
_READ_WRITE = 3

# Name, and what it takes: f a descriptor, p a path, b octets and their number, i a number.
_CALLS: Final = {
    "write": "fb",
    "pwrite64": "fbi",
    "read": "fb",
    "pread64": "fbi",
    "fsync": "f",
    "fdatasync": "f",
    "ftruncate64": "fi",
    "open64": "pii",
    "rename": "pp",
    "unlink": "p",
}
_WRITES = frozenset({"write", "pwrite64"})
_NEEDS_ROOM = frozenset({"write", "pwrite64", "open64", "ftruncate64", "rename"})


class How(StrEnum):
    """What befalls the call. The last three end the process, as a power cut or kill -9 does."""

    IO_ERROR = "EIO"
    NO_ROOM = "ENOSPC"
    SHORT = "half written, then ENOSPC"
    KILLED_BEFORE = "killed before it"
    KILLED_AFTER = "killed after it"
    TORN = "half written, then killed"

    @property
    def ends(self) -> bool:
        """Whether the process is gone afterwards."""
        return self in {How.KILLED_BEFORE, How.KILLED_AFTER, How.TORN}

    def fits(self, name: str) -> bool:
        """Return whether this can befall a call of that name."""
        if self in {How.SHORT, How.TORN}:
            return name in _WRITES
        return name in _NEEDS_ROOM if self is How.NO_ROOM else True


def can_inject() -> bool:
    """Return whether this machine's programs have tables that are read here."""
    return sys.platform == "linux" and sys.maxsize > 2**32 and sys.byteorder == "little"


@dataclass(slots=True)
class Faults:
    """Counts calls that touch a folder while it is armed."""

    folder: str = ""
    number: int = 0
    how: How | None = None
    calls: list[str] = field(default_factory=list)
    struck: str | None = None
    is_short: bool = False

    def arm(self, folder: Path, number: int, how: How | None) -> None:
        """Begin to count; let the call of that number fail. 0: none."""
        self.folder, self.number, self.how = f"{folder.resolve()}/", number, how
        self.calls, self.struck, self.is_short = [], None, False

    def disarm(self) -> None:
        """Let everything pass again."""
        self.folder = ""


FAULTS: Final = Faults()
_kept: list[Any] = []


def install() -> tuple[str, ...]:
    """Put every call of this program through FAULTS; return what was found to put through. Once a process."""
    if _kept:
        raise AssertionError("it is in place already")
    replaced: dict[str, int] = {}
    libc = ctypes.CDLL(None, use_errno=True)
    for name, shape in _CALLS.items():
        kinds = [kind for part in shape for kind in _ARGUMENTS[part]]
        real = ctypes.CFUNCTYPE(ctypes.c_ssize_t if "b" in shape else ctypes.c_int, *kinds, use_errno=True)
        made = real(_through(name, shape, real((name, libc))))
        _kept.append(made)
        replaced[name] = ctypes.cast(made, ctypes.c_void_p).value or 0
    return tuple(sorted(_put_in_tables(replaced)))


_ARGUMENTS: Final[dict[str, tuple[Any, ...]]] = {
    "f": (ctypes.c_int,),
    "p": (ctypes.c_char_p,),
    "b": (ctypes.c_void_p, ctypes.c_size_t),
    "i": (ctypes.c_ssize_t,),
}


def _through(name: str, shape: str, real: Callable[..., int]) -> Callable[..., int]:
    def call(*arguments: Any) -> int:
        if not FAULTS.folder or not f"{_path_of(shape, arguments[0])}/".startswith(FAULTS.folder):
            return real(*arguments)
        FAULTS.calls.append(name)
        if FAULTS.is_short and name in _WRITES:
            # Who wrote half of it tries the other half: there is no room for that either.
            FAULTS.is_short = False
            ctypes.set_errno(errno.ENOSPC)
            return -1
        how = FAULTS.how
        if len(FAULTS.calls) != FAULTS.number or how is None or not how.fits(name):
            return real(*arguments)
        FAULTS.struck = name
        return _strike(how, arguments, real)

    return call


def _strike(how: How, arguments: tuple[Any, ...], real: Callable[..., int]) -> int:
    match how:
        case How.IO_ERROR | How.NO_ROOM:
            ctypes.set_errno(errno.EIO if how is How.IO_ERROR else errno.ENOSPC)
            return -1
        case How.SHORT:
            FAULTS.is_short = True
            return _half(arguments, real)
        case How.KILLED_AFTER:
            real(*arguments)
        case How.TORN:
            _half(arguments, real)
        case How.KILLED_BEFORE:
            pass
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody survives that")


def _half(arguments: tuple[Any, ...], real: Callable[..., int]) -> int:
    handle, octets, length, *place = arguments
    return real(handle, octets, length // 2, *place)


def _path_of(shape: str, first: Any) -> str:
    if shape[0] == "p":
        return os.path.abspath(os.fsdecode(first))  # noqa: PTH100  # of a file that may not be there
    try:
        return os.readlink(f"/proc/self/fd/{first}")  # noqa: PTH115  # a hundred times a save
    except OSError:
        return ""


class _Header(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        *((name, ctypes.c_uint64) for name in ("offset", "vaddr", "paddr", "filesz", "memsz", "align")),
    )


class _Loaded(ctypes.Structure):
    _fields_ = (
        ("base", ctypes.c_uint64),
        ("name", ctypes.c_char_p),
        ("headers", ctypes.POINTER(_Header)),
        ("count", ctypes.c_uint16),
    )


def _put_in_tables(replaced: dict[str, int]) -> set[str]:
    libc = ctypes.CDLL(None)
    found: set[str] = set()

    def visit(loaded: Any, _size: int, _data: int) -> int:
        one = loaded.contents
        if _is_ours(os.fsdecode(one.name or b"")):
            for index in range(one.count):
                header = one.headers[index]
                if header.type == _DYNAMIC:
                    found.update(_patch(libc, one.base, one.base + header.vaddr, replaced))
        return 0

    walker = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Loaded), ctypes.c_size_t, ctypes.c_void_p)
    libc.dl_iterate_phdr(walker(visit), None)
    return found


def _is_ours(name: str) -> bool:
    file = Path(name).name
    return not name or file.startswith(("libpython", "_sqlite3."))


def _patch(libc: Any, base: int, dynamic: int, replaced: dict[str, int]) -> set[str]:
    said = dict.fromkeys(_TAGS.values(), 0)
    while tag := ctypes.c_int64.from_address(dynamic).value:
        if tag in _TAGS:
            said[_TAGS[tag]] = ctypes.c_uint64.from_address(dynamic + 8).value
        dynamic += 16
    found: set[str] = set()
    for table, size in (("rela", "relasz"), ("jmprel", "pltrelsz")):
        start = _there(base, said[table])
        for at in range(start, start + said[size] if said[table] else start, _RELA_BYTES):
            name = _symbol(base, said, ctypes.c_uint64.from_address(at + 8).value >> 32)
            if name in replaced:
                _write_pointer(libc, base + ctypes.c_uint64.from_address(at).value, replaced[name])
                found.add(name)
    return found


def _symbol(base: int, said: dict[str, int], index: int) -> str:
    if not index:
        return ""
    name = ctypes.c_uint32.from_address(_there(base, said["symtab"]) + index * _SYMBOL_BYTES).value
    return ctypes.string_at(_there(base, said["strtab"]) + name).decode("ascii", "replace")


def _there(base: int, address: int) -> int:
    return address + base if address < base else address


def _write_pointer(libc: Any, slot: int, value: int) -> None:
    page = slot & ~(_PAGE - 1)
    if libc.mprotect(ctypes.c_void_p(page), ctypes.c_size_t(_PAGE * 2), _READ_WRITE):
        raise OSError("a table of the program cannot be written")
    ctypes.c_uint64.from_address(slot).value = value
