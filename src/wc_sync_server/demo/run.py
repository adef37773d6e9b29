"""One demonstration from its first step to its last table."""

import contextlib
import os
import shutil
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from wc_contract.model.instants import Instant
from wc_sync_server.cli.device import issue_code
from wc_sync_server.demo import tally
from wc_sync_server.demo.days import DemoDay, choose_day
from wc_sync_server.demo.district.staff import Person
from wc_sync_server.demo.folder import DemoFolder
from wc_sync_server.demo.narrator import Narrator
from wc_sync_server.demo.processes import ServerProcess, free_port
from wc_sync_server.demo.settings import DISTRICT_CODE, server_environment
from wc_sync_server.demo.stage import PASSWORD, Stage, raise_database, send_past, set_stage
from wc_sync_server.demo.workstations import ScriptedNoon, Workstation, new_workstation
from wc_sync_server.embedded import EmbeddedPostgres
from wc_sync_server.settings import from_environment
from wc_sync_server.wiring import Workshop, open_workshop

_SCHOOL = "org-larkspur"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the person who started it chose, and when."""

    seed: int
    window: bool
    now: Instant
    last_played: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything that runs."""

    folder: DemoFolder
    narrator: Narrator
    parts: Workshop
    stage: Stage
    server: ServerProcess
    day: DemoDay
    run: int


def run_demo(
    folder: DemoFolder, narrator: Narrator, choices: Choices, *, outage: signal.Signals, reconnect: signal.Signals
) -> bool:
    """Run it; return whether every column of the last table was equal (True for a window, which has none).

    Everything that was started is stopped when this returns or raises.
    """
    day = choose_day(choices.now, choices.last_played)
    with contextlib.ExitStack() as running:
        postgres = EmbeddedPostgres(folder.postgres, report=narrator.note)
        with narrator.step("PostgreSQL started (embedded, its own account and socket)"):
            postgres.start()
            running.callback(postgres.stop)
        with narrator.step("Both schemas at their newest revision"):
            ways = raise_database(postgres, folder, day.offset_seconds)
        environment = server_environment(folder, ways, port=free_port(), offset_seconds=day.offset_seconds)
        parts = open_workshop(from_environment(environment))
        running.callback(parts.close)
        stage = set_stage(parts, folder, narrator, seed=choices.seed, today=day.day)
        server = ServerProcess(environment, parts.settings.port, folder.server_log)
        running.callback(server.stop)
        with narrator.step(f"Server started at {server.url}"):
            server.start()
        send_past(parts, stage, folder, server.url, narrator)
        run = int(folder.read("days").get("runs", 0)) + 1
        folder.write("days", {"last": day.day.isoformat(), "runs": run})
        scene = Scene(folder=folder, narrator=narrator, parts=parts, stage=stage, server=server, day=day, run=run)
        if choices.window:
            with _switchable(server, outage, reconnect):
                _show_window(scene)
            return True
        return _play_noon(scene)


def _enrol(scene: Scene, name: str, person: Person) -> Workstation:
    station = new_workstation(scene.folder, name, person, PASSWORD, scene.day.offset_seconds, scene.run)
    school = scene.stage.schools[_SCHOOL]
    with scene.narrator.step(f"{station.name} enrolled by {person.first_name} {person.last_name}, first sync done"):
        said = station.enrol(
            server=scene.server.url,
            district=DISTRICT_CODE,
            code=issue_code(scene.parts, scene.stage.district, school).code,
            totp=scene.stage.second_factor(person),
        )
    scene.narrator.note("\n".join(f"  {line}" for line in said.splitlines()[-2:]))
    return station


def _show_window(scene: Scene) -> None:
    nurse = scene.stage.nurses(_SCHOOL)[0]
    station = _enrol(scene, "A", nurse)
    say = scene.narrator.say
    say(f"It is 11:48 on {scene.day.day:%A, %d %B %Y} in this demonstration.")
    say(f"Unlock as [bold]{nurse.first_name} {nurse.last_name}[/] with the password [bold]{PASSWORD}[/]")
    say("An outage: in another terminal, make demo ARGS=--outage, later make demo ARGS=--reconnect")
    say("Close the window to end. If it is killed, it is opened again: nothing is lost.")
    while station.open_window() != 0:
        say("The window is gone; opening it again.")


def _play_noon(scene: Scene) -> bool:
    first, second = _two_people(scene.stage)
    a = _enrol(scene, "A", first)
    b = _enrol(scene, "B", second)
    shutil.rmtree(scene.folder.pictures, ignore_errors=True)
    scene.folder.pictures.mkdir()
    scene.narrator.say(f"[bold]Noon on {scene.day.day:%A, %d %B %Y}[/], no display: the window is played offscreen.")
    surroundings = {} if _has_screen() else {"QT_QPA_PLATFORM": "offscreen"}
    needs = {"outage": scene.server.stop, "network": scene.server.start}
    done: Mapping[str, Any] = {}
    for told in ScriptedNoon(a, scene.folder.pictures).play(needs, surroundings):
        _retell(scene.narrator, told)
        done = told.get("done", done)
    for told in ScriptedNoon(b, scene.folder.pictures / "200-percent", ["--short"]).play(
        needs, {**surroundings, "QT_SCALE_FACTOR": "2"}
    ):
        _retell(scene.narrator, told)
    scene.narrator.note(f"  Pictures: {scene.folder.pictures}")
    lines, report = tally.count(scene.parts, scene.stage.district, scene.folder, done["entries"], b)
    scene.narrator.table(tally.as_table(lines))
    agreed = bool(report["digests_agree"])
    if agreed:
        scene.narrator.say("The second workstation and the server agree by digest on every kind of record.")
    else:
        scene.narrator.warn("The second workstation and the server do not agree by digest.")
    return agreed and bool(lines) and all(line.equal for line in lines)


def _two_people(stage: Stage) -> tuple[Person, Person]:
    # A second factor is taken once: the past was sent by the last nurse, so B belongs to the supervisor.
    return stage.nurses(_SCHOOL)[0], stage.supervisor


def _has_screen() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _retell(narrator: Narrator, told: Mapping[str, Any]) -> None:
    if "say" in told:
        narrator.say(str(told["say"]))
    elif told.get("need") == "outage":
        narrator.say("[yellow]The network is gone: the server was stopped.[/]")
    elif told.get("need") == "network":
        narrator.say("[green]The network is back: the server was started again.[/]")
    elif "picture" in told:
        narrator.note(f"  picture: {told['picture']}")


@contextlib.contextmanager
def _switchable(server: ServerProcess, outage: signal.Signals, reconnect: signal.Signals) -> Iterator[None]:
    before = {
        outage: signal.signal(outage, lambda *_: server.stop()),
        reconnect: signal.signal(reconnect, lambda *_: server.start()),
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
