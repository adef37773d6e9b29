"""Tests here may have a district and a running server."""

from tests.sync_server.serving import client, house, served

__all__ = ["client", "house", "served"]
