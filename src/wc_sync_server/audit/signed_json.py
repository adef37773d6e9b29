"""JSON that this server signed: the signature is of the canonical text, so that spaces and order do not matter."""

import json
from collections.abc import Mapping
from typing import Any

from wc_sync_server.audit.seals import Signer, Verifier


def canonical(body: Mapping[str, object]) -> str:
    """Return the one text of a body."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"))


def signed(body: Mapping[str, object], purpose: bytes, signer: Signer) -> dict[str, object]:
    """Return a body with the id of the key and the signature. purpose: what is signed for one is not for another."""
    whole = {**body, "key": signer.key_id}
    return {**whole, "signature": signer.sign(purpose + canonical(whole).encode()).hex()}


def read_signed(text: str, purpose: bytes, verifier: Verifier) -> tuple[dict[str, Any], bool]:
    """Return a body without its signature, and whether this server signed it. Raises ValueError for anything else."""
    try:
        body: dict[str, Any] = json.loads(text)
        signature, key = bytes.fromhex(body.pop("signature")), body["key"]
    except (KeyError, TypeError, AttributeError):
        raise ValueError("no signed body") from None
    return body, isinstance(key, str) and verifier.signed(key, purpose + canonical(body).encode(), signature)
