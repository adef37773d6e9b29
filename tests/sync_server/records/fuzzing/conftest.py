"""A district of its own for the fuzzer, which writes whatever is let in."""

from collections.abc import Iterator

import pytest
from tests.sync_server.house import House
from tests.sync_server.records.office import Office, house_named, open_office

from wc_sync_server.embedded import EmbeddedPostgres


@pytest.fixture(scope="module")
def house(
    postgres_server: EmbeddedPostgres, central_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """Give the fuzzer a district."""
    with house_named("records_fuzzed", postgres_server, central_template, tmp_path_factory.mktemp("keys")) as made:
        yield made


@pytest.fixture(scope="module")
def office(house: House) -> Iterator[Office]:
    """Give a server in this process and people of every role."""
    with open_office(house) as made:
        yield made
