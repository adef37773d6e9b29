"""Start, wiring, settings and end of the program."""
