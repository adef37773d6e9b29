"""Taking entries in: read, verified, judged as a set by pure functions, written in one transaction."""
