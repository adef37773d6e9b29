"""What stands in the place of a number whose text is gone for good.

The district takes a device's numbers without a gap. A number that was used, whose text neither the device nor the
district has, would hold up everything behind it for ever. So the device says of it, under its signature, that it is
lost. The text is no entry of any schema: the district keeps it as refused, where a person sees it, and should it have
the true entry after all, that one stands.
"""

import json

from wc_contract.model.apply import compact
from wc_contract.model.ids import DeviceId
from wc_contract.model.instants import Instant, instant_to_text

LOST_VERB = "entry.lost"
_READ_EVERYWHERE = 2  # a server that knows less would let it wait, and all behind it


def lost_text(device: DeviceId, number: int, at: Instant) -> str:
    """Return the text that says that a number's entry is lost."""
    return compact(
        {
            "device_id": str(device),
            "lost": True,
            "noted_at": instant_to_text(at),
            "number": number,
            "schema": _READ_EVERYWHERE,
        }
    )


def is_lost_text(body: str) -> bool:
    """Return whether a text is one of those."""
    try:
        named = json.loads(body)
    except ValueError:
        return False
    return isinstance(named, dict) and named.get("lost") is True
