"""Entries in, records out, and a way to wait for more."""

from collections.abc import Callable, Iterator
from functools import partial

from fastapi import APIRouter, Request, Response
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from wc_contract.wire.codes import ProblemCode
from wc_contract.wire.messages import Manifest, ManifestAnswer, Pull, Push, PushAnswer, Repair, Wait, Waited
from wc_sync_server.api.calls import read_call
from wc_sync_server.api.documents import PROBLEMS, body_of
from wc_sync_server.api.doors import Place, place_of
from wc_sync_server.api.manifest import differing, hands_out_repair, repair_lines
from wc_sync_server.api.pull import hands_out, press_for, pull_lines
from wc_sync_server.api.services import services_of
from wc_sync_server.api.session import CallMade, Server, reply
from wc_sync_server.api.spool import spooled
from wc_sync_server.domain.access import Principal
from wc_sync_server.domain.problems import ProblemRaised
from wc_sync_server.metrics import counts
from wc_sync_server.reconcile.arrivals import digests_of, read_arrivals
from wc_sync_server.reconcile.batch import Batch

router = APIRouter(prefix="/v1", tags=["sync"], responses=PROBLEMS)

_LINES = "application/x-ndjson"
FIRST_SYNC, REPAIR = "first_sync", "repair"


@router.post("/push", response_model=PushAnswer, openapi_extra=body_of(Push), summary="Send entries")
def push(call: CallMade, server: Server) -> Response:
    """Take entries in, in order of their numbers; when this answers, they are durable and on record."""
    admitted = server.gate.admit(call.signed)
    message = call.message(Push)
    principal = admitted.principal
    digests = digests_of(message.entries)
    signed = [(digest, one.signature) for digest, one in zip(digests, message.entries, strict=True)]
    unsigned = server.signatures.begin(admitted.admission.device.sign_key, signed)
    arrivals = read_arrivals(message.entries, digests, principal.device)
    settled = admitted.admission.device.settled
    batch = Batch(principal=principal, epoch=message.epoch, arrivals=arrivals, unsigned=unsigned, settled=settled)
    try:
        pushed = server.turns.push(batch, server.reconciler.push)
    except ProblemRaised as problem:
        if problem.code == ProblemCode.FORKED.value:
            # A person may settle it any moment: the next push is judged by what the database says then.
            server.gate.forget(principal.session)
        raise
    for receipt in pushed.answer.receipts:
        counts.entry_answered(receipt.outcome.value, receipt.code)
    answer = reply(pushed.answer)
    if pushed.moved:
        answer.background = BackgroundTask(server.hints.tell, principal.district)
    return answer


@router.post(
    "/pull",
    openapi_extra=body_of(Pull),
    summary="Fetch what changed",
    response_class=StreamingResponse,
    responses={200: {"description": "One frame a line: header, rows, removed, end", "content": {_LINES: {}}}},
)
def pull(call: CallMade, server: Server, request: Request) -> Response:
    """Send everything past the given row_versions, from one snapshot."""
    principal = server.gate.admit_reader(call.signed).principal
    message = call.message(Pull)
    return _streamed(call, server, place_of(request), partial(_lines, server, principal, message))


@router.post(
    "/manifest", response_model=ManifestAnswer, openapi_extra=body_of(Manifest), summary="Compare, slice by slice"
)
def manifest(call: CallMade, server: Server) -> Response:
    """Say in which slices a workstation does not hold what it may see; no record is sent."""
    principal = server.gate.admit_reader(call.signed).principal
    message = call.message(Manifest)
    with server.feeds.snapshot(principal) as snapshot:
        return reply(differing(snapshot, message))


@router.post(
    "/manifest/rows",
    openapi_extra=body_of(Repair),
    summary="Fetch what differs",
    response_class=StreamingResponse,
    responses={200: {"description": "One frame a line: header, rows, gone, end", "content": {_LINES: {}}}},
)
def manifest_rows(call: CallMade, server: Server, request: Request) -> Response:
    """Send what is missing or older in some slices and name what is too much in them, from one snapshot."""
    principal = server.gate.admit_reader(call.signed).principal
    message = call.message(Repair)
    if hands_out_repair(message):
        # On record before the first of it is sent, and never with two connections in one hand.
        server.feeds.hand_out(principal, REPAIR)
    return _streamed(call, server, place_of(request), partial(_repair, server, principal, message))


def _repair(server: Server, principal: Principal, message: Repair) -> Iterator[bytes]:
    with server.feeds.snapshot(principal) as snapshot:
        yield from repair_lines(snapshot, message)


def _streamed(call: CallMade, server: Server, place: Place | None, lines: Callable[[], Iterator[bytes]]) -> Response:
    encoding, press = press_for(call.accepts)
    # The next one may be read while this one is on its way over a slow line.
    spool = (
        spooled(server.readers, lines, press)
        if place is None
        else spooled(server.readers, lines, press, place.rest_from_thread)
    )
    start, complete = spool.begin()
    headers = {"Vary": "Accept-Encoding"} | ({} if encoding is None else {"Content-Encoding": encoding})
    if complete:
        return Response(start, headers=headers, media_type=_LINES)
    return StreamingResponse(_joined(start, spool.rest()), headers=headers, media_type=_LINES)


@router.post("/wait", response_model=Waited, openapi_extra=body_of(Wait), summary="Wait for something new")
async def wait(request: Request) -> Response:
    """Answer as soon as the school's or the district's stream is past the checkpoint, or when the time is over."""
    server = services_of(request)
    call = await read_call(request, server.limits)
    admitted = await run_in_threadpool(server.gate.admit_reader, call.signed)
    message = call.message(Wait)
    since = None if message.checkpoint is None else server.checkpoints.read(message.checkpoint)
    if since is not None and since.epoch != message.epoch:
        raise ProblemRaised(ProblemCode.EPOCH_CHANGED)
    if since is None or since.scope != admitted.principal.scope:
        # Nothing to compare with, or the device may see other records than then: there is something to fetch.
        return reply(Waited(protocol=1, moved=True))
    place = place_of(request)
    if place is not None:
        place.leave()  # who waits takes neither a thread nor a connection
    seconds = min(float(message.seconds), server.limits.wait_seconds)
    return reply(Waited(protocol=1, moved=await server.watch.wait(admitted.principal, since, seconds)))


def _lines(server: Server, principal: Principal, message: Pull) -> Iterator[bytes]:
    with server.feeds.snapshot(principal) as snapshot:
        if not hands_out(snapshot, message):
            yield from pull_lines(snapshot, message, server.checkpoints)
            return
    # On record before the first of it is sent, and never with two connections in one hand.
    server.feeds.hand_out(principal, FIRST_SYNC)
    with server.feeds.snapshot(principal) as snapshot:
        yield from pull_lines(snapshot, message, server.checkpoints)


def _joined(start: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield start
    yield from rest
