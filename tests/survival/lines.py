"""The lines, read from lines.toml, and the page made of them."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "survival.md"
_SOURCE = Path(__file__).with_name("lines.toml")
_HEAD = """# What must be survived

What a workstation and its server come through with nothing lost and nothing doubled, how, and the tests that show it.
`make survive` runs these tests and prints the table with each one's result; the [simulator](simulation.md) plays most
of it together, by seed. This page is made by `python -m tests.survival --write`; a test fails when it is stale.

| what | how | shown by |
|---|---|---|
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing to be survived, how it is, and the tests (file::name) that show it."""

    what: str
    how: str
    tests: tuple[str, ...]


def lines() -> tuple[Line, ...]:
    """Return every line in the order of the list."""
    told = tomllib.loads(_SOURCE.read_text(encoding="utf-8"))["line"]
    return tuple(Line(what=each["what"], how=each["how"], tests=tuple(each["tests"])) for each in told)


def page(every: Sequence[Line]) -> str:
    """Return docs/survival.md."""
    rows = (f"| {line.what} | {line.how} | {', '.join(map(_link, line.tests))} |\n" for line in every)
    return _HEAD + "".join(rows)


def _link(test: str) -> str:
    file, _, name = test.partition("::")
    return f"[{name.removeprefix('test_').replace('_', ' ')}](../{file})"
