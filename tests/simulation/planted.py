"""make simulate-mutants: bugs planted on purpose, each of which the simulator must find within the budget of CI.

Each patch in mutants/ is applied to a copy of src in a temporary folder; the working tree is never touched.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.simulation.budget import CI_SEEDS

ROOT = Path(__file__).resolve().parents[2]
PATCHES = Path(__file__).parent / "mutants"
_SEED = re.compile(r"^seed (\d+) breaks \d+:$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What became of one planted bug. seed is None when no schedule of the budget broke a law."""

    name: str
    seed: int | None
    said: str
    seconds: float


def patches() -> list[Path]:
    """Return the planted bugs, by name."""
    return sorted(PATCHES.glob("*.patch"))


@contextmanager
def planted(patch: Path) -> Iterator[Path]:
    """Give a copy of src with a bug in it. Raises CalledProcessError when the patch does not fit the sources."""
    with tempfile.TemporaryDirectory(prefix="wc-planted-") as folder:
        shutil.copytree(ROOT / "src", Path(folder) / "src", ignore=shutil.ignore_patterns("__pycache__"))
        subprocess.run(["git", "apply", "-p1", str(patch)], cwd=folder, check=True, capture_output=True)
        yield Path(folder) / "src"


def hunt(patch: Path, seeds: int) -> Found:
    """Look for one planted bug."""
    start = time.monotonic()
    with planted(patch) as sources:
        command = [sys.executable, "-m", "tests.simulation", "--seeds", str(seeds), "--jobs", "1", "--stop-at-first"]
        run = subprocess.run(
            [*command, "--shrink", "0", "--sources", str(sources)],
            cwd=ROOT,
            check=False,
            capture_output=True,
            text=True,
        )
    seed = _SEED.search(run.stdout)
    if seed is None and run.returncode:
        raise SystemExit(f"{patch.stem}: the simulator itself failed\n{run.stderr[-2000:]}")
    said = run.stdout[seed.end() :].strip().splitlines()[0].strip() if seed else ""
    return Found(
        name=patch.stem,
        seed=int(seed.group(1)) if seed else None,
        said=said,
        seconds=time.monotonic() - start,
    )


def table(found: Iterable[Found]) -> Iterator[str]:
    """Yield the lines of the table."""
    for one in found:
        seed = "-" if one.seed is None else str(one.seed)
        yield f"{one.name:<28}{seed:>6}{one.seconds:>8.1f} s  {one.said[:90]}"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.planted", description=__doc__)
    parser.add_argument("names", nargs="*", help="only these planted bugs")
    parser.add_argument("--seeds", type=int, default=CI_SEEDS, help=f"the budget ({CI_SEEDS}, as in CI)")
    parser.add_argument("--jobs", type=int, default=2, help="hunts at a time (2)")
    options = parser.parse_args(arguments)
    wanted = [patch for patch in patches() if not options.names or patch.stem in options.names]
    print(f"{'planted bug':<28}{'seed':>6}{'':>10}  the first law that it broke")
    missed = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        for ended in as_completed([pool.submit(hunt, patch, options.seeds) for patch in wanted]):
            found = ended.result()
            missed += found.seed is None
            print("\n".join(table([found])), flush=True)
    print(f"{len(wanted) - missed} of {len(wanted)} found within {options.seeds} schedules")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
