"""Ask for the known vulnerabilities of every release in the lock, for whichever system it is pinned.

Ends with 0: none is known but accepted ones, or (which it says) nobody could be asked; 1: there are others; 2: the
check itself failed. What is accepted, until when and why stands in accepted_vulnerabilities.toml beside this file.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
import tomllib
from datetime import date
from pathlib import Path

LOCK = Path(__file__).resolve().parent / "locks" / "all.txt"
ACCEPTED = Path(__file__).resolve().parent / "accepted_vulnerabilities.toml"
_PINNED = re.compile(r"^([a-z0-9-]+)(?:\[[^]]*\])?==([^ ;\\]+)", flags=re.MULTILINE)
# What pip-audit's own trace names when the service was not there, or had no answer.
_NOT_REACHED = re.compile(r"ConnectionError|Timeout|ServiceError|ProxyError|SSLError|JSONDecodeError")


def main() -> int:
    """Check; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--service", help="another address that speaks OSV's version 1, e.g. a mirror")
    parser.add_argument("--lock", type=Path, default=LOCK, help="another lock")
    parser.add_argument("--accepted", type=Path, default=ACCEPTED, help="another list of what is accepted until a day")
    arguments = parser.parse_args()
    accepted = read_accepted(arguments.accepted, date.fromisoformat(time.strftime("%Y-%m-%d", time.gmtime())))
    pins = sorted(set(_PINNED.findall(arguments.lock.read_text(encoding="utf-8"))))
    found: list[tuple[str, set[str]]] | None = []
    complaint = ""
    for releases in rounds_of(pins):
        more, complaint = audit(releases, arguments.service)
        if more is None:
            found = None
            break
        found = [*(found or []), *more]
    if found is None:
        if _NOT_REACHED.search(complaint):
            print("NOT CHECKED: the service of known vulnerabilities did not answer (pip-audit, OSV).")
            print("Nothing is known about the dependencies of today: run it again where there is a network.")
            return 0
        print(f"The check itself failed:\n{complaint}", file=sys.stderr)
        return 2
    stopping = [line for line, names in found if not names & accepted]
    for line in stopping:
        print(line)
    print(f"{len(pins)} pinned releases looked up, {len(stopping)} known vulnerabilities", end="")
    print(f" and {len(found) - len(stopping)} accepted ones." if len(found) > len(stopping) else ".")
    if stopping:
        print("Raise the bound in pyproject.toml where there is one, then `make lock UPGRADE=--upgrade`;")
        print(f"or, with a reason and a day, accept it in {arguments.accepted.name}.")
    return 1 if stopping else 0


def read_accepted(path: Path, today: date) -> set[str]:
    """Return the names of what is accepted today. Raises KeyError if an entry lacks its day or its reason."""
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("accepted", [])
    return {each["id"] for each in entries if each["why"] and today <= each["until"]}


def audit(releases: dict[str, str], service: str | None) -> tuple[list[tuple[str, set[str]]] | None, str]:
    """Return a line and its names for each known vulnerability; or None, and what pip-audit complained of."""
    with tempfile.TemporaryDirectory() as folder:
        asked, answer = Path(folder) / "asked.txt", Path(folder) / "answer.json"
        # Without markers, so that those of other systems count.
        asked.write_text("".join(f"{name}=={version}\n" for name, version in releases.items()), encoding="utf-8")
        command = [sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", "--progress-spinner", "off"]
        command += ["--vulnerability-service", "osv", "--format", "json", "--desc", "off", "--output", str(answer)]
        command += ["--requirement", str(asked), *([] if service is None else ["--osv-url", service])]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if not answer.exists():
            return None, done.stderr.strip()
        looked_up = json.loads(answer.read_text(encoding="utf-8"))["dependencies"]
    if {each["name"]: each.get("version") for each in looked_up} != releases:
        return None, "pip-audit did not look up every release of the lock.\n" + done.stderr.strip()
    return [told(each, each_found) for each in looked_up for each_found in each["vulns"]], ""


def rounds_of(pins: list[tuple[str, str]]) -> list[dict[str, str]]:
    """Return pins by name; further releases of a name in further rounds, for pip-audit takes one at a time."""
    rounds: list[dict[str, str]] = []
    for name, version in pins:
        free = next((each for each in rounds if name not in each), None)
        if free is None:
            free = {}
            rounds.append(free)
        free[name] = version
    return rounds


def told(release: dict[str, str], found: dict[str, list[str]]) -> tuple[str, set[str]]:
    """Return one finding as a line, and every name it goes by."""
    names = [str(found["id"]), *found["aliases"]]
    mended = ", ".join(found["fix_versions"]) or "no release yet"
    return f"{release['name']} {release['version']}: {', '.join(names)}; mended in {mended}", set(names)


if __name__ == "__main__":
    sys.exit(main())
