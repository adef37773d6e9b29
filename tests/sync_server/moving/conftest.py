"""Tests here have a district with two schools, and a workstation in each that needs no network."""

from tests.sync_server.serving import house

__all__ = ["house"]
