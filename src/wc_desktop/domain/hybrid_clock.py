"""The hybrid logical clock: orders a device's entries even when its wall clock goes back."""

from wc_contract.model.ids import DeviceId
from wc_contract.model.instants import Instant


def next_tick(last: str | None, at: Instant, device: DeviceId) -> str:
    """Return the tick after last: '<millis>-<counter>-<device>', never smaller than last was."""
    millis = int(at.timestamp() * 1000)
    counter = 0
    if last is not None:
        last_millis, last_counter = (int(part) for part in last.split("-", 2)[:2])
        if millis <= last_millis:
            millis, counter = last_millis, last_counter + 1
    return f"{millis:013d}-{counter:06d}-{device}"
