"""When the workstation locks itself, and how often a password may be tried."""

from datetime import timedelta

# Defaults; a district's policy may shorten them (security.md).
IDLE_LOCK = timedelta(minutes=10)
MAX_TRIES = 10

# What the nurse may choose: shorter than the policy at any time, longer never.
LONGEST_LOCK_MINUTES = IDLE_LOCK // timedelta(minutes=1)
LOCK_MINUTES = tuple(minutes for minutes in (1, 2, 3, 5, 10) if minutes <= LONGEST_LOCK_MINUTES)


def lock_minutes_within(minutes: int) -> int:
    """Return the nearest lock time that the policy allows."""
    return min(max(minutes, LOCK_MINUTES[0]), LONGEST_LOCK_MINUTES)
