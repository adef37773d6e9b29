"""Handing in the receipt of a workstation that was erased: it has no session and no key any more."""

from pathlib import Path

from wc_contract.wire.versions import PROTOCOL
from wc_contract.wire.wipe import WipeKept, WipeReceipt
from wc_desktop.transport.addresses import WIPE_RECEIPT
from wc_desktop.transport.channel import Channel


def hand_in(server_url: str, ca_file: Path | None, body: str, signature: str) -> WipeKept:
    """Send a receipt until it is answered; doing it again changes nothing. Raises what a Channel raises."""
    channel = Channel(server_url, sign=_no_hand, device=None, ca_file=ca_file)
    try:
        message = WipeReceipt(protocol=PROTOCOL, body=body, signature=signature)
        return channel.ask(WIPE_RECEIPT, message, WipeKept)
    finally:
        channel.close()


def _no_hand(_message: bytes) -> bytes:
    return b""
