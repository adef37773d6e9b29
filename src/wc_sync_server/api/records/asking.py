"""What every request for records has: a person, a right, perhaps a page, perhaps a version, perhaps a body."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, Header, Query, Request
from pydantic import BaseModel, ValidationError

from wc_contract.model.apply import WireValue, compact
from wc_contract.model.instants import instant_to_text
from wc_contract.wire.base import WireModel
from wc_sync_server.api.bodies import unfold
from wc_sync_server.api.calls import Call, read_call
from wc_sync_server.api.services import RecordsServices, Services, services_of
from wc_sync_server.domain.records.areas import Access, Area, may
from wc_sync_server.domain.records.pages import DEFAULT_LIMIT, FARTHEST, MOST
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem

M = TypeVar("M", bound=WireModel)

_VERSION = re.compile(r'"?([0-9]{1,18})"?')


async def _call(request: Request) -> Call:
    return await read_call(request, services_of(request).limits)


def _records(server: Annotated[Services, Depends(services_of)]) -> RecordsServices:
    return server.records


CallMade = Annotated[Call, Depends(_call)]
Records = Annotated[RecordsServices, Depends(_records)]


def person_asking(call: CallMade, records: Records) -> Person:
    """Return who asks. Raises RecordRefused(NOT_SIGNED_IN)."""
    return records.people.admit(call.signed.token)


def allowed(area: Area, access: Access) -> Callable[..., Person]:
    """Return what lets those in who may: others are told, and it is on record that they asked."""

    def admitted(person: Annotated[Person, Depends(person_asking)], records: Records) -> Person:
        if not may(person.role, area, access):
            raise records.denials.deny(person, area, access)
        return person

    return admitted


def version_read(if_match: Annotated[str | None, Header(max_length=40)] = None) -> int:
    """Return the row_version that a change is based on. Raises RecordRefused(VERSION_NEEDED)."""
    found = _VERSION.fullmatch((if_match or "").strip())
    if found is None:
        raise RecordRefused(RecordsProblem.VERSION_NEEDED)
    return int(found[1])


Version = Annotated[int, Depends(version_read)]


class PageAsked:
    """Which page, as the query says it."""

    def __init__(
        self,
        page: Annotated[int, Query(ge=1, le=FARTHEST)] = 1,
        limit: Annotated[int, Query(ge=1, le=MOST)] = DEFAULT_LIMIT,
        after: Annotated[str | None, Query(alias="next", max_length=2000)] = None,
    ) -> None:
        if after is None and (page - 1) * limit > FARTHEST:
            raise RecordRefused(RecordsProblem.INVALID, fields=("page",))
        self.page = page
        self.limit = limit
        self.after = after


Asked = Annotated[PageAsked, Depends()]


def content_of(call: Call, kind: type[M]) -> M:
    """Return the body of a request. Raises RecordRefused(INVALID) with the names of the fields that are wrong."""
    content = unfold(call.signed.body, call.encoding, call.limits.content)
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        found = error.errors(include_input=False, include_context=False, include_url=False)
        # Names that we declared: an unknown one is the request's own words.
        named = {str(each["loc"][0]) for each in found if each["loc"]} & kind.model_fields.keys()
        raise RecordRefused(RecordsProblem.INVALID, fields=tuple(sorted(named))) from None


def given(message: BaseModel, *without: str) -> dict[str, WireValue]:
    """Return what a request gives, in wire form, without what it leaves out."""
    return dict(_given(message, frozenset(without)))


def _given(message: BaseModel, without: frozenset[str]) -> Iterator[tuple[str, WireValue]]:
    for name in sorted(message.model_fields_set - without):
        yield name, _wire(getattr(message, name))


def _wire(value: Any) -> WireValue:  # noqa: ANN401  # what a model holds
    match value:
        case None | bool() | int():
            return value
        case datetime():
            return instant_to_text(value)
        case date():
            return value.isoformat()
        case UUID() | Decimal():
            return str(value)
        case str():
            return str(value)
        case _:
            return compact(_plain(value))


def _plain(value: Any) -> Any:  # noqa: ANN401  # JSON is whatever JSON is
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, tuple | list) else value
