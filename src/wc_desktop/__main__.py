"""`wc-desktop`: the window, or one of the commands that need none."""

import sys
from collections.abc import Sequence

_COMMANDS = ("enrol", "report", "rebuild-journal", "export-journal", "noon")


def main(argv: Sequence[str] | None = None) -> int:
    """Run what the command line asks for and return the exit code."""
    given = list(sys.argv[1:] if argv is None else argv)
    if given and given[0] in _COMMANDS:
        # Each way imports only its own half: the window must be there before a nurse has sat down.
        from wc_desktop.app.console import run  # noqa: PLC0415

        return run(given)
    from wc_desktop.app.main import run_window  # noqa: PLC0415

    return run_window(given)


if __name__ == "__main__":
    raise SystemExit(main())
