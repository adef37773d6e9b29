"""Debian's and Ubuntu's packages: installed when we are root, else named with the exact command."""

from __future__ import annotations

import os
import shutil

from setup_steps.speaking import CannotContinue, StepFailed, quiet, run, say

# Renamed for 64-bit time in Debian 13 and Ubuntu 24.04; the machine's own list tells which name it knows.
_RENAMED = {"libglib2.0-0": "libglib2.0-0t64"}


def install(packages: list[str], why: str) -> None:
    """Install packages, or say in one line why they are needed and how to get them."""
    if shutil.which("apt-get") is None:
        raise CannotContinue(f"{why}. Install what your system calls {' '.join(packages)}, then run it again.")
    if os.geteuid() != 0:
        advice = f"sudo apt-get install -y {' '.join(_known_names(packages))}"
        raise CannotContinue(f"{why}. Run this once, then make again: {advice}")
    say(f"Installing system packages: {why}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        run("refreshing the package list", ["apt-get", "update", "-q"], environment)
        names = _known_names(packages)
        command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *names]
        run(f"installing {' '.join(names)}", command, environment)
    except StepFailed as failure:
        say(str(failure))
        raise CannotContinue(
            f"{why}, and apt-get failed (its last lines are above). When the network is back: "
            f"apt-get update && apt-get install -y {' '.join(packages)}"
        ) from failure


def _known_names(packages: list[str]) -> list[str]:
    return [_RENAMED[name] if _is_known(_RENAMED.get(name)) else name for name in packages]


def _is_known(name: str | None) -> bool:
    return name is not None and quiet(["apt-cache", "show", name])[0] == 0
