"""The checked rows of all files of one roster."""

from collections.abc import Mapping
from dataclasses import dataclass

from wc_sync_server.importing.oneroster.manifest import Mode, Version
from wc_sync_server.importing.oneroster.problems import Problem
from wc_sync_server.importing.oneroster.rows import FileReading, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Rows by file; a file that is absent or unusable has none."""

    version: Version
    modes: Mapping[str, Mode]
    files: Mapping[str, FileReading]
    problems: tuple[Problem, ...]

    def file(self, name: str) -> FileReading:
        return self.files.get(name, FileReading(name=name))

    def mode(self, name: str) -> Mode:
        return self.modes.get(name, Mode.ABSENT)

    def living(self, name: str) -> tuple[Row, ...]:
        """Return the rows of a file that do not say "delete this"."""
        return tuple(row for row in self.file(name).rows if not row.to_be_deleted)
