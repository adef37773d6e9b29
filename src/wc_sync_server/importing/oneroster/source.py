"""A roster's files out of a folder or a zip, bounded: nothing is ever extracted to disk."""

import stat
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from wc_sync_server.importing.refusals import SourceRefused

_FILE_LIMIT = 512 * 1024 * 1024
_TOTAL_LIMIT = 1024 * 1024 * 1024
_MEMBER_LIMIT = 200
# Rosters shrink about tenfold; a thousandfold is not a roster.
_RATIO_LIMIT = 500
_RATIO_APPLIES_ABOVE = 1024 * 1024
_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much a source may hold."""

    file_octets: int = _FILE_LIMIT
    total_octets: int = _TOTAL_LIMIT
    members: int = _MEMBER_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFiles:
    """The CSV files of a roster by their names in lower case, read."""

    name: str
    contents: Mapping[str, bytes] = field(repr=False)

    def get(self, file: str) -> bytes | None:
        return self.contents.get(file.lower())


def open_source(path: Path, bounds: Bounds | None = None) -> SourceFiles:
    """Return the CSV files of the folder or zip at path.

    Raises SourceRefused when there is nothing that can be read.
    """
    bounds = bounds or Bounds()
    if not path.exists():
        raise SourceRefused(f"There is no {path.name!r} to import; check the path.")
    if path.is_dir():
        return _from_folder(path, bounds)
    return _from_zip(path, bounds)


def _from_folder(path: Path, bounds: Bounds) -> SourceFiles:
    contents: dict[str, bytes] = {}
    total = 0
    for file in sorted(path.iterdir()):
        if file.suffix.lower() != ".csv" or not file.is_file():
            continue
        size = file.stat().st_size
        total += size
        _within(file.name, size, total, bounds)
        _add(contents, file.name, file.read_bytes())
    if not contents:
        raise SourceRefused(
            f"The folder {path.name!r} holds no CSV files; give the folder or zip that holds manifest.csv."
        )
    return SourceFiles(name=path.name, contents=contents)


def _from_zip(path: Path, bounds: Bounds) -> SourceFiles:
    try:
        with zipfile.ZipFile(path) as archive:
            return SourceFiles(name=path.name, contents=_members(archive, path.name, bounds))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise SourceRefused(
            f"{path.name!r} is not a whole zip file (cut off or damaged); export or copy it again."
        ) from error


def _members(archive: zipfile.ZipFile, source: str, bounds: Bounds) -> dict[str, bytes]:
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if len(infos) > bounds.members:
        raise SourceRefused(f"{source!r} holds {len(infos)} files; a OneRoster zip holds fewer than twenty.")
    for info in infos:
        _check_member(info, source)
    folder = _roster_folder(infos)
    contents: dict[str, bytes] = {}
    total = 0
    for info in infos:
        place = PurePosixPath(info.filename)
        if place.parent != folder or place.suffix.lower() != ".csv":
            continue
        data = _read_bounded(archive, info, bounds)
        total += len(data)
        _within(place.name, len(data), total, bounds)
        _add(contents, place.name, data)
    if not contents:
        raise SourceRefused(f"{source!r} holds no CSV files; zip the CSV files together with manifest.csv.")
    return contents


def _check_member(info: zipfile.ZipInfo, source: str) -> None:
    place = PurePosixPath(info.filename.replace("\\", "/"))
    if place.is_absolute() or ".." in place.parts or ":" in info.filename:
        raise SourceRefused(
            f"{source!r} holds a file whose name leads out of the zip; it was not made by a roster export."
        )
    if stat.S_ISLNK(info.external_attr >> 16):
        raise SourceRefused(f"{source!r} holds a link instead of a file; export it again.")
    if info.flag_bits & _ENCRYPTED:
        raise SourceRefused(f"{source!r} is protected by a password; export it without one.")
    if info.file_size > _RATIO_APPLIES_ABOVE and info.file_size > _RATIO_LIMIT * max(info.compress_size, 1):
        raise SourceRefused(f"{source!r} unpacks to far more than it holds; it was not made by a roster export.")


def _roster_folder(infos: list[zipfile.ZipInfo]) -> PurePosixPath:
    """Return where manifest.csv lies: the root, or the one folder that somebody zipped as a whole."""
    manifests = [
        PurePosixPath(info.filename).parent
        for info in infos
        if PurePosixPath(info.filename).name.lower() == "manifest.csv" and not info.filename.startswith("__MACOSX/")
    ]
    return min(manifests, key=_depth, default=PurePosixPath())


def _depth(place: PurePosixPath) -> int:
    return len(place.parts)


def _read_bounded(archive: zipfile.ZipFile, info: zipfile.ZipInfo, bounds: Bounds) -> bytes:
    # What the directory says about the size is not believed: one octet more than allowed is asked for.
    with archive.open(info) as member:
        data = member.read(bounds.file_octets + 1)
        _within(PurePosixPath(info.filename).name, len(data), len(data), bounds)
        return data


def _within(name: str, size: int, total: int, bounds: Bounds) -> None:
    if size > bounds.file_octets or total > bounds.total_octets:
        raise SourceRefused(
            f"{name!r} is larger than an import may be ({bounds.file_octets // 1024 // 1024} MB a file, "
            f"{bounds.total_octets // 1024 // 1024} MB in all); split the export by school."
        )


def _add(contents: dict[str, bytes], name: str, data: bytes) -> None:
    if name.lower() in contents:
        raise SourceRefused(f"The source holds {name!r} twice; export it again.")
    contents[name.lower()] = data
