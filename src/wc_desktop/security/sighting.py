"""The high-water clock: what time it was, by the server, when this workstation last looked."""

from dataclasses import dataclass
from datetime import timedelta

from wc_contract.model.instants import Instant, instant_from_text, instant_to_text
from wc_desktop.domain.failures import ClockBehind

# Small corrections of a clock are normal and lock nobody out.
TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """The latest instant seen, and how far the device's clock was ahead of the server's."""

    at: Instant
    offset: timedelta


def check_clock(high_water: Instant | None, at: Instant) -> None:
    """Raise ClockBehind when it is earlier than it was."""
    if high_water is not None and at < high_water - TOLERANCE:
        raise ClockBehind("the clock was set back")


def sighting_to_octets(sighting: Sighting) -> bytes:
    """Return a sighting as it stands in the keystore."""
    millis = sighting.offset // timedelta(milliseconds=1)
    return f"{instant_to_text(sighting.at)} {millis}".encode()


def sighting_from_octets(kept: bytes) -> Sighting:
    """Read a sighting."""
    at, millis = kept.decode().split(" ")
    return Sighting(at=instant_from_text(at), offset=timedelta(milliseconds=int(millis)))
