"""A pull's lines: bounded, parsed as they arrive."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import orjson
from pydantic import ValidationError

from wc_contract.wire.messages import PullEnd, PullHeader, RepairEnd
from wc_desktop.domain.failures import PullBroken, ServerFailed
from wc_desktop.sync.columns import Columns
from wc_desktop.sync.gateway import Frame, GoneFrame, RemovedFrame, RepairFrame

_Frame = TypeVar("_Frame")
MAX_LINE_BYTES = 8 * 1024 * 1024


def lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut chunks into lines. Raises ServerFailed for a line beyond MAX_LINE_BYTES."""
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        *whole, rest = chunk.split(b"\n")
        for end in whole:
            parts.append(end)
            line = b"".join(parts)
            if line:
                yield line
            parts, size = [], 0
        parts.append(rest)
        size += len(rest)
        if size > MAX_LINE_BYTES:
            raise ServerFailed("a line of the pull is too long")
    if size:
        raise PullBroken("the pull ended within a line")


def frames(chunks: Iterable[bytes]) -> Iterator[Frame]:
    """Return a pull's frames; the last one is its end. Raises PullBroken when it does not come, ServerFailed."""
    return _to_the_end(chunks, frame_of, PullEnd)


def repair_frames(chunks: Iterable[bytes]) -> Iterator[RepairFrame]:
    """Return a repair's frames; the last one is its end. Raises PullBroken when it does not come, ServerFailed."""
    return _to_the_end(chunks, repair_frame_of, RepairEnd)


def _to_the_end(
    chunks: Iterable[bytes], read: Callable[[bytes, Columns], _Frame], end: type[PullEnd | RepairEnd]
) -> Iterator[_Frame]:
    ended, columns = False, Columns()
    for line in lines(chunks):
        frame = read(line, columns)
        ended = isinstance(frame, end)
        yield frame
    if not ended:
        raise PullBroken("the answer ended before its end")


def frame_of(line: bytes, columns: Columns) -> Frame:
    """Read one line; columns learns its names from the header. Raises ServerFailed, ProtocolTooNew."""
    try:
        raw: dict[str, Any] = orjson.loads(line)
        match raw["frame"]:
            case "rows":
                return columns.framed(str(raw["kind"]), int(raw["upto"]), _rows(raw["rows"]))
            case "removed":
                return RemovedFrame(upto=int(raw["upto"]), rows=_rows(raw["rows"]))
            case "header":
                return columns.learn(PullHeader.model_validate_json(line))
            case "end":
                return PullEnd.model_validate_json(line)
            case _:
                raise ServerFailed("a line of the pull is of no kind we know")
    except (ValueError, KeyError, TypeError, ValidationError):
        raise ServerFailed("a line of the pull does not read") from None


def repair_frame_of(line: bytes, columns: Columns) -> RepairFrame:
    """Read one line of a repair; columns learns its names from the header. Raises ServerFailed, ProtocolTooNew."""
    try:
        raw: dict[str, Any] = orjson.loads(line)
        match raw["frame"]:
            case "rows":
                return columns.framed(str(raw["kind"]), 0, _rows(raw["rows"]))
            case "gone":
                return GoneFrame(kind=str(raw["kind"]), ids=[str(record) for record in raw["rows"]])
            case "header":
                return columns.learn(PullHeader.model_validate_json(line))
            case "end":
                return RepairEnd.model_validate_json(line)
            case _:
                raise ServerFailed("a line of the repair is of no kind we know")
    except (ValueError, KeyError, TypeError, ValidationError):
        raise ServerFailed("a line of the repair does not read") from None


def _rows(rows: Any) -> list[list[object]]:  # noqa: ANN401  # straight from JSON
    if not isinstance(rows, list) or not {list}.issuperset(map(type, rows)):
        raise ServerFailed("rows are lists")
    return rows
