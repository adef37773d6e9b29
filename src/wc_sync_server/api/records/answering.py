"""Answers: through the model of their shape, with the record's version beside it, or in pages."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from fastapi import Response

from wc_contract.wire.base import WireModel
from wc_sync_server.api.records.asking import PageAsked
from wc_sync_server.api.records.models import Meta, list_model, model_of, page_model
from wc_sync_server.api.services import RecordsServices
from wc_sync_server.domain.records.pages import Page, Row, Window
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem
from wc_sync_server.domain.records.shapes import Shape

_JSON = "application/json"


class ListAsked:
    """A list as one person asks for it, with these filters: its cursors lead nowhere else."""

    def __init__(
        self, records: RecordsServices, person: Person, name: str, filters: Mapping[str, object], asked: PageAsked
    ) -> None:
        self._cursors = records.cursors
        told = "|".join(f"{key}={value}" for key, value in sorted(filters.items()))
        self._purpose = f"{name}|{person.district}|{person.user}|{told}"
        self._asked = asked

    def window(self) -> Window:
        """Return which part of the list is wanted. Raises RecordRefused(BAD_CURSOR)."""
        if self._asked.after is None:
            return Window(limit=self._asked.limit, page=self._asked.page)
        read = self._cursors.read(self._purpose, self._asked.after)
        if read is None:
            raise RecordRefused(RecordsProblem.BAD_CURSOR)
        page, *key = read
        return Window(limit=self._asked.limit, page=page + 1, after=tuple(key))

    def answer(self, shape: Shape, page: Page) -> Response:
        """Return the page as an answer."""
        leads_on = page.last is not None
        following = (
            self._cursors.write(self._purpose, [page.window.page, *_plain(page.last or ())]) if leads_on else None
        )
        meta = Meta(page=page.window.page, limit=page.window.limit, total=page.total, pages=page.pages, next=following)
        rows = tuple(model_of(shape).model_validate(row) for row in page.rows)
        body = page_model(shape).model_validate({"data": rows, "meta": meta})
        return Response(body.model_dump_json(), media_type=_JSON)


def record_answer(shape: Shape, row: Row, *, status: int = 200) -> Response:
    """Return one record, its version in ETag."""
    body = model_of(shape).model_validate(row)
    return Response(
        body.model_dump_json(), status_code=status, media_type=_JSON, headers={"ETag": f'"{row["row_version"]}"'}
    )


def list_answer(shape: Shape, rows: Iterable[Row]) -> Response:
    """Return a short list, whole."""
    read = tuple(model_of(shape).model_validate(row) for row in rows)
    return Response(list_model(shape).model_validate({"data": read}).model_dump_json(), media_type=_JSON)


def whole_answer(
    model: type[WireModel], head: str, row: Row, parts: Mapping[str, Iterable[Row]], *, status: int = 200
) -> Response:
    """Return a record with what belongs to it, its version in ETag."""
    body = model.model_validate({head: row, **{name: tuple(rows) for name, rows in parts.items()}})
    return Response(
        body.model_dump_json(), status_code=status, media_type=_JSON, headers={"ETag": f'"{row["row_version"]}"'}
    )


def _plain(key: tuple[Any, ...]) -> list[Any]:
    return [
        value.isoformat() if isinstance(value, datetime | date) else str(value) if isinstance(value, UUID) else value
        for value in key
    ]
