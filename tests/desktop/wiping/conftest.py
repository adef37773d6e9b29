"""A real server and workstations that enrolled at it."""

from tests.desktop.sync.conftest import central_template, district, house, workstation

__all__ = ["central_template", "district", "house", "workstation"]
