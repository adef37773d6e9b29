"""Item models over frozen rows. They answer what a cell looks like and says; widgets paint it."""
