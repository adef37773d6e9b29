"""Ask for the known vulnerabilities of every release in the lock, for whichever system it is pinned.

Ends with 0: none is known, or (which it says) nobody could be asked; 1: there are some; 2: the check itself failed.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

LOCK = Path(__file__).resolve().parent / "locks" / "all.txt"
_PINNED = re.compile(r"^([a-z0-9-]+)(?:\[[^]]*\])?==([^ ;\\]+)", flags=re.MULTILINE)
# What pip-audit's own trace names when the service was not there, or had no answer.
_NOT_REACHED = re.compile(r"ConnectionError|Timeout|ServiceError|ProxyError|SSLError|JSONDecodeError")


def main() -> int:
    """Check; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--service", help="another address that speaks OSV's version 1, e.g. a mirror")
    parser.add_argument("--lock", type=Path, default=LOCK, help="another lock")
    arguments = parser.parse_args()
    pins = sorted(set(_PINNED.findall(arguments.lock.read_text(encoding="utf-8"))))
    found: list[str] | None = []
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
    for line in found:
        print(line)
    print(f"{len(pins)} pinned releases looked up, {len(found)} known vulnerabilities.")
    if found:
        print("Raise the bound in pyproject.toml where there is one, then `make lock UPGRADE=--upgrade`.")
    return 1 if found else 0


def audit(releases: dict[str, str], service: str | None) -> tuple[list[str] | None, str]:
    """Return a line for each known vulnerability of releases; or None, and what pip-audit complained of."""
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


def told(release: dict[str, str], found: dict[str, list[str]]) -> str:
    """Return one finding as a line."""
    names = ", ".join([str(found["id"]), *found["aliases"]])
    mended = ", ".join(found["fix_versions"]) or "no release yet"
    return f"{release['name']} {release['version']}: {names}; mended in {mended}"


if __name__ == "__main__":
    sys.exit(main())
