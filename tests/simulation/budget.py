"""How much of the simulator every run of the test suite plays."""

CI_SEEDS = 300
_A_HANDFUL = 10


def handfuls(half: int) -> list[tuple[int, ...]]:
    """Return the seeds of one half of the suite's schedules, ten to a test: the odd ones or the even ones."""
    seeds = range(1 + half, CI_SEEDS + 1, 2)
    return [tuple(seeds[at : at + _A_HANDFUL]) for at in range(0, len(seeds), _A_HANDFUL)]
