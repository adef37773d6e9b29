"""The command line of the window."""

import argparse
import os
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from wc_desktop.app.settings import (
    CLOCK_VARIABLE,
    DATA_VARIABLE,
    KEYSTORE_VARIABLE,
    LARGEST_TEXT,
    SMALLEST_TEXT,
    STARTED_VARIABLE,
    THEMES,
    TRACE_VARIABLE,
    Settings,
    clock_offset_from,
    default_data_dir,
    keystore_from,
    read_kept,
)

_EPILOG = f"""\
commands without this window (each has its own --help):
  enrol            make a folder a workstation of a school
  report           say what a workstation holds, as JSON
  rebuild-journal  make a damaged journal anew
  export-journal   save what waits as a file for the district, in a long outage
  noon             play a demonstration

environment:
  {DATA_VARIABLE}                 the data folder, as --data
  {KEYSTORE_VARIABLE}=insecure:FILE  as --insecure-keystore FILE
  {CLOCK_VARIABLE}  seconds by which a demonstration's clock is moved; the window says so
"""


def settings_from(argv: Sequence[str], environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the command line. Exits with 2 and a sentence when it cannot be understood."""
    given = _parser().parse_args(argv)
    data_dir = given.data or default_data_dir(environment)
    kept = read_kept(data_dir)
    started = environment.get(STARTED_VARIABLE, "")
    return Settings(
        data_dir=data_dir.expanduser().absolute(),
        keystore_file=given.insecure_keystore or keystore_from(environment),
        theme=given.theme or kept.theme,
        text_size=given.text_size or kept.text_size,
        server=given.server,
        clock_offset=clock_offset_from(environment),
        trace=environment.get(TRACE_VARIABLE) == "1",
        started_at=float(started) if started.replace(".", "", 1).isdigit() else None,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="wc-desktop",
        description="White Cross: the school nurse's workstation, which goes on working when the network does not.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="where this workstation keeps its files")
    parser.add_argument("--theme", choices=THEMES, help="light, dark, or as the system says (kept from last time)")
    parser.add_argument(
        "--text-size",
        type=_text_size,
        metavar="FACTOR",
        help=f"size of all text, {SMALLEST_TEXT} to {LARGEST_TEXT}; 1 is usual (kept from last time)",
    )
    parser.add_argument("--server", default="", metavar="URL", help="the server's address, for enrolling")
    parser.add_argument(
        "--insecure-keystore",
        type=Path,
        metavar="FILE",
        help="keep keys in a plain file: demonstrations and tests only; the window says so",
    )
    parser.add_argument("--version", action="version", version=f"White Cross {version('white-cross')}")
    return parser


def _text_size(text: str) -> float:
    try:
        size = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from None
    if not SMALLEST_TEXT <= size <= LARGEST_TEXT:
        raise argparse.ArgumentTypeError(f"the text size lies between {SMALLEST_TEXT} and {LARGEST_TEXT}")
    return size
