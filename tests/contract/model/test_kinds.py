"""The one declaration of records holds together."""

from dataclasses import replace

import pytest

from wc_contract.model.kinds import (
    BY_NAME,
    DOSE,
    EMERGENCY_CONTACT,
    INCIDENT,
    KINDS,
    ORDER,
    STUDENT,
    FieldType,
    MergePolicy,
)
from wc_contract.model.values import DoseState


def test_names_and_tables_are_each_used_once() -> None:
    assert len({kind.name for kind in KINDS}) == len({kind.table for kind in KINDS}) == len(KINDS) == len(BY_NAME)
    for kind in KINDS:
        assert len(set(kind.columns)) == len(kind.columns)
        assert (kind.columns[0], kind.columns[-1]) == ("id", "row_version")


def test_a_kind_is_looked_up_by_its_name_without_a_look_at_its_fields() -> None:
    assert hash(DOSE) == hash(replace(DOSE, fields=()))
    assert replace(DOSE, fields=()) != DOSE


def test_parents_come_before_children() -> None:
    seen: set[str] = set()
    for kind in KINDS:
        seen.add(kind.table)
        assert {f.references for f in kind.fields if f.references} <= seen


def test_only_text_has_a_closed_set_of_values_and_references_are_ids() -> None:
    for kind in KINDS:
        for field in kind.fields:
            assert not field.values or field.type is FieldType.TEXT
            assert field.references is None or field.type is FieldType.UUID


def test_fields_are_found_by_name_and_phi_by_flag() -> None:
    assert STUDENT.field("last_name").phi
    assert {"last_name", "date_of_birth"} <= STUDENT.phi_fields
    assert "grade" not in STUDENT.phi_fields
    assert ORDER.merge is MergePolicy.BASE_MUST_MATCH
    with pytest.raises(KeyError):
        DOSE.field("colour")


def test_clinical_text_is_phi() -> None:
    assert {"reason", "dose_given", "overrides"} <= DOSE.phi_fields
    assert {"narrative", "witnesses", "care_given"} <= INCIDENT.phi_fields


def test_what_was_taken_and_what_needs_a_reason_follow_the_table_of_states() -> None:
    taken = {s for s in DoseState if s.given}
    assert taken == {
        DoseState.ADMINISTERED, DoseState.PARTIAL, DoseState.SELF_ADMINISTERED, DoseState.OFF_SITE, DoseState.VOMITED,
    }  # fmt: skip
    silent = {s for s in DoseState if not s.needs_reason}
    assert silent == {
        DoseState.ADMINISTERED, DoseState.SELF_ADMINISTERED, DoseState.OFF_SITE, DoseState.ABSENT,
        DoseState.DISMISSED_EARLY,
    }  # fmt: skip


def test_sealed_fields_are_phi_text_of_records_that_can_be_written_again() -> None:
    sealed = {(kind.name, field.name): (kind, field) for kind in KINDS for field in kind.fields if field.sealed}
    assert set(sealed) == {("health_record", "notes"), ("document", "blob_ref")}
    for kind, field in sealed.values():
        assert field.phi
        assert field.type in {FieldType.TEXT, FieldType.JSON}
        assert not field.values
        assert not kind.append_only  # a new key seals what is there anew
        assert field.name in kind.sealed_fields


def test_no_text_is_undecided() -> None:
    undecided = [
        (kind.name, field.name)
        for kind in KINDS
        for field in kind.fields
        if field.type in {FieldType.TEXT, FieldType.JSON} and not (field.phi or field.plain or field.values)
    ]
    assert undecided == []
    assert not [(kind.name, f.name) for kind in KINDS for f in kind.fields if f.phi and f.plain]


def test_a_part_names_its_whole() -> None:
    parts = {kind.name: [f for f in kind.fields if f.owner] for kind in KINDS if any(f.owner for f in kind.fields)}
    assert set(parts) == {
        "incident_addendum", "witness_statement", "head_injury_check", "follow_up_action", "appointment_reminder",
        "case_side",
    }  # fmt: skip
    for fields in parts.values():
        assert [(field.required, field.references is not None) for field in fields] == [(True, True)]


def test_every_kind_of_the_list_travels_and_an_old_one_keeps_its_width() -> None:
    assert all(kind.replicated for kind in KINDS)
    # A workstation that asks for no names refuses rows of another width (docs/adr/0019, 0027).
    widths = {"student": 16, "user": 8, "dose": 27, "incident": 31, "order": 18, "vaccination": 10, "allergy": 11}
    assert {name: len(BY_NAME[name].first_columns) for name in widths} == widths


def test_groups_and_cautious_values_name_fields_and_values_that_there_are() -> None:
    for kind in KINDS:
        grouped = [name for group in kind.groups for name in group]
        assert len(grouped) == len(set(grouped)), f"{kind.name}: a field in two groups"
        assert {*grouped, *kind.cautious} <= set(kind.columns)
        for name, values in kind.cautious.items():
            field = kind.field(name)
            assert set(values) == (set(field.values) or {False, True})
            assert kind.group_of(name) == (name,), "what stands by caution is judged by itself"
    assert EMERGENCY_CONTACT.group_of("relationship") == ("name", "relationship")
    assert EMERGENCY_CONTACT.group_of("phone") == ("phone",)
