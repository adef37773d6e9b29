"""Rows for workstations that are out already keep their width, whatever is added to a kind."""

from dataclasses import replace

import pytest

from wc_contract.model.kinds import BY_NAME, SHIFT
from wc_contract.model.kinds.fields import TEXT, column
from wc_sync_server.db.repositories.wire_sql import _values, wire_array


def test_what_was_added_goes_to_those_alone_who_ask_for_names(monkeypatch: pytest.MonkeyPatch) -> None:
    first, *more = SHIFT.fields
    # Not at the end: a declaration is read by people, and its order says nothing about age.
    newer = replace(SHIFT, name="newer_shift", fields=(first, column("bus", TEXT, "+"), *more))
    monkeypatch.setitem(BY_NAME, "newer_shift", newer)
    assert newer.first_columns == SHIFT.columns
    assert newer.columns == (*SHIFT.columns[:2], "bus", *SHIFT.columns[2:])
    assert "t.bus" in wire_array("newer_shift", "t")
    assert wire_array("newer_shift", "t", added=False) == wire_array("shift", "t")
    assert list(_values("newer_shift", "t")) == list(newer.columns)
