"""The served district of tests/desktop/sync, and its workstations, for commands that meet it."""

from tests.desktop.sync.conftest import central_template, district, house, workstation

__all__ = ["central_template", "district", "house", "workstation"]
