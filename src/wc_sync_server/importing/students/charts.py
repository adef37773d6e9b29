"""What a merge does to the records of two charts: pure, from rows to rows (rules.md S4).

A record that is state (an allergy, an order, a contact) goes on in the chart that is kept. One that says what happened
(a dose, a visit, a signed report) keeps the student that it names: it is read through the merge.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID, uuid5

from wc_contract.model.care_values import AliasKind
from wc_contract.model.ids import StudentId
from wc_contract.model.kinds import ALLERGY, EMERGENCY_CONTACT, ORDER, REVIEW_CASE, RecordKind
from wc_contract.model.values import CaseStatus, OrderStatus
from wc_sync_server.importing.present_rows import WireRow, whole

Rows = Mapping[UUID, WireRow]


class Clash(StrEnum):
    """What two charts say differently, for a nurse to look at."""

    NAMES_DIFFER = "names_differ"
    BIRTH_DATES_DIFFER = "birth_dates_differ"
    SAME_ALLERGEN = "same_allergen"
    SAME_MEDICINE_HELD = "same_medicine_held"
    SECOND_PRIMARY_CONTACT = "second_primary_contact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clashing:
    """One clash and the records that it is between."""

    code: Clash
    records: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A record that goes on in the other chart, as it is then; was holds what else was changed in it."""

    id: UUID
    row: WireRow = field(repr=False)
    was: WireRow


def goes_on(kind: RecordKind, gone: Rows, kept: StudentId, kept_rows: Rows, at: str) -> Iterator[Change]:
    """Yield the records of a kind that go on in the kept chart, by id. Cases that were answered stay as they are."""
    twins = {id_ for clash in clashes(kind, gone, kept_rows) for id_ in clash.records}
    for id_, row in sorted(gone.items()):
        if kind is REVIEW_CASE and row["status"] != CaseStatus.OPEN:
            continue
        other = _otherwise(kind, row, at) if id_ in twins else {}
        was = {name: row[name] for name in other}
        yield Change(id=id_, row=whole({**row, **other, "student_id": str(kept)}, kind), was=was)


def clashes(kind: RecordKind, gone: Rows, kept: Rows) -> Iterator[Clashing]:
    """Yield what the records of a kind of two charts say twice or differently."""
    if kind is ALLERGY:
        yield from _pairs(Clash.SAME_ALLERGEN, gone, kept, _allergen)
    elif kind is ORDER:
        yield from _pairs(Clash.SAME_MEDICINE_HELD, _in_force(gone), _in_force(kept), _medicine)
    elif kind is EMERGENCY_CONTACT:
        yield from _pairs(Clash.SECOND_PRIMARY_CONTACT, _primary(gone), _primary(kept), _all_alike)


def names_clash(gone: WireRow, kept: WireRow) -> Iterator[Clashing]:
    """Yield what two students' own rows say differently."""
    if _full_name(gone).casefold() != _full_name(kept).casefold():
        yield Clashing(code=Clash.NAMES_DIFFER)
    if gone["date_of_birth"] != kept["date_of_birth"]:
        yield Clashing(code=Clash.BIRTH_DATES_DIFFER)


def aliases(gone: WireRow, kept: WireRow) -> Iterator[WireRow]:
    """Yield what the kept chart is to be found by as well.

    The first has the id of the chart that goes on in it: by that a workstation reads doses through the merge.
    """
    id_ = UUID(str(gone["id"]))
    yield _alias(id_, kept, AliasKind.MERGED_NUMBER, gone["student_number"])
    if gone["sourced_id"] is not None:
        yield _alias(uuid5(id_, "sourced_id"), kept, AliasKind.OTHER_SYSTEM, gone["sourced_id"])
    if _full_name(gone).casefold() != _full_name(kept).casefold():
        yield _alias(uuid5(id_, "name"), kept, AliasKind.KNOWN_AS, _full_name(gone))


def _otherwise(kind: RecordKind, row: WireRow, at: str) -> WireRow:
    """Return what changes in the one of two like records that comes from the chart that goes: the cautious reading.

    Two orders of one drug would put two doses on the list: the second waits until a nurse looked. Of two allergies
    both stand: each of them stops a medicine.
    """
    if kind is ORDER and row["status"] == OrderStatus.ACTIVE:
        return {"status": OrderStatus.HELD.value, "stop_effective_at": at}
    if kind is EMERGENCY_CONTACT and row["is_primary"]:
        return {"is_primary": False}
    return {}


def _pairs(code: Clash, gone: Rows, kept: Rows, key: "Key") -> Iterator[Clashing]:
    there: dict[object, list[UUID]] = {}
    for id_, row in sorted(kept.items()):
        there.setdefault(key(row), []).append(id_)
    for id_, row in sorted(gone.items()):
        if key(row) in there:
            yield Clashing(code=code, records=(id_, *there[key(row)]))


class Key:
    """What two records are compared by."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def __call__(self, row: WireRow) -> tuple[str, ...]:
        return tuple(str(row[name]).strip().casefold() for name in self._names)


_allergen, _medicine, _all_alike = Key("allergen"), Key("medication_id"), Key()


def _in_force(rows: Rows) -> Rows:
    return {id_: row for id_, row in rows.items() if row["status"] == OrderStatus.ACTIVE}


def _primary(rows: Rows) -> Rows:
    return {id_: row for id_, row in rows.items() if row["is_primary"] is True and row["is_active"] is True}


def _full_name(row: WireRow) -> str:
    return f"{row['first_name']} {row['last_name']}".strip()


def _alias(id_: UUID, kept: WireRow, kind: AliasKind, value: object) -> WireRow:
    return {
        "id": str(id_),
        "student_id": kept["id"],
        "kind": kind.value,
        "value": str(value),
        "valid_from": None,
        "valid_to": None,
    }


def by_student(rows: Rows, student: StudentId) -> Rows:
    """Return the records that name a student."""
    return {id_: row for id_, row in rows.items() if row["student_id"] == str(student)}
