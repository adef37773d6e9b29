"""The virtual environment: made, filled from the hashed lock, stamped when whole."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from setup_steps import apt
from setup_steps.speaking import CannotContinue, StepFailed, quiet, run, say

LOCK = Path("packaging/locks/all.txt")
_STAMP = ".white-cross-stamp"


@contextlib.contextmanager
def only_one_at_a_time(root: Path) -> Iterator[None]:
    """Let a second `make` wait for the first instead of filling the same folder with it."""
    descriptor = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another setup is running here; waiting for it.")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def make_current(root: Path, python: str) -> None:
    """Bring .venv to what the lock says; nothing to do if its stamp says so."""
    venv = root / ".venv"
    wanted = _stamp(root, python)
    if _stamped(venv) == wanted:
        return
    say(f"Setting up the environment in .venv with {python}")
    (venv / _STAMP).unlink(missing_ok=True)
    _make_venv(venv, python)
    _install_lock(root, venv)
    _install_project(root, venv)
    (venv / _STAMP).write_text(wanted, encoding="ascii")


def _stamp(root: Path, python: str) -> str:
    digest = hashlib.sha256()
    for part in (LOCK, Path("pyproject.toml"), *_own_sources(root)):
        digest.update(hashlib.sha256((root / part).read_bytes()).digest())
    digest.update(f"{python} {quiet([python, '-V'])[1]} {root}".encode())
    return digest.hexdigest()


def _own_sources(root: Path) -> list[Path]:
    return sorted(path.relative_to(root) for path in (root / "packaging" / "setup_steps").glob("*.py"))


def _stamped(venv: Path) -> str:
    try:
        return (venv / _STAMP).read_text(encoding="ascii")
    except FileNotFoundError:
        return ""


def _make_venv(venv: Path, python: str) -> None:
    """Make the environment with something in it that can install; keep one that fits."""
    mine = venv / "bin" / "python"
    _, version = quiet([python, "-V"])
    if quiet([str(mine), "-V"]) == (0, version) and (_has_uv(venv) or _has_pip(str(mine))):
        return
    shutil.rmtree(venv, ignore_errors=True)
    if quiet([python, "-c", "import ensurepip, venv"])[0] != 0:
        _get_ensurepip(python)
    _do("making the environment", [python, "-m", "venv", str(venv)])


def _get_ensurepip(python: str) -> None:
    # Debian leaves ensurepip to a package of its own, named after the interpreter's version.
    _, minor = quiet([python, "-c", "import sys; print('python%d.%d' % sys.version_info[:2])"])
    apt.install([f"{minor}-venv"], why=f"{python} cannot make environments (no ensurepip)")
    if quiet([python, "-c", "import ensurepip, venv"])[0] != 0:
        raise CannotContinue(f"{python} cannot make environments; name another: WC_PYTHON=/path/to/python3 make")


def _install_lock(root: Path, venv: Path) -> None:
    lock = root / LOCK
    count = len(re.findall(r"^\S+==", lock.read_text(encoding="utf-8"), flags=re.MULTILINE))
    if not _has_uv(venv):
        _install_uv(venv, lock)
    if _has_uv(venv):
        command = ["pip", "sync", "--quiet", "--require-hashes", "--compile-bytecode", str(lock)]
        _do(f"installing {count} packages from the lock", _uv(venv, command), _uv_environment(venv))
    else:
        _do(f"installing {count} packages from the lock", _pip(venv, ["--require-hashes", "-r", str(lock)]))


def _install_uv(venv: Path, lock: Path) -> None:
    """Install the locked uv with pip; without it (no wheel for this machine) pip does the rest, slower."""
    found = re.search(r"^uv==.*(?:\n    --hash=.*)+", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)
    if found is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        only_uv = Path(folder) / "uv.txt"
        only_uv.write_text(found.group() + "\n", encoding="utf-8")
        try:
            run(
                "fetching the installer (uv)",
                _pip(venv, ["--require-hashes", "--only-binary=:all:", "-r", str(only_uv)]),
            )
        except StepFailed:
            say("    not available here; pip will do it, which takes longer")


def _install_project(root: Path, venv: Path) -> None:
    what = ["--no-deps", "--no-build-isolation", "--editable", str(root)]
    if _has_uv(venv):
        _do("installing White Cross", _uv(venv, ["pip", "install", "--quiet", *what]), _uv_environment(venv))
    else:
        _do("installing White Cross", _pip(venv, what))
    # Without compiled files every start of the program takes three times as long.
    _do("compiling", [str(venv / "bin" / "python"), "-m", "compileall", "-q", str(root / "src")])


def _do(label: str, command: list[str], environment: dict[str, str] | None = None) -> None:
    try:
        run(label, command, environment)
    except StepFailed as failure:
        say(str(failure))
        raise CannotContinue(
            f"{label} failed (its last lines are above). Check the network and the disk, then run it again."
        ) from failure


def _uv(venv: Path, arguments: list[str]) -> list[str]:
    return [str(venv / "bin" / "uv"), *arguments, "--python", str(venv / "bin" / "python")]


def _pip(venv: Path, arguments: list[str]) -> list[str]:
    options = ["--quiet", "--disable-pip-version-check", "--no-input"]
    return [str(venv / "bin" / "python"), "-m", "pip", "install", *options, *arguments]


def _uv_environment(venv: Path) -> dict[str, str]:
    """Return the caller's environment, with pip's index for uv too: uv does not read pip's settings."""
    environment = dict(os.environ)
    environment.pop("VIRTUAL_ENV", None)
    index = environment.get("PIP_INDEX_URL") or _pip_setting(venv)
    if index and "UV_INDEX_URL" not in environment:
        environment.setdefault("UV_DEFAULT_INDEX", index)
    return environment


def _pip_setting(venv: Path) -> str:
    code, value = quiet([str(venv / "bin" / "python"), "-m", "pip", "config", "get", "global.index-url"])
    return value if code == 0 else ""


def _has_uv(venv: Path) -> bool:
    return quiet([str(venv / "bin" / "uv"), "--version"])[0] == 0


def _has_pip(python: str) -> bool:
    return quiet([python, "-m", "pip", "--version"])[0] == 0
