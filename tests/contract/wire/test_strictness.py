"""What is no entry of a known version is refused, and the refusal tells nothing of a child."""

import json
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.contract.wire.samples import ENTRIES, GOLDEN, MESSAGES
from tests.factories import MARKER, dose_logged, entry_of, incident_signed
from tests.strategies import entries

from wc_contract.model.changes import Entry
from wc_contract.model.errors import Defect, Refused, Unavailable, WhiteCrossError
from wc_contract.wire.entries import EntryMalformed, entry_from_body, entry_to_body
from wc_contract.wire.versions import MAX_CHANGES, MAX_ENTRY_BYTES, MAX_NUMBER

Spoil = Callable[[dict[str, Any]], object]


def golden(name: str = "entry.dose.log") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((GOLDEN / f"{name}.json").read_bytes())
    return found


def change(body: dict[str, Any], **values: Any) -> None:
    body["changes"][0].update(values)


SPOILT: dict[str, tuple[Spoil, str]] = {
    "unknown field": (lambda b: b.update({MARKER: 1}), "unknown"),
    "unknown field of a change": (lambda b: change(b, **{MARKER: 1}), "changes.0.dose.log.unknown"),
    "missing field": (lambda b: b.pop("hlc"), "hlc"),
    "wrong version": (lambda b: b.update(schema=4), "schema"),
    "the later version without its fields": (lambda b: b.update(schema=2), "replaces"),
    "version as text": (lambda b: b.update(schema="1"), "schema"),
    "no version": (lambda b: b.pop("schema"), "schema"),
    "number as text": (lambda b: b.update(number="1"), "number"),
    "number as float": (lambda b: b.update(number=1.0), "number"),
    "number zero": (lambda b: b.update(number=0), "number"),
    "number beyond the column": (lambda b: b.update(number=MAX_NUMBER + 1), "number"),
    "number true": (lambda b: b.update(number=True), "number"),
    "id that is none": (lambda b: b.update(id=MARKER), "id"),
    "naive instant": (lambda b: b.update(authored_at="2026-11-23T18:00:00"), "authored_at"),
    "instant as number": (lambda b: b.update(authored_at=1795456800), "authored_at"),
    "instant out of reach": (lambda b: b.update(authored_at="0001-01-01T00:00:00+05:00"), "authored_at"),
    "instant too far": (lambda b: b.update(authored_at="9999-12-31T23:59:59-05:00"), "authored_at"),
    "naive instant of a change": (
        lambda b: change(b, administered_at="2026-11-23T18:00:00"),
        "changes.0.dose.log.administered_at",
    ),
    "unknown verb": (lambda b: change(b, verb=MARKER), "changes.0"),
    "no verb": (lambda b: b["changes"][0].pop("verb"), "changes.0"),
    "bad enum": (lambda b: change(b, status=MARKER), "changes.0.dose.log.status"),
    "enum in lower case": (lambda b: change(b, status="administered"), "changes.0.dose.log.status"),
    "float dose": (lambda b: change(b, dose_given=2.5), "changes.0.dose.log.dose_given"),
    "negative dose": (lambda b: change(b, dose_given="-1"), "changes.0.dose.log.dose_given"),
    "dose with exponent": (lambda b: change(b, dose_given="1e3"), "changes.0.dose.log.dose_given"),
    "dose that is no number": (lambda b: change(b, dose_given="NaN"), "changes.0.dose.log.dose_given"),
    "dose in other digits": (lambda b: change(b, dose_given="\u0665"), "changes.0.dose.log.dose_given"),
    "dose with a line after it": (lambda b: change(b, dose_given="5\n"), "changes.0.dose.log.dose_given"),
    "date with a time": (lambda b: change(b, local_date="2026-11-23T01:00:00"), "changes.0.dose.log.local_date"),
    "slot at no time of day": (lambda b: b["changes"][0]["slot"].update(time="24:00"), "changes.0.dose.log.slot.time"),
    "slot in other digits": (lambda b: b["changes"][0]["slot"].update(time="1\u0662:00"),
                             "changes.0.dose.log.slot.time"),
    "NUL in a text": (lambda b: change(b, site=f"{MARKER}\0"), "changes.0.dose.log.site"),
    "override without code": (lambda b: change(b, overrides=[{"code": MARKER, "reason": "x"}]),
                              "changes.0.dose.log.overrides.0.code"),
    "no changes": (lambda b: b.update(changes=[]), "changes"),
    "too many changes": (lambda b: b.update(changes=b["changes"] * (MAX_CHANGES + 1)), "changes"),
    "too long a text": (lambda b: change(b, reason=MARKER * 1001), "changes.0.dose.log.reason"),
    "too many bytes": (lambda b: change(b, reason="x" * MAX_ENTRY_BYTES + MARKER), "too_large"),
    "offset of ages": (lambda b: b.update(clock_offset_ms=10**14), "clock_offset_ms"),
}  # fmt: skip


