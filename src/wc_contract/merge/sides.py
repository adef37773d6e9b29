"""The two sides of a conflict, and whether two values say the same."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from wc_contract.model.instants import instant_from_text
from wc_contract.model.kinds import Field, FieldType, WireValue
from wc_contract.model.quantity import decimal_from_text


class Result(StrEnum):
    """What a merge came to."""

    CLEAN = "clean"  # nobody else wrote meanwhile
    COMBINED = "combined"  # somebody did, elsewhere in the record: both stand
    NOTHING = "nothing"  # the record says so already
    CONFLICT = "conflict"  # both sides are kept, and a person decides


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """What two hands say about the same fields. sent_stands: whether the arriving side is what the record says now."""

    held: Mapping[str, WireValue] = field(repr=False)
    sent: Mapping[str, WireValue] = field(repr=False)
    sent_stands: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """A record after a merge: every column but row_version. code names the case that a conflict opens."""

    values: Mapping[str, WireValue] = field(repr=False)
    result: Result
    sides: tuple[Sides, ...] = ()
    code: str | None = None


def same(one: Field, left: WireValue, right: WireValue) -> bool:
    """Whether two values of a field say the same, in whatever form they are written."""
    if left == right and isinstance(left, bool) is isinstance(right, bool):
        return True
    if not isinstance(left, str) or not isinstance(right, str):
        # SQLite keeps a boolean as a number.
        return one.type is FieldType.BOOLEAN and left is not None and right is not None and bool(left) is bool(right)
    match one.type:
        case FieldType.DECIMAL:
            return decimal_from_text(left) == decimal_from_text(right)
        case FieldType.INSTANT:
            return instant_from_text(left) == instant_from_text(right)
        case FieldType.JSON:
            return bool(json.loads(left) == json.loads(right))
        case _:
            return False
