"""The file that is carried to the district by hand: sealed records, and what a person must know of them.

A line that names the format, a line of JSON (JournalFileHeader), records (wire.sealed), and a line with the SHA-256 of
everything before it. First lines and last line only help people and tell whether all is there: without them every
record still reads, as it does in a workstation's own journal.sealed, which is nothing but records.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, ValidationError

from wc_contract.wire.base import Short, WireInstant, WireModel
from wc_contract.wire.versions import MAX_NUMBER

JOURNAL_FILE_ENDING = ".wcjournal"

_TITLE = b"WHITE-CROSS-JOURNAL 1\n"
_END = b"\nWHITE-CROSS-JOURNAL-END "
_MOST_SPANS = 10_000
_MAX_HEADER = 1 << 19

_Number = Annotated[int, Field(ge=1, le=MAX_NUMBER)]
Spans = tuple[tuple[_Number, _Number], ...]


class JournalFileHeader(WireModel):
    """Whose entries a journal file holds, and which: numbers are first and last of each unbroken run of them."""

    district_id: UUID
    district_code: Short
    school_id: UUID
    school_name: Short
    device_id: UUID
    device_name: Short
    content: Literal["waiting", "all"]
    numbers: Spans = Field(min_length=1, max_length=_MOST_SPANS)
    count: _Number
    made_at: WireInstant


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalFile:
    """What a file says of itself. header: None for a bare journal.sealed, or where it does not read.

    whole: the last line stands and fits the content; None where no such line is to be.
    """

    header: JournalFileHeader | None
    whole: bool | None


def journal_file(header: JournalFileHeader, records: Iterable[bytes]) -> bytes:
    """Return the content of a journal file."""
    content = b"".join((_TITLE, header.model_dump_json().encode(), b"\n", *records))
    return content + _END + hashlib.sha256(content).hexdigest().encode() + b"\n"


def read_journal_file(content: bytes) -> JournalFile:
    """Return what a file says of itself. Whatever that is, its records may still read."""
    if not content.startswith(_TITLE):
        return JournalFile(header=None, whole=None)
    line_end = content.find(b"\n", len(_TITLE), len(_TITLE) + _MAX_HEADER)
    try:
        header = JournalFileHeader.model_validate_json(content[len(_TITLE) : max(line_end, 0)])
    except ValidationError:
        header = None
    end = content.rfind(_END)
    said = content[end + len(_END) :].strip() if end >= 0 else b""
    return JournalFile(header=header, whole=said == hashlib.sha256(content[:end]).hexdigest().encode())
