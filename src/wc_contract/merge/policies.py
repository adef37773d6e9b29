"""Merging a change into what a record says now, by the policy of its kind. Pure, and the same on both sides."""

from collections.abc import Iterable, Iterator, Mapping

from wc_contract.merge.sections import join_sections
from wc_contract.merge.sides import Merged, Result, Sides, same
from wc_contract.model.changes import RecordChanged
from wc_contract.model.kinds import BY_NAME, ORDER, MergePolicy, RecordKind, WireValue
from wc_contract.model.values import OrderStatus
from wc_contract.rules.findings import Code

Values = Mapping[str, WireValue]
_ENDING = ("status", "stop_effective_at", "end_date")


def merge_change(held: Values, change: RecordChanged) -> Merged:
    """Return what a record says after a change that may have been written in ignorance of others.

    held is the record as it stands, every column in wire form. A change applies whole or, in conflict, as the policy
    of its kind says; what does not stand is kept as a side of the case, and never lost.
    """
    kind = BY_NAME[change.kind]
    now = {name: held[name] for name in kind.columns if name != "row_version"}
    match kind.merge:
        case MergePolicy.BASE_MUST_MATCH:
            return _on_base(kind, now, change)
        case MergePolicy.SECTIONS:
            return _by_groups(kind, now, change, held.get("row_version"), sections=True)
        case _:
            return _by_groups(kind, now, change, held.get("row_version"), sections=False)


def _on_base(kind: RecordKind, now: dict[str, WireValue], change: RecordChanged) -> Merged:
    wanted = dict(change.values)
    if _agree(kind, now, wanted):
        return Merged(values=now, result=Result.NOTHING)
    if _agree(kind, now, {name: value for name, value in change.base.items() if name in now}):
        return Merged(values=now | wanted, result=Result.CLEAN)
    if kind is ORDER and wanted.get("status") == OrderStatus.DISCONTINUED.value:
        return _stopped(now, wanted)
    return _not_on_base(now, now, wanted)


def _stopped(now: dict[str, WireValue], wanted: dict[str, WireValue]) -> Merged:
    """Whoever stops an order is right to, whatever else was being changed on it: only the ending is taken."""
    ending = {name: value for name, value in wanted.items() if name in _ENDING}
    rest = {name: value for name, value in wanted.items() if name not in ending and not _one(ORDER, now, name, value)}
    if not rest:
        return Merged(values=now | ending, result=Result.COMBINED)
    return _not_on_base(now | ending, now, rest)


def _not_on_base(values: Values, held: Values, sent: Values) -> Merged:
    sides = Sides(held={name: held[name] for name in sent}, sent=sent, sent_stands=False)
    return Merged(values=values, result=Result.CONFLICT, sides=(sides,), code=Code.BASE_CHANGED.value)


def _by_groups(
    kind: RecordKind, now: dict[str, WireValue], change: RecordChanged, version: WireValue, *, sections: bool
) -> Merged:
    values, sides, moved = dict(now), list[Sides](), False
    for group in _groups(kind, change.values):
        # Fields of a group go together: what the author saw of it and left stands on the author's side.
        seen = {name: change.base[name] for name in group}
        sent = seen | {name: change.values[name] for name in group if name in change.values}
        held = {name: now[name] for name in group}
        if _agree(kind, held, sent):
            continue
        moved = True
        if _agree(kind, held, seen):
            values |= sent
            continue
        if sections:
            joined = join_sections(kind, seen, held, sent)
            if joined is not None:
                values |= joined
                continue
        stands = _standing(kind, held, sent)
        values |= stands
        sides.append(Sides(held=held, sent=sent, sent_stands=_agree(kind, stands, sent)))
    if not moved:
        return Merged(values=now, result=Result.NOTHING)
    if sides:
        return Merged(values=values, result=Result.CONFLICT, sides=tuple(sides), code=Code.FIELD_CONFLICT.value)
    known = version == change.base_version
    return Merged(values=values, result=Result.CLEAN if known else Result.COMBINED)


def _groups(kind: RecordKind, changed: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Yield the groups that a change touches, in the order of the declaration."""
    names = set(changed)
    touched = (kind.group_of(one.name) for one in kind.fields if one.name in names)
    return iter(dict.fromkeys(touched))


def _standing(kind: RecordKind, held: Values, sent: Values) -> dict[str, WireValue]:
    """Return what stands of two sides: the more cautious value of a field that has one, else the later receipt."""
    stands = dict(sent)
    for name, order in kind.cautious.items():
        if name in sent:
            stands[name] = max(held[name], sent[name], key=lambda value: _rank(order, value))
    return stands


def _rank(order: tuple[WireValue, ...], value: WireValue) -> int:
    # SQLite keeps a boolean as a number; a value of a later version is taken for the most cautious.
    return order.index(value) if value in order else len(order)


def _agree(kind: RecordKind, left: Values, right: Values) -> bool:
    return all(_one(kind, left, name, value) for name, value in right.items() if name in left)


def _one(kind: RecordKind, values: Values, name: str, value: WireValue) -> bool:
    return values[name] == value if name == "id" else same(kind.field(name), values[name], value)
