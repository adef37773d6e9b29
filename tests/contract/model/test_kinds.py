"""The one declaration of records holds together."""

import pytest

from wc_contract.model.kinds import BY_NAME, DOSE, INCIDENT, KINDS, ORDER, STUDENT, FieldType, MergePolicy
from wc_contract.model.values import DoseState


def test_names_and_tables_are_each_used_once() -> None:
    assert len({kind.name for kind in KINDS}) == len({kind.table for kind in KINDS}) == len(KINDS) == len(BY_NAME)
    for kind in KINDS:
        assert len(set(kind.columns)) == len(kind.columns)
        assert (kind.columns[0], kind.columns[-1]) == ("id", "row_version")


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
