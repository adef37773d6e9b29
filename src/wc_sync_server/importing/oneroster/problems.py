"""What is wrong with a roster, by file and line, with codes that do not change."""

from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    """What a problem costs."""

    NOTE = "note"  # the row is taken
    ROW_LEFT_OUT = "row_left_out"
    FILE_UNUSABLE = "file_unusable"  # nothing is imported until it is put right


class Code(StrEnum):
    """What is wrong. Scripts and help pages name these; none is ever renamed."""

    COLUMN_MISSING = "column_missing"
    COLUMN_TWICE = "column_twice"
    COLUMN_UNKNOWN = "column_unknown"
    COLUMNS_OF_ANOTHER_VERSION = "columns_of_another_version"
    FILE_EMPTY = "file_empty"
    FILE_MISSING = "file_missing"
    FILE_NOT_DECLARED = "file_not_declared"
    FILE_MODE_UNKNOWN = "file_mode_unknown"
    FILES_OF_MIXED_MODE = "files_of_mixed_mode"
    ENCODING = "encoding"
    MANIFEST_PROPERTY_TWICE = "manifest_property_twice"
    ROW_BROKEN = "row_broken"
    ROW_TOO_SHORT = "row_too_short"
    ROW_TOO_LONG = "row_too_long"
    CONTROL_CHARACTER = "control_character"
    VALUE_MISSING = "value_missing"
    VALUE_TOO_LONG = "value_too_long"
    VALUE_UNKNOWN = "value_unknown"
    DATE_BAD = "date_bad"
    DATES_REVERSED = "dates_reversed"
    BOOLEAN_BAD = "boolean_bad"
    DUPLICATE_ROW = "duplicate_row"
    DUPLICATE_ID = "duplicate_id"
    DUPLICATE_NUMBER = "duplicate_number"
    DUPLICATE_EMAIL = "duplicate_email"
    ORPHAN = "orphan"
    NO_SCHOOL = "no_school"
    SEVERAL_SCHOOLS = "several_schools"
    NO_BIRTH_DATE = "no_birth_date"
    AGE_OUT_OF_RANGE = "age_out_of_range"
    GRADE_UNKNOWN = "grade_unknown"
    TIMEZONE_UNKNOWN = "timezone_unknown"
    STAFF_ROLE_UNKNOWN = "staff_role_unknown"
    STAFF_WITHOUT_EMAIL = "staff_without_email"
    NUMBER_TAKEN = "number_taken"
    CHART_MERGED = "chart_merged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong at one line (0: the file as a whole). detail never holds a child's data."""

    code: Code
    weight: Weight
    file: str
    line: int
    column: str | None = None
    detail: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        column = f" [{self.column}]" if self.column else ""
        return f"{where}{column} {self.code}: {self.detail}"
