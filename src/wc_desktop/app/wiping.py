"""The end of this workstation: what it has is sent first, then its keys go, then its files, then its word of it.

Everything is done without a password, from the sealed copy, which holds every entry; where that does not do, a person
who can unlock it helps (help_with). Whenever it is stopped it goes on where it was: security.wipe_mark.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey
from pydantic import ValidationError

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import UserId
from wc_contract.model.instants import instant_to_text
from wc_contract.wire.codes import ProblemCode
from wc_contract.wire.versions import MAX_NUMBER, PROTOCOL
from wc_contract.wire.wipe import AskWipe, WipeAsked, WipeOrder, WipeReason, signed_order
from wc_desktop.app.new_keys import settle_keys
from wc_desktop.app.opened import answered_of, journal_of, mark_of, own_keys_of, photos_of, settle_photos
from wc_desktop.app.parts import Parts, app_version
from wc_desktop.blobs.mending import Mending
from wc_desktop.blobs.schema import open_blobs
from wc_desktop.blobs.store import BlobStore
from wc_desktop.domain.failures import OrderForged, RequestRefused
from wc_desktop.domain.wiping import ENTRIES_WAIT, NEEDS_PASSWORD, WipeNews, WipePhase
from wc_desktop.journal.schema import journal_paths
from wc_desktop.journal.sealed_sending import SealedUnsent, above, missing
from wc_desktop.journal.survey import survey
from wc_desktop.security.base64_text import octets_of
from wc_desktop.security.erasing import Eraser, to_erase
from wc_desktop.security.station import DataKeys, Station
from wc_desktop.security.wipe_mark import WIPE_FILE, WipeMark, WipeStage, news_of, read_mark, write_mark
from wc_desktop.sync.blob_loop import BlobLoop
from wc_desktop.sync.push_loop import push_round
from wc_desktop.transport.wiping import hand_in

if TYPE_CHECKING:
    from wc_desktop.transport.http_gateway import HttpGateway

Say = Callable[[WipeNews], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """What came of sending. held: why nothing may be destroyed; None when all is with the district."""

    sent: int
    last: int
    unsent: int | None
    photos: int | None
    held: str | None


@dataclass(slots=True, kw_only=True)
class Wiper:
    """Asks for the order and carries it out. Threads may share it: what one sends, another does not erase meanwhile.

    told hears the name of each thing before it is destroyed.
    """

    parts: Parts
    folder: Path
    told: Callable[[str], None] = field(default=lambda _name: None)
    _gateway: "HttpGateway | None" = None
    _closed: bool = False
    _alone: threading.Lock = field(default_factory=threading.Lock)

    def look(self) -> WipeNews:
        """Ask the district whether this workstation is to be erased, and write it down when it is.

        Raises OrderForged, ServerUnreachable and its kin, KeystoreChanged.
        """
        mark = read_mark(self.folder)
        if mark is None:
            station = self._station()
            if station is None:
                return WipeNews(phase=WipePhase.NONE)
            with self._connected(station) as gateway:
                try:
                    mark = self._ordered(station, _asked(gateway), None)
                except RequestRefused as refused:
                    # A server from before there were orders.
                    if refused.server_code != ProblemCode.NOT_FOUND:
                        raise
        return news_of(mark)

    def go_on(self, say: Say) -> WipeNews:
        """Carry the order out as far as that goes now; the workstation is locked and nobody else has its files.

        What keeps it from going on is in the answer, not raised.
        """
        with self._alone:
            return self._gone_on(read_mark(self.folder), say)

    def _gone_on(self, mark: WipeMark | None, say: Say) -> WipeNews:
        if mark is None or mark.stage is WipeStage.KEPT:
            return news_of(mark)
        try:
            if mark.stage is WipeStage.ORDERED:
                say(replace(news_of(mark), phase=WipePhase.SENDING))
                mark, held = self._sent_all(mark)
                if held is not None:
                    return held
            say(replace(news_of(mark), phase=WipePhase.ERASING))
            mark = self._eraser().erase(mark)
            return news_of(self._handed_in(mark))
        except WhiteCrossError as error:
            return self._held_by(error)

    def help_with(self, user: UserId, password: str) -> None:
        """Send what only a password opens: photos, and entries that the sealed copy lost. Nothing is shown.

        Raises WrongPassword and what keys_for_repair, opening and sending raise.
        """
        with self._alone:
            station = self._station()
            if station is not None and read_mark(self.folder) is not None:
                self._helped(station, user, password)

    def _helped(self, station: Station, user: UserId, password: str) -> None:
        keys = station.keys_for_repair(user, password)
        try:
            settle_keys(station, keys)
            with self._connected(station) as gateway:
                self._mend(station, keys, _asked(gateway).last_number)
                self._send_photos(station, keys, gateway)
        finally:
            keys.wipe()

    def close(self) -> None:
        """End what is under way with the server, at once."""
        self._closed = True
        gateway = self._gateway
        if gateway is not None:
            gateway.close()

    # Sending.

    def _sent_all(self, mark: WipeMark) -> tuple[WipeMark, WipeNews | None]:
        """Return the mark and None once all is with the district, durably begun; or why not."""
        station = self._station()
        if station is None:
            raise OrderForged("there is no workstation here")
        with self._connected(station) as gateway:
            asked = _asked(gateway)
            ordered = self._ordered(station, asked, mark)
            if ordered is None:
                # The district was put back to before it, or never said it: this workstation goes on.
                (self.folder / WIPE_FILE).unlink(missing_ok=True)
                return mark, WipeNews(phase=WipePhase.NONE)
            mark = ordered
            sent = self._send(station, gateway, asked, lost=mark.reason == WipeReason.LOST)
            if sent.held is not None:
                _asked(gateway, unsent=sent.unsent, held=sent.held)
                held = replace(news_of(mark), problem=sent.held, unsent=sent.unsent, photos=sent.photos)
                return mark, replace(held, phase=WipePhase.HELD)
        now = instant_to_text(self.parts.clock.now())
        begun = replace(
            mark,
            stage=WipeStage.BEGUN,
            sent=sent.sent,
            last_number=sent.last,
            photos=sent.photos,
            begun_at=now,
            files=to_erase(self.folder),
        )
        write_mark(self.folder, begun)
        return begun, None

    def _send(self, station: Station, gateway: "HttpGateway", asked: WipeAsked, *, lost: bool) -> _Sent:
        copy = survey(journal_paths(station.folder)[1], own_keys_of(station))
        # What the mark counts as answered, a server that was put back may not know any more.
        answered = min(answered_of(station).upto(), asked.last_number)
        texts = above(copy, answered)
        lacks = missing(copy, mark_of(station).used(), answered)
        # What stands behind a number that is missing here, the district does not take yet.
        upto = min(lacks or (), default=MAX_NUMBER)
        sending = SealedUnsent({number: text for number, text in texts.items() if number < upto})
        push_round(gateway, sending, asked.epoch, stopping=self._is_closed)
        waiting = set(texts) - sending.final
        photos = photos_of(station)
        held: str | None = None
        if lacks is None or lacks or (not lost and (photos is None or photos.waiting)):
            held = NEEDS_PASSWORD
        elif waiting:
            held = ENTRIES_WAIT
        return _Sent(
            sent=len(sending.final),
            last=max((answered, *texts)),
            unsent=None if lacks is None else len(waiting) + len(lacks),
            photos=None if photos is None else photos.waiting + photos.refused,
            held=held,
        )

    def _mend(self, station: Station, keys: DataKeys, held: int) -> None:
        # Closing it says which number was the last.
        journal = journal_of(station, keys, self.parts.chance)
        try:
            journal.close_gaps_above(held, self.parts.clock.now())
            journal.seal_what_does_not_read()
        finally:
            journal.close()

    def _send_photos(self, station: Station, keys: DataKeys, gateway: "HttpGateway") -> None:
        store = BlobStore(open_blobs(station.folder, keys.journal, station.device_id))
        mending = Mending(station.folder, keys.journal, station.device_id)
        try:
            store.forget_begun()
            while mending.go_on(store):
                continue
            loop, way = BlobLoop(store, self.parts.clock, budget=0), gateway.blobs(self.parts.channel(station))
            loop.compare(way)
            while (uploads := store.uploads(epoch=loop.epoch, limit=1)) and not self._closed:
                loop.send(way, uploads[0])
            settle_photos(station, store)
        finally:
            mending.close()
            store.close()

    def _held_by(self, error: WhiteCrossError) -> WipeNews:
        """Return what keeps it from going on, and how much waits as far as that can be told without the district."""
        news, unsent = news_of(read_mark(self.folder)), None
        if news.phase is WipePhase.ORDERED:
            news = replace(news, phase=WipePhase.HELD)
            with suppress(WhiteCrossError):
                station = self._station()
                if station is not None:
                    copy = survey(journal_paths(station.folder)[1], own_keys_of(station))
                    unsent = len(above(copy, answered_of(station).upto()))
        return replace(news, problem=error.code, unsent=unsent)

    # The order and the receipt.

    def _ordered(self, station: Station, asked: WipeAsked, known: WipeMark | None) -> WipeMark | None:
        """Return the mark of a signed order, durably written where it says something new; None without one."""
        if asked.order is None:
            return None
        passport = station.passport
        try:
            VerifyKey(octets_of(passport.verify_key)).verify(
                signed_order(asked.order.body), octets_of(asked.order.signature)
            )
            order = WipeOrder.model_validate_json(asked.order.body)
        except (BadSignatureError, ValueError, ValidationError):
            raise OrderForged("not signed by this district") from None
        if (order.district_id, order.device_id) != (UUID(str(passport.district)), UUID(str(passport.device))):
            raise OrderForged("it names another workstation")
        mark = WipeMark(
            stage=WipeStage.ORDERED,
            device=str(passport.device),
            district=str(passport.district),
            reason=order.reason.value,
            revoked_at=instant_to_text(order.revoked_at),
            server_url=passport.server_url,
            ca_file=passport.ca_file,
            school_name=passport.school_name,
            device_name=passport.device_name,
        )
        if mark != known:
            write_mark(self.folder, mark)
        return mark

    def _handed_in(self, mark: WipeMark) -> WipeMark:
        ca_file = None if mark.ca_file is None else self.folder / mark.ca_file
        answer = hand_in(mark.server_url, ca_file, mark.body, mark.signature)
        kept = replace(mark, stage=WipeStage.KEPT, kept_at=instant_to_text(answer.received_at))
        write_mark(self.folder, kept)
        if ca_file is not None:
            ca_file.unlink(missing_ok=True)
        return kept

    def _eraser(self) -> Eraser:
        return Eraser(
            folder=self.folder,
            keystore=self.parts.keystore,
            clock=self.parts.clock,
            chance=self.parts.chance,
            app_version=app_version(),
            told=self.told,
        )

    @contextmanager
    def _connected(self, station: Station) -> Iterator["HttpGateway"]:
        gateway = self._gateway = self.parts.connect(station)
        try:
            yield gateway
        finally:
            self._gateway = None
            gateway.close()

    def _station(self) -> Station | None:
        return Station.load(self.folder, self.parts)

    def _is_closed(self) -> bool:
        return self._closed


def _asked(gateway: "HttpGateway", *, unsent: int | None = None, held: str | None = None) -> WipeAsked:
    return gateway.ask_wipe(AskWipe(protocol=PROTOCOL, unsent=unsent, held=held))
