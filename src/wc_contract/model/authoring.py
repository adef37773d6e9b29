"""What a workstation may write: kinds by their merge policy, fields by their declaration."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from uuid import UUID

from wc_contract.model.apply import AMENDMENT, DATED_BY_ENTRY, SIGNED_BY_AUTHOR, compact
from wc_contract.model.instants import instant_from_text, instant_to_text
from wc_contract.model.kinds import BY_NAME, DOSE, INCIDENT, INVENTORY_ITEM, Field, FieldType, MergePolicy, WireValue
from wc_contract.model.kinds.fields import EVENT, Scope
from wc_contract.model.quantity import decimal_from_text, plain

LONGEST_TEXT = 20_000
_MOST = 2_147_483_647
_CHANGED_BY_HAND = (MergePolicy.UNION, MergePolicy.FIELD_GROUPS, MergePolicy.BASE_MUST_MATCH)
# A dose and a signed report have verbs of their own; what is on a shelf follows from its movements.
_NOT_ADDED = frozenset({DOSE.name, INCIDENT.name, INVENTORY_ITEM.name})
_FROM_ENTRY = frozenset(one.name for one in EVENT) - AMENDMENT

ADDABLE = frozenset(
    name
    for name, kind in BY_NAME.items()
    if kind.scope is Scope.SCHOOL and kind.merge is not MergePolicy.SERVER_ONLY and name not in _NOT_ADDED
)
CHANGEABLE = frozenset(
    name for name, kind in BY_NAME.items() if kind.scope is Scope.SCHOOL and kind.merge in _CHANGED_BY_HAND
)


def flaws_of_addition(kind: str, values: Mapping[str, WireValue]) -> tuple[str, ...]:
    """Return what is wrong with a record to be added: 'kind', or the names of fields. Nothing when all is well."""
    if kind not in ADDABLE:
        return ("kind",)
    authored = {one.name: one for one in _authored(kind)}
    missing = (name for name, one in authored.items() if one.required and values.get(name) is None)
    return tuple(sorted({*_ill(authored, values), *missing}))


def flaws_of_change(kind: str, base: Mapping[str, WireValue], values: Mapping[str, WireValue]) -> tuple[str, ...]:
    """Return what is wrong with a change: 'kind', 'values', 'base', or the names of fields."""
    if kind not in CHANGEABLE:
        return ("kind",)
    declared = BY_NAME[kind]
    authored = {one.name: one for one in _authored(kind)}
    wrong = {*_ill(authored, values)}
    wrong |= {name for name, value in values.items() if value is None and name in authored and authored[name].required}
    whole = declared.merge is MergePolicy.BASE_MUST_MATCH
    together = {name for changed in values if changed in authored for name in declared.group_of(changed)}
    needed = {one.name for one in declared.fields} if whole else together
    if not values:
        wrong.add("values")
    if not needed <= base.keys():
        wrong.add("base")
    # What the author saw is compared by its meaning: the server may have written it in another form.
    wrong |= set(_ill({one.name: one for one in declared.fields}, base, canonical=False))
    return tuple(sorted(wrong))


def base_fields(kind: str, changed: Iterable[str]) -> frozenset[str]:
    """Return the fields of which a change tells what its author saw.

    All of them for kinds whose base must match; else those changed and whatever goes together with them.
    """
    declared = BY_NAME[kind]
    if declared.merge is MergePolicy.BASE_MUST_MATCH:
        return frozenset(one.name for one in declared.fields)
    return frozenset(name for one in changed for name in declared.group_of(one))


def authored_fields(kind: str) -> tuple[str, ...]:
    """Return the fields of a kind that an author fills; the others follow from the entry."""
    return tuple(one.name for one in _authored(kind))


def _authored(kind: str) -> Iterator[Field]:
    signed = (*SIGNED_BY_AUTHOR.get(kind, ()), *DATED_BY_ENTRY.get(kind, ()))
    return (one for one in BY_NAME[kind].fields if one.name not in _FROM_ENTRY and one.name not in signed)


def _ill(fields: Mapping[str, Field], values: Mapping[str, WireValue], *, canonical: bool = True) -> Iterator[str]:
    for name, value in values.items():
        one = fields.get(name)
        if one is None:
            # The name of a field that there is not may be anything.
            yield "unknown"
        elif value is not None and not _fits(one, value, canonical=canonical):
            yield name


def _fits(one: Field, value: WireValue, *, canonical: bool) -> bool:
    match one.type:
        case FieldType.BOOLEAN:
            return isinstance(value, bool)
        case FieldType.INTEGER:
            return isinstance(value, int) and not isinstance(value, bool) and -_MOST <= value <= _MOST
        case _:
            return isinstance(value, str) and _reads(one, value, canonical=canonical)


def _reads(one: Field, text: str, *, canonical: bool) -> bool:
    if len(text) > LONGEST_TEXT or "\0" in text or (one.values and text not in one.values):
        return False
    if one.required and one.type is FieldType.TEXT and not text.strip():
        return False
    try:
        return _is_canonical(one.type, text) or not canonical
    except (ValueError, RecursionError):
        return False


def _is_canonical(type_: FieldType, text: str) -> bool:
    """Whether text is the one form in which a value is written. Raises ValueError for what does not read."""
    match type_:
        case FieldType.UUID:
            return str(UUID(text)) == text
        case FieldType.DATE:
            return date.fromisoformat(text).isoformat() == text
        case FieldType.INSTANT:
            return instant_to_text(instant_from_text(text)) == text and "1900" <= text[:4] < "3000"
        case FieldType.DECIMAL:
            return plain(decimal_from_text(text)) == text and len(text) <= 16  # noqa: PLR2004
        case FieldType.JSON:
            # Numbers and halves of a letter that JSON has not, but Python reads, fail as they are written again.
            compact(json.loads(text)).encode()
            return "\\u0000" not in text
        case _:
            return True
