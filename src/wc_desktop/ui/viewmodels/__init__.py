"""What a screen knows and can do, in words and signals. QtCore only: no widget, no colour, no file, no network."""
