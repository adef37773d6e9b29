"""The page of measures tells of all worker processes together, and of nobody."""

import multiprocessing
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from psycopg.conninfo import make_conninfo
from tests import factories as make
from tests.sync_server.house import House
from tests.sync_server.serving import Served, free_port
from tests.sync_server.workstation import Workstation, enrol

from wc_sync_server.cli import measuring
from wc_sync_server.cli.measuring import measured as measured_page
from wc_sync_server.db import depths
from wc_sync_server.metrics import counts
from wc_sync_server.metrics.exposing import FOLDER_VARIABLE, Workers
from wc_sync_server.settings import SettingsWrong, from_environment

pytestmark = pytest.mark.postgres

WORKERS = 2
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture(scope="module")
def page() -> str:
    return f"127.0.0.1:{free_port()}"


@pytest.fixture(scope="module")
def measured(house: House, page: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    server = Served(house, tmp_path_factory.mktemp("log") / "server.log")
    server.start(WC_METRICS_BIND=page, WC_WORKERS=str(WORKERS), WC_SLOW_MS="1")
    yield server
    server.stop()


@pytest.fixture
def office(house: House, measured: Served) -> Iterator[Workstation]:
    with httpx.Client(base_url=measured.url, timeout=30) as client:
        yield enrol(house, client)


def text_of(page: str) -> str:
    answer = httpx.get(f"http://{page}/metrics", timeout=30)
    assert answer.status_code == 200
    return answer.text


def samples(page: str) -> Samples:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text_of(page))
        for sample in family.samples
    }


def total(found: Samples, name: str, **labels: str) -> float:
    wanted = set(labels.items())
    return sum(value for (each, with_), value in found.items() if each == name and wanted <= set(with_))


def push(house: House, office: Workstation, name: str = "ned") -> str:
    pupil = house.pupils[name]
    dose = make.dose_logged(student_id=pupil.id, order_id=pupil.order, slot=None)
    return str(office.push(office.entry(dose))[0]["outcome"])


def test_what_was_done_is_counted_whichever_worker_did_it(house: House, page: str, office: Workstation) -> None:
    before = samples(page)
    for _ in range(6):
        assert push(house, office) == "applied"
    assert push(house, office, "sam") == "refused"
    assert office.push(office.entry(make.access_recorded(), previous="0" * 64))[0]["outcome"] == "applied"
    frames = office.pull()
    after = samples(page)

    def grown(name: str, **labels: str) -> float:
        return total(after, name, **labels) - total(before, name, **labels)

    assert grown("wc_requests_total", route="/v1/push", status="200") == 8
    assert grown("wc_request_seconds_count", route="/v1/push") == 8
    assert grown("wc_push_entries_total", outcome="applied") == 7
    assert grown("wc_push_entries_total", outcome="refused") == 1
    assert grown("wc_refused_entries_total", code="unknown_order") == 1
    assert grown("wc_chain_breaks_total") == 1
    rows = [len(frame["rows"]) for frame in frames if frame.get("kind") == "dose"]
    assert grown("wc_pull_rows_total", kind="dose") == sum(rows) > 0
    # With a millisecond slow enough, some statements are.
    assert grown("wc_slow_statements_total") > 0
    assert grown("wc_cache_total") >= 7
    assert grown("wc_cache_total", outcome="own") > 0
    assert after[("wc_database_up", ())] == 1
    assert after[("wc_outbox_messages", (("status", "dead"),))] == 0
    assert after[("wc_pool_waiting", ())] == 0
    assert after[("wc_pool_in_use", ())] >= 0


def test_a_path_that_nobody_serves_is_no_label(page: str, measured: Served) -> None:
    httpx.get(f"{measured.url}/v1/somebody-elses-child", timeout=30)
    httpx.request("BREW", f"{measured.url}/v1/push", timeout=30)
    assert "somebody" not in text_of(page)
    assert "BREW" not in text_of(page)
    assert total(samples(page), "wc_requests_total", route=counts.NO_ROUTE) > 0


def test_nothing_on_the_page_names_anybody(house: House, page: str, office: Workstation) -> None:
    push(house, office)
    text = text_of(page)
    assert not _ID.search(text)
    for name in ("North", "Testville", "testville", "Invented", str(house.district), office.device):
        assert name not in text


