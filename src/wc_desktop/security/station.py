"""The enrolled workstation on disk: who may open it, and opening it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from wc_contract.model.errors import Defect, Unavailable
from wc_contract.model.ids import DeviceId, SchoolId, UserId
from wc_contract.model.instants import Instant
from wc_contract.wire.messages import SignedLease
from wc_desktop.cipher.ballast import make_room
from wc_desktop.cipher.raw_key import KEY_BYTES, wipe
from wc_desktop.cipher.whole_file import write_whole
from wc_desktop.domain.capture import Leave
from wc_desktop.domain.failures import (
    CertificateNotTrusted,
    ClockBehind,
    DeviceRevoked,
    InsecureAddress,
    KeystoreChanged,
    LeaseExpired,
    LeaseForged,
    LeaseHolds,
    NotASyncServer,
    ProtocolTooNew,
    ProtocolTooOld,
    RequestRefused,
    SessionOver,
    SlotDamaged,
    SlotRemoved,
    SlotRetired,
    UnknownPerson,
    WrongDistrict,
    WrongPassword,
)
from wc_desktop.domain.screens import PersonRow
from wc_desktop.ports import Opened, OpenedCapture, Parts
from wc_desktop.security.base64_text import octets_of
from wc_desktop.security.device_keys import DeviceKeys, SealedFolder, TokenDrawer, read_keys
from wc_desktop.security.guessing import Tries, failures, forget_failures, note_failure
from wc_desktop.security.lease import LeaseTerms, check_expiry, check_person, verified_lease
from wc_desktop.security.passport import Passport, read_passport, write_passport
from wc_desktop.security.place import must_be_own_disk
from wc_desktop.security.sighting import Sighting, check_clock, sighting_from_octets, sighting_to_octets
from wc_desktop.security.slots import (
    COMING,
    PasswordDoesNotOpen,
    Slot,
    SlotPlace,
    new_slot,
    open_slot,
    raised,
    settled,
    slots_from_text,
    slots_to_text,
    with_data_key,
)
from wc_desktop.security.wipe_mark import WIPE_FILE

# A server was there and none that this workstation can talk to: a clock far ahead has every certificate expired.
_NO_WAY = (
    CertificateNotTrusted,
    InsecureAddress,
    NotASyncServer,
    ProtocolTooNew,
    ProtocolTooOld,
    RequestRefused,
    SessionOver,
    WrongDistrict,
)
SLOTS_FILE = "slots.json"
REPLICA_FILE = "replica.db"


@dataclass(slots=True, kw_only=True)
class DataKeys:
    """The keys of journal and replica, while the workstation is open."""

    journal: bytearray = field(repr=False)
    replica: bytearray = field(repr=False)

    def wipe(self) -> None:
        """Overwrite both."""
        wipe(self.journal)
        wipe(self.replica)


class StationParts(Parts, Protocol):
    """What a station asks of the program's parts, besides what actions ask."""

    def settle_keys(self, station: "Station", keys: DataKeys) -> None:
        """Give the files the keys that wait for them, if any do; then keys are those. The files are closed."""
        ...

    def open_files(self, station: "Station", keys: DataKeys) -> Opened:
        """Open journal and replica; the answer owns keys and wipes them when it is closed."""
        ...

    def open_capture(self, station: "Station", keys: DataKeys, terms: LeaseTerms) -> OpenedCapture:
        """Open the journal and wipe keys at once, but for what wipes them when the answer is closed."""
        ...

    def renew_lease(self, station: "Station", keys: DataKeys) -> None:
        """Say hello to the server and keep the lease it answers. Raises ServerUnreachable and its kin."""
        ...


