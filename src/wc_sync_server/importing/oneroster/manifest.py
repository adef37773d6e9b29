"""manifest.csv: which version the roster speaks and which of its files are whole, changes or absent."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from wc_sync_server.importing.oneroster.problems import Code, Problem, Weight
from wc_sync_server.importing.oneroster.source import SourceFiles
from wc_sync_server.importing.refusals import SourceRefused

MANIFEST = "manifest.csv"


class Version(StrEnum):
    """The versions of OneRoster CSV that are read."""

    V1_1 = "1.1"
    V1_2 = "1.2"


class Mode(StrEnum):
    """What a file holds."""

    ABSENT = "absent"
    BULK = "bulk"
    DELTA = "delta"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The declared version and the mode of each file; a file that is not named is absent."""

    version: Version
    modes: Mapping[str, Mode]
    problems: tuple[Problem, ...]

    def mode(self, file: str) -> Mode:
        return self.modes.get(file, Mode.ABSENT)


def read_manifest(source: SourceFiles) -> Manifest:
    """Read manifest.csv.

    Raises SourceRefused without one, or when its version is not read here.
    """
    data = source.get(MANIFEST)
    if data is None:
        raise SourceRefused(f"{source.name!r} has no manifest.csv; a OneRoster export has one beside its other files.")
    rows, problems = _properties(data)
    return Manifest(version=_version(rows), modes=_modes(rows, problems), problems=tuple(problems))


def _properties(data: bytes) -> tuple[dict[str, tuple[int, str]], list[Problem]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceRefused("manifest.csv is not UTF-8; save the CSV files as UTF-8 and import again.") from error
    rows: dict[str, tuple[int, str]] = {}
    problems: list[Problem] = []
    try:
        parsed = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise SourceRefused("manifest.csv cannot be read as CSV; export the roster again.") from error
    if not parsed or [cell.strip() for cell in parsed[0][:2]] != ["propertyName", "value"]:
        raise SourceRefused("manifest.csv must begin with the columns propertyName,value; export the roster again.")
    for line, row in enumerate(parsed[1:], start=2):
        if len(row) < 2:  # noqa: PLR2004  # name and value
            continue
        name, value = row[0].strip(), row[1].strip()
        if name in rows:
            problems.append(_problem(Code.MANIFEST_PROPERTY_TWICE, line, f"{name} is said twice; the first counts"))
            continue
        rows[name] = (line, value)
    return rows, problems


def _version(rows: Mapping[str, tuple[int, str]]) -> Version:
    _, said = rows.get("oneroster.version", (0, ""))
    try:
        return Version(said)
    except ValueError:
        shown = f"version {said[:20]!r}" if said else "no version"
        raise SourceRefused(
            f"manifest.csv says {shown} of OneRoster; export the roster as OneRoster 1.1 or 1.2 CSV."
        ) from None


def _modes(rows: Mapping[str, tuple[int, str]], problems: list[Problem]) -> dict[str, Mode]:
    modes: dict[str, Mode] = {}
    for name, (line, value) in rows.items():
        if not name.startswith("file."):
            continue
        try:
            modes[f"{name.removeprefix('file.')}.csv"] = Mode(value.lower())
        except ValueError:
            detail = f"{name} must be absent, bulk or delta"
            problems.append(_problem(Code.FILE_MODE_UNKNOWN, line, detail, Weight.FILE_UNUSABLE))
    return modes


def _problem(code: Code, line: int, detail: str, weight: Weight = Weight.NOTE) -> Problem:
    return Problem(code=code, weight=weight, file=MANIFEST, line=line, detail=detail)
