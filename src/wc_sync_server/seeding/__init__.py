"""Invented districts of any size, for load: rows in the shape of real ones. It makes them and writes none."""
