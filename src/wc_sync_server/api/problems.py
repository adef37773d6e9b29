"""Every no is a problem document (RFC 9457): a stable code, a sentence of ours, never a word of the request."""

from http import HTTPStatus

import orjson
from starlette.responses import Response

from wc_contract.wire.codes import ProblemCode
from wc_sync_server.domain.problems import ProblemRaised

MEDIA_TYPE = "application/problem+json"

_SAID: dict[ProblemCode, tuple[HTTPStatus, str, str]] = {
    ProblemCode.BAD_REQUEST: (HTTPStatus.BAD_REQUEST, "Not understood", "The request is no message of this protocol."),
    ProblemCode.USE_NONCE: (
        HTTPStatus.UNAUTHORIZED,
        "Nonce needed",
        "Sign the request again with the nonce in WC-Next-Nonce.",
    ),
    ProblemCode.BAD_PROOF: (
        HTTPStatus.UNAUTHORIZED,
        "Proof refused",
        "The request is not signed by the key of the device it speaks for.",
    ),
    ProblemCode.TOKEN_EXPIRED: (HTTPStatus.UNAUTHORIZED, "Token expired", "Refresh the access token and try again."),
    ProblemCode.SIGN_IN_FAILED: (
        HTTPStatus.UNAUTHORIZED,
        "Sign-in failed",
        "The e-mail address or the password is not right, or the session has ended.",
    ),
    ProblemCode.SECOND_FACTOR_FAILED: (
        HTTPStatus.UNAUTHORIZED,
        "Code refused",
        "The six digits are not right, or were used before. Wait for the next ones.",
    ),
    ProblemCode.LOCKED_OUT: (
        HTTPStatus.TOO_MANY_REQUESTS,
        "Too many tries",
        "There were too many failed tries. Wait before trying again.",
    ),
    ProblemCode.NO_SIGN_ON: (
        HTTPStatus.NOT_FOUND,
        "No single sign-on",
        "This district has no single sign-on. Sign in with e-mail address and password.",
    ),
    ProblemCode.SIGN_ON_REFUSED: (
        HTTPStatus.UNAUTHORIZED,
        "Single sign-on refused",
        "The district's sign-in did not vouch for anybody who has an account here. Ask the operator to link yours.",
    ),
    ProblemCode.CODE_INVALID: (
        HTTPStatus.FORBIDDEN,
        "Enrolment code refused",
        "The one-time code is not known or was used already. Ask the operator for a new one.",
    ),
    ProblemCode.CODE_EXPIRED: (
        HTTPStatus.FORBIDDEN,
        "Enrolment code expired",
        "The one-time code is older than fifteen minutes. Ask the operator for a new one.",
    ),
    ProblemCode.NOT_ASSIGNED: (
        HTTPStatus.FORBIDDEN,
        "Not assigned",
        "Nobody on this device is assigned to its school at present.",
    ),
    ProblemCode.DEVICE_REVOKED: (HTTPStatus.FORBIDDEN, "Device revoked", "This device was revoked by the district."),
    ProblemCode.FORKED: (
        HTTPStatus.CONFLICT,
        "Device forked",
        "The files of this device exist twice. What was sent is kept for a person to look at.",
    ),
    ProblemCode.GAP: (HTTPStatus.CONFLICT, "Entry missing", "An entry is missing before the first one sent."),
    ProblemCode.EPOCH_CHANGED: (
        HTTPStatus.CONFLICT,
        "Epoch changed",
        "The server was restored or took over. Greet it again before sending.",
    ),
    ProblemCode.UNSUPPORTED_PROTOCOL: (
        HTTPStatus.BAD_REQUEST,
        "Version not supported",
        "This server does not speak that version of the protocol. Update the application.",
    ),
    ProblemCode.SERVER_TOO_OLD: (
        HTTPStatus.BAD_REQUEST,
        "Server too old",
        "The application is newer than this server, which does not know all it was sent. Update the server.",
    ),
    ProblemCode.WRONG_DISTRICT: (
        HTTPStatus.NOT_FOUND,
        "District not known",
        "This server serves no district of that code.",
    ),
    ProblemCode.TOO_LARGE: (
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "Too large",
        "The request is larger than the server takes. Send fewer entries at once.",
    ),
    ProblemCode.BLOB_OFFSET: (
        HTTPStatus.CONFLICT,
        "Another offset",
        "A piece goes on where the server's part of the content ends: see expected.",
    ),
    ProblemCode.BLOB_TYPE: (
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "Kind not taken",
        "The content is neither a JPEG, PNG, WebP, HEIC or TIFF picture nor a PDF, whatever it is called.",
    ),
    ProblemCode.BLOB_TOO_LARGE: (
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "Document too large",
        "The photo or document is larger than this district takes. Save it smaller and attach it again.",
    ),
    ProblemCode.BLOB_DAILY: (
        HTTPStatus.TOO_MANY_REQUESTS,
        "Enough for a day",
        "This workstation has sent as much as this district takes of one in a day. Send it when retry_after is over.",
    ),
    ProblemCode.BLOB_DIFFERS: (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "Content differs",
        "All of it arrived, but its hash is not the one it was sent under. Nothing of it is kept: send it anew.",
    ),
    ProblemCode.BUSY: (HTTPStatus.SERVICE_UNAVAILABLE, "Busy", "The server cannot do this now. Try again shortly."),
    ProblemCode.NOT_FOUND: (HTTPStatus.NOT_FOUND, "Not found", "There is nothing at this address."),
    ProblemCode.DEFECT: (
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "Defect",
        "The server made a mistake. It is on record under the request's id.",
    ),
}


def problem_response(problem: ProblemRaised, *, status: int | None = None) -> Response:
    """Return the answer that says problem; status where HTTP has a more exact one."""
    usual, title, detail = _SAID[problem.problem]
    body: dict[str, object] = {
        "type": f"urn:whitecross:problem:{problem.problem.value}",
        "title": title,
        "status": status or usual.value,
        "detail": detail,
        "code": problem.problem.value,
        "retry_after": problem.retry_after,
        "expected": problem.expected,
    }
    headers = {} if problem.retry_after is None else {"Retry-After": str(problem.retry_after)}
    if usual is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "WC-Proof"
    return Response(orjson.dumps(body), status_code=status or usual.value, headers=headers, media_type=MEDIA_TYPE)
