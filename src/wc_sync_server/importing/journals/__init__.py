"""Entries that were carried to the district by hand."""
