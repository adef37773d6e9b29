"""What the program is started with: command line over environment over what was kept last time."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import platformdirs

from wc_desktop.cipher.whole_file import write_whole
from wc_desktop.domain.lock_policy import LONGEST_LOCK_MINUTES, lock_minutes_within

DATA_VARIABLE = "WC_DATA"
KEYSTORE_VARIABLE = "WC_KEYSTORE"
CLOCK_VARIABLE = "WC_DEMO_CLOCK_OFFSET"
TRACE_VARIABLE = "WC_TRACE_STARTUP"
STARTED_VARIABLE = "WC_STARTED_AT"
_INSECURE = "insecure:"
_KEPT_FILE = "settings.json"
THEMES = ("system", "light", "dark")
# As far as every screen is tested; the same bounds as the theme has.
SMALLEST_TEXT, LARGEST_TEXT = 0.9, 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything a start depends on. keystore_file: the insecure keystore, asked for by name."""

    data_dir: Path
    keystore_file: Path | None = None
    theme: str = "system"
    text_size: float = 1.0
    server: str = ""
    clock_offset: int = 0
    trace: bool = False
    started_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What this workstation remembers between starts: how it looks, who was here last. No secret, no child."""

    theme: str = "system"
    text_size: float = 1.0
    last_user: str = ""
    lock_minutes: int = LONGEST_LOCK_MINUTES
    toured: tuple[str, ...] = ()


def default_data_dir(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of this user's workstation."""
    given = environment.get(DATA_VARIABLE)
    return Path(given) if given else Path(platformdirs.user_data_dir("white-cross", "White Cross"))


def keystore_from(environment: Mapping[str, str]) -> Path | None:
    """Return the file of the insecure keystore when the environment asks for one."""
    given = environment.get(KEYSTORE_VARIABLE, "")
    return Path(given.removeprefix(_INSECURE)) if given.startswith(_INSECURE) else None


def clock_offset_from(environment: Mapping[str, str]) -> int:
    """Return by how many seconds the demonstration clock is moved, 0 for the true clock."""
    given = environment.get(CLOCK_VARIABLE, "").strip()
    return int(given) if given.lstrip("+-").isdigit() else 0


def read_kept(data_dir: Path) -> Kept:
    """Return what was kept; a file that does not read counts as none, for it holds nothing that is missed."""
    try:
        found = json.loads((data_dir / _KEPT_FILE).read_text(encoding="utf-8"))
        theme, size = str(found.get("theme", "system")), float(found.get("text_size", 1.0))
        return Kept(
            theme=theme if theme in THEMES else "system",
            text_size=min(max(size, SMALLEST_TEXT), LARGEST_TEXT),
            last_user=str(found.get("last_user", "")),
            lock_minutes=lock_minutes_within(int(found.get("lock_minutes", LONGEST_LOCK_MINUTES))),
            toured=tuple(str(user) for user in found.get("toured", ())),
        )
    except (OSError, ValueError, TypeError, AttributeError):
        return Kept()


def keep(data_dir: Path, kept: Kept) -> None:
    """Keep it for the next start."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    content: dict[str, object] = {"theme": kept.theme, "text_size": kept.text_size, "last_user": kept.last_user}
    content |= {"lock_minutes": kept.lock_minutes, "toured": list(kept.toured)}
    write_whole(data_dir / _KEPT_FILE, json.dumps(content, indent=1).encode())


def keep_theme(data_dir: Path, theme: str) -> None:
    """Remember how the window looks."""
    keep(data_dir, replace(read_kept(data_dir), theme=theme))


def keep_text_size(data_dir: Path, text_size: float) -> None:
    """Remember how large the text is."""
    keep(data_dir, replace(read_kept(data_dir), text_size=text_size))


def keep_lock_minutes(data_dir: Path, minutes: int) -> None:
    """Remember after how many idle minutes this workstation locks itself."""
    keep(data_dir, replace(read_kept(data_dir), lock_minutes=lock_minutes_within(minutes)))


def keep_toured(data_dir: Path, user: str) -> None:
    """Remember that this person was told of the tour."""
    kept = read_kept(data_dir)
    if user not in kept.toured:
        keep(data_dir, replace(kept, toured=(*kept.toured, user)))


def keep_user(data_dir: Path, user: str) -> None:
    """Remember who unlocked last."""
    kept = read_kept(data_dir)
    if kept.last_user != user:
        keep(data_dir, replace(kept, last_user=user))
