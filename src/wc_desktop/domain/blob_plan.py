"""What the thread of photos and documents does next. Pure; entries come before everything."""

from dataclasses import dataclass
from typing import TypeAlias

from wc_desktop.domain.blob_views import Uploading, Wanted

# Entries that wait are given so long to go first. One that cannot go must not hold a photo back for ever.
GIVE_WAY_SECONDS = 30.0
LOOK_AGAIN_SECONDS = 0.5
REST_SECONDS = 900.0
# How often the district is asked whether it still has what it had: it may have been restored.
COMPARE_EVERY_SECONDS = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """Send the next piece of this."""

    what: Uploading


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """Fetch the next piece of this."""

    what: Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """Ask the district what it holds of our own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Do nothing for so long, unless woken."""

    seconds: float


BlobStep: TypeAlias = Upload | Fetch | Compare | Rest


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobView:
    """What the thread knows. now, not_before, waiting_since, compared_at are monotonic.

    waiting_since: since when entries wait that the district does not have; None when none does.
    """

    now: float
    not_before: float
    online: bool
    waiting_since: float | None
    compared_at: float | None
    asked_for: Wanted | None
    upload: Uploading | None
    ahead: Wanted | None


def next_blob_step(view: BlobView) -> BlobStep:
    """Return what is done now: what a person waits for, then what is to be sent, then what is wanted ahead."""
    if not view.online:
        return Rest(seconds=REST_SECONDS)
    if view.now < view.not_before:
        return Rest(seconds=view.not_before - view.now)
    if view.waiting_since is not None and view.now - view.waiting_since < GIVE_WAY_SECONDS:
        return Rest(seconds=LOOK_AGAIN_SECONDS)
    return _work(view)


def _work(view: BlobView) -> BlobStep:
    if view.compared_at is None or view.now - view.compared_at >= COMPARE_EVERY_SECONDS:
        return Compare()
    if view.asked_for is not None:
        return Fetch(what=view.asked_for)
    if view.upload is not None:
        return Upload(what=view.upload)
    if view.ahead is not None:
        return Fetch(what=view.ahead)
    return Rest(seconds=REST_SECONDS)
