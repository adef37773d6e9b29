"""`make storm`: five hundred workstations with 200 waiting entries each come back at once; exits with 1 on a breach."""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import psycopg
from rich.console import Console
from rich.table import Table

from benchmarks.figures import workplace
from benchmarks.house import Running, running
from benchmarks.measure import machine, percentile
from benchmarks.storm.clients import Tally, storm
from benchmarks.storm.town import Town, furnish
from benchmarks.storm.watching import Taken, watched
from wc_contract.model.instants import instant_to_text
from wc_contract.model.kinds import KINDS

_PLAIN_WIDTH = 150  # in a log nothing wraps
# Setting up five hundred workstations hashes a password a school; what that costs is no part of the storm.
_CHEAP_PASSWORDS = {"WC_ARGON2_KIB": "19456", "WC_ARGON2_PASSES": "2"}
_HEADS = "SELECT id, school_id, heads FROM streams"
_KEPT = """
SELECT (SELECT count(*) FROM receipts), (SELECT count(DISTINCT (device_id, number)) FROM receipts),
       (SELECT count(*) FROM medication_logs), (SELECT count(DISTINCT entry_id) FROM medication_logs),
       (SELECT count(*) FROM audit_logs WHERE action = 'DOSE_LOGGED'),
       (SELECT count(*) FROM devices WHERE last_number = %(entries)s), (SELECT count(*) FROM refused_entries)
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Raise the district, let the storm come, look what stands in the database, print, tell by the exit code."""
    given = _parser().parse_args(argv)
    terminal = Console(highlight=False)
    console = terminal if terminal.is_terminal else Console(highlight=False, width=_PLAIN_WIDTH)
    with tempfile.TemporaryDirectory(prefix="wc-storm-", dir=workplace()) as made:
        about = machine(Path(made))
        waiting = given.devices * given.entries
        console.print(f"· a district of {given.devices} workstations; writing and signing {waiting:,} entries")
        furnishing = partial(furnish, devices=given.devices, entries=given.entries)
        with running(Path(made), furnishing, _CHEAP_PASSWORDS) as raised:
            console.print(f"· all come back within {given.spread:g} s")
            tally, taken, seconds = _storm(raised, given)
            breaches = [*tally.errors, *_breaches(raised.superuser, given, tally, seconds)]
    _show(console, given, tally, taken, seconds)
    console.print(about)
    for breach in breaches:
        console.print(f"[bold red]{breach}[/]")
    return 1 if breaches else 0


def _storm(raised: Running[Town], given: argparse.Namespace) -> tuple[Tally, Taken, float]:
    chance = random.Random(given.seed)  # noqa: S311  # repeatable, not secret
    begins = [chance.uniform(0.0, given.spread) for _ in raised.furniture.workstations]
    with watched(raised.server_pid, raised.superuser) as taken:
        began = time.perf_counter()
        tally = asyncio.run(
            storm(
                raised.server.url,
                raised.furniture.workstations,
                raised.furniture.epoch,
                _positions(raised.superuser),
                instant_to_text(raised.parts.clock.now()),
                begins,
                given.minutes * 60.0,
            )
        )
    return tally, taken, tally.last_answer - began


def _positions(superuser: str) -> dict[str, dict[str, int]]:
    """Return by school what a replica has that was complete before the outage."""
    with psycopg.connect(superuser) as connection:
        rows = connection.execute(_HEADS).fetchall()
    of_district = next(heads for _, school, heads in rows if school is None)
    nothing = dict.fromkeys((kind.name for kind in KINDS), 1)
    return {str(school): {**nothing, **of_district, **heads} for _, school, heads in rows if school is not None}


def _breaches(superuser: str, given: argparse.Namespace, tally: Tally, seconds: float) -> list[str]:
    """Return what is not as it must be: every entry answered once, its effect there once, on record once."""
    wanted = given.devices * given.entries
    with psycopg.connect(superuser) as connection:
        row = connection.execute(_KEPT, {"entries": given.entries}).fetchone() or (0,) * 7
    kept = dict(
        zip(
            ("receipts", "numbers", "doses", "entries of doses", "lines of audit", "devices", "refused"),
            row,
            strict=True,
        )
    )
    must = dict.fromkeys(("receipts", "numbers", "doses", "entries of doses", "lines of audit"), wanted)
    found = [
        f"{name}: {kept[name]:,} in the database, {count:,} wanted"
        for name, count in {**must, "devices": given.devices, "refused": 0}.items()
        if kept[name] != count
    ]
    if sum(tally.outcomes.values()) != wanted:
        found.append(f"{sum(tally.outcomes.values()):,} receipts came back, {wanted:,} wanted")
    if seconds > given.minutes * 60:
        found.append(f"it took {seconds:.0f} s")
    return found


def _show(console: Console, given: argparse.Namespace, tally: Tally, taken: Taken, seconds: float) -> None:
    entries = sum(tally.outcomes.values())
    table = Table(title=f"{given.devices} workstations, {given.entries} entries each, back within {given.spread:g} s")
    table.add_column("what")
    table.add_column("", justify="right")
    rows = [
        ("entries answered", f"{entries:,}"),
        ("of them", ", ".join(f"{outcome} {count:,}" for outcome, count in sorted(tally.outcomes.items()))),
        ("until the last was answered", f"{seconds:.1f} s"),
        ("entries a second", f"{entries / seconds:,.0f}" if seconds > 0 else "none"),
        ("push answered, p50 / p95 / p99", _ms(tally.pushes)),
        ("from first wanting to send to the answer, p50 / p95 / p99", _ms(tally.answered_after)),
        (
            "told to come again",
            ", ".join(f"{path} {count:,}" for path, count in sorted(tally.come_again.items())) or "0",
        ),
        ("requests", f"{tally.requests:,}"),
        ("rows pulled", f"{tally.rows_pulled:,}"),
        ("errors", f"{sum(tally.errors.values())}"),
        ("peak memory of the server's processes", f"{taken.memory_mb:.0f} MB"),
        ("most database connections, with those that set it up", str(taken.connections)),
        ("processor seconds: server, PostgreSQL", f"{taken.server_cpu:.1f}, {taken.database_cpu:.1f}"),
    ]
    for name, value in rows:
        table.add_row(name, value)
    console.print(table)


def _ms(seconds: Sequence[float]) -> str:
    found = (percentile(seconds, share) for share in (0.5, 0.95, 0.99))
    return " / ".join("none" if value is None else f"{value * 1000:,.0f} ms" for value in found)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.storm", description=__doc__)
    parser.add_argument("--devices", type=int, default=500, help="workstations, ten a school")
    parser.add_argument("--entries", type=int, default=200, help="entries that wait on each")
    parser.add_argument("--minutes", type=float, default=5, help="how long it may take at most")
    parser.add_argument("--spread", type=float, default=4, help="seconds within which all come back; the product's own")
    parser.add_argument("--seed", type=int, default=1, help="of the moments at which they come back")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
