"""make simulate: play schedules by seed, or one of them again."""

import argparse
import sys
from pathlib import Path

_EPILOG = """examples:
  python -m tests.simulation --seeds 2000 --jobs 2     two thousand schedules in two processes
  python -m tests.simulation --seed 17                 one of them again, act by act
  python -m tests.simulation --seed 17 --keep 3,9 --devices 2 --calm
                                                       a shrunk one, as a failure prints it
  python -m tests.simulation --real --seeds 3          over a real PostgreSQL (slow); --seed 17 --real for one

exit code 1 when a law of product.md does not hold. docs/simulation.md says what is simulated and what is checked.
"""


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    if options.sources is not None:
        _use(options.sources)
    # Only now: which sources are simulated was said on the command line.
    from tests.simulation import reporting

    if options.real:
        return reporting.real(options)
    return reporting.one(options) if options.seed is not None else reporting.many(options)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.simulation",
        description="Workstations and their server in one process, on a virtual clock, with every fault by seed.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seeds", type=int, default=200, help="how many schedules to play (200)")
    parser.add_argument("--from", dest="first", type=int, default=1, help="the first seed (1)")
    parser.add_argument("--jobs", type=int, default=2, help="processes (2)")
    parser.add_argument("--seed", type=int, help="play this one only, and tell what happens in it")
    parser.add_argument("--keep", help="of --seed: only these acts, by number, with commas")
    parser.add_argument("--devices", type=int, help="of --seed: so many workstations")
    parser.add_argument("--calm", action="store_true", help="of --seed: a network that loses and delays nothing")
    parser.add_argument("--real", action="store_true", help="the server's side in a real PostgreSQL")
    parser.add_argument("--stop-at-first", action="store_true", help="end at the first failure")
    parser.add_argument("--shrink", type=float, default=90.0, metavar="SECONDS", help="for a failure (90; 0: do not)")
    parser.add_argument("--sources", type=Path, help="another src folder to simulate (planted bugs)")
    return parser.parse_args(arguments)


def _use(sources: Path) -> None:
    sys.path.insert(0, str(sources))
    import wc_contract

    if not Path(wc_contract.__file__).is_relative_to(sources):
        raise SystemExit(f"other sources than {sources} were loaded")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
