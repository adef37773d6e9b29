"""The proofs of `make prove-crash`, with few kills and few faults."""

import io
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from rich.console import Console
from tests.proofs import crash, faults
from tests.proofs.io_faults import can_inject
from tests.sync_server.house import House
from tests.sync_server.serving import Served

ROOT = Path(__file__).resolve().parents[2]
needs_tables = pytest.mark.skipif(not can_inject(), reason="calls are struck on 64-bit Linux only")

# Two mistakes a save could have: it says "saved" of what was undone, and "not saved" of what it tried once more itself.
PLANTED = """
import sys, tempfile
from pathlib import Path
from wc_desktop.domain.failures import DiskFailed, DiskFull
from wc_desktop.journal.book import DeviceJournal
from tests.proofs import faults, io_faults

whole = DeviceJournal.append

def says_saved(self, changes, **told):
    try:
        return whole(self, changes, **told)
    except (DiskFailed, DiskFull):
        return None

def says_not_saved(self, changes, **told):
    try:
        return whole(self, changes, **told)
    except (DiskFailed, DiskFull):
        whole(self, changes, **told)
        raise

DeviceJournal.append = {"saved": says_saved, "not saved": says_not_saved}[sys.argv[1]]
io_faults.install()
with tempfile.TemporaryDirectory(dir=faults.quick_folder()) as text:
    proof = faults.prove(Path(text), every=19, saves=[faults.NEXT])
print(proof.holds, sum(one.lost for one in proof.judged) > 0, sum(one.doubled for one in proof.judged) > 0)
"""


@pytest.mark.postgres
def test_nothing_is_lost_doubled_or_torn_by_killing(house: House, tmp_path: Path) -> None:
    served = Served(house, tmp_path / "server.log")
    said = io.StringIO()
    try:
        counts = crash.prove(crash.Ground(house, served, tmp_path, 2, seed=3), kills=3, server_kills=1)
    finally:
        served.stop()
    assert crash.show(counts, Console(file=said, width=140)), said.getvalue()
    assert (counts.device_kills.total(), counts.server_kills.total()) == (3, 2)
    assert 0 < counts.told <= counts.doses


@needs_tables
def test_nothing_is_lost_doubled_or_torn_by_a_failing_call() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.proofs.faults", "--every", "53"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "said not saved" in done.stdout


@needs_tables
@pytest.mark.parametrize(("mistake", "found"), [("saved", "False True False"), ("not saved", "False False True")])
def test_a_save_that_says_the_wrong_thing_is_found(mistake: str, found: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PLANTED, mistake], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == found


@pytest.mark.parametrize(
    "counts",
    [
        crash.Counts(told=3, lost=1),
        crash.Counts(told=3, doubled=1),
        crash.Counts(told=3, torn=1),
        crash.Counts(told=3, wrong=["something still waits"]),
        crash.Counts(told=0, device_kills=Counter({"pushing": 4})),
    ],
)
def test_a_breach_would_be_told(counts: crash.Counts) -> None:
    assert not crash.show(counts, Console(file=io.StringIO()))
    case = faults.Case(
        save=faults.FIRST,
        how="EIO",
        number=1,
        presses_again=True,
        closes=True,
        struck="write",
        told=(),
        was_killed=False,
    )
    torn = faults.Proof(judged=[faults.Judged(case=case, torn=1)])
    said = io.StringIO()
    assert not faults.show(torn, 1.0, Console(file=said))
    assert "BREACH" in said.getvalue()
