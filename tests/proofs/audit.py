"""A hundred thousand lines of audit are sealed and verified in seconds; every kind of tampering with them is named.

python -m tests.proofs.audit --lines 100000     (prints two tables; exits 1 when something was missed or misnamed)
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import psycopg
from rich.console import Console
from rich.table import Table
from tests.central_database import PASSWORDS
from tests.sync_server.audit.sealed_world import Sealed, Ways, look_within, seal_a_world, ways_into, write_lines
from tests.sync_server.audit.tampering import DEEDS, Found, Scene

from wc_sync_server.audit.findings import Finding
from wc_sync_server.db import migrate
from wc_sync_server.db.audit_lines import PAGE, AuditRecord
from wc_sync_server.db.provision import provision
from wc_sync_server.embedded import Dsn, EmbeddedPostgres

LINES = 100_000
_WRITERS = 4
_BATCH = 500
_WIDTH = 140


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """How long one step took for how many lines."""

    step: str
    lines: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A deed, what was found first and whether that is what had to be."""

    deed: str
    anchor: bool
    first: Finding | None
    right: bool
    seconds: float


def filled(ways: Ways, lines: int) -> tuple[Sealed, list[Took]]:
    """Write and seal so many lines after those of the tests' small world; look through them."""
    world = seal_a_world(ways)
    steps = []

    began = time.monotonic()
    with ThreadPoolExecutor(_WRITERS) as writers:
        batch = partial(write_lines, ways.app, world.town, None)
        list(writers.map(batch, [_BATCH] * (lines // _BATCH)))
    steps.append(Took(step="written by four at once", lines=lines, seconds=time.monotonic() - began))

    began = time.monotonic()
    made = ways.sealer(most=PAGE).seal(world.town.district)
    sealed = sum(seal.lines for seal in made)
    steps.append(Took(step=f"sealed ({len(made)} seals)", lines=sealed, seconds=time.monotonic() - began))

    anchored = ways.hashes(world.town.district)
    began = time.monotonic()
    look = ways.look(world.town.district, anchored)
    assert look.findings == [], look.first
    steps.append(Took(step="verified, with anchor", lines=look.lines, seconds=time.monotonic() - began))
    assert look.lines == lines + len(world.lines)
    return replace(world, anchored=anchored), steps


def tampered(superuser: Dsn, world: Sealed) -> list[Done]:
    """Do every deed in a transaction, look, and undo it."""
    return [_done(superuser, world, name) for name in DEEDS]


def _done(superuser: Dsn, world: Sealed, name: str) -> Done:
    deed, anchor = DEEDS[name]
    with psycopg.connect(superuser.conninfo()) as connection:
        wanted = deed(Scene(connection=connection, record=AuditRecord(connection, world.town.district), world=world))
        began = time.monotonic()
        first = look_within(connection, world.town, world.anchored if anchor else None).first
        seconds = time.monotonic() - began
        connection.rollback()
    found = None if first is None else Found(what=first.what, line=first.line, seal=first.seal)
    return Done(deed=name, anchor=anchor, first=first, right=found == wanted, seconds=seconds)


def show(steps: Sequence[Took], deeds: Sequence[Done], console: Console) -> bool:
    """Print what was found; return whether every deed was named rightly."""
    speed = Table("step", "lines", "s", "lines a second", title="Sealing and verifying")
    for took in steps:
        rate = took.lines / max(took.seconds, 1e-9)
        speed.add_row(took.step, f"{took.lines:,}", f"{took.seconds:.1f}", f"{rate:,.0f}")
    console.print(speed)
    named = Table("tampering", "found first", "seal", "line", "s", title="Tampering by a superuser")
    for done in deeds:
        what = "NOT FOUND" if done.first is None else done.first.what.value
        seal, line = ("", "") if done.first is None else (done.first.seal or "", str(done.first.line or "")[-12:])
        verdict = what if done.right else f"WRONG: {what}"
        named.add_row(done.deed + (" *" if done.anchor else ""), verdict, str(seal), line, f"{done.seconds:.1f}")
    console.print(named)
    console.print("* found with the anchor file only")
    wrong = [done.deed for done in deeds if not done.right]
    console.print(f"{len(deeds)} kinds of tampering, {len(deeds) - len(wrong)} found and named.")
    return not wrong


def main(argv: Sequence[str] | None = None) -> int:
    """Prove; tell by the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.audit", description=__doc__)
    parser.add_argument("--lines", type=int, default=LINES, help=f"lines of audit, {LINES} by default")
    given = parser.parse_args(argv)
    console = Console(highlight=False, width=_WIDTH)
    with tempfile.TemporaryDirectory(prefix="wc-proof-") as made:
        server = EmbeddedPostgres(Path(made) / "postgres", durable=False)
        try:
            migrate.upgrade(provision(server.start().conninfo(), "proof", PASSWORDS).migrate)
            superuser = server.superuser_dsn("proof")
            with ways_into(superuser) as ways:
                world, steps = filled(ways, given.lines)
            fine = show(steps, tampered(superuser, world), console)
        finally:
            server.erase()
    return 0 if fine else 1


if __name__ == "__main__":
    raise SystemExit(main())
