"""When the workstation locks itself, and how often a password may be tried."""

from datetime import timedelta

# Defaults; a district's policy may shorten them (security.md).
IDLE_LOCK = timedelta(minutes=10)
MAX_TRIES = 10
