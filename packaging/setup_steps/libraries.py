"""System libraries for Qt, and programs for the end-to-end tests: looked for by loading and finding them."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from setup_steps import apt
from setup_steps.speaking import quiet, say

# soname -> Debian package. Found on bare roots by trying; without a screen Qt needs the first list only.
ALWAYS = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
}
SCREEN = {
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
}
# program -> Debian package, for tests that drive the real window, and for the one behind a pooler.
PROGRAMS = {
    "Xvfb": "xvfb",
    "xdotool": "xdotool",
    "openbox": "openbox",
    "dbus-daemon": "dbus",
    "xkbcomp": "x11-xkb-utils",
    "pgbouncer": "pgbouncer",
}
_AT_SPI = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")

_LOAD = """
import ctypes, sys
for name in sys.argv[1:]:
    try:
        ctypes.CDLL(name)
    except OSError:
        print(name)
"""


def make_current(root: Path, *, screen: bool, e2e: bool) -> None:
    """See that what the purpose needs is on the machine; install it as root, else say how."""
    if not sys.platform.startswith("linux"):
        return
    wanted = {**ALWAYS, **(SCREEN if screen else {})}
    missing = _missing_libraries(root / ".venv" / "bin" / "python", wanted)
    programs = _missing_programs() if e2e else {}
    if not missing and not programs:
        return
    packages = sorted({*(wanted[name] for name in missing), *programs.values()})
    apt.install(packages, why=f"this machine lacks {', '.join([*missing, *programs])}")
    left = _missing_libraries(root / ".venv" / "bin" / "python", wanted)
    if left:
        say(f"  still missing after the installation: {', '.join(left)}; the window may not open")


def _missing_libraries(python: Path, wanted: dict[str, str]) -> list[str]:
    _, missing = quiet([str(python), "-c", _LOAD, *wanted])
    return missing.split()


def _missing_programs() -> dict[str, str]:
    missing = {name: package for name, package in PROGRAMS.items() if not _is_here(name)}
    if not any(Path(path).exists() for path in _AT_SPI):
        missing["at-spi-bus-launcher"] = "at-spi2-core"
    return missing


def _is_here(program: str) -> bool:
    # Servers stand where the PATH of an ordinary user does not look.
    return any(shutil.which(place) for place in (program, f"/usr/sbin/{program}"))
