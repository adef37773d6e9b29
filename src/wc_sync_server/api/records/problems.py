"""How the records API says no: RFC 9457 with our codes, the names of fields, and never a value."""

from http import HTTPStatus
from typing import Any

import orjson
from starlette.responses import Response

from wc_contract.wire.base import Code, Short, WireModel
from wc_sync_server.api.problems import MEDIA_TYPE
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem

_SAID: dict[RecordsProblem, tuple[HTTPStatus, str, str]] = {
    RecordsProblem.INVALID: (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "Not understood",
        "Something in the request is missing or cannot be: see fields.",
    ),
    RecordsProblem.NOT_SIGNED_IN: (
        HTTPStatus.UNAUTHORIZED,
        "Not signed in",
        "The token has expired or its session has ended. Sign in again.",
    ),
    RecordsProblem.NOT_ALLOWED: (HTTPStatus.FORBIDDEN, "Not allowed", "Your role may not do this. It is on record."),
    RecordsProblem.NO_RECORD: (
        HTTPStatus.NOT_FOUND,
        "Not found",
        "There is no such record, or it is none of your schools'.",
    ),
    RecordsProblem.STALE: (
        HTTPStatus.PRECONDITION_FAILED,
        "Changed meanwhile",
        "The record was changed after you read it. Read it again and decide anew.",
    ),
    RecordsProblem.VERSION_NEEDED: (
        HTTPStatus.PRECONDITION_REQUIRED,
        "Version needed",
        "Send the row_version that you read in If-Match.",
    ),
    RecordsProblem.TAKEN: (HTTPStatus.CONFLICT, "Taken", "Another record has this already: see fields."),
    RecordsProblem.NOT_FREE: (
        HTTPStatus.CONFLICT,
        "Not free",
        "The nurse has another appointment at that time. Choose one of the times that availability gives.",
    ),
    RecordsProblem.NOT_IN_STOCK: (HTTPStatus.CONFLICT, "Not in stock", "There is less in stock than that."),
    RecordsProblem.OVER_BUDGET: (HTTPStatus.CONFLICT, "Over budget", "The category has less left than that."),
    RecordsProblem.OVER_DELIVERED: (
        HTTPStatus.CONFLICT,
        "More than was ordered",
        "More came than is open on a line. Receive what was ordered, and take the rest in by a movement of stock.",
    ),
    RecordsProblem.ANOTHER_PERSON: (
        HTTPStatus.CONFLICT,
        "Somebody else's to do",
        "Whoever drew this up does not approve it as well. Ask somebody else of the district's office.",
    ),
    RecordsProblem.BAD_CURSOR: (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "Cursor not understood",
        "next belongs to another list, other filters or another person. Begin with page 1.",
    ),
    RecordsProblem.WRONG_STATE: (
        HTTPStatus.CONFLICT,
        "Not possible now",
        "The record's present state does not allow this: see fields for what is missing.",
    ),
}


class RecordsProblemAnswer(WireModel):
    """RFC 9457. fields names what was wrong; row_version is the record's present one."""

    type: str
    title: str
    status: int
    detail: str
    code: Code
    fields: tuple[Short, ...] = ()
    row_version: int | None = None


PROBLEMS: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "A problem, RFC 9457",
        "content": {"application/problem+json": {"schema": RecordsProblemAnswer.model_json_schema()}},
    }
}


def refusal_response(refusal: RecordRefused) -> Response:
    """Return the answer that says refusal."""
    status, title, detail = _SAID[refusal.problem]
    body = {
        "type": f"urn:whitecross:problem:{refusal.code}",
        "title": title,
        "status": status.value,
        "detail": detail,
        "code": refusal.code,
        "fields": refusal.fields,
        "row_version": refusal.row_version,
    }
    headers = {"WWW-Authenticate": "Bearer"} if status is HTTPStatus.UNAUTHORIZED else {}
    return Response(orjson.dumps(body), status_code=status.value, headers=headers, media_type=MEDIA_TYPE)
