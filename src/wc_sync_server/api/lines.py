"""Answers of many lines: each line one JSON object."""

from collections.abc import Iterable, Mapping
from uuid import UUID

import orjson

from wc_contract.model.instants import instant_to_text
from wc_contract.model.kinds import RecordKind
from wc_contract.wire.messages import Pull, Repair
from wc_contract.wire.versions import NAMED
from wc_sync_server.domain.feed import FeedHead, Page


def line(content: Mapping[str, object]) -> bytes:
    """Return a line."""
    return orjson.dumps(content, default=_plain) + b"\n"


def frame(start: str, page: Page) -> bytes:
    """Return a line that begins with start and ends with a page's rows, as PostgreSQL wrote them."""
    return b"%b%b}\n" % (start.encode(), page.rows)


def header(head: FeedHead, kinds: Iterable[RecordKind], *, estimate: int, named: bool) -> bytes:
    """Return the first line of a pull or a repair of these kinds; named for whoever asked for names of columns."""
    names = {"columns": {kind.name: kind.columns for kind in kinds}, "scope": head.scope} if named else {}
    return line(
        {
            "frame": "header",
            "epoch": head.epoch,
            "district_head": head.district_head,
            "school_head": head.school_head,
            "snapshot_at": instant_to_text(head.at),
            "estimate": estimate,
            **names,
        }
    )


def asks_for_names(message: Pull | Repair) -> bool:
    """Whether whoever sent message reads rows of any width, by the names in the header."""
    return message.shape is not None and message.shape >= NAMED


def _plain(value: object) -> str:
    if isinstance(value, UUID):
        return str(value)
    raise TypeError
