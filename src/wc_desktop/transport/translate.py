"""What went wrong on the way, said once in our own words."""

import json
import ssl
from collections.abc import Mapping
from typing import Any

import httpx

from wc_contract.model.errors import WhiteCrossError
from wc_contract.wire.codes import ProblemCode
from wc_contract.wire.versions import PROTOCOL
from wc_desktop.domain import failures

_BY_CODE: Mapping[str, type[WhiteCrossError]] = {
    ProblemCode.SIGN_IN_FAILED: failures.SignInFailed,
    ProblemCode.SECOND_FACTOR_FAILED: failures.SecondFactorFailed,
    ProblemCode.NO_SIGN_ON: failures.NoSignOn,
    ProblemCode.SIGN_ON_REFUSED: failures.SignOnRefused,
    ProblemCode.CODE_INVALID: failures.CodeInvalid,
    ProblemCode.CODE_EXPIRED: failures.CodeExpired,
    ProblemCode.NOT_ASSIGNED: failures.NotAssigned,
    ProblemCode.DEVICE_REVOKED: failures.DeviceRevoked,
    ProblemCode.FORKED: failures.DeviceForked,
    ProblemCode.GAP: failures.NumberGap,
    ProblemCode.EPOCH_CHANGED: failures.EpochChanged,
    ProblemCode.WRONG_DISTRICT: failures.WrongDistrict,
    ProblemCode.TOO_LARGE: failures.BatchTooLarge,
    ProblemCode.UNSUPPORTED_PROTOCOL: failures.ProtocolTooOld,
    ProblemCode.SERVER_TOO_OLD: failures.ProtocolTooNew,
    ProblemCode.DEFECT: failures.ServerFailed,
}
_MOST_PROBLEM_BYTES = 65_536
_TOO_LARGE, _TOO_MANY, _UNAVAILABLE = 413, 429, 503
_SERVER_ERRORS = 500
_AN_HOUR = 3_600
_BAD_GATEWAYS = frozenset({502, 504})


def from_transport(error: httpx.TransportError) -> WhiteCrossError:
    """Return what a broken connection means."""
    if _untrusted(error):
        return failures.CertificateNotTrusted("the server's certificate is not trusted")
    if isinstance(error, httpx.UnsupportedProtocol):
        return failures.InsecureAddress("https is needed")
    if isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout):
        return failures.ServerSlow("no answer in time")
    return failures.ServerUnreachable(f"no connection: {type(error).__name__}")


def _untrusted(error: BaseException) -> bool:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in str(seen):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def problem_code(response: httpx.Response) -> str | None:
    """Return the stable code of a problem answer, None when the answer is none of ours."""
    raw = _problem(response)
    code = raw.get("code")
    return code if isinstance(code, str) else None


def from_response(response: httpx.Response) -> WhiteCrossError:
    """Return what an answer that is no success means."""
    raw = _problem(response)
    code = raw.get("code")
    after = _seconds(raw.get("retry_after"), response.headers.get("retry-after"))
    if code == ProblemCode.LOCKED_OUT:
        return failures.LockedOut(after)
    if code == ProblemCode.BUSY or (code is None and response.status_code in {_TOO_MANY, _UNAVAILABLE}):
        return failures.ServerBusy(after)
    if code == ProblemCode.BLOB_DAILY:
        return failures.UploadsFull(_AN_HOUR if after is None else after)
    expected = raw.get("expected")
    if code == ProblemCode.BLOB_OFFSET and isinstance(expected, int):
        return failures.UploadElsewhere(expected)
    if isinstance(code, str):
        known = _BY_CODE.get(code)
        return failures.RequestRefused(code) if known is None else known(f"server: {code}")
    return _from_status(response.status_code)


def _from_status(status: int) -> WhiteCrossError:
    """Return what an answer means that did not come from our server: a proxy, a portal, another program."""
    if status == _TOO_LARGE:
        return failures.BatchTooLarge("a proxy found the batch too large")
    if status in _BAD_GATEWAYS:
        return failures.ServerUnreachable("a proxy did not reach the server")
    if status >= _SERVER_ERRORS:
        return failures.ServerFailed(f"status {status}")
    return failures.NotASyncServer(f"status {status}")


def from_unreadable(content: bytes) -> WhiteCrossError:
    """Return what an answer means that is no message of our protocol."""
    try:
        protocol = json.loads(content)["protocol"]
    except (ValueError, KeyError, TypeError):
        return failures.NotASyncServer("the answer is none of ours")
    if not isinstance(protocol, int) or protocol == PROTOCOL:
        return failures.ServerFailed("the answer does not read")
    if protocol > PROTOCOL:
        return failures.ProtocolTooOld(f"server speaks {protocol}, we speak {PROTOCOL}")
    return failures.ProtocolTooNew(f"server speaks {protocol}, we speak {PROTOCOL}")


def _problem(response: httpx.Response) -> dict[str, Any]:
    if "problem+json" not in response.headers.get("content-type", "") or len(response.content) > _MOST_PROBLEM_BYTES:
        return {}
    try:
        raw = json.loads(response.content)
    except ValueError:
        return {}
    return raw if isinstance(raw, dict) else {}


def _seconds(*said: object) -> int | None:
    for value in said:
        try:
            seconds = int(str(value))
        except ValueError:
            continue
        if seconds >= 0:
            return seconds
    return None
