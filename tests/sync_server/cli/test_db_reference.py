"""The operator's command for public codes."""

import pytest
from tests.sync_server.cli.commanded import run
from tests.sync_server.house import House

pytestmark = pytest.mark.postgres


def test_an_operator_writes_the_codes_again(house: House) -> None:
    before = house.one("SELECT count(*) FROM icd10_codes")
    house.done("UPDATE icd10_codes SET description = 'something else' WHERE code = 'J45.909'")
    done = run(house, "db", "reference")
    assert done.returncode == 0, done.stderr
    assert "icd10_codes" in done.stdout
    assert (
        house.one("SELECT description FROM icd10_codes WHERE code = 'J45.909'") == "Unspecified asthma, uncomplicated"
    )
    assert house.one("SELECT count(*) FROM icd10_codes") == before
