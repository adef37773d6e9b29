"""The workstation's commands without a screen: `enrol`, `report`, `rebuild-journal`, and `noon` on a screen."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from wc_contract.model.errors import Unavailable, WhiteCrossError
from wc_desktop.app.console_enrol import EnrolOrder, enrol_here
from wc_desktop.app.console_given import NotGiven
from wc_desktop.app.console_rebuild import RebuildOrder, rebuild_here
from wc_desktop.app.console_report import ReportOrder, report_here
from wc_desktop.domain.failures import FilesUnreadable
from wc_desktop.ui.messages.failures import failure_sentence

COMMANDS = ("enrol", "report", "rebuild-journal", "noon")
DONE, REFUSED, UNAVAILABLE = 0, 1, 4

_REBUILD_WORDS = """\
Make the damaged journal of a workstation anew: from its sealed copy (journal.sealed), and from what still reads of
journal.db. The damaged files are kept beside it as journal.damaged-N.db and never deleted; a journal that is whole is
left as it is. What was not sent yet is sent at the next contact, and the district counts nothing twice.

Close the window of this workstation first. The password is the first line of standard input, or stands in
WC_PASSWORD. Exit codes: 0 the journal is whole, 1 refused (the sentence says why), 2 not understood, 4 the disk
refused: try again."""


def run(argv: Sequence[str]) -> int:
    """Run one command and return its exit code: 0 done, 1 refused, 2 not understood, 4 unreachable.

    A failure is one sentence on standard error.
    """
    given = _parser().parse_args(argv)
    try:
        return int(given.command(given))
    except Unavailable as failure:
        return _failed(failure, UNAVAILABLE)
    except WhiteCrossError as failure:
        return _failed(failure, REFUSED)
    except OSError:
        return _failed(FilesUnreadable("a file of the command line"), REFUSED)


def _failed(failure: WhiteCrossError, code: int) -> int:
    said = failure.sentence if isinstance(failure, NotGiven) else failure_sentence(failure)
    sys.stderr.write(said + "\n")
    return code


def _enrol(given: argparse.Namespace) -> int:
    order = EnrolOrder(
        folder=given.data,
        keystore_file=given.insecure_keystore,
        server=given.server,
        district=given.district,
        code=given.code,
        email=given.email,
        totp=given.totp,
        name=given.name,
        ca_file=given.ca,
    )
    enrol_here(order)
    return DONE


def _report(given: argparse.Namespace) -> int:
    order = ReportOrder(
        folder=given.data,
        keystore_file=given.insecure_keystore,
        user=given.user,
        entries=given.entries,
        sync=given.sync,
    )
    report_here(order)
    return DONE


def _rebuild_journal(given: argparse.Namespace) -> int:
    order = RebuildOrder(folder=given.data, keystore_file=given.insecure_keystore, user=given.user)
    rebuild_here(order)
    return DONE


def _noon(given: argparse.Namespace) -> int:
    # Only a noon needs the window, its fonts and Qt's own test keys.
    from wc_desktop.app.noon import NoonOrder, play_here  # noqa: PLC0415

    return play_here(
        NoonOrder(
            folder=given.data,
            keystore_file=given.insecure_keystore,
            user=given.user,
            pictures=given.pictures,
            doses=given.doses,
            short=given.short,
        )
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="wc-desktop",
        description="White Cross workstation, without a window. The password is the first line of standard input, "
        "or stands in WC_PASSWORD.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_enrol(commands.add_parser("enrol", help="make this folder a workstation of a school"))
    _add_report(commands.add_parser("report", help="say what a workstation holds, as JSON"))
    _add_rebuild(
        commands.add_parser(
            "rebuild-journal",
            help="make a damaged journal anew",
            description=_REBUILD_WORDS,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
    )
    _add_noon(commands.add_parser("noon", help="play a demonstration in the window, by key presses"))
    return parser


def _add_enrol(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_enrol)
    parser.add_argument("--server", required=True, metavar="URL", help="the district's server")
    parser.add_argument("--district", required=True, metavar="CODE", help="the district's short name")
    parser.add_argument("--code", required=True, help="the one-time code")
    parser.add_argument("--email", required=True, help="whose sign-in it is")
    parser.add_argument("--totp", required=True, metavar="DIGITS", help="the six digits of the authenticator")
    parser.add_argument("--name", help="what this workstation is called (default: this computer's name)")
    parser.add_argument("--ca", type=Path, metavar="FILE", help="the district's certificate authority")
    _add_place(parser)


def _add_report(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_report)
    parser.add_argument("--user", required=True, help="who unlocks: full name or id")
    parser.add_argument("--entries", type=Path, metavar="FILE", help="JSON array of entry ids to look for")
    parser.add_argument("--sync", action="store_true", help="push and pull to the end before")
    _add_place(parser)


def _add_rebuild(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_rebuild_journal)
    parser.add_argument("--user", required=True, help="who unlocks: full name or id")
    _add_place(parser)


def _add_noon(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_noon)
    parser.add_argument("--user", required=True, help="who unlocks: full name or id")
    parser.add_argument("--pictures", type=Path, required=True, metavar="DIR", help="where pictures go")
    parser.add_argument("--doses", type=int, default=12, metavar="COUNT", help="about how many doses are given")
    parser.add_argument("--short", action="store_true", help="unlock, medication pass and confirm only")
    _add_place(parser)


def _add_place(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the workstation's folder")
    parser.add_argument(
        "--insecure-keystore", type=Path, metavar="FILE", help="keys in a plain file: demonstrations and tests only"
    )
