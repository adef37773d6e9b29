"""wipe.json: that this workstation is to be erased, how far that is, and at last its receipt. Nothing about children.

It is written, durably, before the first thing is destroyed, and is the last of what goes: whenever the program is
stopped, the next start finds it and goes on. Read at start-up, so it knows nothing slow.
"""

import json
from dataclasses import asdict, dataclass, fields
from enum import Enum, unique
from pathlib import Path
from typing import Any

from wc_desktop.cipher.whole_file import write_whole
from wc_desktop.domain.failures import FilesUnreadable, SlotDamaged
from wc_desktop.domain.wiping import WipeNews, WipePhase

WIPE_FILE = "wipe.json"
_FORMAT = 1
_LOST = "lost"


@unique
class WipeStage(Enum):
    """How far the end of a workstation is. Nothing is destroyed before BEGUN; ERASED only waits to hand its word in."""

    ORDERED = "ordered"
    BEGUN = "begun"
    ERASED = "erased"
    KEPT = "kept"


_PHASES = {
    WipeStage.ORDERED: WipePhase.ORDERED,
    WipeStage.BEGUN: WipePhase.ERASING,
    WipeStage.ERASED: WipePhase.UNDELIVERED,
    WipeStage.KEPT: WipePhase.KEPT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WipeMark:
    """What wipe.json says. What is needed after station.json went stands here once more; times are texts of the wire.

    photos: content that goes unsent, None where it cannot be counted. files: what there was to erase. body and
    signature are the receipt.
    """

    stage: WipeStage
    device: str
    district: str
    reason: str
    revoked_at: str
    server_url: str
    ca_file: str | None
    school_name: str
    device_name: str
    sent: int = 0
    last_number: int = 0
    photos: int | None = 0
    files: tuple[str, ...] = ()
    begun_at: str = ""
    erased_at: str = ""
    kept_at: str = ""
    body: str = ""
    signature: str = ""


def read_mark(folder: Path) -> WipeMark | None:
    """Return what is written of a workstation's end, None when it goes on. Raises SlotDamaged, FilesUnreadable."""
    path = folder / WIPE_FILE
    if not path.exists():
        return None
    try:
        return _from_json(json.loads(path.read_text(encoding="utf-8")))
    except OSError:
        raise FilesUnreadable(WIPE_FILE) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SlotDamaged(WIPE_FILE) from None


def write_mark(folder: Path, mark: WipeMark) -> None:
    """Replace wipe.json, durably. Raises DiskFull, DiskFailed."""
    told = {"format": _FORMAT, **asdict(mark), "stage": mark.stage.value}
    write_whole(folder / WIPE_FILE, json.dumps(told, indent=1, ensure_ascii=False).encode())


def news_of(mark: WipeMark | None) -> WipeNews:
    """Return what a mark says, for the screen."""
    if mark is None:
        return WipeNews(phase=WipePhase.NONE)
    return WipeNews(
        phase=_PHASES[mark.stage],
        lost=mark.reason == _LOST,
        sent=mark.sent,
        photos=mark.photos,
    )


def _from_json(raw: dict[str, Any]) -> WipeMark:
    if raw.pop("format") != _FORMAT or raw.keys() != {field.name for field in fields(WipeMark)}:
        raise ValueError("another format")
    return WipeMark(**{**raw, "stage": WipeStage(raw["stage"]), "files": tuple(raw["files"])})
