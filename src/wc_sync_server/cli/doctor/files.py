"""Files looked at from outside: which are there, whose they are, how old. Nothing is made, nothing is opened."""

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from wc_contract.model.instants import Clock
from wc_sync_server.db.doctor.verdicts import Verdicts, do, several
from wc_sync_server.settings import Settings

_SERVERS = ("audit.key", "access.key", "refresh.key", "nonce.key", "checkpoint.key", "context.key")
_OF_DISTRICT = ("lease.key", "seal.key")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def missing_keys(settings: Settings) -> list[str]:
    """Return the names of the key files that a server in use has and this folder has not."""
    folder = settings.keys
    wanted = [folder / name for name in _SERVERS]
    if any((folder / "cells").glob("*.key")):
        wanted.append(folder / "cells" / "active")
    if not settings.kms_command:
        wanted.append(folder / "wrapping.key")
    return [str(file.relative_to(folder)) for file in wanted if not file.is_file()]


def ring_begun(settings: Settings) -> bool:
    """Whether the folder has keys of sealed cells: the first is made when the first cell is sealed."""
    return (settings.keys / "column.key").exists() or any((settings.keys / "cells").glob("*.key"))


def district_keys_missing(settings: Settings, district: str) -> list[str]:
    """Return which of a district's key files are not in the folder."""
    return [f"{district}/{name}" for name in _OF_DISTRICT if not (settings.keys / district / name).is_file()]


def open_to_others(place: Path) -> Iterator[str]:
    """Yield the names of the files and folders in and at place that others than this account own or reach."""
    everything = [place, *sorted(place.rglob("*"))] if place.is_dir() else [place]
    for each in everything:
        about = each.stat()
        if about.st_uid != os.geteuid() or stat.S_IMODE(about.st_mode) & _OTHERS:
            yield each.name if each == place else str(each.relative_to(place))


def unprotected(what: str, place: Path) -> Verdicts:
    """Say which files at a place that holds secrets are not this account's alone."""
    found = list(open_to_others(place))
    if found:
        yield do(
            f"{what}: {several(found)} can be reached by others, or belong to another account",
            "Give it to the server's account and `chmod go-rwx` it; think about who could read it until now.",
        )


def since(file: Path, clock: Clock) -> timedelta:
    """Return how long ago a file was written. Raises OSError where there is none."""
    return clock.now() - datetime.fromtimestamp(file.stat().st_mtime, UTC)
