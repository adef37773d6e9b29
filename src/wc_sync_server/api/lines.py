"""Answers of many lines: each line one JSON object."""

from collections.abc import Mapping
from uuid import UUID

import orjson

from wc_sync_server.domain.feed import Page


def line(content: Mapping[str, object]) -> bytes:
    """Return a line."""
    return orjson.dumps(content, default=_plain) + b"\n"


def frame(start: str, page: Page) -> bytes:
    """Return a line that begins with start and ends with a page's rows, as PostgreSQL wrote them."""
    return b"%b%b}\n" % (start.encode(), page.rows)


def _plain(value: object) -> str:
    if isinstance(value, UUID):
        return str(value)
    raise TypeError
