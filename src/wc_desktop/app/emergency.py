"""Breaking the glass: the emergency cards opened by a code, each look signed and durable before anything is shown.

No password is asked for, no lease and no clock looked at, no network used. emergency.sealed holds the looks like the
journal's sealed copy holds entries: sealed to the district and to this device, signed by the device. The next unlock
takes them into the journal (actions.emergency).
"""

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID, uuid5

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from wc_contract.model.apply import compact
from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.instants import Instant, instant_from_text, instant_to_text, whole_millis
from wc_contract.model.values import EmergencyReason
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.emergency import take_up_looks
from wc_desktop.cipher.ballast import make_room
from wc_desktop.cipher.whole_file import disk_refusals
from wc_desktop.domain.emergency import CardName, EmergencyAsk, EmergencyCard, EmergencyLook
from wc_desktop.domain.failures import EmergencyCodeSpent, FilesUnreadable, TooManyTries, WrongEmergencyCode
from wc_desktop.journal.sealed import SealedFile, open_record, read_records
from wc_desktop.ports import Keystore
from wc_desktop.security.base64_text import octets_of
from wc_desktop.security.device_keys import DeviceKeys
from wc_desktop.security.emergency_code import new_code, plain_code
from wc_desktop.security.emergency_file import HOLDER, EmergencyPlace, OpenedCards, looks_name
from wc_desktop.security.guessing import Tries, note_failure
from wc_desktop.security.slots import PasswordDoesNotOpen
from wc_desktop.security.station import Station

_log = logging.getLogger(__name__)
LOOKS_FILE = "emergency.sealed"
_SIGNED = b"white cross emergency look\n"


def place_of(station: Station) -> EmergencyPlace:
    """Return where a station's cards lie."""
    return EmergencyPlace(folder=station.folder, device=station.device_id, school=station.school_id)


class CardWriter:
    """background.card_keeper.CardPlace of a station."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def is_set_up(self) -> bool:
        """Whether a code was made for them."""
        return place_of(self._station).is_set_up()

    def write(self, cards: Sequence[EmergencyCard], as_of: Instant | None) -> bool:
        """Put these cards in the place of those before; False when no code was set up."""
        station = self._station
        return place_of(station).write(cards, _said(as_of), station.device_secret(), station.parts.chance)

    def erase(self) -> None:
        """Take code and cards away."""
        place_of(self._station).erase()


def set_up_code(station: Station, cards: Sequence[EmergencyCard], as_of: Instant | None) -> str:
    """Return a new code, the only one that opens these cards from now on; it is kept nowhere. Raises DiskFull."""
    chance = station.parts.chance
    code = new_code(chance)
    place_of(station).set_up(plain_code(code), cards, _said(as_of), station.device_secret(), chance)
    forgive_codes(station)
    return code


def _said(as_of: Instant | None) -> str:
    return "" if as_of is None else instant_to_text(as_of)


def forgive_codes(station: Station) -> None:
    """Give all tries of the emergency code back: somebody opened the workstation with a password."""
    Tries(station.parts.keystore, station.device_id, HOLDER).forgive()


def after_unlock(desk: Desk, station: Station) -> None:
    """Take up what was looked at by code, and give the tries of the code back. What fails now is done by the next."""
    try:
        forgive_codes(station)
        take_up_looks(desk, looks_of(station))
    except WhiteCrossError as error:
        _log.info("looks.not_taken_up", extra={"code": error.code})


def open_cards(station: Station, ask: EmergencyAsk, code: str) -> "OpenCards":
    """Open the cards, after that is on record.

    Raises WrongEmergencyCode, EmergencyCodeSpent, EmergencyCardDamaged, NotFound, SlotDamaged, KeystoreChanged,
    DiskFull, DiskFailed: then nothing of a child was read.
    """
    # As before an unlock: tries and looks are written before anything is shown.
    make_room(station.folder)
    cards = _opened(station, plain_code(code))
    try:
        log = LookLog(station)
        try:
            return OpenCards(station, cards, log, ask)
        except BaseException:
            log.close()
            raise
    except BaseException:
        cards.close()
        raise


def _opened(station: Station, code: str) -> OpenedCards:
    tries = Tries(station.parts.keystore, station.device_id, HOLDER)
    try:
        left = tries.take()
    except TooManyTries:
        raise EmergencyCodeSpent("ten wrong codes") from None
    try:
        cards = place_of(station).open(code, station.device_secret())
    except PasswordDoesNotOpen:
        note_failure(station.sealed_folder(), HOLDER, station.server_now())
        raise WrongEmergencyCode(left) from None
    tries.forgive()
    return cards


class OpenCards:
    """The cards of one use. Every child's card is on record before it is read."""

    def __init__(self, station: Station, cards: OpenedCards, log: "LookLog", ask: EmergencyAsk) -> None:
        self._cards = cards
        self._log = log
        self._ask = ask
        self._use = log.write(ask, use=None, student=None).id
        self.as_of: Instant | None = cards.as_of
        self.zone = station.zone

    def names(self) -> tuple[CardName, ...]:
        """Return the children, by name."""
        return self._cards.names()

    def look(self, student: str) -> EmergencyCard:
        """Return one child's card, once that is on record. Raises DiskFull, DiskFailed; then nothing was read."""
        self._log.write(self._ask, use=self._use, student=student)
        return self._cards.card(student)

    def close(self) -> None:
        """Close the file of the cards and that of the looks."""
        self._cards.close()
        self._log.close()


