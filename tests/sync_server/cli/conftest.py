"""Tests here may have a district and a running server; every command prints wide and leaves no log behind."""

from tests.sync_server.cli.commanded import wide_and_forgetful
from tests.sync_server.serving import client, house, served

__all__ = ["client", "house", "served", "wide_and_forgetful"]
