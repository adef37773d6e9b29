"""Tests here have a district with two schools, and may run commands."""

from tests.sync_server.cli.commanded import wide_and_forgetful
from tests.sync_server.serving import house

__all__ = ["house", "wide_and_forgetful"]
