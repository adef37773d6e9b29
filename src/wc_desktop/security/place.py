"""Where a workstation's files may not lie: on another computer's disk, or where a program copies them elsewhere.

A database on a network share is damaged by a line that breaks, and its locks hold nobody off; what copies a folder into
a cloud makes a second workstation of it, puts older files back, and takes children's records out of the school.
"""

import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from wc_desktop.domain.failures import FolderOnNetwork, FolderSynced

_MOUNTS: Final = Path("/proc/self/mountinfo")
_DRIVE_REMOTE: Final = 4
# Which word of a line of mountinfo says where it is mounted.
_POINT: Final = 4
_NETWORK: Final = frozenset(
    {
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "ncpfs",
        "9p",
        "afs",
        "ceph",
        "lustre",
        "glusterfs",
        "beegfs",
        "gfs2",
        "ocfs2",
        "davfs",
        "vboxsf",
        "vmhgfs",
        "prl_fs",
    }
)
# File systems that a program of its own makes: most of them lie on the network, these do not.
_LOCAL_FUSE: Final = frozenset(
    {
        "fuse.ntfs",
        "fuse.ntfs-3g",
        "fuse.exfat",
        "fuse.cryfs",
        "fuse.encfs",
        "fuse.gocryptfs",
        "fuse.bindfs",
        "fuse.fuse-overlayfs",
        "fuse.mergerfs",
        "fuse.snapfuse",
        "fuse.squashfuse",
    }
)
_SYNCED_NAMES: Final = (
    "onedrive",
    "dropbox",
    "google drive",
    "googledrive",
    "icloud drive",
    "iclouddrive",
    "nextcloud",
    "owncloud",
    "box sync",
)
# Where macOS keeps what iCloud and the other clouds hold.
_SYNCED_PARTS: Final = ("cloudstorage", "mobile documents")
# A folder of this name is that program's settings, in the home of everybody who has it.
_SYNCED_FILE: Final = ".dropbox"
_SYNCED_MARKS: Final = (".dropbox.cache", ".stfolder", ".owncloudsync.log", ".nextcloudsync.log")
_SYNCED_VARIABLES: Final = ("OneDrive", "OneDriveCommercial", "OneDriveConsumer")


def must_be_own_disk(folder: Path, environment: Mapping[str, str] = os.environ) -> None:
    """Raise FolderOnNetwork or FolderSynced unless a workstation's files may lie in folder, which need not be there."""
    place = folder.resolve()
    if _is_synced(place, environment):
        raise FolderSynced("a program copies this folder elsewhere")
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415  # Windows only

        remote = place.anchor.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(place.anchor) == _DRIVE_REMOTE
    elif _MOUNTS.exists():
        remote = is_network(file_system(place, _MOUNTS.read_text(encoding="utf-8", errors="replace")))
    else:
        remote = False
    if remote:
        raise FolderOnNetwork("this folder is on another computer's disk")


def _is_synced(place: Path, environment: Mapping[str, str]) -> bool:
    clouds = [Path(environment[name]).resolve() for name in _SYNCED_VARIABLES if environment.get(name)]
    if any(place.is_relative_to(cloud) for cloud in clouds):
        return True
    if any(_names_a_cloud(part.casefold()) for part in place.parts):
        return True
    return any(
        (above / _SYNCED_FILE).is_file() or any((above / mark).exists() for mark in _SYNCED_MARKS)
        for above in (place, *place.parents)
    )


def _names_a_cloud(part: str) -> bool:
    # Also with the name of an account behind it: OneDrive - Prairie District.
    return part in _SYNCED_PARTS or any(
        part == name or part.startswith((f"{name} - ", f"{name} (", f"{name}-")) for name in _SYNCED_NAMES
    )


def is_network(kind: str) -> bool:
    """Return whether a file system of this kind lies on another computer, as far as its name says."""
    return kind in _NETWORK or (kind.startswith("fuse.") and kind not in _LOCAL_FUSE)


def file_system(place: Path, mounts: str) -> str:
    """Return the kind of file system that place lies on, from the text of mountinfo; empty when it does not say."""
    found, kind = Path(), ""
    for point, each in _mounted(mounts):
        # A later one covers an earlier one.
        if place.is_relative_to(point) and len(point.parts) >= len(found.parts):
            found, kind = point, each
    return kind


def _mounted(mounts: str) -> Iterator[tuple[Path, str]]:
    for line in mounts.splitlines():
        told, _, rest = line.partition(" - ")
        fields = told.split(" ")[_POINT:]
        if fields and rest:
            # A space in a name stands there as \\040.
            name = re.sub(r"\\(\d{3})", lambda found: chr(int(found[1], 8)), fields[0])
            yield Path(name), rest.split(" ")[0]
