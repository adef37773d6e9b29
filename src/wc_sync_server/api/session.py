"""Becoming known and staying known: nonce, enrolment, tokens, people, greeting."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from wc_contract.wire.base import WireModel
from wc_contract.wire.messages import (
    AddUser,
    BeginSignOn,
    Enrol,
    Enrolled,
    FinishSignOn,
    Hello,
    HelloAnswer,
    Refresh,
    SignOnBegun,
    SignOnFinished,
    Tokens,
    UserAdded,
)
from wc_contract.wire.wipe import AskWipe, WipeAsked, WipeKept, WipeReceipt
from wc_sync_server.api.calls import Call, read_call
from wc_sync_server.api.documents import PROBLEMS, body_of
from wc_sync_server.api.services import Services, services_of

router = APIRouter(prefix="/v1", tags=["session"], responses=PROBLEMS)


async def _call(request: Request) -> Call:
    return await read_call(request, services_of(request).limits)


CallMade = Annotated[Call, Depends(_call)]


async def _services(request: Request) -> Services:
    # Not services_of itself: what is no coroutine costs a turn through the threads.
    return services_of(request)


Server = Annotated[Services, Depends(_services)]


@router.post("/nonce", status_code=204, summary="Fetch a nonce", response_class=Response)
async def nonce() -> Response:
    """Answer nothing but the headers; WC-Next-Nonce, which every answer carries, is what was wanted."""
    return Response(status_code=204)


@router.post("/enrol", response_model=Enrolled, openapi_extra=body_of(Enrol), summary="Make a workstation known")
def enrol(call: CallMade, server: Server) -> Response:
    """Register the device that proves to hold sign_key: one-time code, sign-in, second factor."""
    return reply(server.enrolment.enrol(call.signed, call.message(Enrol)))


@router.post("/token", response_model=Tokens, openapi_extra=body_of(Refresh), summary="Refresh the access token")
def token(call: CallMade, server: Server) -> Response:
    """Return the successor of a refresh token; the same one again until that was used."""
    return reply(server.sessions.carry_on(call.signed, call.message(Refresh)))


@router.post("/users", response_model=UserAdded, openapi_extra=body_of(AddUser), summary="Add a person to the device")
def add_user(call: CallMade, server: Server) -> Response:
    """Sign a further person in and give them a place on this device's lease."""
    admitted = server.gate.admit_trusted(call.signed)
    return reply(server.enrolment.add_user(admitted, call.signed, call.message(AddUser)))


@router.post(
    "/sign-on/begin",
    response_model=SignOnBegun,
    openapi_extra=body_of(BeginSignOn),
    summary="Begin a single sign-on",
)
def begin_sign_on(call: CallMade, server: Server) -> Response:
    """Return the page of the district's own sign-in, for the system's browser."""
    return reply(server.sign_on.begin(call.signed, call.message(BeginSignOn)))


@router.post(
    "/sign-on/finish",
    response_model=SignOnFinished,
    openapi_extra=body_of(FinishSignOn),
    summary="Finish a single sign-on",
)
def finish_sign_on(call: CallMade, server: Server) -> Response:
    """Have the code redeemed, and return a ticket in the place of e-mail and password."""
    return reply(server.sign_on.finish(call.signed, call.message(FinishSignOn)))


@router.post("/hello", response_model=HelloAnswer, openapi_extra=body_of(Hello), summary="Begin a contact")
def hello(call: CallMade, server: Server) -> Response:
    """Say where the server stands and what the device should do."""
    admitted = server.gate.admit(call.signed)
    answer = server.contacts.hello(admitted.principal, admitted.admission, call.message(Hello))
    server.gate.forget(admitted.principal.session)
    return reply(answer)


@router.post(
    "/wipe/order", response_model=WipeAsked, openapi_extra=body_of(AskWipe), summary="Ask whether to be erased"
)
def wipe_order(call: CallMade, server: Server) -> Response:
    """Give a revoked workstation the district's signed order, and any other none; nothing else changes by asking."""
    admitted = server.gate.admit(call.signed)
    return reply(server.wipes.asked(admitted.principal, call.message(AskWipe)))


@router.post("/wipe/receipt", response_model=WipeKept, openapi_extra=body_of(WipeReceipt), summary="Say it was erased")
def wipe_receipt(call: CallMade, server: Server) -> Response:
    """Keep the word of a workstation that has no session any more: its own signature over it is the proof."""
    return reply(server.wipes.done(call.message(WipeReceipt)))


def reply(message: WireModel) -> Response:
    """Return a message as an answer, by the very fields it declares."""
    return Response(message.model_dump_json(), media_type="application/json")
