"""Migrations are tested on real databases, and the steps of one beside a running server."""

from tests.central_database import central_dsns, central_superuser, central_template
from tests.sync_server.serving import house, served

__all__ = ["central_dsns", "central_superuser", "central_template", "house", "served"]
