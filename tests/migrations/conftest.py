"""Migrations are tested on real databases."""

from tests.central_database import central_dsns, central_superuser, central_template

__all__ = ["central_dsns", "central_superuser", "central_template"]
