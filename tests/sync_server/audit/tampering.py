"""Ways to falsify the audit, by somebody who can do everything in the database. Each says what must be found first."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from psycopg import Connection
from tests.sync_server.audit.sealed_world import KEY, Sealed
from tests.sync_server.db.district_of_tests import new_id

from wc_sync_server.audit.findings import Tamper
from wc_sync_server.audit.seals import Seal, Signer, signed_again
from wc_sync_server.auth.audit_key import AuditKey
from wc_sync_server.db.audit_lines import AuditRecord

FORGER = AuditKey(b"a key that is not this server's.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the first finding must be."""

    what: Tamper
    line: UUID | None = None
    seal: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Where it is done: everything is open."""

    connection: Connection[Any]
    record: AuditRecord
    world: Sealed

    def do(self, statement: str, *values: object) -> None:
        done = self.connection.execute(statement.encode(), values)
        assert done.rowcount > 0, "this did nothing, so nothing would be found"

    def seals(self) -> list[Seal]:
        return list(self.record.seals())

    def replace_seals(self, seals: Iterable[Seal]) -> None:
        for seal in seals:
            self.do("DELETE FROM audit_seals WHERE district_id = %s AND number = %s", seal.district, seal.number)
            self.record.add_seal(seal)

    def resealed(self, first: int, signer: Signer) -> list[Seal]:
        """Return the seals from number first on, as they would be if they told the truth of now."""
        made: list[Seal] = []
        for seal in self.seals():
            if seal.number < first:
                made.append(seal)
                continue
            lines = self.record.lines(seal.starts_at, seal.ends_at)
            now = b"".join(line.id.bytes + line.digest for line in lines)
            previous = made[-1].hash if made else seal.previous
            made.append(signed_again(replace(seal, contents=now, lines=len(lines), previous=previous), signer))
        return made[first - 1 :]


Deed = Callable[[Scene], Found]
DEEDS: dict[str, tuple[Deed, bool]] = {}
_CHANGE = "UPDATE audit_logs SET {what} WHERE id = %s"
_COLUMNS = (
    "district_id, school_id, user_id, role, device_id, entry_id, action, entity_type, entity_id, fields, detail, at"
)


def deed(name: str, *, anchor: bool = False) -> Callable[[Deed], Deed]:
    """List a deed. anchor: it is found with an anchor file only."""

    def listed(made: Deed) -> Deed:
        DEEDS[name] = (made, anchor)
        return made

    return listed


def _changing(name: str, what: str, line: int) -> None:
    def change(scene: Scene) -> Found:
        scene.do(_CHANGE.format(what=what), scene.world.lines[line])
        return Found(what=Tamper.LINE_CHANGED, line=scene.world.lines[line], seal=line // 10 + 1)

    deed(name)(change)


_changing("edit: another action", "action = 'EXPORT'", 31)
_changing("edit: another person", "user_id = district_id", 12)
_changing("edit: nobody any more", "user_id = NULL", 0)
_changing("edit: one name of a field less", "fields = fields - 0", 44)
_changing("edit: a number in the detail", """detail = '{"code": "x", "count": 3}'""", 31)
_changing("edit: a microsecond of the author's clock", "at = at + interval '1 microsecond'", 59)
_changing("edit: an empty text instead of none", "role = ''", 25)


@deed("delete: a line in the middle")
def _(scene: Scene) -> Found:
    scene.do("DELETE FROM audit_logs WHERE id = %s", scene.world.lines[33])
    return Found(what=Tamper.LINE_GONE, line=scene.world.lines[33], seal=4)


@deed("delete: the first line of all")
def _(scene: Scene) -> Found:
    scene.do("DELETE FROM audit_logs WHERE id = %s", scene.world.lines[0])
    return Found(what=Tamper.LINE_GONE, line=scene.world.lines[0], seal=1)


@deed("cut tail: the last lines, the seals left")
def _(scene: Scene) -> Found:
    scene.do("DELETE FROM audit_logs WHERE id = ANY (%s)", list(scene.world.lines[47:]))
    return Found(what=Tamper.LINE_GONE, line=scene.world.lines[47], seal=5)


@deed("delete: a whole month's table")
def _(scene: Scene) -> Found:
    for (name,) in scene.connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'audit\\_logs\\_2%'"
    ).fetchall():
        scene.connection.execute(f"DROP TABLE {name}".encode())
    return Found(what=Tamper.LINE_GONE, line=scene.world.lines[0], seal=1)


@deed("insert: a line dated back")
def _(scene: Scene) -> Found:
    slipped_in = new_id()
    scene.do(
        f"INSERT INTO audit_logs (id, received_at, {_COLUMNS}) SELECT %s, received_at + interval '1 second', {_COLUMNS}"
        " FROM audit_logs WHERE id = %s",
        slipped_in,
        scene.world.lines[22],
    )
    return Found(what=Tamper.LINE_ADDED, line=slipped_in, seal=3)


@deed("insert: a line before the first of all")
def _(scene: Scene) -> Found:
    slipped_in = new_id()
    scene.do(
        f"INSERT INTO audit_overflow (id, received_at, {_COLUMNS}) SELECT %s, '2001-01-01', {_COLUMNS}"
        " FROM audit_logs WHERE id = %s",
        slipped_in,
        scene.world.lines[22],
    )
    return Found(what=Tamper.LINE_ADDED, line=slipped_in)


@deed("insert: a line of no time at all")
def _(scene: Scene) -> Found:
    slipped_in = new_id()
    scene.do(
        f"INSERT INTO audit_overflow (id, received_at, {_COLUMNS}) SELECT %s, '-infinity', {_COLUMNS}"
        " FROM audit_logs WHERE id = %s",
        slipped_in,
        scene.world.lines[22],
    )
    return Found(what=Tamper.LINE_ADDED, line=slipped_in)


@deed("insert: a line a second time, in the overflow")
def _(scene: Scene) -> Found:
    scene.do(
        f"INSERT INTO audit_overflow (id, received_at, {_COLUMNS}) SELECT id, received_at, {_COLUMNS}"
        " FROM audit_logs WHERE id = %s",
        scene.world.lines[22],
    )
    return Found(what=Tamper.LINE_ADDED, line=scene.world.lines[22], seal=3)


@deed("reorder: two lines change ids")
def _(scene: Scene) -> Found:
    one, two = scene.world.lines[21], scene.world.lines[27]
    spare = new_id()
    for old, new in ((one, spare), (two, one), (spare, two)):
        scene.do("UPDATE audit_logs SET id = %s WHERE id = %s", new, old)
    return Found(what=Tamper.LINE_CHANGED, line=one, seal=3)


@deed("reorder: two lines change times")
def _(scene: Scene) -> Found:
    one, two = scene.world.lines[21], scene.world.lines[27]
    scene.do(
        "UPDATE audit_logs AS l SET received_at = o.received_at FROM audit_logs AS o"
        " WHERE (l.id = %s AND o.id = %s) OR (l.id = %s AND o.id = %s)",
        one,
        two,
        two,
        one,
    )
    return Found(what=Tamper.LINE_CHANGED, line=one, seal=3)


@deed("reorder: a line moves to another hour")
def _(scene: Scene) -> Found:
    scene.do(
        "UPDATE audit_logs SET received_at = received_at + interval '4 minutes' WHERE id = %s", scene.world.lines[11]
    )
    return Found(what=Tamper.LINE_MOVED, line=scene.world.lines[11], seal=2)


@deed("move: a line to another district")
def _(scene: Scene) -> Found:
    scene.do(_CHANGE.format(what="district_id = school_id"), scene.world.lines[1])
    return Found(what=Tamper.LINE_GONE, line=scene.world.lines[1], seal=1)


@deed("move: a line to a school that nobody sees")
def _(scene: Scene) -> Found:
    scene.do(_CHANGE.format(what="school_id = id"), scene.world.lines[1])
    return Found(what=Tamper.LINE_GONE, line=scene.world.lines[1], seal=1)


@deed("seal: it says another number of lines")
def _(scene: Scene) -> Found:
    scene.do("UPDATE audit_seals SET line_count = line_count - 1 WHERE number = 3")
    return Found(what=Tamper.SEAL_CHANGED, line=scene.world.lines[20], seal=3)


@deed("seal: it says another time")
def _(scene: Scene) -> Found:
    scene.do("UPDATE audit_seals SET sealed_at = 'infinity' WHERE number = 3")
    return Found(what=Tamper.SEAL_CHANGED, line=scene.world.lines[20], seal=3)


@deed("seal: line and contents changed together")
def _(scene: Scene) -> Found:
    scene.do(_CHANGE.format(what="action = 'EXPORT'"), scene.world.lines[31])
    changed = scene.resealed(4, FORGER)[0]
    old = scene.seals()[3]
    scene.replace_seals([replace(old, contents=changed.contents)])
    return Found(what=Tamper.SEAL_CHANGED, line=scene.world.lines[30], seal=4)


@deed("seal: one in the middle is gone")
def _(scene: Scene) -> Found:
    scene.do("DELETE FROM audit_seals WHERE number = 3 AND district_id = %s", scene.world.town.district)
    return Found(what=Tamper.LINE_ADDED, line=scene.world.lines[20], seal=2)


@deed("seal: the first is gone")
def _(scene: Scene) -> Found:
    scene.do("DELETE FROM audit_seals WHERE number = 1 AND district_id = %s", scene.world.town.district)
    return Found(what=Tamper.LINE_ADDED, line=scene.world.lines[0])


@deed("seal: one and its lines are gone")
def _(scene: Scene) -> Found:
    scene.do("DELETE FROM audit_logs WHERE id = ANY (%s)", list(scene.world.lines[20:30]))
    scene.do("DELETE FROM audit_seals WHERE number = 3 AND district_id = %s", scene.world.town.district)
    return Found(what=Tamper.SEAL_MISSING, seal=3)


@deed("re-chain: one seal made anew without the key")
def _(scene: Scene) -> Found:
    scene.do(_CHANGE.format(what="action = 'EXPORT'"), scene.world.lines[31])
    scene.replace_seals(scene.resealed(4, FORGER)[:1])
    return Found(what=Tamper.SEAL_UNSIGNED, line=scene.world.lines[30], seal=4)


@deed("re-chain: everything from there made anew without the key")
def _(scene: Scene) -> Found:
    scene.do("DELETE FROM audit_logs WHERE id = %s", scene.world.lines[31])
    scene.replace_seals(scene.resealed(4, FORGER))
    return Found(what=Tamper.SEAL_UNSIGNED, line=scene.world.lines[30], seal=4)


@deed("re-chain: signatures of other seals")
def _(scene: Scene) -> Found:
    two, three = scene.seals()[1:3]
    scene.replace_seals([replace(three, signature=two.signature)])
    return Found(what=Tamper.SEAL_UNSIGNED, line=scene.world.lines[20], seal=3)


@deed("re-chain: one seal made anew with the key")
def _(scene: Scene) -> Found:
    scene.do(_CHANGE.format(what="action = 'EXPORT'"), scene.world.lines[31])
    scene.replace_seals(scene.resealed(4, KEY)[:1])
    return Found(what=Tamper.SEAL_OUT_OF_CHAIN, line=scene.world.lines[40], seal=5)


@deed("re-chain: a gap in time, with the key")
def _(scene: Scene) -> Found:
    seals = scene.seals()
    later = signed_again(replace(seals[5], starts_at=seals[5].starts_at + timedelta(seconds=1)), KEY)
    scene.replace_seals([later])
    scene.do("DELETE FROM audit_logs WHERE id = ANY (%s)", list(scene.world.lines[50:55]))
    return Found(what=Tamper.SEAL_SPAN, line=scene.world.lines[50], seal=6)


@deed("archive: a forged record hides a month")
def _(scene: Scene) -> Found:
    scene.do("DELETE FROM audit_logs WHERE district_id = %s", scene.world.town.district)
    scene.do(
        "INSERT INTO audit_archives (district_id, id, month, line_count, first_seal, last_seal, manifest_hash,"
        " keep_until, key_id, signature, archived_at) SELECT district_id, district_id, date_trunc('month', from_at"
        " AT TIME ZONE 'UTC'), 60, 1, 6, hash, '2099-01-01', key_id, signature, sealed_at FROM audit_seals"
        " WHERE number = 1 AND district_id = %s",
        scene.world.town.district,
    )
    return Found(what=Tamper.LINE_GONE, line=scene.world.lines[0], seal=1)


@deed("cut tail: the last lines and their seals", anchor=True)
def _(scene: Scene) -> Found:
    scene.do("DELETE FROM audit_logs WHERE id = ANY (%s)", list(scene.world.lines[50:]))
    scene.do("DELETE FROM audit_seals WHERE number > 5 AND district_id = %s", scene.world.town.district)
    return Found(what=Tamper.TAIL_CUT, seal=6)


@deed("cut tail: everything", anchor=True)
def _(scene: Scene) -> Found:
    scene.do("DELETE FROM audit_logs WHERE district_id = %s", scene.world.town.district)
    scene.do("DELETE FROM audit_seals WHERE district_id = %s", scene.world.town.district)
    return Found(what=Tamper.TAIL_CUT, seal=1)


@deed("cut tail: the server itself seals a falsified end again", anchor=True)
def _(scene: Scene) -> Found:
    scene.do(_CHANGE.format(what="action = 'EXPORT'"), scene.world.lines[57])
    scene.replace_seals(scene.resealed(6, KEY))
    return Found(what=Tamper.REWRITTEN, line=scene.world.lines[50], seal=6)


@deed("re-chain: everything from there made anew with the server's key", anchor=True)
def _(scene: Scene) -> Found:
    scene.do("DELETE FROM audit_logs WHERE id = %s", scene.world.lines[31])
    scene.replace_seals(scene.resealed(4, KEY))
    return Found(what=Tamper.REWRITTEN, line=scene.world.lines[30], seal=4)
