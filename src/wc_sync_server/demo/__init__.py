"""The demonstration: a district that does not exist, run for real."""
