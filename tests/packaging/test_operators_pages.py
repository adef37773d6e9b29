"""The operator's pages name every setting and say only sentences that the program says."""

import re
from pathlib import Path

from wc_desktop.ui.messages.failures import FAILURES
from wc_desktop.ui.messages.outcomes import REFUSALS, WAITS
from wc_sync_server import settings
from wc_sync_server.cli.doctor.rounds import CHECKS

DOCS = Path(__file__).resolve().parents[2] / "docs"


def first_cells(page: str) -> list[str]:
    rows = [line for line in (DOCS / page).read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    return [row.split("|")[1].strip() for row in rows if not row.startswith(("| it says", "| variable"))]


def test_every_setting_of_the_server_is_listed() -> None:
    source = Path(settings.__file__).read_text(encoding="utf-8")
    listed = set(re.findall(r"WC_[A-Z0-9_]+", (DOCS / "operating.md").read_text(encoding="utf-8")))
    assert set(re.findall(r'"(WC_[A-Z0-9_]+)"', source)) <= listed


def test_every_check_of_a_deployment_is_listed() -> None:
    section = (DOCS / "operating.md").read_text(encoding="utf-8").split("## Is it set up right?")[1].split("## ")[0]
    rows = [row.split("|")[1] for row in section.splitlines() if row.startswith("| `")]
    assert [name for row in rows for name in re.findall(r"`(\w+)`", row)] == list(CHECKS)


def test_every_sentence_explained_is_one_the_workstation_says() -> None:
    said = [*FAILURES.values(), *REFUSALS.values(), *WAITS.values()]
    for cell in first_cells("troubleshooting.md"):
        sentence = cell.replace(" N tries left.", "")
        known = sentence.startswith("Not done (") or any(sentence in words for words in said)
        assert known, f"nobody says {sentence!r}"
