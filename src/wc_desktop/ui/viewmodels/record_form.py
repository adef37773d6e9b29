"""A form of any kind of record, made from its declaration: which fields, in what words, and what was typed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication

from wc_contract.model.apply import WireValue, compact
from wc_contract.model.authoring import authored_fields
from wc_contract.model.instants import instant_from_text
from wc_contract.model.kinds import BY_NAME, Field, FieldType
from wc_contract.model.quantity import decimal_from_text, plain
from wc_desktop.domain.link_views import RefusedRecord
from wc_desktop.ui.viewmodels.record_words import field_words, value_words

_CONTEXT = "RecordForm"
_MOST_DIGITS = 12
_MOST_WHOLE = 2_147_483_647
_YES, _NO = "yes", "no"


class Editor(StrEnum):
    """What a field is filled in with."""

    LINE = "line"
    WHOLE = "whole"  # a whole number
    NUMBER = "number"
    NOTES = "notes"  # several lines; of a list of words, one a line
    CHOICE = "choice"
    DAY = "day"
    MOMENT = "moment"
    LEAVE_OUT = "leave_out"  # names another record: it stays, or is left out
    FIXED = "fixed"  # shown, and stays as it is


_EDITORS = {
    FieldType.BOOLEAN: Editor.CHOICE,
    FieldType.DATE: Editor.DAY,
    FieldType.INSTANT: Editor.MOMENT,
    FieldType.INTEGER: Editor.WHOLE,
    FieldType.DECIMAL: Editor.NUMBER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRow:
    """One field of a form: its words, its editor, and what it holds as typed text."""

    name: str
    label: str
    editor: Editor
    typed: str = field(repr=False)
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = False
    said: str = field(default="", repr=False)  # a value that is not edited, in words


def say(text: str) -> str:
    """Translate one of the words of this module."""
    return QCoreApplication.translate(_CONTEXT, text)


def rows_of(record: RefusedRecord, zone: ZoneInfo) -> tuple[FormRow, ...]:
    """Return the fields of a record that its author fills, in the order of its declaration."""
    kind = BY_NAME[record.kind]
    return tuple(
        _row(record.kind, kind.field(name), record.values[name], zone)
        for name in authored_fields(record.kind)
        if name in record.values
    )


def next_step(rows: Mapping[str, FormRow], typed: Mapping[str, str]) -> str:
    """Return the first thing that is missing or does not read; '' when it can be sent."""
    for name, row in rows.items():
        text = typed[name].strip()
        if row.required and not text and row.editor not in {Editor.FIXED, Editor.LEAVE_OUT}:
            return say("Fill in: {field}.").format(field=row.label)
        if not _reads(row, text):
            return say("This does not read: {field}.").format(field=row.label)
    return ""


def edited(kind: str, rows: Mapping[str, FormRow], typed: Mapping[str, str]) -> dict[str, WireValue]:
    """Return, in wire form, the fields that say something else than before."""
    declared = BY_NAME[kind]
    return {
        name: _wire(declared.field(name), typed[name].strip())
        for name, row in rows.items()
        if typed[name] != row.typed and row.editor is not Editor.FIXED
    }


def _row(kind: str, one: Field, value: WireValue, zone: ZoneInfo) -> FormRow:
    editor = _editor(one, value)
    choices = _choices(kind, one, zone) if editor is Editor.CHOICE else ()
    return FormRow(
        name=one.name,
        label=_label(one),
        editor=editor,
        typed=_typed(one, value),
        choices=choices,
        required=one.required,
        # An id tells a nurse nothing.
        said="" if value is None or one.type is FieldType.UUID else value_words(kind, one.name, value, zone),
    )


def _label(one: Field) -> str:
    return field_words(one.name.removesuffix("_id") if one.type is FieldType.UUID else one.name)


def _editor(one: Field, value: WireValue) -> Editor:
    if one.values:
        return Editor.CHOICE
    match one.type:
        case FieldType.UUID:
            return Editor.LEAVE_OUT if value is not None and not one.required else Editor.FIXED
        case FieldType.JSON:
            return Editor.NOTES if _words(value) is not None else Editor.FIXED
        case FieldType.TEXT:
            return Editor.NOTES if one.phi else Editor.LINE
        case _:
            return _EDITORS[one.type]


def _choices(kind: str, one: Field, zone: ZoneInfo) -> tuple[tuple[str, str], ...]:
    found: tuple[tuple[str, str], ...]
    if one.type is FieldType.BOOLEAN:
        found = ((_YES, say("yes")), (_NO, say("no")))
    else:
        found = tuple((value, value_words(kind, one.name, value, zone)) for value in one.values)
    return found if one.required else (("", say("empty")), *found)


def _typed(one: Field, value: WireValue) -> str:
    if value is None:
        return ""
    if one.type is FieldType.BOOLEAN:
        return _YES if value else _NO
    if one.type is FieldType.JSON:
        words = _words(value)
        return str(value) if words is None else "\n".join(words)
    return str(value)


def _wire(one: Field, text: str) -> WireValue:
    if one.type is FieldType.JSON:
        return compact([line.strip() for line in text.splitlines() if line.strip()])
    if not text:
        return None
    match one.type:
        case FieldType.BOOLEAN:
            return text == _YES
        case FieldType.INTEGER:
            return int(text)
        case FieldType.DECIMAL:
            return plain(decimal_from_text(text.replace(",", ".")))
        case _:
            return text


def _reads(row: FormRow, text: str) -> bool:
    """Whether what was typed has the form that its editor asks for."""
    if not text:
        return True
    try:
        match row.editor:
            case Editor.DAY:
                date.fromisoformat(text)
            case Editor.MOMENT:
                instant_from_text(text)
            case Editor.WHOLE:
                return abs(int(text)) <= _MOST_WHOLE
            case Editor.NUMBER:
                decimal_from_text(text.replace(",", "."))
                return len(text) <= _MOST_DIGITS
            case _:
                return True
    except ValueError:
        return False
    return True


def _words(value: WireValue) -> list[str] | None:
    """Return the lines of a list of words; None for what is no such list."""
    if value is None:
        return []
    try:
        found = json.loads(str(value))
    except ValueError:
        return None
    simple = isinstance(found, list) and all(isinstance(one, str) and "\n" not in one for one in found)
    return found if simple else None