def test_a_process_that_ended_stays_in_the_counts_and_leaves_the_gauges(tmp_path: Path) -> None:
    counting = (
        "from wc_sync_server.metrics import counts; counts.POOL_IN_USE.inc(5); counts.transaction_failed('40001');"
        "print(len(list(counts.POOL_IN_USE.collect())), flush=True); input()"
    )
    told = {**os.environ, FOLDER_VARIABLE: str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", counting], env=told, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        living = _by_name(tmp_path)
        process.communicate(b"\n")
    ended = _by_name(tmp_path)
    assert (living["wc_pool_in_use"], living["wc_retries_total"]) == (5, 1)
    assert "wc_pool_in_use" not in ended
    assert ended["wc_retries_total"] == 1


def _by_name(folder: Path) -> dict[str, float]:
    return {sample.name: sample.value for metric in Workers(folder).collect() for sample in metric.samples}


def test_what_workers_counted_that_were_killed_is_not_lost(
    house: House, page: str, measured: Served, office: Workstation
) -> None:
    push(house, office)
    before = total(samples(page), "wc_push_entries_total")
    for worker in _workers_of(measured):
        os.kill(worker, signal.SIGKILL)
    measured._await_ready()
    after = samples(page)
    assert total(after, "wc_push_entries_total") == before


def _workers_of(served: Served) -> list[int]:
    assert served._process is not None
    children = f"/proc/{served._process.pid}/task/{served._process.pid}/children"
    with open(children, encoding="ascii") as listed:  # noqa: PTH123  # the kernel's
        pids = [int(pid) for pid in listed.read().split()]
    workers = []
    for pid in pids:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8") as command:  # noqa: PTH123
            if "spawn_main" in command.read():
                workers.append(pid)
    assert len(workers) == WORKERS
    return workers


def test_slow_statements_are_logged_by_shape(house: House, measured: Served, office: Workstation) -> None:
    push(house, office)
    lines = [line for line in measured.log.read_text().splitlines() if '"slow_statement"' in line]
    assert lines
    for line in lines:
        assert '"fingerprint"' in line
        assert not _ID.search(line), line
        assert office.device not in line


@pytest.mark.logs_warnings
def test_an_outage_is_on_the_page_before_whoever_reads_it_gives_up(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(multiprocessing, "set_start_method", _leave_it)
    assert measuring._PATIENCE < 5, "Prometheus waits ten seconds unless told otherwise"
    monkeypatch.setattr(measuring, "_PATIENCE", 0.2)
    own = f"127.0.0.1:{free_port()}"
    host, port = own.split(":")
    nobody = make_conninfo(house.dsns.app, port=free_port())
    with measured_page(replace(house.parts.settings, metrics=(host, int(port)), database_url=nobody)):
        assert samples(own)[("wc_database_up", ())] == 0


def test_what_was_long_waited_for_is_remembered_from_then_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000.0
    monkeypatch.setattr(depths.time, "monotonic", lambda: now)
    looking = depths.Depths(house.parts.cells)
    reading, reads = looking._read, 0

    def slowly() -> object:
        nonlocal now, reads
        now, reads = now + depths._EVERY_SECONDS, reads + 1
        return reading()

    monkeypatch.setattr(looking, "_read", slowly)
    list(looking.collect())
    list(looking.collect())
    assert reads == 1


def test_a_district_that_was_never_sealed_is_the_one_longest_without(house: House) -> None:
    house.done(
        "INSERT INTO district_directory (district_id, code, name, cell, created_at, updated_at)"
        " SELECT gen_random_uuid(), 'unsealed', 'Unsealed', cell, now() - interval '3 days', now()"
        " FROM district_directory LIMIT 1"
    )
    try:
        told = {each.name: each.samples for each in depths.Depths(house.parts.cells).collect()}
    finally:
        house.done("DELETE FROM district_directory WHERE code = 'unsealed'")
    assert told["wc_database_up"][0].value == 1
    assert told["wc_audit_seal_lag_seconds"][0].value >= 3 * 24 * 60 * 60


def test_a_port_that_is_taken_is_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiprocessing, "set_start_method", _leave_it)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = "127.0.0.1", taken.getsockname()[1]
        settings = replace(house.parts.settings, metrics=address)
        with pytest.raises(SettingsWrong, match="WC_METRICS_BIND"), measured_page(settings):
            pass
    assert FOLDER_VARIABLE not in os.environ


def _leave_it(_method: str, *, force: bool) -> None:
    assert force


def test_the_page_is_off_unless_asked_for_and_stays_on_this_machine() -> None:
    told = {"WC_DATABASE_URL": "postgresql://x"}
    assert from_environment(told).metrics is None
    assert from_environment({**told, "WC_METRICS_BIND": "9464"}).metrics == ("127.0.0.1", 9464)
    assert from_environment({**told, "WC_METRICS_BIND": "192.0.2.1:9464"}).metrics == ("192.0.2.1", 9464)
    with pytest.raises(SettingsWrong, match="WC_METRICS_BIND"):
        from_environment({**told, "WC_METRICS_BIND": "nowhere"})
