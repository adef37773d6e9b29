"""What a district wrote about vaccinations is read as far as it reads."""

import pytest

from wc_sync_server.domain.records.vaccines import REFERENCE, series_of

_FINE = {"name": "mmr", "cvx": ["03", "94"], "doses": 1}


@pytest.mark.parametrize("cvx", [3, "03", {"03": 1}, None, [], [3], ["x"]])
def test_a_series_without_a_list_of_codes_is_left_out(cvx: object) -> None:
    spoilt = {"name": "dtap", "cvx": cvx, "doses": 1}
    assert [each.name for each in series_of({"vaccination_series": [spoilt, _FINE]})] == ["mmr"]
    assert series_of({"vaccination_series": [spoilt]}) == REFERENCE
