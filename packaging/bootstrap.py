#!/usr/bin/env python3
"""Make the environment that `make` works in: interpreter, .venv from the hashed lock, system libraries.

Standard library only, and written so that an old Python can at least read it and say what is missing.
Does nothing, in a fraction of a second, when everything is in place.

Usage: bootstrap.py [--for demo|test|setup] [--root FOLDER]
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from setup_steps import environment, interpreter, libraries
from setup_steps.speaking import CannotContinue, say


def main() -> int:
    """Do the steps; return the exit code."""
    arguments = parse_arguments()
    root = Path(arguments.root).resolve()
    try:
        with environment.only_one_at_a_time(root):
            python = interpreter.suitable()
            environment.make_current(root, python)
            libraries.make_current(
                root, screen=has_display() or arguments.purpose == "test", e2e=arguments.purpose == "test"
            )
    except CannotContinue as problem:
        say(f"White Cross cannot be set up: {problem}")
        return 1
    except KeyboardInterrupt:
        say("Stopped; run it again to go on where it was.")
        return 130
    return 0


def parse_arguments() -> argparse.Namespace:
    """Return what the caller asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--for", dest="purpose", choices=["demo", "test", "setup"], default="setup")
    parser.add_argument("--root", default=str(Path(__file__).resolve().parent.parent))
    return parser.parse_args()


def has_display() -> bool:
    """Say whether a window could be shown here."""
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


if __name__ == "__main__":
    sys.exit(main())
