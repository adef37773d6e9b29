"""The commands without a screen, by name in COMMANDS; and `noon` on a screen."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from wc_contract.model.errors import Unavailable, WhiteCrossError
from wc_desktop.app.console_emergency import EmergencyOrder, make_code_here
from wc_desktop.app.console_enrol import EnrolOrder, enrol_here
from wc_desktop.app.console_export import ExportOrder, export_here
from wc_desktop.app.console_given import NotGiven
from wc_desktop.app.console_rebuild import RebuildOrder, rebuild_here
from wc_desktop.app.console_report import ReportOrder, report_here
from wc_desktop.domain.failures import DiskFailed, DiskFull, FilesUnreadable
from wc_desktop.ui.messages.exported import no_file_words
from wc_desktop.ui.messages.failures import failure_sentence

COMMANDS = ("enrol", "report", "rebuild-journal", "export-journal", "emergency-code", "noon")
DONE, REFUSED, UNAVAILABLE = 0, 1, 4

_REBUILD_WORDS = """\
Make the damaged journal of a workstation anew: from its sealed copy (journal.sealed), and from what still reads of
journal.db. The damaged files are kept beside it as journal.damaged-N.db and never deleted; a journal that is whole is
left as it is. What was not sent yet is sent at the next contact, and the district counts nothing twice.

Close the window of this workstation first. The password is the first line of standard input, or stands in
WC_PASSWORD. Exit codes: 0 the journal is whole, 1 refused (the sentence says why), 2 not understood, 4 the disk
refused: try again."""

_EXPORT_WORDS = """\
Save entries as a file that is carried to the district on a USB stick, when there is no network for long. Only the
district can read it, with `wc-sync-server import-journal`. It comes from the sealed copy (journal.sealed), so no
password is needed, and a damaged journal is no obstacle. Nothing is deleted or changed: the entries go on waiting, are
sent once more when there is a network, and count once.

  wc-desktop export-journal --data DIR /media/stick          what the district did not have when the window was closed
  wc-desktop export-journal --data DIR /media/stick --all    everything that the sealed copy holds
  wc-desktop export-journal --data DIR /media/stick --user "Ana Reyes"   asks the journal itself, with a password

Where the keys of this computer are gone, or nothing is known of what the district has, the file holds everything: the
district takes each entry once. The password is the first line of standard input, or stands in WC_PASSWORD. Close the
window first.

Exit codes: 0 the file is written, 1 refused or nothing to export (the sentence says which; no file was written),
2 not understood, 4 no room on the stick or the disk refused: no file was written."""


_EMERGENCY_WORDS = """\
Make the code that opens the emergency cards (allergies, action plans, emergency medicine, contacts) when nobody who
can unlock this workstation is there. It is printed once and kept nowhere: print it, put it into an envelope, and give
that to the principal. A code that was made before opens nothing from now on; making one again is how it is renewed.

  wc-desktop emergency-code --data DIR --user "Ana Reyes" | lp

Close the window of this workstation first. The password is the first line of standard input, or stands in
WC_PASSWORD. Who makes a code is on record. Exit codes: 0 the code is printed, 1 refused (the sentence says why), 2 not
understood, 4 the disk refused."""


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
    if not given.sign_on and not (given.email and given.totp):
        raise NotGiven(QCoreApplication.translate("Console", "Give --email and --totp, or --sign-on."))
    order = EnrolOrder(
        folder=given.data,
        keystore_file=given.insecure_keystore,
        server=given.server,
        district=given.district,
        code=given.code,
        email=given.email,
        totp=given.totp,
        sign_on=given.sign_on,
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


def _export_journal(given: argparse.Namespace) -> int:
    order = ExportOrder(
        folder=given.data,
        keystore_file=given.insecure_keystore,
        target=given.file,
        user=given.user,
        everything=given.all,
        force=given.force,
    )
    try:
        export_here(order)
    except (DiskFull, DiskFailed) as failure:
        sys.stderr.write(no_file_words(failure) + "\n")
        return UNAVAILABLE
    return DONE


def _emergency_code(given: argparse.Namespace) -> int:
    make_code_here(EmergencyOrder(folder=given.data, keystore_file=given.insecure_keystore, user=given.user))
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
    _add_export(
        commands.add_parser(
            "export-journal",
            help="save what waits as a file for the district, in a long outage",
            description=_EXPORT_WORDS,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
    )
    _add_emergency(
        commands.add_parser(
            "emergency-code",
            help="make the code of the emergency cards, for the principal's envelope",
            description=_EMERGENCY_WORDS,
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
    parser.add_argument("--email", default="", help="whose sign-in it is")
    parser.add_argument("--totp", default="", metavar="DIGITS", help="the six digits of the authenticator")
    parser.add_argument(
        "--sign-on",
        action="store_true",
        help="sign in through the district, in the browser; the password then opens this workstation only",
    )
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


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_export_journal)
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="the folder to write into, or a name ending in .wcjournal"
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--user", default="", help="who unlocks (full name or id): the journal itself is asked what waits"
    )
    what.add_argument("--all", action="store_true", help="everything, also what the district has")
    parser.add_argument("--force", action="store_true", help="replace a file of that name")
    _add_place(parser)


def _add_emergency(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_emergency_code)
    parser.add_argument("--user", required=True, help="who answers for it: full name or id of who can unlock")
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
