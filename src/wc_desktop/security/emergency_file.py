"""emergency.json and emergency-N.db: the cards under a key of their own, sealed to a slot that a code opens.

Each writing has a new file and a new key. The key is sealed to the slot's public half and then forgotten, so the
desk that writes the cards keeps nothing that opens them. emergency.json names slot, key and file, and is replaced
whole once the file is on the disk: whenever the program is stopped, the cards before or the cards after are there.
"""

import json
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID

from wc_contract.model.ids import Chance, DeviceId, SchoolId, UserId
from wc_contract.model.instants import Instant, instant_from_text
from wc_desktop.cipher.engine import Connection, Pragmas, create_encrypted, open_encrypted, writing
from wc_desktop.cipher.faults import CannotOpen, Damaged, disk_errors
from wc_desktop.cipher.raw_key import wipe
from wc_desktop.cipher.whole_file import disk_refusals, sync_folder, write_whole
from wc_desktop.domain.emergency import EMERGENCY_FILE, CardName, EmergencyCard, Lines
from wc_desktop.domain.failures import EmergencyCardDamaged, FilesUnreadable, NotFound, SlotDamaged
from wc_desktop.security.slots import Slot, SlotPlace, new_slot, open_slot, slot_from_json, slot_to_json, with_data_key

EMERGENCY_DATA = "emergency-*.db*"
# Whose tries a wrong code counts as; no person has this id.
HOLDER = UserId(UUID("e0e0e0e0-0000-4000-8000-0000000000e0"))
_KEY = 32
# A desk that was locked may still write while the next one does, or while a code is made.
_one_writer = threading.Lock()
_DATA_KEY = "emergency"
# One file beside no others: what is written is synced at its one commit.
_ONE_FILE = Pragmas(journal_mode="DELETE", cache_kib=1_024)
_DDL = (
    "CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT",
    """CREATE TABLE cards (student TEXT NOT NULL PRIMARY KEY, place INTEGER NOT NULL, name TEXT NOT NULL,
    card TEXT NOT NULL) STRICT""",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Index:
    slot: Slot
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyPlace:
    """Where one workstation's cards lie."""

    folder: Path
    device: DeviceId
    school: SchoolId

    def is_set_up(self) -> bool:
        """Whether there are cards, or a code that waits for the first ones."""
        return (self.folder / EMERGENCY_FILE).exists()

    def set_up(
        self, code: str, cards: Iterable[EmergencyCard], as_of: str, device_secret: bytes, chance: Chance
    ) -> None:
        """Write these cards for code. Until they are durable, an earlier code opens those before; then it opens none.

        Raises DiskFull, DiskFailed.
        """
        with _one_writer:
            place = SlotPlace(device=self.device, school=self.school, user=HOLDER, generation=self._next_generation())
            self._replace(new_slot(place, code, device_secret, {}, chance), cards, as_of, device_secret, chance)

    def write(self, cards: Iterable[EmergencyCard], as_of: str, device_secret: bytes, chance: Chance) -> bool:
        """Put these cards in the place of those before; False when no code was set up.

        Raises DiskFull, DiskFailed, SlotDamaged, FilesUnreadable.
        """
        with _one_writer:
            index = self._read()
            if index is None:
                return False
            self._replace(index.slot, cards, as_of, device_secret, chance)
        return True

    def open(self, code: str, device_secret: bytes) -> "OpenedCards":
        """Open the cards. Raises NotFound, PasswordDoesNotOpen, EmergencyCardDamaged, SlotDamaged, FilesUnreadable."""
        index = self._read()
        if index is None:
            raise NotFound(EMERGENCY_FILE)
        keys = open_slot(index.slot, code, device_secret)
        try:
            return OpenedCards(open_encrypted(self.folder / index.file, keys[_DATA_KEY], pragmas=_ONE_FILE))
        except (CannotOpen, Damaged):
            raise EmergencyCardDamaged("the file does not read") from None
        finally:
            wipe(keys[_DATA_KEY])

    def erase(self) -> None:
        """Take slot and cards away: the district does not want them here."""
        with _one_writer, disk_refusals():
            (self.folder / EMERGENCY_FILE).unlink(missing_ok=True)
            self._drop_files(keep="")
            sync_folder(self.folder)

    def _next_generation(self) -> int:
        with suppress(SlotDamaged, FilesUnreadable):
            index = self._read()
            return 1 if index is None else index.slot.place.generation + 1
        return 1

    def _replace(
        self, slot: Slot, cards: Iterable[EmergencyCard], as_of: str, device_secret: bytes, chance: Chance
    ) -> None:
        name = f"emergency-{chance.octets(8).hex()}.db"
        key = bytearray(chance.octets(_KEY))
        with disk_refusals():
            try:
                self._fill(self.folder / name, key, cards, as_of)
                self._write(_Index(slot=with_data_key(slot, _DATA_KEY, key, device_secret, chance), file=name))
            except BaseException:
                (self.folder / name).unlink(missing_ok=True)
                raise
            finally:
                wipe(key)
            self._drop_files(keep=name)

    def _fill(self, path: Path, key: bytearray, cards: Iterable[EmergencyCard], as_of: str) -> None:
        connection = create_encrypted(path, key, pragmas=_ONE_FILE)
        try:
            with writing(connection):
                for statement in _DDL:
                    connection.execute(statement)
                facts = {"device": str(self.device), "school": str(self.school), "as_of": as_of}
                connection.executemany("INSERT INTO meta VALUES (?, ?)", facts.items())
                connection.executemany(
                    "INSERT INTO cards VALUES (?, ?, ?, ?)", (_row(at, card) for at, card in enumerate(cards))
                )
        finally:
            connection.close()
        sync_folder(self.folder)

    def _read(self) -> _Index | None:
        try:
            raw = json.loads((self.folder / EMERGENCY_FILE).read_text(encoding="utf-8"))
            slot = slot_from_json(raw["slot"], device=self.device, school=self.school)
            name = Path(str(raw["file"])).name
        except FileNotFoundError:
            return None
        except OSError:
            raise FilesUnreadable(EMERGENCY_FILE) from None
        except (ValueError, KeyError, TypeError):
            raise SlotDamaged(EMERGENCY_FILE) from None
        return _Index(slot=slot, file=name)

    def _write(self, index: _Index) -> None:
        told = {"slot": slot_to_json(index.slot), "file": index.file}
        write_whole(self.folder / EMERGENCY_FILE, json.dumps(told, indent=1).encode())

    def _drop_files(self, *, keep: str) -> None:
        for path in self.folder.glob(EMERGENCY_DATA):
            if path.name != keep:
                path.unlink(missing_ok=True)


class OpenedCards:
    """Cards that a code opened, until they are closed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def as_of(self) -> Instant | None:
        """Up to when the cards say what the district knew."""
        with disk_errors():
            found = self._connection.execute("SELECT value FROM meta WHERE name = 'as_of'").fetchone()
        return instant_from_text(found[0]) if found and found[0] else None

    def names(self) -> tuple[CardName, ...]:
        """Return the children, by name."""
        with disk_errors():
            rows = self._connection.execute("SELECT student, name FROM cards ORDER BY place").fetchall()
        return tuple(_name(student, json.loads(name)) for student, name in rows)

    def card(self, student: str) -> EmergencyCard:
        """Return one child's card. Raises NotFound."""
        with disk_errors():
            row = self._connection.execute("SELECT name, card FROM cards WHERE student = ?", (student,)).fetchone()
        if row is None:
            raise NotFound(student)
        raw = json.loads(row[1])
        return EmergencyCard(
            name=_name(student, json.loads(row[0])),
            allergies=_lines(raw["allergies"]),
            plans=_lines(raw["plans"]),
            medicines=_lines(raw["medicines"]),
            contacts=_lines(raw["contacts"]),
        )

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _row(place: int, card: EmergencyCard) -> tuple[str, int, str, str]:
    said = asdict(card)
    name = said.pop("name")
    student = name.pop("student")
    return student, place, json.dumps(name, ensure_ascii=False), json.dumps(said, ensure_ascii=False)


def _name(student: str, raw: dict[str, str]) -> CardName:
    return CardName(student=student, **raw)


def _lines(raw: list[list[str]]) -> Lines:
    return tuple(tuple(line) for line in raw)


def looks_name(device: DeviceId) -> str:
    """Return the name in the keystore of how many looks by code a device wrote."""
    return f"{device}/looks"
