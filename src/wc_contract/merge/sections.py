"""An incident draft that two nurses wrote on: lists are united, text of both is kept, one below the other."""

import json
from collections.abc import Mapping

from wc_contract.model.apply import compact
from wc_contract.model.kinds import FieldType, RecordKind, WireValue

Values = Mapping[str, WireValue]
BETWEEN = "\n\n· · ·\n\n"  # stands between two texts of one section; a reader sees that there are two


def join_sections(kind: RecordKind, base: Values, held: Values, sent: Values) -> dict[str, WireValue] | None:
    """Return both sides of a section in one, None when it holds a choice that cannot be both."""
    joined: dict[str, WireValue] = {}
    for name, value in sent.items():
        one = kind.field(name)
        if one.type is FieldType.JSON:
            joined[name] = _united(base[name], held[name], value)
        elif one.type is FieldType.TEXT and not one.values:
            joined[name] = _below(base[name], held[name], value)
        else:
            return None
    return joined


def _united(base: WireValue, held: WireValue, sent: WireValue) -> str:
    """Return the members of both lists that neither side took away, in their order."""
    before, here, there = (_members(value) for value in (base, held, sent))
    gone = [one for one in before if one not in here or one not in there]
    kept = [one for one in here if one not in gone]
    return compact(kept + [one for one in there if one not in gone and one not in kept])


def _members(value: WireValue) -> list[object]:
    found = json.loads(value) if isinstance(value, str) and value else []
    return found if isinstance(found, list) else [found]


def _below(base: WireValue, held: WireValue, sent: WireValue) -> WireValue:
    old, here, there = ("" if value is None else str(value) for value in (base, held, sent))
    # Who only went on writing has all of the other's text in front: the longer one says both.
    if there.startswith(here) and here:
        return there
    if here.startswith(there) and there:
        return here
    kept = [text for text in (here, there) if text and text != old]
    # In the order of the alphabet: which side arrived first changes nothing.
    return BETWEEN.join(sorted(set(kept))) or None
