"""`wc-sync-server demo`: the whole way on one machine, with a window or, without a display, as a scripted noon."""

import contextlib
import os
import signal
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from wc_contract.model.errors import WhiteCrossError
from wc_sync_server.cli.console import fail
from wc_sync_server.demo.folder import DemoFolder
from wc_sync_server.demo.leftovers import reset, stop
from wc_sync_server.demo.narrator import Narrator
from wc_sync_server.machine import SystemClock

_OUTAGE, _RECONNECT = signal.SIGUSR1, signal.SIGUSR2


def demo(
    *,
    folder: Annotated[Path, typer.Option(help="Where the demonstration keeps everything.")] = Path(".demo"),
    seed: Annotated[int, typer.Option(help="Another number invents another district.")] = 7,
    window: Annotated[
        bool | None, typer.Option("--window/--no-window", help="Show the workstation, or play a scripted noon.")
    ] = None,
    stop_it: Annotated[bool, typer.Option("--stop", help="Stop what a demonstration left running.")] = False,
    reset_it: Annotated[bool, typer.Option("--reset", help="Stop it and delete all its data.")] = False,
    outage: Annotated[
        bool, typer.Option("--outage", help="Take the server away from a running demonstration.")
    ] = False,
    reconnect: Annotated[bool, typer.Option("--reconnect", help="Give it back.")] = False,
) -> None:
    """Run a whole invented district here: database, server, 1,900 pupils and a nurse's workstation.

    Without a display a scripted noon is played in the real window, with an outage in its middle; it ends with a
    table of what was authored and where it arrived, and exits 1 if anything differs.
    """
    place = DemoFolder(folder.absolute())
    narrator = Narrator()
    if stop_it or reset_it:
        _leave(place, narrator, everything=reset_it)
    elif outage or reconnect:
        _signal(place, _OUTAGE if outage else _RECONNECT, narrator)
    else:
        _run(place, narrator, seed=seed, window=_has_display() if window is None else window)


def _run(place: DemoFolder, narrator: Narrator, *, seed: int, window: bool) -> None:
    running = place.running_pid()
    if running is not None:
        raise fail(f"A demonstration runs already (process {running}). Stop it with `make demo-stop`.", 1)
    # Names, holidays and charts are for who runs a demonstration, not for every command's start.
    from wc_sync_server.demo.run import Choices, run_demo  # noqa: PLC0415

    place.make()
    last = place.read("days").get("last")
    choices = Choices(
        seed=seed,
        window=window,
        now=SystemClock().now(),
        last_played=None if last is None else date.fromisoformat(last),
    )
    try:
        with _ended_by_signals(), place_taken(place):
            equal = run_demo(place, narrator, choices, outage=_OUTAGE, reconnect=_RECONNECT)
    except KeyboardInterrupt:
        narrator.note("Stopped; nothing is left running.")
        raise typer.Exit(130) from None
    except WhiteCrossError as error:
        raise fail(str(error), 1) from None
    if not equal:
        raise typer.Exit(1)


def _leave(place: DemoFolder, narrator: Narrator, *, everything: bool) -> None:
    stop(place)
    if everything:
        reset(place)
        narrator.say("The demonstration's data is deleted.")
    else:
        narrator.say("Nothing of the demonstration is running.")


def _signal(place: DemoFolder, number: signal.Signals, narrator: Narrator) -> None:
    running = place.running_pid()
    if running is None:
        raise fail("No demonstration is running. Start one with `make demo`.", 1)
    os.kill(running, number)
    narrator.say("The server is being taken away." if number is _OUTAGE else "The server is coming back.")


def _has_display() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


@contextlib.contextmanager
def place_taken(place: DemoFolder) -> Iterator[None]:
    """Note that this process runs the demonstration."""
    place.write("running", {"pid": os.getpid()})
    try:
        yield
    finally:
        place.write("running", {})


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    # TERM and a closed terminal end us like Ctrl+C, so that everything started is stopped.
    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
