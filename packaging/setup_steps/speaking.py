"""What a person sees of the setup: one line a step, a sign of life in long ones, one clear line at the end."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time

_SIGN_OF_LIFE_SECONDS = 10
_TAIL_LINES = 15


class CannotContinue(Exception):
    """The setup cannot go on; the message says in one line what to do."""


class StepFailed(Exception):
    """A command of a step failed; the message is the end of what it printed."""


def say(line: str) -> None:
    """Print one line at once, also into a pipe."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def run(label: str, command: list[str], environment: dict[str, str] | None = None) -> None:
    """Run command to its end with a line before, signs of life and the seconds after; StepFailed if it fails."""
    say(f"  {label} ...")
    began = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment
        )
        try:
            while not _ended(process):
                say(f"    still at it, {time.monotonic() - began:.0f} s")
        except KeyboardInterrupt:
            process.terminate()
            process.wait()
            raise
        if process.returncode != 0:
            output.seek(0)
            lines = output.read().decode(errors="replace").strip().splitlines()
            raise StepFailed("\n".join(lines[-_TAIL_LINES:]))
    say(f"    done in {time.monotonic() - began:.1f} s")


def quiet(command: list[str]) -> tuple[int, str]:
    """Run a short command; return its exit code and what it printed, (127, "") if there is no such program."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    except OSError:
        return 127, ""
    return done.returncode, done.stdout.decode(errors="replace").strip()


def _ended(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(timeout=_SIGN_OF_LIFE_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return True
