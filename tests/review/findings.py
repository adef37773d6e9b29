"""The findings, read from findings.toml, and the page made of them."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "review.md"
_SOURCE = Path(__file__).with_name("findings.toml")
_HEAD = """# The review of the old database layer, answered

The central schema comes from a review of the database layer that the old system had. Each of its findings stands
here with what this system does, whether its advice was followed, and the tests that prove it. *Kept* is a strength
that was kept; *otherwise* says that another way was taken, and why.

`make review` runs these tests and prints the table with each one's result. This page is made by
`python -m tests.review --write`; a test fails when it is stale.
"""


class Followed(StrEnum):
    """What became of the review's advice."""

    YES = "yes"
    KEPT = "kept"
    OTHERWISE = "otherwise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding: where it stands in the review, what stands here, and the tests (file::name) that prove it."""

    section: str
    title: str
    followed: Followed
    here: str
    tests: tuple[str, ...]


def findings() -> tuple[Finding, ...]:
    """Return every finding in the order of the review."""
    told = tomllib.loads(_SOURCE.read_text(encoding="utf-8"))["finding"]
    return tuple(_finding(each) for each in told)


def page(every: Sequence[Finding]) -> str:
    """Return docs/review.md."""
    lines = [_HEAD]
    for finding in every:
        proofs = ", ".join(f"[{_name(test)}](../{test.split('::', maxsplit=1)[0]})" for test in finding.tests)
        lines += [
            f"## {finding.section} {finding.title}\n",
            f"**{finding.followed.value.capitalize()}.** {finding.here}\n",
            f"Proved by {proofs}.\n",
        ]
    return "\n".join(lines)


def _finding(told: Mapping[str, object]) -> Finding:
    tests = told["tests"]
    if not isinstance(tests, list):
        raise TypeError("tests is a list")
    return Finding(
        section=str(told["section"]),
        title=str(told["title"]),
        followed=Followed(str(told["followed"])),
        here=str(told["here"]),
        tests=tuple(str(test) for test in tests),
    )


def _name(test: str) -> str:
    return test.rsplit("::", maxsplit=1)[-1].removeprefix("test_").replace("_", " ")
