"""What is promised, line by line: one TOML file a page, and the pages of docs made of them."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parents[2]
PAGES: Final = ("survival", "threats", "rules", "features")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing, how it is met, and the tests (file::name) that show it."""

    what: str
    how: str
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of docs. columns are the headings of what and how; least is how many lines it has to have.

    counted: what the runs of its tests are called. not_yet: what is not kept so far, and stands in the page as such.
    """

    path: Path
    title: str
    about: str
    columns: tuple[str, str]
    counted: str
    least: int
    not_yet: tuple[str, ...]
    lines: tuple[Line, ...]

    def text(self) -> str:
        """Return the page as it has to stand in docs."""
        rows = (f"| {line.what} | {line.how} | {', '.join(map(_link, line.tests))} |\n" for line in self.lines)
        head = f"# {self.title}\n\n{self.about}\n| {' | '.join(self.columns)} | shown by |\n|---|---|---|\n"
        return head + "".join(rows) + (f"\nNot yet: {'; '.join(self.not_yet)}.\n" if self.not_yet else "")


def page_of(name: str) -> Page:
    """Return one of PAGES."""
    told = tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8"))
    what, how = told["columns"]
    return Page(
        path=ROOT / "docs" / f"{name}.md",
        title=told["title"],
        about=told["about"],
        columns=(what, how),
        counted=told["counted"],
        least=told["least"],
        not_yet=tuple(told.get("not_yet", ())),
        lines=tuple(Line(what=each["what"], how=each["how"], tests=tuple(each["tests"])) for each in told["line"]),
    )


def _link(test: str) -> str:
    file, _, name = test.partition("::")
    return f"[{name.removeprefix('test_').replace('_', ' ')}](../{file})"
