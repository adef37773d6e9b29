"""Schedules over a real PostgreSQL need the migrated template."""

from tests.central_database import central_template

__all__ = ["central_template"]
