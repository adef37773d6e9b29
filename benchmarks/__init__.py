"""Measurements beside floors: run `make bench`, or `python -m benchmarks --help`. Nothing here is shipped."""
