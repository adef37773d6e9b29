"""The fold from entries to records."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories import MARKER, NURSE, access_recorded, dose_logged, entry_of, incident_signed, named
from tests.strategies import entries

from wc_contract.model.apply import apply_entry, compact
from wc_contract.model.changes import DoseLogged, Entry, IncidentSigned, RecordAdded
from wc_contract.model.instants import instant_to_text
from wc_contract.model.kinds import DOSE, INCIDENT, FieldType
from wc_contract.rules.facts import DoseFacts

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(entries)
def test_every_fact_writes_one_whole_record(entry: Entry) -> None:
    writes = list(apply_entry(entry))
    written = [c for c in entry.changes if isinstance(c, DoseLogged | IncidentSigned | RecordAdded)]
    assert [w.id for w in writes] == [str(c.id) for c in written]
    for write, change in zip(writes, written, strict=True):
        match change:
            case DoseLogged():
                assert write.kind is DOSE
            case IncidentSigned():
                assert write.kind is INCIDENT
            case RecordAdded():
                assert write.kind.name == change.kind
        assert set(write.values) == set(write.kind.columns) - {"row_version"}


@given(entries)
def test_values_are_in_wire_form_and_required_ones_are_there(entry: Entry) -> None:
    kinds: dict[FieldType, Any] = {FieldType.INTEGER: int, FieldType.BOOLEAN: bool}
    for write in apply_entry(entry):
        for field in write.kind.fields:
            value = write.values[field.name]
            assert value is not None or not field.required
            assert value is None or isinstance(value, kinds.get(field.type, str))
            assert not field.values or value is None or value in field.values
            if field.type is FieldType.JSON and value is not None:
                assert compact(json.loads(str(value))) == value


@given(entries)
def test_folding_twice_gives_the_same(entry: Entry) -> None:
    assert list(apply_entry(entry)) == list(apply_entry(entry))


@given(entries)
def test_a_dose_reads_the_same_from_its_row_as_from_its_entry(entry: Entry) -> None:
    written = {w.id: w for w in apply_entry(entry)}
    for change in entry.changes:
        if isinstance(change, DoseLogged):
            write = written[str(change.id)]
            assert DoseFacts.from_row(write.values) == DoseFacts.from_change(entry, change)


def test_flags_stand_sorted_on_their_own_record() -> None:
    dose, report = dose_logged(), incident_signed()
    first, second = apply_entry(entry_of(dose, report), {str(dose.id): ("too_soon", "late")})
    assert (first.values["flags"], second.values["flags"]) == ('["late","too_soon"]', "[]")


def test_who_added_a_document_and_when_follows_from_its_entry() -> None:
    values = {"student_id": str(NURSE), "kind": "OTHER", "media_type": "image/png", "sha256": "0" * 64, "blob_ref": "b"}
    added = RecordAdded(kind="document", id=named("document"), values={**values, "is_confidential": False})
    entry = entry_of(added)
    (write,) = apply_entry(entry)
    assert write.values["added_by"] == str(entry.author_id)
    assert write.values["added_at"] == instant_to_text(entry.authored_at)


def test_an_entry_s_author_device_and_data_age_stand_on_the_record() -> None:
    entry = entry_of(dose_logged(), number=7, replica_as_of=None)
    (write,) = apply_entry(entry)
    assert write.values["device_seq"] == 7
    assert write.values["author_user_id"] == str(NURSE)
    assert write.values["replica_as_of"] is None
    assert write.values["recorded_at"] == instant_to_text(entry.authored_at)


def test_an_amount_is_written_in_one_way_however_it_was_typed() -> None:
    for typed in ("2.5", "2.50", "25E-1"):
        (write,) = apply_entry(entry_of(dose_logged(dose_given=Decimal(typed))))
        assert write.values["dose_given"] == "2.5"
    (hundred,) = apply_entry(entry_of(dose_logged(dose_given=Decimal("1E+2"))))
    assert hundred.values["dose_given"] == "100"


def test_a_look_writes_no_record() -> None:
    assert list(apply_entry(entry_of(access_recorded()))) == []


def test_a_write_shows_no_content_in_a_log() -> None:
    report: IncidentSigned = incident_signed(narrative=MARKER)
    assert MARKER not in repr(list(apply_entry(entry_of(report, dose_logged(reason=MARKER)))))


@given(json_values)
def test_canonical_json_does_not_change_when_written_again(value: Any) -> None:
    text = compact(value)
    assert json.loads(text) == value
    assert compact(json.loads(text)) == text


def test_canonical_json_is_these_bytes() -> None:
    assert compact({"b": [1, None, True], "a": 'é"\n'}) == '{"a":"é\\"\\n","b":[1,null,true]}'
    assert compact({"a": 1, "b": 2}) == compact({"b": 2, "a": 1})
    with pytest.raises(ValueError, match="float"):
        compact(float("nan"))
