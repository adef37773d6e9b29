"""Proofs in the small: a district and a running server."""

from tests.central_database import central_template
from tests.sync_server.serving import house, served

__all__ = ["central_template", "house", "served"]
