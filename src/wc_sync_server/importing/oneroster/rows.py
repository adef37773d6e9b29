"""One CSV file to checked rows: what is wrong is told by line, and the rest is kept."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from wc_sync_server.importing.oneroster.columns import Cell, Column, FileShape
from wc_sync_server.importing.oneroster.problems import Code, Problem, Weight

_LONGEST = 500
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}
_EXTENSION = "ext:"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
TO_BE_DELETED = "tobedeleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row whose cells were checked; a cell that was empty or unusable reads as empty."""

    file: str
    line: int
    cells: Mapping[str, str] = field(repr=False)

    @property
    def sourced_id(self) -> str:
        return self.cells["sourcedId"]

    @property
    def to_be_deleted(self) -> bool:
        return self.cells.get("status", "").lower() == TO_BE_DELETED

    def text(self, column: str) -> str:
        return self.cells.get(column, "")

    def flag(self, column: str) -> bool | None:
        return _BOOLEANS.get(self.text(column).lower())

    def day(self, column: str) -> date | None:
        text = self.text(column)
        return date.fromisoformat(text) if text else None

    def parts(self, column: str) -> tuple[str, ...]:
        return tuple(part for part in (piece.strip() for piece in self.text(column).split(",")) if part)

    def problem(self, code: Code, weight: Weight, detail: str, column: str | None = None) -> Problem:
        return Problem(code=code, weight=weight, file=self.file, line=self.line, column=column, detail=detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReading:
    """What one file held. present names every sourcedId seen, also of rows that were left out."""

    name: str
    rows: tuple[Row, ...] = ()
    problems: tuple[Problem, ...] = ()
    present: frozenset[str] = frozenset()


def read_file(shape: FileShape, data: bytes) -> FileReading:
    """Read one file. Whatever it holds, this returns rows and problems and does not raise."""
    problems: list[Problem] = []
    text = _decoded(shape.name, data, problems)
    if text is None:
        return FileReading(name=shape.name, problems=tuple(problems))
    lines = _records(shape.name, text, problems)
    header = next(lines, None)
    if header is None:
        problems.append(_file(shape.name, Code.FILE_EMPTY, "the file has no header row; export it again"))
        return FileReading(name=shape.name, problems=tuple(problems))
    names = [cell.strip() for cell in header[1]]
    problems.extend(_header_problems(shape, names))
    if any(problem.weight is Weight.FILE_UNUSABLE for problem in problems):
        return FileReading(name=shape.name, problems=tuple(problems))
    rows, present = _rows(shape, names, lines, problems)
    return FileReading(name=shape.name, rows=rows, problems=tuple(problems), present=present)


def _decoded(name: str, data: bytes, problems: list[Problem]) -> str | None:
    if data.startswith(_UTF16_MARKS):
        problems.append(_file(name, Code.ENCODING, "the file is UTF-16; save it as 'CSV UTF-8' and import again"))
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        detail = "the text is not UTF-8 from this line on; save it as 'CSV UTF-8' and import again"
        problems.append(_at(name, line, Code.ENCODING, Weight.FILE_UNUSABLE, detail))
        return None


def _records(name: str, text: str, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            detail = "the row cannot be read as CSV (a quotation mark is wrong, or a cell is too long)"
            problems.append(_at(name, line, Code.ROW_BROKEN, Weight.ROW_LEFT_OUT, detail))
            continue
        if any(cell.strip() for cell in cells):
            yield line, cells


def _header_problems(shape: FileShape, names: list[str]) -> Iterator[Problem]:
    known = {column.name for column in shape.columns}
    missing = [column.name for column in shape.columns if column.required and column.name not in names]
    foreign = sorted(shape.foreign.intersection(names))
    if missing and foreign:
        detail = (
            f"the file has {', '.join(foreign)} and lacks {', '.join(missing)}: these are the columns of another "
            "version of OneRoster than manifest.csv says; export all files in one version"
        )
        yield _at(shape.name, 1, Code.COLUMNS_OF_ANOTHER_VERSION, Weight.FILE_UNUSABLE, detail)
        return
    for name in missing:
        detail = f"the column {name} is missing; add it to the export"
        yield _at(shape.name, 1, Code.COLUMN_MISSING, Weight.FILE_UNUSABLE, detail, name)
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        yield _at(shape.name, 1, Code.COLUMN_TWICE, Weight.FILE_UNUSABLE, "the column stands twice", name[:60])
    for name in names:
        if name not in known and not name.startswith("metadata."):
            detail = "this version of OneRoster has no such column; it is not read"
            yield _at(shape.name, 1, Code.COLUMN_UNKNOWN, Weight.NOTE, detail, name[:60])


def _rows(
    shape: FileShape, names: list[str], lines: Iterator[tuple[int, list[str]]], problems: list[Problem]
) -> tuple[tuple[Row, ...], frozenset[str]]:
    kept: dict[str, Row] = {}
    present: set[str] = set()
    for line, cells in lines:
        row = _row(shape, names, line, cells, problems, present)
        if row is None:
            continue
        first = kept.get(row.sourced_id)
        if first is None:
            kept[row.sourced_id] = row
            continue
        same = first.cells == row.cells
        code = Code.DUPLICATE_ROW if same else Code.DUPLICATE_ID
        weight = Weight.NOTE if same else Weight.ROW_LEFT_OUT
        told = "the same row" if same else "another row with this sourcedId, which counts,"
        problems.append(row.problem(code, weight, f"{told} stands on line {first.line}", "sourcedId"))
    return tuple(kept.values()), frozenset(present)


def _row(
    shape: FileShape, names: list[str], line: int, cells: list[str], problems: list[Problem], present: set[str]
) -> Row | None:
    if len(cells) != len(names):
        short = len(cells) < len(names)
        code = Code.ROW_TOO_SHORT if short else Code.ROW_TOO_LONG
        detail = f"the row has {len(cells)} cells, the header {len(names)}; a comma or quotation mark is wrong"
        problems.append(_at(shape.name, line, code, Weight.ROW_LEFT_OUT, detail))
        return None
    raw = {name: cell.strip() for name, cell in zip(names, cells, strict=True)}
    if raw["sourcedId"]:
        present.add(raw["sourcedId"])
    if any(_unprintable(cell) for cell in raw.values()):
        detail = "the row holds control characters; remove them in the student information system"
        problems.append(_at(shape.name, line, Code.CONTROL_CHARACTER, Weight.ROW_LEFT_OUT, detail))
        return None
    going = raw.get("status", "").lower() == TO_BE_DELETED and raw["sourcedId"] != ""
    # A row that only says "delete this" need not repeat the rest.
    found = [] if going else list(_cell_problems(shape, line, raw))
    problems.extend(found)
    if any(problem.weight is Weight.ROW_LEFT_OUT for problem in found):
        return None
    for problem in found:
        raw[problem.column or ""] = ""
    return Row(file=shape.name, line=line, cells=raw)


def _unprintable(text: str) -> bool:
    return not text.isprintable() and any(unicodedata.category(char) in {"Cc", "Cs"} for char in text)


def _cell_problems(shape: FileShape, line: int, raw: Mapping[str, str]) -> Iterator[Problem]:
    for column in shape.columns:
        text = raw.get(column.name, "")
        trouble = _trouble(column, text)
        if trouble is not None:
            code, detail = trouble
            weight = Weight.ROW_LEFT_OUT if column.required else Weight.NOTE
            yield _at(shape.name, line, code, weight, detail, column.name)


def _trouble(column: Column, text: str) -> tuple[Code, str] | None:  # noqa: PLR0911  # one per kind of cell
    if not text:
        return (Code.VALUE_MISSING, "the cell is empty; it is required") if column.required else None
    if len(text) > _LONGEST:
        return Code.VALUE_TOO_LONG, f"the cell holds more than {_LONGEST} characters"
    match column.cell:
        case Cell.DATE:
            return None if is_iso_date(text) else (Code.DATE_BAD, "this is no date; write it as 2014-09-30")
        case Cell.BOOLEAN:
            return None if text.lower() in _BOOLEANS else (Code.BOOLEAN_BAD, "this is neither true nor false")
        case Cell.STATUS:
            known = text.lower() in {"active", "inactive", TO_BE_DELETED}
            return None if known else (Code.VALUE_UNKNOWN, f"{text[:40]!r} is no status")
        case Cell.TEXT | Cell.LIST:
            if not column.values or text in column.values or text.startswith(_EXTENSION):
                return None
            shown = "the value" if column.phi else repr(text[:40])
            return Code.VALUE_UNKNOWN, f"{shown} is none of {', '.join(sorted(column.values))}"


def is_iso_date(text: str) -> bool:
    """Say whether text is a date written YYYY-MM-DD that the calendar has."""
    if _ISO_DATE.match(text) is None:
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _at(name: str, line: int, code: Code, weight: Weight, detail: str, column: str | None = None) -> Problem:
    return Problem(code=code, weight=weight, file=name, line=line, column=column, detail=detail)


def _file(name: str, code: Code, detail: str) -> Problem:
    return _at(name, 0, code, Weight.FILE_UNUSABLE, detail)
