"""Tests here may have a district, a running server, and a workstation whose school has what its records may name."""

import pytest
from tests.sync_server.house import House
from tests.sync_server.in_house import Office, office_of
from tests.sync_server.reconcile.record_world import World
from tests.sync_server.serving import client, house, served

__all__ = ["client", "house", "served"]


@pytest.fixture(scope="module")
def world(house: House) -> World:
    made = World(house)
    made.furnish(office_of(house))
    return made


@pytest.fixture
def office(world: World) -> Office:
    return office_of(world.house)
