"""Which keys the cells of all districts name, and sealing them anew, district by district."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from wc_contract.model.ids import DistrictId
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.auth.column_cipher import key_of
from wc_sync_server.cli.records import every_school, system
from wc_sync_server.db.directory import District
from wc_sync_server.db.sealed_columns import SealedColumn, sealed_columns
from wc_sync_server.db.sealed_rotation import Pace, Resealed, Rotation
from wc_sync_server.wiring import Workshop

_ROUNDS: Final = 5
_OLDER: Final = """
SELECT count(*) FROM pg_stat_activity a
WHERE a.usename = current_user AND a.pid <> pg_backend_pid() AND a.xact_start < now() - make_interval(secs => %(age)s)
"""


@dataclass(slots=True, kw_only=True)
class Rotated:
    """What a rotation did."""

    sealed: Counter[str] = field(default_factory=Counter)
    damaged: list[str] = field(default_factory=list)
    left: int = 0


def cells_by_key(parts: Workshop) -> dict[str, Counter[str]]:
    """Return, by key id, how many cells of each sealed column name that key, over all districts."""
    found: dict[str, Counter[str]] = {}
    for district in parts.cells.all():
        rotation = rotation_of(parts, district.id)
        for column in sealed_columns():
            for beginning, count in rotation.counts(column).items():
                found.setdefault(key_of(beginning), Counter())[str(column)] += count
    return found


def lost_keys(parts: Workshop) -> tuple[str, ...]:
    """Return the ids of keys that cells name and the ring has not."""
    return tuple(sorted(cells_by_key(parts).keys() - {key.id for key in parts.ring.stored()}))


def rotation_of(parts: Workshop, district: DistrictId, lost: Sequence[str] = ()) -> Rotation:
    """Return what seals the cells of a district anew."""
    schools = every_school(parts, district)
    return Rotation(parts.cells.pool_for(district), district, schools, [bytes.fromhex(key) for key in lost])


def outdated(parts: Workshop, rotation: Rotation, lost: Sequence[str] = ()) -> dict[SealedColumn, int]:
    """Return how many cells have to be sealed anew and can be, by column."""
    current = parts.cipher.current()
    return {
        column: count
        for column in sealed_columns()
        if (
            count := sum(
                cells
                for beginning, cells in rotation.counts(column).items()
                if beginning != current and key_of(beginning) not in lost
            )
        )
    }


def rotate_district(
    parts: Workshop, district: District, pace: Pace, told: Rotated, lost: Sequence[str] = ()
) -> Iterator[Resealed]:
    """Seal every cell of a district anew that needs it; yield after each batch. Adds to told what was done."""
    rotation = rotation_of(parts, district.id, lost)
    damaged: list[str] = []
    left = outdated(parts, rotation, lost)
    # What a writer held was passed over; it is looked for again, until nothing is left but what does not open.
    for _ in range(_ROUNDS):
        if sum(left.values()) <= len(damaged):
            break
        damaged = []
        for column in left:
            for done in rotation.reseal(column, pace):
                told.sealed[str(column)] += done.sealed
                damaged += [f"{column} of row {row} in {district.code}" for row in done.damaged]
                yield done
        left = outdated(parts, rotation, lost)
    told.damaged += damaged
    told.left += sum(left.values()) - len(damaged)
    tell_audit(parts, district.id, "KEYS_ROTATED", parts.ring.active_key().id)


def check_district(
    parts: Workshop, district: District, pace: Pace, told: Rotated, lost: Sequence[str] = ()
) -> Iterator[Resealed]:
    """Open every cell of a district that would be sealed anew; yield after each batch. Adds to told what opened."""
    rotation = rotation_of(parts, district.id, lost)
    for column in sealed_columns():
        for seen in rotation.check(column, pace):
            told.sealed[str(column)] += seen.sealed
            told.damaged += [f"{column} of row {row} in {district.code}" for row in seen.damaged]
            yield seen


def transactions_older_than(parts: Workshop, age: timedelta) -> int:
    """Return how many transactions of the server and its commands have been open for longer than age."""
    found = 0
    for pool in {parts.cells.pool_for(district.id) for district in parts.cells.all()}:
        with pool.connection() as connection:
            row = connection.execute(_OLDER, {"age": age.total_seconds()}).fetchone()
            found += 0 if row is None else int(row[0])
    return found


def tell_audit(parts: Workshop, district: DistrictId, action: str, key: str) -> None:
    """Put on record, in a district, what was done about a key."""
    with system(parts, district) as uow:
        uow.audit([AuditEvent(action=action, entity_type="key", entity_id=key, at=uow.at, role="SYSTEM")])
        uow.commit()
