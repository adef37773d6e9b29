"""Second factor: time-based one-time passwords (RFC 6238), each accepted once."""

import base64
import hmac

import pyotp

from wc_contract.model.ids import Chance
from wc_contract.model.instants import Instant

STEP_SECONDS = 30
_WINDOW = (0, -1, 1)  # phones are a little late more often than early
_DIGITS = 6


def new_secret(chance: Chance) -> str:
    """Return a secret of 160 bits in base32, as authenticator apps read it."""
    return base64.b32encode(chance.octets(20)).decode("ascii")


def enrolment_uri(secret: str, *, account: str, district: str) -> str:
    """Return the otpauth: address that an authenticator app reads as a picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=f"White Cross {district}")


def accepted_step(secret: str, code: str, at: Instant, last_step: int) -> int | None:
    """Return the time step that code proves, or None.

    A code of a step that is not after last_step is refused: somebody may have looked over the shoulder.
    """
    step = matching_step(secret, code, at)
    return step if step is not None and step > last_step else None


def matching_step(secret: str, code: str, at: Instant) -> int | None:
    """Return the time step that code belongs to, used or not; None when it belongs to none near at."""
    if len(code) != _DIGITS or not code.isascii() or not code.isdigit():
        return None
    totp = pyotp.TOTP(secret)
    now = int(at.timestamp()) // STEP_SECONDS
    found = None
    for offset in _WINDOW:
        if hmac.compare_digest(totp.generate_otp(now + offset), code) and found is None:
            found = now + offset
    return found
