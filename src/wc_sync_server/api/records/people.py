"""Signing in without a workstation, and out again."""

from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from wc_contract.wire.base import Short, WireInstant, WireModel
from wc_sync_server.api.documents import content_of as body_of
from wc_sync_server.api.records.asking import CallMade, Records, content_of, person_asking
from wc_sync_server.api.records.problems import PROBLEMS
from wc_sync_server.api.records.security import BEARER
from wc_sync_server.domain.records.areas import Access, Area, may
from wc_sync_server.domain.records.person import Person

router = APIRouter(prefix="/v1/people", tags=["people"], responses=PROBLEMS)


class SignIn(WireModel):
    """E-mail address, password and the six digits of the second factor, in the district of that code."""

    district: Short
    email: Short
    password: str = Field(max_length=1024, repr=False)
    totp: Short


class Myself(WireModel):
    """Who is signed in, at which schools, and which parts of the records they may read and write."""

    id: UUID
    role: str
    schools: tuple[UUID, ...]
    reads: tuple[str, ...]
    writes: tuple[str, ...]


class Token(WireModel):
    """A bearer token, and for how many seconds it is good. There is none to refresh it with: sign in again."""

    access_token: str = Field(repr=False)
    token_type: Literal["Bearer"]
    expires_in: int
    person: Myself


class Session(WireModel):
    """A session that goes on. workstation names the one whose it is; present is the one that asks."""

    id: UUID
    workstation: str | None
    since: WireInstant
    until: WireInstant
    last_used: WireInstant | None
    present: bool


class Sessions(WireModel):
    """Everything that is signed in as somebody."""

    data: tuple[Session, ...]


@router.post("/token", response_model=Token, openapi_extra=body_of(SignIn), summary="Sign in without a workstation")
def sign_in(call: CallMade, records: Records) -> Response:
    """Return a token for the records. Ten failures lock the account for a quarter of an hour, as everywhere."""
    typed = content_of(call, SignIn)
    signed_in = records.people.begin(
        typed.district, email=typed.email, password=typed.password, totp=typed.totp, address=call.signed.address
    )
    token = Token(
        access_token=signed_in.token,
        token_type="Bearer",  # noqa: S106  # the name of a scheme
        expires_in=signed_in.seconds,
        person=_myself(signed_in.person),
    )
    return Response(token.model_dump_json(), media_type="application/json")


@router.get("/me", response_model=Myself, dependencies=BEARER, summary="Who am I, and what may I do?")
def me(call: CallMade, records: Records) -> Response:
    """Return what the token's bearer may do now."""
    person = person_asking(call, records)
    return Response(_myself(person).model_dump_json(), media_type="application/json")


@router.post("/sign-out", status_code=204, dependencies=BEARER, response_class=Response, summary="Sign out")
def sign_out(call: CallMade, records: Records) -> Response:
    """End the session of the token at once."""
    records.people.end(call.signed.token)
    return Response(status_code=204)


@router.get("/sessions", response_model=Sessions, dependencies=BEARER, summary="Where am I signed in?")
def sessions(call: CallMade, records: Records) -> Response:
    """Return the bearer's own sessions that go on, and those of workstations that they enrolled."""
    person = person_asking(call, records)
    found = Sessions(
        data=tuple(
            Session(
                id=each.id,
                workstation=each.workstation,
                since=each.since,
                until=each.until,
                last_used=each.used_at,
                present=each.id == person.session,
            )
            for each in records.people.sessions(person)
        )
    )
    return Response(found.model_dump_json(), media_type="application/json")


@router.delete(
    "/sessions/{session}", status_code=204, dependencies=BEARER, response_class=Response, summary="Sign out elsewhere"
)
def end_session(call: CallMade, records: Records, session: UUID) -> Response:
    """End one of the bearer's own sessions within seconds. A workstation's is the district's to end, with its data."""
    records.people.end_own(person_asking(call, records), session)
    return Response(status_code=204)


def _myself(person: Person) -> Myself:
    return Myself(
        id=person.user,
        role=person.role,
        schools=person.schools,
        reads=tuple(area.value for area in Area if may(person.role, area, Access.READ)),
        writes=tuple(area.value for area in Area if may(person.role, area, Access.WRITE)),
    )
