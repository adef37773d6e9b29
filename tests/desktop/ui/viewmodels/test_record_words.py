"""Records of every kind in words: no kind, field or value that a workstation writes reaches a nurse as a code."""

import pytest
from tests.desktop.samples import authored_values
from tests.fakes.pages_seam import ZONE

from wc_contract.model.authoring import ADDABLE, CHANGEABLE
from wc_contract.model.values import CaseResolution
from wc_desktop.ui.viewmodels.record_words import ANSWERS, KINDS, said_fields, value_words, verb_words

pytestmark = pytest.mark.usefixtures("qapp")


def test_every_kind_that_is_written_here_and_every_answer_has_words() -> None:
    assert set(KINDS) == ADDABLE | CHANGEABLE | {"dose", "incident", "review_case"}
    assert set(ANSWERS) == set(CaseResolution)


@pytest.mark.parametrize("kind", sorted(ADDABLE))
def test_what_a_record_says_names_no_id_and_no_code_of_the_program(kind: str) -> None:
    said = said_fields(kind, authored_values(kind), ZONE, empty=True)
    assert said
    for label, value in said:
        assert "_" not in label
        assert label[:1].isupper() or label[:1].isdigit()
        assert "[" not in value
        assert "+00:00" not in value
    assert verb_words(f"record.add:{kind}").endswith(", new")


def test_values_read_as_one_says_them() -> None:
    assert value_words("allergy", "criticality", "unable-to-assess", ZONE) == "Unable to assess"
    assert value_words("allergy", "is_active", 1, ZONE) == "yes"
    assert value_words("allergy", "verified_on", "2026-11-20", ZONE) == "20 Nov 2026"
    assert value_words("dose", "administered_at", "2026-11-23T17:48:00+00:00", ZONE) == "23 Nov 2026 11:48"
    assert value_words("incident", "witnesses", '[{"name":"Pat Lowe","role":"aide"}]', ZONE) == "Pat Lowe · aide"
    assert value_words("review_case", "resolution", "BOTH_GIVEN", ZONE) == "Both were given"
    assert value_words("review_case", "note", None, ZONE) == "empty"
    assert [label for label, _ in said_fields("review_case", {"resolved_by": "x", "note": "Asked"}, ZONE)] == ["Note"]