class Station:
    """One workstation of one school. Safe to ask for names on any thread; the rest on the replica thread."""

    def __init__(self, folder: Path, passport: Passport, parts: StationParts) -> None:
        self.folder = folder
        self.passport = passport
        self._parts = parts
        self.coming: DataKeys | None = None

    @staticmethod
    def load(folder: Path, parts: StationParts) -> "Station | None":
        """Return the workstation enrolled in folder, None when there is none. Raises SlotDamaged."""
        passport = read_passport(folder)
        return None if passport is None else Station(folder, passport, parts)

    @property
    def parts(self) -> StationParts:
        """The program's parts."""
        return self._parts

    @property
    def device_id(self) -> DeviceId:
        """This device."""
        return self.passport.device

    @property
    def school_id(self) -> SchoolId:
        """The one school whose records are here."""
        return self.passport.school

    @property
    def school_name(self) -> str:
        """The school's name."""
        return self.passport.school_name

    @property
    def district_name(self) -> str:
        """The district's name."""
        return self.passport.district_name

    @property
    def device_name(self) -> str:
        """What the district calls this workstation."""
        return self.passport.device_name

    @property
    def server_url(self) -> str:
        """The server's address."""
        return self.passport.server_url

    @property
    def zone(self) -> ZoneInfo:
        """The school's zone."""
        return ZoneInfo(self.passport.zone)

    @property
    def first_sync_done(self) -> bool:
        """Whether there is a replica to open."""
        return (self.folder / REPLICA_FILE).exists()

    def people(self) -> tuple[PersonRow, ...]:
        """Return who can unlock this workstation."""
        return self.passport.people

    # Opening.

    def open_capture(self, user: UserId, password: str) -> OpenedCapture:
        """Open the journal alone, for somebody whom only the end of the lease keeps out (ports.Workstation)."""
        keys = self.keys_after_lease(user, password)
        try:
            self._parts.settle_keys(self, keys)
            return self._parts.open_capture(self, keys, self.lease())
        except BaseException:
            keys.wipe()
            raise
        finally:
            self.forget_coming()

    def open(self, user: UserId, password: str) -> Opened:
        """Open the files with a person's password. Raises what ports.Workstation.open says."""
        keys = self.unlock_keys(user, password)
        try:
            self._parts.settle_keys(self, keys)
            return self._parts.open_files(self, keys)
        except BaseException:
            keys.wipe()
            raise

    def unlock_keys(self, user: UserId, password: str) -> DataKeys:
        """Return the data keys, after everything that can be checked without them; the caller wipes them."""
        slot, opened = self._let_in(user, password)
        try:
            self._check_leave(user, slot, opened)
            # A lease that was renewed meanwhile may have put keys into the slot.
            self._raise_cost(self._slot(user), password, self.device_secret())
            self.saw(self.server_now())
        except BaseException:
            opened.wipe()
            raise
        return opened

    def keys_after_lease(self, user: UserId, password: str) -> DataKeys:
        """Return the data keys to somebody whom only the end of the lease keeps out; the caller wipes them.

        The present is not remembered as seen: the clock that ended the lease may be wrong, and is put right then.
        Raises what unlock_keys raises for all other reasons, and LeaseHolds.
        """
        slot, opened = self._let_in(user, password)
        try:
            self._check_once(user, slot)
        except LeaseExpired:
            return opened
        except BaseException:
            opened.wipe()
            raise
        opened.wipe()
        raise LeaseHolds(str(user))

    def _let_in(self, user: UserId, password: str) -> tuple[Slot, DataKeys]:
        if (self.folder / WIPE_FILE).exists():
            raise DeviceRevoked("it is to be erased")
        must_be_own_disk(self.folder)
        # Before the first write: a try is counted before it is made.
        make_room(self.folder)
        slot = self._slot(user)
        return slot, self._keys_in(slot, user, password, self.device_secret())

    def prove(self, user: UserId, password: str) -> None:
        """Make sure that a second person is who they say and may work here; nothing is opened.

        The district is not asked: the files are open, and their own desk asks it. Raises what unlock_keys raises.
        """
        if (self.folder / WIPE_FILE).exists():
            raise DeviceRevoked("it is to be erased")
        slot = self._slot(user)
        self._keys_in(slot, user, password, self.device_secret()).wipe()
        self._check_once(user, slot)

    def keys_for_repair(self, user: UserId, password: str) -> DataKeys:
        """Return the data keys to mend files with; the caller wipes them.

        The lease is not looked at, for nothing is shown and nothing is authored: who has no leave learns it at the
        unlock that follows. Raises WrongPassword, TooManyTries, UnknownPerson, SlotDamaged, KeystoreChanged.
        """
        return self._keys_in(self._slot(user), user, password, self.device_secret())

    def _keys_in(self, slot: Slot, user: UserId, password: str, secret: bytes) -> DataKeys:
        now = self._parts.clock.now()
        tries = Tries(self._parts.keystore, self.device_id, user)
        left = tries.take()
        try:
            keys = open_slot(slot, password, secret)
        except PasswordDoesNotOpen:
            note_failure(self.sealed_folder(), user, now)
            raise WrongPassword(left) from None
        tries.forgive()
        self.forget_coming()
        if _is_pending(slot):
            self.coming = DataKeys(journal=keys["journal" + COMING], replica=keys["replica" + COMING])
        return DataKeys(journal=keys["journal"], replica=keys["replica"])

    def _check_leave(self, user: UserId, slot: Slot, keys: DataKeys) -> None:
        try:
            self._check_once(user, slot)
        except (LeaseExpired, ClockBehind, SlotRetired) as refusal:
            # After a long weekend the lease has run out, or somebody put the clock right, and nobody did anything
            # wrong: ask the server, and refuse only when it does not answer.
            try:
                self._parts.renew_lease(self, keys)
            except Unavailable:
                raise refusal from None
            except _NO_WAY as error:
                if not isinstance(refusal, LeaseExpired):
                    raise
                raise _hindered(refusal, error.code) from None
            self._check_once(user, slot)

    def leave_of(self, user: UserId) -> Leave:
        """Return how the district's newest word stands to a person. Raises LeaseForged, SlotDamaged, ClockBehind."""
        try:
            self._check_once(user, self._slot(user))
        except LeaseExpired:
            return Leave.ENDED
        except (SlotRetired, SlotRemoved, UnknownPerson):
            return Leave.TAKEN
        return Leave.HOLDS

    def _check_once(self, user: UserId, slot: Slot) -> None:
        now = self.server_now()
        check_clock(self.high_water(), now)
        terms = self.lease()
        check_person(terms, user, slot.place.generation)
        check_expiry(terms, now, self.zone)

    def _raise_cost(self, slot: Slot, password: str, secret: bytes) -> None:
        stronger = raised(slot, password, secret, self._parts.chance)
        if stronger is not slot:
            self._write_slots({**self._slots(), slot.place.user: stronger})

    def _slot(self, user: UserId) -> Slot:
        slot = self._slots().get(user)
        if slot is None:
            listed = any(person.id == user for person in self.passport.people)
            raise SlotRemoved(str(user)) if listed else UnknownPerson(str(user))
        return slot

    def _slots(self) -> dict[UserId, Slot]:
        path = self.folder / SLOTS_FILE
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise SlotDamaged(SLOTS_FILE) from None
        return slots_from_text(text, device=self.device_id, school=self.school_id)

    def _write_slots(self, slots: Mapping[UserId, Slot]) -> None:
        write_whole(self.folder / SLOTS_FILE, slots_to_text(slots).encode())

    def put_slot(self, person: PersonRow, password: str, keys: DataKeys) -> None:
        """Give a person a slot that opens keys, and list them; a slot that they had ends. Raises UnknownPerson."""
        if not any(keys.journal) or not any(keys.replica):
            raise Defect("a slot for keys that were wiped")
        generation = self.lease().generations.get(person.id)
        if generation is None:
            raise UnknownPerson(str(person.id))
        place = SlotPlace(device=self.device_id, school=self.school_id, user=person.id, generation=generation)
        data_keys = _named(keys, self.coming)
        slot = new_slot(place, password, self.device_secret(), data_keys, self._parts.chance)
        known = self._slots() if (self.folder / SLOTS_FILE).exists() else {}
        self._write_slots({**known, person.id: slot})
        others = tuple(p for p in self.passport.people if p.id != person.id)
        self.keep_passport(replace(self.passport, people=(*others, person)))

    # Who may not work here any more.

    def _retire(self) -> None:
        """Remove the slots of people whom the lease names no more, and seal new keys for the files to all others.

        The files get them when they are closed. The last slot stays, or nobody could ever open what is here.
        """
        path = self.folder / SLOTS_FILE
        if not path.exists():
            return
        slots, terms = self._slots(), self.lease().generations
        stay = {u: slot for u, slot in slots.items() if u in terms and terms[u] <= slot.place.generation}
        if not stay or len(stay) == len(slots):
            return
        if any(_is_pending(slot) for slot in slots.values()):
            # Some files may have those keys already; whoever unlocks next ends that, and the contact after it is ours.
            return
        fresh = DataKeys(journal=self._new_key(), replica=self._new_key())
        secret, chance = self.device_secret(), self._parts.chance
        for name, key in _coming(fresh).items():
            stay = {u: with_data_key(slot, name, key, secret, chance) for u, slot in stay.items()}
        self._write_slots(stay)
        self.coming = fresh

    def keys_settled(self, keys: DataKeys) -> None:
        """Every file has these keys now: seal them alone to each slot."""
        secret = self.device_secret()
        slots = self._slots()
        self._write_slots(
            {user: settled(slot, secret, _named(keys, None), self._parts.chance) for user, slot in slots.items()}
        )
        self.forget_coming()

    def forget_coming(self) -> None:
        """Overwrite the keys that wait: they stand in the slots."""
        coming, self.coming = self.coming, None
        if coming is not None:
            coming.wipe()

    def _new_key(self) -> bytearray:
        return bytearray(self._parts.chance.octets(KEY_BYTES))

    # Secrets of the device.

    def device_secret(self) -> bytes:
        """Return the device secret. Raises KeystoreChanged."""
        keystore = self._parts.keystore
        if keystore.name != self.passport.keystore:
            raise KeystoreChanged(f"enrolled with {self.passport.keystore}, found {keystore.name}")
        secret = keystore.get(device_secret_name(self.device_id))
        if secret is None:
            raise KeystoreChanged("the keystore does not hold this workstation's secret")
        return secret

    def sealed_folder(self) -> SealedFolder:
        """Return the small files under the device secret."""
        return SealedFolder(self.folder, str(self.device_id), self.device_secret(), self._parts.chance)

    def device_keys(self) -> DeviceKeys:
        """Return the device's own keys."""
        return read_keys(self.sealed_folder())

    def token_drawer(self) -> TokenDrawer:
        """Return where the refresh token is kept."""
        return TokenDrawer(self.sealed_folder())

    def failed_unlocks(self) -> Sequence[tuple[UserId, Instant]]:
        """Return the wrong passwords that are not on record yet."""
        return failures(self.sealed_folder())

    def forget_failed_unlocks(self) -> None:
        """They are on record now."""
        forget_failures(self.sealed_folder())

    def forgive_tries(self, user: UserId) -> None:
        """Give a person who signed in online ten new tries."""
        Tries(self._parts.keystore, self.device_id, user).forgive()

    # Lease and clock.

    def lease(self) -> LeaseTerms:
        """Return the lease as the district signed it. Raises LeaseForged."""
        try:
            signed = SignedLease(body=self.passport.lease_body, signature=self.passport.lease_signature)
        except ValueError:
            raise LeaseForged("the signature is none") from None
        key = octets_of(self.passport.verify_key)
        return verified_lease(signed, key, device=self.device_id, school=self.school_id)

    def take_lease(self, lease: SignedLease, server_time: Instant) -> None:
        """Keep a newer lease and what the server's clock says. Raises LeaseForged; then the old one stays."""
        verified_lease(lease, octets_of(self.passport.verify_key), device=self.device_id, school=self.school_id)
        if (lease.body, lease.signature) != (self.passport.lease_body, self.passport.lease_signature):
            self.keep_passport(replace(self.passport, lease_body=lease.body, lease_signature=lease.signature))
        self._write_sighting(Sighting(at=server_time, offset=self._parts.clock.now() - server_time))
        with suppress(SlotDamaged):
            self._retire()

    def keep_passport(self, passport: Passport) -> None:
        """Replace station.json."""
        write_passport(self.folder, passport)
        self.passport = passport

    def server_now(self) -> Instant:
        """Return the present as the server's clock would show it, by the offset measured last.

        A workstation whose clock is simply wrong works like any other (law 8); one that was set back does not.
        """
        sighting = self._sighting()
        now = self._parts.clock.now()
        return now if sighting is None else now - sighting.offset

    def high_water(self) -> Instant | None:
        """Return the latest instant this workstation has seen, None for a new one."""
        sighting = self._sighting()
        return None if sighting is None else sighting.at

    def saw(self, at: Instant) -> None:
        """Remember an instant, when it is later than what was seen."""
        sighting = self._sighting()
        if sighting is None or at > sighting.at:
            offset = timedelta() if sighting is None else sighting.offset
            self._write_sighting(Sighting(at=at, offset=offset))

    def _sighting(self) -> Sighting | None:
        kept = self._parts.keystore.get(seen_name(self.device_id))
        return None if kept is None else sighting_from_octets(kept)

    def _write_sighting(self, sighting: Sighting) -> None:
        self._parts.keystore.put(seen_name(self.device_id), sighting_to_octets(sighting))


def _hindered(refusal: LeaseExpired, because: str) -> LeaseExpired:
    return LeaseExpired(issued_at=refusal.issued_at, ended_at=refusal.ended_at, zone=refusal.zone, because=because)


def _is_pending(slot: Slot) -> bool:
    return "journal" + COMING in slot.data_keys


def _coming(keys: DataKeys) -> dict[str, bytearray]:
    return {"journal" + COMING: keys.journal, "replica" + COMING: keys.replica}


def _named(keys: DataKeys, coming: DataKeys | None) -> dict[str, bytearray]:
    waiting = {} if coming is None else _coming(coming)
    return {"journal": keys.journal, "replica": keys.replica, **waiting}


def seen_name(device: DeviceId) -> str:
    """Return the name in the keystore of the latest instant that a device saw."""
    return f"{device}/seen"


def device_secret_name(device: DeviceId) -> str:
    """Return the name of a device's secret in the keystore."""
    return f"{device}/device"
