"""Crashes and logs say where and of what kind; never what about whom."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from wc_desktop.app.crash import CrashWatch
from wc_desktop.app.logs import end_logs, start_logs

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("qapp")]
MARKER = "Marker-Zebulon-Quist"


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[CrashWatch]:
    found = CrashWatch(tmp_path)
    yield found
    found.close()


def _fail() -> None:
    child = MARKER
    raise ValueError(child)


@pytest.mark.logs_warnings
def test_a_mistake_is_written_without_what_it_was_about(watch: CrashWatch, tmp_path: Path) -> None:
    told: list[bool] = []
    watch.mistake_made.connect(lambda: told.append(True))
    try:
        _fail()
    except ValueError as error:
        watch.note(error)
    report = (tmp_path / "crashes" / "running.txt").read_text()
    assert "ValueError" in report
    assert "_fail" in report
    assert MARKER not in report
    assert told == [True]


def test_an_orderly_end_leaves_no_report(tmp_path: Path) -> None:
    CrashWatch(tmp_path).close()
    assert list((tmp_path / "crashes").iterdir()) == []
    again = CrashWatch(tmp_path)
    assert again.last_report == ""
    again.close()


def test_a_run_that_crashed_is_told_at_the_next_start(tmp_path: Path) -> None:
    folder = tmp_path / "crashes"
    folder.mkdir()
    (folder / "running.txt").write_text("White Cross 0.1.0\nFatal Python error: Segmentation fault\n")
    watch = CrashWatch(tmp_path)
    assert "Segmentation fault" in watch.last_report
    watch.close()
    assert (folder / "last-crash.txt").exists()


def test_a_run_that_lost_its_power_has_nothing_to_tell(tmp_path: Path) -> None:
    folder = tmp_path / "crashes"
    folder.mkdir()
    (folder / "running.txt").write_text("White Cross 0.1.0\n")
    watch = CrashWatch(tmp_path)
    assert watch.last_report == ""
    watch.close()


def test_the_log_keeps_codes_and_drops_everything_else(tmp_path: Path) -> None:
    handler = start_logs(tmp_path)
    logger = logging.getLogger("wc_desktop.somewhere")
    logger.info("dose.logged", extra={"dose": "d-1", "student_name": MARKER})
    end_logs(handler)
    (line,) = (tmp_path / "logs" / "wc-desktop.log").read_text().splitlines()
    assert json.loads(line)["dose"] == "d-1"
    assert MARKER not in line