@pytest.mark.parametrize("spoiled", SPOILT)
def test_what_does_not_read_is_refused_by_place_and_tells_no_content(spoiled: str) -> None:
    spoil, where = SPOILT[spoiled]
    body = golden()
    change(body, reason=MARKER)
    spoil(body)
    error = refused(json.dumps(body))
    assert error.where == (where,)
    assert_silent(error)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"', f'{{"{MARKER}"', "{}garbage", "\ud800", "[" * 100_000])
def test_what_is_no_json_object_is_refused(text: str) -> None:
    error = refused(text)
    assert error.where == ("body",)
    assert_silent(error)


def refused(text: str) -> EntryMalformed:
    with pytest.raises(EntryMalformed) as caught:
        entry_from_body(text)
    assert isinstance(caught.value, Refused)
    assert caught.value.code == "malformed"
    return caught.value


def assert_silent(error: BaseException) -> None:
    """Fail if an error tells the marker name: in its text, its traceback or anything it was raised from."""
    shown = [repr(error), str(error), *traceback.format_exception(error)]
    assert error.__context__ is None
    assert error.__cause__ is None
    lines_of_tests = [line for line in "".join(shown).splitlines() if "test_strictness" not in line]
    assert MARKER not in "\n".join(lines_of_tests)


def test_at_most_twenty_places_are_named() -> None:
    body = golden()
    body["changes"] = [{"verb": "dose.log"}] * MAX_CHANGES
    assert len(refused(json.dumps(body)).where) == 20


def test_an_incident_s_category_is_a_letter_of_the_index() -> None:
    for wrong in ("J", "c", "AB", ""):
        body = golden("entry.incident.sign")
        change(body, ncc_merp=wrong)
        assert refused(json.dumps(body)).where == ("changes.0.incident.sign.ncc_merp",)


@given(entries)
def test_every_entry_reads_back_and_is_written_the_same_again(entry: Entry) -> None:
    body = entry_to_body(entry)
    assert entry_from_body(body) == entry
    assert entry_to_body(entry_from_body(body)) == body


UNREADABLE: dict[str, Entry] = {
    "NUL": entry_of(dose_logged(site="\0")),
    "half a surrogate pair": entry_of(dose_logged(reason="\ud800")),
    "seven decimals": entry_of(dose_logged(dose_given=Decimal("0.0000001"))),
    "negative amount": entry_of(dose_logged(dose_given=Decimal(-1))),
    "endless narrative": entry_of(incident_signed(narrative="x" * 20_001)),
    "no change": entry_of(),
    "no number": entry_of(dose_logged(), number=0),
    "another century": entry_of(dose_logged(), authored_at=datetime(1800, 1, 1, tzinfo=UTC)),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_an_entry_that_no_server_would_read_is_not_even_written(what: str) -> None:
    with pytest.raises(EntryMalformed):
        entry_to_body(UNREADABLE[what])


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_refuses_an_unknown_field_and_another_version(name: str) -> None:
    model, text = type(MESSAGES[name]), json.loads((GOLDEN / f"message.{name}.json").read_bytes())
    with pytest.raises(ValidationError) as caught:
        model.model_validate_json(json.dumps(text | {"surprise": MARKER}))
    assert MARKER not in str(caught.value)
    if "protocol" in text:
        for wrong in (2, 0, "1", None):
            with pytest.raises(ValidationError):
                model.model_validate_json(json.dumps(text | {"protocol": wrong}))


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_cannot_be_changed_and_its_repr_tells_only_ids_numbers_and_codes(name: str) -> None:
    message = MESSAGES[name]
    field = next(iter(type(message).model_fields))
    with pytest.raises(ValidationError):
        setattr(message, field, None)
    shown = repr(message) + str(message)
    for secret in ("Invented", "refresh", "access", "pass", "left arm", "@example.invalid"):
        assert secret not in shown.replace("PassNote", "")


def test_a_push_holds_one_to_five_hundred_entries() -> None:
    text = json.loads((GOLDEN / "message.Push.json").read_bytes())
    push = type(MESSAGES["Push"])
    push.model_validate_json(json.dumps(text | {"entries": text["entries"] * 500}))
    for count in (0, 501):
        with pytest.raises(ValidationError):
            push.model_validate_json(json.dumps(text | {"entries": text["entries"] * count}))


def test_dataclasses_of_an_entry_show_no_text_of_a_child() -> None:
    shown = repr(list(ENTRIES.values()))
    for secret in ("Invented", "tastes", "twice", "field trip", "left arm", "2.5", "Health office", "reached", "aide"):
        assert secret not in shown


@pytest.mark.parametrize("family", [Refused, Unavailable, Defect])
def test_the_three_families_have_one_base_and_a_code_each(family: type[WhiteCrossError]) -> None:
    assert issubclass(family, WhiteCrossError)
    assert family.code == family.__name__.lower()


@given(st.text())
def test_no_text_makes_the_reader_raise_anything_else(text: str) -> None:
    with pytest.raises(EntryMalformed):
        entry_from_body(text)
