"""The bytes on the wire: written and read exactly as in the golden files."""

import inspect
from typing import get_args

import pytest
from tests.contract.wire.samples import ENTRIES, GOLDEN, MESSAGES, VARIANTS, golden_texts

from wc_contract.model.changes import DoseLogged
from wc_contract.wire import change_shapes, messages
from wc_contract.wire.base import WireModel
from wc_contract.wire.entries import body_hash, entry_from_body, entry_to_body, schema_of


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_is_written_and_read_as_its_golden_bytes(name: str) -> None:
    golden = (GOLDEN / f"{name}.json").read_bytes()
    assert entry_to_body(ENTRIES[name]).encode() == golden
    assert entry_from_body(golden.decode()) == ENTRIES[name]


@pytest.mark.parametrize("name", [*MESSAGES, *VARIANTS])
def test_a_message_is_written_and_read_as_its_golden_bytes(name: str) -> None:
    golden = (GOLDEN / f"message.{name}.json").read_bytes()
    message = {**MESSAGES, **VARIANTS}[name]
    assert message.model_dump_json(by_alias=True).encode() == golden
    assert type(message).model_validate_json(golden) == message


def test_every_message_and_every_verb_has_a_golden_file_and_no_file_is_left_over() -> None:
    declared = {
        name for name, model in inspect.getmembers(messages, inspect.isclass)
        if issubclass(model, WireModel) and model.__module__ == messages.__name__
    }  # fmt: skip
    assert declared == set(MESSAGES)
    assert {path.name for path in GOLDEN.iterdir()} == {file for file, _ in golden_texts()}
    for union, count in ((change_shapes.FIRST, 3), (change_shapes.SECOND, 6)):
        verbs = {verb for model in get_args(union) for verb in get_args(model.model_fields["verb"].annotation)}
        assert len(verbs) == len(get_args(union)) == count
        assert verbs <= set(change_shapes.VERBS)
        assert {f"entry.{verb}" for verb in verbs} <= set(ENTRIES)


def test_an_entry_is_written_in_the_lowest_schema_that_says_it() -> None:
    later = {"entry.record.add", "entry.record.change", "entry.case.answer", "entry.dose.amend", "entry.said.again"}
    for name, entry in ENTRIES.items():
        wanted = 3 if name in {"entry.chained", "entry.search"} else 2 if name in later else 1
        assert schema_of(entry_to_body(entry)) == entry.schema == wanted, name


def test_what_an_older_program_wrote_says_the_same_in_the_words_of_now() -> None:
    older = ENTRIES["entry.dose.log"]
    (dose,) = entry_from_body((GOLDEN / "entry.dose.log.json").read_text(encoding="utf-8")).changes
    assert isinstance(dose, DoseLogged)
    assert (dose.amends_id, dose.amend_reason, older.replaces) == (None, None, None)


def test_the_hash_of_an_entry_is_that_of_its_golden_bytes() -> None:
    golden = (GOLDEN / "entry.dose.log.json").read_text(encoding="utf-8")
    assert body_hash(golden) == "3210459d5f55ad8accc23a5f10f9621f0949a7339e5914f561d1c061b3a37927"