class LookLog:
    """emergency.sealed: numbers run from 1 without a gap, and go on also when the file was taken away."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._keys = station.device_keys()
        self._keystore: Keystore = station.parts.keystore
        district = self._keys.district_seal or octets_of(station.passport.seal_key)
        path = station.folder / LOOKS_FILE
        self._file = SealedFile(path, district=district, device=self._keys.seal_public, chance=station.parts.chance)
        try:
            with disk_refusals():
                self._last = max((look.number for look in _looks(path, self._keys)), default=0)
        except BaseException:
            self.close()
            raise

    def write(self, ask: EmergencyAsk, *, use: str | None, student: str | None) -> EmergencyLook:
        """Put one look on record, durably. Raises DiskFull, DiskFailed, KeystoreRefused; then it is not to be shown."""
        number = max(self._last, self._counted()) + 1
        id_ = str(uuid5(UUID(str(self._station.device_id)), f"emergency look {number}"))
        at = whole_millis(self._station.server_now())
        look = EmergencyLook(number=number, id=id_, use=use or id_, student=student, at=at, ask=ask)
        body = compact(
            {
                "number": number,
                "id": id_,
                "use": look.use,
                "student": student,
                "at": instant_to_text(at),
                "asked_by": ask.asked_by,
                "reason": ask.reason.value,
                "note": ask.note,
            }
        )
        self._file.append(number, body, bytes(self._keys.signer().sign(_SIGNED + body.encode()).signature))
        self._last = number
        self._keystore.put(looks_name(self._station.device_id), str(number).encode())
        return look

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _counted(self) -> int:
        return int(self._keystore.get(looks_name(self._station.device_id)) or b"0")


def looks_of(station: Station) -> tuple[EmergencyLook, ...]:
    """Return the looks of a station that read and that its device signed, in the order of the file.

    Raises FilesUnreadable.
    """
    try:
        return _looks(station.folder / LOOKS_FILE, station.device_keys())
    except FileNotFoundError:
        return ()
    except OSError:
        raise FilesUnreadable(LOOKS_FILE) from None


def _looks(path: Path, keys: DeviceKeys) -> tuple[EmergencyLook, ...]:
    opened = (open_record(record, device_key=keys.seal_private) for record in read_records(path))
    found = (_look(one.body, one.signature, keys) for one in opened if one is not None)
    return tuple(look for look in found if look is not None)


def _look(body: str, signature: bytes, keys: DeviceKeys) -> EmergencyLook | None:
    try:
        VerifyKey(keys.sign_public).verify(_SIGNED + body.encode(), signature)
        raw = json.loads(body)
        ask = EmergencyAsk(asked_by=raw["asked_by"], reason=EmergencyReason(raw["reason"]), note=raw["note"])
        at = instant_from_text(raw["at"])
        return EmergencyLook(number=raw["number"], id=raw["id"], use=raw["use"], student=raw["student"], at=at, ask=ask)
    except (BadSignatureError, ValueError, KeyError, TypeError):
        return None
