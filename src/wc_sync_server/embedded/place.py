"""Where a cluster lives: in its home if the account can go there, else in a folder that it can reach.

A disposable one may live in memory: ext4 takes milliseconds to make a file for minutes after many were deleted, and a
test run makes and drops databases of 800 files all the time.
"""

import json
import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from wc_sync_server.embedded.account import Account
from wc_sync_server.embedded.errors import EmbeddedPostgresUnavailable

# The kernel's limit for a socket's path is 108 bytes with the closing zero.
_SOCKET_PATH_BYTES = 107
PORT = 5432
_SOCKET_NAME = f".s.PGSQL.{PORT}"
_RECORD = "embedded.json"
_UNFINISHED = "data.new-"
HOME_NOTE = "home"
DISPOSABLE_NOTE = "disposable"
_SHARED_ROOTS = (Path("/var/lib/white-cross"), Path("/var/tmp/white-cross"))  # noqa: S108  its owner is checked
_MEMORY = Path("/dev/shm")  # noqa: S108  the same
_ROOM_IN_MEMORY = 4 * 2**30


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Everything about a cluster that must be known again at the next start."""

    cluster: str
    root: Path
    socket_dir: Path
    password: str = field(repr=False)

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def log(self) -> Path:
        return self.root / "postgres.log"

    @property
    def cluster_name(self) -> str:
        return f"wc-{self.cluster}"


def known_place(home: Path) -> Place | None:
    """Return what home remembers, or None if there is no cluster."""
    try:
        record = json.loads((home / _RECORD).read_text(encoding="utf-8"))
        return Place(
            cluster=record["cluster"],
            root=Path(record["root"]),
            socket_dir=Path(record["socket_dir"]),
            password=record["password"],
        )
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise EmbeddedPostgresUnavailable(
            f"{home} belongs to another account: use the account that made it."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise EmbeddedPostgresUnavailable(
            f"{home / _RECORD} is damaged: restore it, or erase the database with it and start again."
        ) from error


def make_place(home: Path, account: Account, *, durable: bool, in_memory: bool) -> Place:
    """Choose a place for home's new cluster, make its folders and remember it."""
    cluster = secrets.token_hex(6)
    memory = memory_root() if in_memory else None
    root = _reachable_root(home, account, cluster) if memory is None else memory / cluster
    _make_folder(root, 0o711)
    socket_dir = root / "socket"
    place = Place(
        cluster=cluster,
        root=root,
        socket_dir=socket_dir if _fits(socket_dir) else _short_folder(),
        password=secrets.token_urlsafe(32),
    )
    if root != home:
        (root / HOME_NOTE).write_text(str(home), encoding="utf-8")
    if not durable:
        (root / DISPOSABLE_NOTE).touch()
    _remember(home, place)
    return place


def _reachable_root(home: Path, account: Account, cluster: str) -> Path:
    return home if account.can_enter(home) else shared_root() / cluster


def make_socket_dir(place: Place, account: Account) -> None:
    """Make the private folder of the socket, which a cleaner of temporary files may have taken."""
    _make_folder(place.socket_dir, 0o700)
    account.owns(place.socket_dir)


def make_data_dir(place: Place, account: Account) -> Path:
    """Make an empty folder for initdb, dropping what interrupted ones left.

    Its name is new each time: an initdb whose starter was killed may still be writing into its own.
    """
    _make_folder(place.root, 0o711)  # somebody may have cleaned it away
    _drop_unfinished(place)
    fresh = place.root / f"{_UNFINISHED}{secrets.token_hex(4)}"
    _make_folder(fresh, 0o700)
    account.owns(fresh)
    return fresh


def forget_place(home: Path, place: Place) -> None:
    """Delete the cluster and the record of it."""
    _drop_unfinished(place)
    for folder in (place.data, place.socket_dir):
        shutil.rmtree(folder, ignore_errors=True)
    for name in ("postgres.log", "postgres.log.1", HOME_NOTE, DISPOSABLE_NOTE):
        (place.root / name).unlink(missing_ok=True)
    (home / _RECORD).unlink(missing_ok=True)
    if place.root != home and place.root.exists():
        place.root.rmdir()


def shared_root() -> Path:
    """Return a folder of root's that every account may pass through, made if need be."""
    for candidate in _SHARED_ROOTS:
        try:
            _make_folder(candidate, 0o755)
        except OSError:
            continue
        if _is_ours_alone(candidate):
            return candidate
    raise EmbeddedPostgresUnavailable(
        f"No folder for the database that the unprivileged account can reach: tried {_SHARED_ROOTS[0]} "
        f"and {_SHARED_ROOTS[1]}. Run as an ordinary user, or set DATABASE_URL."
    )


def memory_root() -> Path | None:
    """Return our folder in memory, made if need be; None on a machine that has none or too little room in it."""
    root = _memory_folder()
    try:
        if shutil.disk_usage(_MEMORY).free < _ROOM_IN_MEMORY:
            return None
        _make_folder(root, 0o755)
    except OSError:
        return None
    return root if _is_ours_alone(root) else None


def make_home(home: Path, account: Account) -> None:
    """Make home if it is not there: private, yet passable for the account if that is another one."""
    if not home.exists():
        home.parent.mkdir(parents=True, exist_ok=True)
        _make_folder(home, 0o711 if account.dropped else 0o700)


def _make_folder(path: Path, mode: int) -> None:
    try:
        path.mkdir()
    except FileExistsError:
        return
    # Not mkdir's mode: the caller's umask would take bits from it.
    path.chmod(mode)


def existing_shared_roots() -> list[Path]:
    """Return the shared folders that are there and ours."""
    return [root for root in (*_SHARED_ROOTS, _memory_folder()) if root.exists() and _is_ours_alone(root)]


def _memory_folder() -> Path:
    return _MEMORY / f"white-cross-{os.geteuid()}"


def _is_ours_alone(path: Path) -> bool:
    found = path.lstat()
    return path.is_dir() and not path.is_symlink() and found.st_uid == os.geteuid() and not found.st_mode & 0o022


def _drop_unfinished(place: Place) -> None:
    for folder in place.root.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(folder, ignore_errors=True)


def _fits(socket_dir: Path) -> bool:
    return len(os.fsencode(socket_dir / _SOCKET_NAME)) <= _SOCKET_PATH_BYTES


def _short_folder() -> Path:
    # Not the user's TMPDIR: that is where long paths come from.
    return Path(tempfile.mkdtemp(prefix="wc-pg-", dir="/tmp"))


def _remember(home: Path, place: Place) -> None:
    record = {
        "cluster": place.cluster,
        "root": str(place.root),
        "socket_dir": str(place.socket_dir),
        "password": place.password,
    }
    unfinished = home / f"{_RECORD}.new"
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(record, file)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(home / _RECORD)
