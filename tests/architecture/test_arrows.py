"""The arrows between the rooms hold, and the check of them can fail."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.architecture.tree import ROOT, SOURCES

LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")


def lint_imports(sources: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(LINT_IMPORTS), "--config", str(ROOT / "pyproject.toml"), "--no-cache", "--no-logo"],
        cwd=sources,
        env={**os.environ, "PYTHONPATH": str(sources), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_arrow_points_the_agreed_way() -> None:
    done = lint_imports(SOURCES)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("wc_contract/model/errors.py", "import wc_contract.wire", "2. contract"),
        ("wc_contract/rules/__init__.py", "import sqlalchemy", "6. pure rooms"),
        ("wc_contract/model/errors.py", "import pydantic", "9. contract"),
        ("wc_sync_server/embedded/dsn.py", "import wc_desktop", "1. two programs"),
        ("wc_sync_server/embedded/dsn.py", "import PySide6", "7. PySide6"),
        ("wc_sync_server/embedded/dsn.py", "import wc_sync_server.db", "5. server"),
    ],
)
def test_an_arrow_the_wrong_way_is_caught(tmp_path: Path, module: str, line: str, contract: str) -> None:
    sources = tmp_path / "src"
    shutil.copytree(SOURCES, sources, ignore=shutil.ignore_patterns("__pycache__", "resources"))
    with (sources / module).open("a") as file:
        file.write(f"\n{line}\n")
    done = lint_imports(sources)
    assert done.returncode != 0
    broken = [text for text in done.stdout.splitlines() if text.rstrip().endswith("BROKEN")]
    assert any(text.startswith(contract) for text in broken), done.stdout
