"""The command: which checks, and what they said as a table or for a program."""

from dataclasses import asdict
from typing import Annotated

import orjson
import typer
from rich.markup import escape

from wc_sync_server.cli.console import CommandRefused, out, spoken, table
from wc_sync_server.cli.doctor.patient import Patient
from wc_sync_server.cli.doctor.rounds import CHECKS, SLOW, examine
from wc_sync_server.db.doctor.verdicts import State, Verdict, do
from wc_sync_server.logs import configure_logs
from wc_sync_server.settings import SettingsWrong, from_environment

_TO_BE_DONE, _NOT_SEEN = 1, 2

Said = list[tuple[str, Verdict]]


@spoken
def doctor(
    checks: Annotated[
        list[str] | None, typer.Argument(metavar="[CHECK]...", help=f"Only these: {', '.join(CHECKS)}.")
    ] = None,
    *,
    quick: Annotated[
        bool, typer.Option("--quick", help=f"Leave out what reads every record: {', '.join(sorted(SLOW))}.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of a table.")] = False,
) -> None:
    """Check this deployment and say, per check, what was found and what to do. Nothing is changed.

    Run it as the server's account, with the server's environment. It shows no secret and no record of a child.

    Exit 0: all is well. 1: something must be done. 2: nothing that was seen must be done, but not all could be seen.
    """
    configure_logs("critical")
    said = _said(_asked(checks or [], quick=quick))
    ends = _code({verdict.state for _, verdict in said})
    if as_json:
        document = {"exit": ends, "checks": [{"check": name, **asdict(verdict)} for name, verdict in said]}
        typer.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())
    else:
        _show(said)
    if ends:
        raise typer.Exit(ends)


def _asked(checks: list[str], *, quick: bool) -> list[str]:
    strange = [name for name in checks if name not in CHECKS]
    if strange:
        raise CommandRefused(f"There is no check {strange[0]!r}. Known: {', '.join(CHECKS)}.")
    return [name for name in CHECKS if name in (checks or CHECKS) and not (quick and name in SLOW)]


def _said(names: list[str]) -> Said:
    try:
        settings = from_environment()
    except SettingsWrong as error:
        # Without settings nothing else can be looked at.
        return [("environment", do("a setting cannot be used", str(error)))]
    patient = Patient(settings)
    try:
        return list(examine(patient, names))
    finally:
        patient.close()


def _code(states: set[State]) -> int:
    if State.DO in states:
        return _TO_BE_DONE
    return _NOT_SEEN if State.UNSEEN in states else 0


def _show(said: Said) -> None:
    # What must be done stands first; checks keep their order within that.
    order = list(State)
    worst = sorted(said, key=lambda each: order.index(each[1].state))
    rows = ((v.state.value, name, escape(v.found), escape(v.to_do)) for name, v in worst)
    table("This deployment", ("", "check", "found", "what to do"), rows)
    counted = {state: sum(verdict.state is state for _, verdict in said) for state in State}
    out.print(
        f"{len({name for name, _ in said})} checks: {counted[State.DO]} things to do, "
        f"{counted[State.UNSEEN]} not seen, {counted[State.NOTE]} notes, {counted[State.WELL]} well.",
        highlight=False,
    )
