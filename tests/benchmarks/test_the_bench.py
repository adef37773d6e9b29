"""The bench measures what it says: its school is repeatable, its sums are right, and a tiny run goes all the way."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.measure import median, memory_mb, percentile
from benchmarks.school import FULL, TINY, given_at, make_school, wire_rows
from benchmarks.table import Line, Report

_DISTRICT_KINDS = {"district", "school", "user", "medication"}


def test_the_same_seed_gives_the_same_school() -> None:
    assert make_school(TINY, 3) == make_school(TINY, 3)
    assert make_school(TINY, 3).school != make_school(TINY, 4).school


def test_the_full_school_has_the_rows_that_the_figures_name() -> None:
    assert FULL.rows == 60_000


def test_a_school_has_as_many_rows_as_its_size_says() -> None:
    rows = make_school(TINY).rows
    assert sum(len(found) for kind, found in rows.items() if kind not in _DISTRICT_KINDS) == TINY.rows


def test_rows_travel_whole_with_rising_versions() -> None:
    school = make_school(TINY)
    doses = next(rows for kind, rows in wire_rows(school) if kind.name == "dose")
    versions = [row[-1] for row in doses]
    assert versions == sorted(set(versions))
    assert {len(row) for row in doses} == {len(doses[0])}


def test_no_slot_of_the_school_is_given_twice() -> None:
    slots = [row["slot_id"] for row in make_school(TINY).rows["dose"]]
    assert len(set(slots)) == len(slots)


def test_what_is_pushed_lies_behind_the_past() -> None:
    school = make_school(TINY)
    last = max(row["local_date"] for row in school.rows["dose"])
    first_pushed = given_at(school.days_used * len(school.orders), len(school.orders))
    assert first_pushed.date().isoformat() > str(last)


@pytest.mark.parametrize(
    ("values", "share", "expected"), [([3.0, 1.0, 2.0], 0.5, 2.0), ([1.0] * 99 + [7.0], 0.99, 7.0), ([], 0.5, None)]
)
def test_a_percentile_is_one_of_the_values(values: list[float], share: float, expected: float | None) -> None:
    assert percentile(values, share) == expected


def test_the_median_of_nothing_is_nothing() -> None:
    assert median([]) is None
    assert median([5.0, 1.0, 3.0]) == 3.0


def test_this_process_has_memory() -> None:
    resident, peak = memory_mb("self", "VmRSS"), memory_mb("self", "VmHWM")
    assert resident is not None
    assert peak is not None
    assert 5 < resident <= peak


def test_a_ratio_needs_a_floor() -> None:
    assert Line(figure="f", unit="s", product=3.0, floor=2.0, reach="").ratio == 1.5
    assert Line(figure="f", unit="s", product=3.0, reach="").ratio is None


def test_a_figure_that_was_not_taken_says_so(tmp_path: Path) -> None:
    line = Line(figure="f", unit="s", product=None, reach="")
    report = Report(machine="m", day="d", rounds=1, rows=2, lines=[line])
    report.write(tmp_path / "report.json")
    assert "not measured" in report.as_markdown()
    assert json.loads((tmp_path / "report.json").read_text())["lines"][0]["product"] is None


@pytest.mark.postgres
@pytest.mark.gui
def test_a_tiny_run_takes_every_figure(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--tiny", "--json", str(report)],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    read = json.loads(report.read_text())
    assert read["rows"] == TINY.rows
    assert len(read["lines"]) == 24
    for line in read["lines"]:
        assert line["product"] is not None, line["figure"]
        assert line["product"] >= 0, line["figure"]
    assert "fsync of 8 KiB" in done.stdout
