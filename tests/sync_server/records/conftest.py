"""People at the records API, in the process of the test: real PostgreSQL, every statement seen."""

from collections.abc import Iterator

import pytest
from tests.sync_server.house import House
from tests.sync_server.records.office import Office, house_named, open_office

from wc_sync_server.embedded import EmbeddedPostgres


@pytest.fixture(scope="session")
def house(
    postgres_server: EmbeddedPostgres, central_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """Give all of these tests one district: each makes the records that it counts."""
    keys = tmp_path_factory.mktemp("keys")
    with house_named("records_of_people", postgres_server, central_template, keys) as made:
        yield made


@pytest.fixture(scope="session")
def office(house: House) -> Iterator[Office]:
    """Give a server in this process and people of every role."""
    with open_office(house) as made:
        yield made
