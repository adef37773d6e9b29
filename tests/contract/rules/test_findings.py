"""The table of findings is complete and its words never change."""

from wc_contract.rules.findings import (
    Code,
    Finding,
    Noticed,
    Severity,
    blocking,
    codes_to_store,
    grade_before,
    grade_on_arrival,
)


def test_every_code_is_graded_on_both_sides_and_none_blocks_on_arrival() -> None:
    everything = [Noticed(code=code) for code in Code]
    assert {f.code for f in grade_before(everything)} == set(Code)
    assert Severity.REVIEW not in {f.severity for f in grade_before(everything)}
    assert Severity.BLOCK not in {f.severity for f in grade_on_arrival(everything)}


def test_only_what_blocks_can_be_overridden_and_never_the_wrong_child() -> None:
    graded = {f.code: f for f in grade_before([Noticed(code=code) for code in Code])}
    assert all(f.severity is Severity.BLOCK for f in graded.values() if f.overridable)
    assert not graded[Code.WRONG_STUDENT].overridable


def test_for_a_rescue_medicine_only_the_wrong_child_or_drug_blocks() -> None:
    found = grade_before([Noticed(code=code) for code in Code], rescue=True)
    assert {f.code for f in blocking(found)} == {Code.WRONG_STUDENT, Code.WRONG_MEDICATION}


def test_codes_are_lower_snake_case_that_a_receipt_can_carry() -> None:
    for code in Code:
        assert code.value == code.name.lower()
        assert code.value.replace("_", "").isalpha()


def test_stored_codes_are_sorted_each_once_and_without_mere_information() -> None:
    found = [
        Finding(code=Code.LATE, severity=Severity.WARN),
        Finding(code=Code.AFTER_STOP, severity=Severity.REVIEW),
        Finding(code=Code.LATE, severity=Severity.WARN, detail={"due": "x"}),
        Finding(code=Code.NOT_CHECKED, severity=Severity.INFO),
    ]
    assert codes_to_store(found) == ("after_stop", "late")


def test_findings_are_values_that_can_be_put_in_a_set() -> None:
    assert len({Finding(code=Code.LATE, severity=Severity.WARN, detail={"due": "x"})} | set(grade_before([]))) == 1
