"""Every operation that the server publishes, and requests for it: as its OpenAPI says, and as it forbids."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import schemathesis
from fastapi import FastAPI
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.schemas import APIOperation
from tests import factories as make

from wc_contract.wire.proof import DEVICE_HEADER, NONCE_HEADER, PROOF_HEADER
from wc_sync_server.api.app import build_app

MARKER = make.MARKER
PROOF = frozenset(name.lower() for name in (DEVICE_HEADER, NONCE_HEADER, PROOF_HEADER))
_ID = re.compile(
    r"^id$|_id$|^(school|student|nurse|incident|category|order|dose|item|record|appointment|posting|medication|contact"
    r"|supplier|purchase|policy|user|deliver_to|entry|reminder|follow_up|assigned_to|completed_by)$"
)
# The answer of a wait is held back by design; one second of it is enough.
_WAIT = "/v1/wait"

# Put by whoever sends the request: a made-up token gets no further than the door.
_OURS = PROOF | {"authorization"}

Known = Mapping[str, list[str]]


def published() -> FastAPI:
    """Return the application as far as its routes; it serves nothing."""

    def nothing() -> str:
        return ""

    services: Any = SimpleNamespace(version="0", nonces=SimpleNamespace(fresh=nothing))
    return build_app(services, threads=2, fresh_id=nothing, on_stop=nothing)


def operations() -> dict[str, APIOperation[Any, Any, Any, Any]]:
    """Return every operation by its method and path."""
    schema = schemathesis.openapi.from_dict(published().openapi())
    found = (result.ok() for result in schema.get_all_operations())
    return {f"{each.method.upper()} {each.path}": each for each in found}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fuzzed:
    """One request."""

    method: str
    path: str
    query: dict[str, Any]
    headers: dict[str, str]
    body: bytes | None = field(repr=False)


def requests(operation: APIOperation[Any, Any, Any, Any], known: Known) -> st.SearchStrategy[Fuzzed]:
    """Return requests for an operation: about records that exist more often than not, some of them malformed."""

    @st.composite
    def made(draw: st.DrawFn) -> Fuzzed:
        mode = draw(st.sampled_from([GenerationMode.POSITIVE, GenerationMode.POSITIVE, GenerationMode.NEGATIVE]))
        case: Case = draw(operation.as_strategy(generation_mode=mode))
        pick = _picker(draw, known)
        path = operation.path
        for name, value in (case.path_parameters or {}).items():
            path = path.replace("{" + name + "}", _segment(pick(name, value)))
        query = {name: pick(name, value) for name, value in (case.query or {}).items()}
        headers = {name: _ascii(value) for name, value in (case.headers or {}).items() if name.lower() not in _OURS}
        if draw(st.integers(0, 4)):
            headers["If-Match"] = f'"{draw(st.integers(1, 30))}"'
        return Fuzzed(
            method=operation.method.upper(), path=path, query=query, headers=headers, body=_body(draw, case, pick)
        )

    return made()


def _picker(draw: st.DrawFn, known: Known) -> Callable[[str, Any], Any]:
    def pick(name: str, value: Any) -> Any:
        ids = known.get(name) or [each for every in known.values() for each in every]
        if _ID.search(name) and draw(st.integers(0, 3)):
            return draw(st.sampled_from(ids))
        if isinstance(value, str) and value and not draw(st.integers(0, 5)):
            return MARKER
        return value

    return pick


def _body(draw: st.DrawFn, case: Case, pick: Callable[[str, Any], Any]) -> bytes | None:
    if isinstance(case.body, schemathesis.core.NotSet):
        return None
    body = case.body
    if isinstance(body, dict):
        body = {name: pick(name, value) for name, value in body.items()}
        if case.operation.path == _WAIT and "seconds" in body:
            body["seconds"] = 0
        if not draw(st.integers(0, 4)):
            body[MARKER] = MARKER
    if isinstance(body, bytes):
        return body
    return json.dumps(body).encode("utf-8", "surrogatepass")


def _segment(value: Any) -> str:
    return re.sub(r"[^\w\-.~%]", "_", str(value), flags=re.ASCII) or "_"


def _ascii(value: Any) -> str:
    return re.sub(r"[^\x21-\x7e]", "_", str(value))
