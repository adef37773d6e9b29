"""Tests here may have a district and a running server."""

from tests.sync_server.serving import house

__all__ = ["house"]
