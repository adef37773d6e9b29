"""A signed POST to the district's own address, as Standard Webhooks describes it: id, time, HMAC over both and body."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import orjson

from wc_contract.model.instants import Instant, instant_to_text
from wc_sync_server.domain.messages import Delivered, Failed, Letter, Outcome

_PATIENCE = httpx.Timeout(10.0, connect=5.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Where a district wants to be told, and the secret it shares with us."""

    url: str
    secret: bytes = field(repr=False)


class WebhookCarrier:
    """Posts letters to a webhook. Any 2xx is a delivery; a redirect is not followed: it would carry the letter away.

    The other side tells repetitions by the header webhook-id, which is the same at every try.
    """

    def __init__(self, webhook: Webhook, now: Callable[[], Instant], client: httpx.Client | None = None) -> None:
        self._webhook = webhook
        self._now = now
        self._client = client or httpx.Client(timeout=_PATIENCE, follow_redirects=False)

    def carry(self, letter: Letter) -> Outcome:
        body = body_of(letter)
        headers = {"content-type": "application/json", **signed(letter, body, self._webhook.secret, self._now())}
        try:
            # What the other side answers is not read: it says nothing we need, and may be endless.
            with self._client.stream("POST", self._webhook.url, content=body, headers=headers) as response:
                status = response.status_code
        except httpx.TimeoutException:
            return Failed(code="timeout")
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError):
            # UnicodeError: a host's name that can be none, which is found when it is looked up.
            return Failed(code="unreachable")
        return Delivered() if httpx.codes.is_success(status) else Failed(code=f"http_{status}")


def body_of(letter: Letter) -> bytes:
    """Return what is posted: the same bytes at every try."""
    said = {"type": letter.kind, "timestamp": instant_to_text(letter.written_at), "data": dict(letter.payload)}
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)


def signed(letter: Letter, body: bytes, secret: bytes, at: Instant) -> dict[str, str]:
    """Return the headers by which the other side knows that a letter is ours, whole and new."""
    stamp = str(int(at.timestamp()))
    content = b".".join((str(letter.id).encode(), stamp.encode(), body))
    signature = base64.b64encode(hmac.digest(secret, content, hashlib.sha256)).decode("ascii")
    return {"webhook-id": str(letter.id), "webhook-timestamp": stamp, "webhook-signature": f"v1,{signature}"}
