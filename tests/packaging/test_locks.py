"""The locks hold names, versions and hashes, and nothing that points to a place."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from tests.architecture.tree import ROOT

LOCKS = sorted((ROOT / "packaging" / "locks").glob("*.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def pinned(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)(?:\[[^]]*\])?==([^ ;]+)", lock.read_text(), flags=re.MULTILINE))


def test_there_is_a_lock_for_everything_and_one_for_each_program() -> None:
    assert [lock.name for lock in LOCKS] == ["all.txt", "desktop.txt", "server.txt"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_has_a_hash_for_each_release_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text
    entries = re.split(r"\n(?=\S)", text.strip())
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", entry) for entry in entries)


@pytest.mark.parametrize(
    ("lock", "extras"),
    [
        ("all.txt", ["desktop", "server", "demo"]),
        ("desktop.txt", ["desktop"]),
        ("server.txt", ["server"]),
    ],
)
def test_a_lock_satisfies_what_the_project_asks_for(lock: str, extras: list[str]) -> None:
    wanted = [*PROJECT["project"]["dependencies"]]
    for extra in extras:
        wanted += PROJECT["project"]["optional-dependencies"][extra]
    if lock == "all.txt":
        wanted += PROJECT["dependency-groups"]["dev"]
    found = pinned(ROOT / "packaging" / "locks" / lock)
    missed = []
    for requirement in map(Requirement, wanted):
        version = found.get(requirement.name.lower().replace("_", "-"))
        if version is None or not requirement.specifier.contains(version, prereleases=True):
            missed.append(str(requirement))
    assert not missed, "run `make lock`"


def test_neither_program_carries_the_other() -> None:
    assert "granian" not in pinned(ROOT / "packaging" / "locks" / "desktop.txt")
    assert "pyside6-essentials" not in pinned(ROOT / "packaging" / "locks" / "server.txt")
