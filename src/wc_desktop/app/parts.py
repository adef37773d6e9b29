"""The adapters of the workstation, put together. Start-up pays for nothing here that it does not use."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from wc_contract.model.ids import Chance, DeviceId, DistrictId, SchoolId, UserId
from wc_contract.model.instants import Clock, Instant
from wc_contract.model.values import Role
from wc_contract.wire.messages import Enrolled, Hello, HelloAnswer, PersonInfo
from wc_contract.wire.versions import PROTOCOL
from wc_desktop.actions.capture import CaptureDesk
from wc_desktop.actions.desk import Desk
from wc_desktop.app.emergency import set_up_code
from wc_desktop.app.export import ExportPlan, export_journal
from wc_desktop.app.new_keys import settle_keys
from wc_desktop.app.opened import CaptureFiles, OpenFiles, identity_of, journal_of, own_keys_of, word_of
from wc_desktop.cipher.ballast import BALLAST_BYTES, Ballast
from wc_desktop.cipher.whole_file import write_whole
from wc_desktop.domain.emergency import EmergencyCard
from wc_desktop.domain.enrolment import EnrolRequest, FirstSync
from wc_desktop.domain.exported import Exported
from wc_desktop.domain.failures import (
    AlreadyEnrolled,
    CertificateNotTrusted,
    DiskFailed,
    DiskFull,
    FilesUnreadable,
    ServerUnreachable,
)
from wc_desktop.domain.screens import PersonRow
from wc_desktop.journal.book import DeviceJournal
from wc_desktop.journal.schema import create_journal, journal_paths
from wc_desktop.journal.swap import family, ready_path
from wc_desktop.ports import Keystore, Opened, Progress, Workstation
from wc_desktop.replica.projection import Projection
from wc_desktop.replica.repair import ReplicaRepair
from wc_desktop.replica.side_file import SideFile, erase_side_file, side_file
from wc_desktop.security.base64_text import octets_of, text_of
from wc_desktop.security.device_keys import DeviceKeys, new_device_keys, write_keys
from wc_desktop.security.keystore import trusted
from wc_desktop.security.lease import LeaseTerms
from wc_desktop.security.passport import STATION_FILE, Passport
from wc_desktop.security.place import must_be_own_disk
from wc_desktop.security.station import DataKeys, Station, device_secret_name
from wc_desktop.security.wipe_mark import WIPE_FILE, WipeStage, read_mark
from wc_desktop.sync.blob_gateway import BlobFiles, BlobGateway
from wc_desktop.sync.files import Files, JournalFiles
from wc_desktop.sync.first_sync import ReplicaDiffers, Side, fill
from wc_desktop.sync.gateway import Gateway, RepairGateway
from wc_desktop.sync.repair import RepairFiles

if TYPE_CHECKING:
    from wc_desktop.transport.channel import Channel
    from wc_desktop.transport.http_gateway import HttpGateway

_KEY = 32
_CA_FILE = "district-ca.pem"
_PROBE_FILE = "probe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Clock, chance and keystore, and everything that is built from them.

    ballast: how many octets a workstation's folder sets apart for a full disk, none with 0.
    """

    clock: Clock
    chance: Chance
    keystore: Keystore
    ballast: int = 0

    # Enrolment.

    def enrol_device(self, request: EnrolRequest, data_dir: Path) -> Station:
        """Make this workstation known to the server and write its files; the replica is not there yet."""
        from wc_desktop.transport.enrolment import enrol_at_server  # noqa: PLC0415  # httpx only when it is used

        if (data_dir / STATION_FILE).exists():
            raise AlreadyEnrolled(str(STATION_FILE))
        mark = read_mark(data_dir)
        if mark is not None and mark.stage is not WipeStage.KEPT:
            raise AlreadyEnrolled("the workstation here is not erased to its end")
        # Before the one-time code is used up: what is answered must find its place.
        must_be_own_disk(data_dir)
        _prepare(data_dir)
        trusted(self.keystore)
        keys = new_device_keys(self.chance)
        signer = keys.signer()
        channel, enrolled = enrol_at_server(
            request,
            sign=lambda message: bytes(signer.sign(message).signature),
            sign_key=text_of(keys.sign_public),
            seal_key=text_of(keys.seal_public),
            app_version=app_version(),
            open_page=_in_the_browser,
        )
        channel.close()
        return self._settle(request, enrolled, keys, data_dir)

    def _settle(self, request: EnrolRequest, enrolled: Enrolled, keys: DeviceKeys, folder: Path) -> Station:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / WIPE_FILE).unlink(missing_ok=True)
        station = Station(folder, _passport(request, enrolled, folder, self.keystore.name), self)
        self.keystore.put(device_secret_name(station.device_id), self.chance.octets(_KEY))
        # Bound to this device: a bit that flips in station.json must not seal entries to a key that nobody has.
        write_keys(station.sealed_folder(), replace(keys, district_seal=octets_of(enrolled.district.seal_key)))
        station.token_drawer().write(enrolled.tokens.refresh_token)
        data_keys = DataKeys(journal=bytearray(self.chance.octets(_KEY)), replica=bytearray(self.chance.octets(_KEY)))
        try:
            self._new_journal(station, data_keys)
            # Last, because station.json is what makes this folder a workstation.
            station.put_slot(person_of(enrolled.user), request.password, data_keys)
        finally:
            data_keys.wipe()
        return station

    def _new_journal(self, station: Station, keys: DataKeys) -> None:
        path, sealed = journal_paths(station.folder)
        for old in (*family(path), ready_path(station.folder), sealed):
            if old.exists():
                # Of an enrolment that broke off, or of a workstation whose station.json went: never erased here.
                old.rename(old.with_name(old.name.replace("journal.", f"journal.before-{station.device_id}.", 1)))
        create_journal(path, keys.journal, device=station.device_id, school=station.school_id).close()

    # First sync, and rebuilding.

    def first_sync(self, station: Workstation, user: UserId, password: str, progress: Progress) -> None:
        """Fill the side file and put it in the replica's place; resumed where an earlier attempt stopped."""
        if not isinstance(station, Station):
            raise TypeError("a station of this program")
        keys = station.unlock_keys(user, password)
        try:
            settle_keys(station, keys)
            with self._connected(station) as gateway:
                epoch = self._greet(station, keys, gateway).epoch
                self._fill(station, keys, gateway, epoch, progress)
        finally:
            keys.wipe()

    def _fill(self, station: Station, keys: DataKeys, gateway: Gateway, epoch: str, progress: Progress) -> None:
        try:
            side = self._filled(station, keys, gateway, epoch, progress)
        except ReplicaDiffers:
            # Once more from nothing; a second time it is no accident.
            side = self._filled(station, keys, gateway, epoch, progress)
        side.prove()
        side.put_in_place()
        erase_side_file(station.folder)
        progress(FirstSync(done=side.rows, total_about=side.rows, stage="done"))

    def _filled(self, station: Station, keys: DataKeys, gateway: Gateway, epoch: str, progress: Progress) -> SideFile:
        side = side_file(station.folder, keys.replica, identity_of(station), epoch)
        try:
            fill(gateway, side, epoch, progress)
        except ReplicaDiffers:
            side.discard()
            raise
        except BaseException:
            # What arrived is where the next attempt goes on.
            side.keep_for_later()
            raise
        return side

    # Opening.

    def settle_keys(self, station: Station, keys: DataKeys) -> None:
        """Give the files the keys that wait for them; then keys are those."""
        settle_keys(station, keys)

    def open_files(self, station: Station, keys: DataKeys) -> OpenFiles:
        """Open journal and replica; the answer owns keys."""
        ballast = Ballast(folder=station.folder, octets=self.ballast)
        try:
            return OpenFiles(station, keys, self.chance, ballast)
        except (DiskFull, DiskFailed):
            # A quota does not say how much room is left.
            if not ballast.let_go():
                raise
        return OpenFiles(station, keys, self.chance, ballast)

    def open_capture(self, station: Station, keys: DataKeys, terms: LeaseTerms) -> CaptureFiles:
        """Open the journal alone; keys are wiped when this returns."""
        room = Ballast(folder=station.folder, octets=self.ballast)
        try:
            journal = journal_of(station, keys, self.chance, room)
        finally:
            keys.wipe()
        return CaptureFiles(journal, room, issued_at=terms.issued_at, ended_at=terms.expires_at)

    def capture_files(self, desk: CaptureDesk) -> JournalFiles:
        """Return what the contact of a workstation without a lease works with."""
        station, opened = desk.station, desk.opened
        if not isinstance(station, Station) or not isinstance(opened, CaptureFiles):
            raise TypeError("a desk of this program")
        return JournalFiles(
            journal=opened.journal,
            lease=station,
            word=word_of(station),
            clock=self.clock,
            app_version=app_version(),
        )

    def renew_lease(self, station: Station, keys: DataKeys) -> None:
        """Say hello to the server and keep the lease it answers."""
        settle_keys(station, keys)
        with self._connected(station) as gateway:
            self._greet(station, keys, gateway)

    def greet(self, station: Station, journal: DeviceJournal) -> HelloAnswer:
        """Say hello to the server in an open journal's name, and keep the lease it answers."""
        with self._connected(station) as gateway:
            return self._said_hello(station, journal, gateway)

    def _greet(self, station: Station, keys: DataKeys, gateway: Gateway) -> HelloAnswer:
        journal = journal_of(station, keys, self.chance)
        try:
            return self._said_hello(station, journal, gateway)
        finally:
            journal.close()

    def _said_hello(self, station: Station, journal: DeviceJournal, gateway: Gateway) -> HelloAnswer:
        answer = gateway.hello(self._hello(journal))
        station.take_lease(answer.lease, answer.server_time)
        return answer

    def _hello(self, journal: DeviceJournal) -> Hello:
        waiting = journal.waiting()
        return Hello(
            protocol=PROTOCOL,
            app_version=app_version(),
            checkpoint=None,
            last_number=journal.last_number,
            waiting=waiting.count,
            oldest_waiting=waiting.oldest,
            device_time=self.clock.now(),
        )

    # A long outage.

    def save_waiting(self, station: Workstation, opened: Opened, target: Path) -> Exported:
        """Write what the district does not have as a file (ports.Parts)."""
        if not isinstance(station, Station) or not isinstance(opened, OpenFiles):
            raise TypeError("a desk of this program")
        waiting = opened.journal.waiting_numbers()
        plan = ExportPlan(folder=station.folder, target=target, only=waiting, force=False)
        return export_journal(plan, station.passport, own_keys_of(station), self.clock.now())

    # The emergency cards.

    def make_emergency_code(self, station: Workstation, cards: Sequence[EmergencyCard], as_of: Instant | None) -> str:
        """Return a new code for these emergency cards (ports.Parts)."""
        if not isinstance(station, Station):
            raise TypeError("a station of this program")
        return set_up_code(station, cards, as_of)

    # People.

    def introduce(
        self, station: Workstation, opened: Opened, email: str, password: str, totp: str
    ) -> Callable[[], PersonRow]:
        """Sign a further person in at the server (ports.Parts)."""
        if not isinstance(station, Station) or not isinstance(opened, OpenFiles):
            raise TypeError("a desk of this program")
        with self._connected(station) as gateway:
            added = gateway.add_user(email, password, totp)

        def give_slot() -> PersonRow:
            station.take_lease(added.lease, station.server_now())
            person = person_of(added.user)
            station.put_slot(person, password, opened.keys)
            return person

        return give_slot

    def sign_in_again(self, station: Station, email: str, password: str, totp: str) -> PersonRow:
        """Sign a person in online after ten wrong passwords: they may try ten times more."""
        with self._connected(station) as gateway:
            added = gateway.add_user(email, password, totp)
        station.take_lease(added.lease, station.server_now())
        person = person_of(added.user)
        station.forgive_tries(person.id)
        return person

    # Sync.

    def link_of(self, desk: Desk) -> "DeskLink":
        """Return what a SyncThread of an unlocked desk works with."""
        return DeskLink(self, desk)

    def connect(self, station: Station) -> "HttpGateway":
        """Return the way to a station's server."""
        from wc_desktop.transport.http_gateway import HttpGateway  # noqa: PLC0415  # httpx only when it is used
        from wc_desktop.transport.session import Session  # noqa: PLC0415

        talking = self.channel(station)
        session = Session(talking, station.token_drawer(), self.clock)
        return HttpGateway(talking, session, listening=self.channel(station))

    def channel(self, station: Station) -> "Channel":
        """Return connections of their own to a station's server."""
        from wc_desktop.transport.channel import Channel  # noqa: PLC0415  # httpx only when it is used

        signer = station.device_keys().signer()
        passport = station.passport
        return Channel(
            passport.server_url,
            sign=lambda message: bytes(signer.sign(message).signature),
            device=str(passport.device),
            ca_file=None if passport.ca_file is None else station.folder / passport.ca_file,
        )

    @contextmanager
    def _connected(self, station: Station) -> Iterator["HttpGateway"]:
        gateway = self.connect(station)
        try:
            yield gateway
        finally:
            gateway.close()


class DeskLink:
    """sync.link.SyncLink of an unlocked desk."""

    def __init__(self, parts: Parts, desk: Desk) -> None:
        self._parts = parts
        self._station = station_of(desk)
        self._opened = opened_of(desk)
        self._gateway: HttpGateway | None = None
        self.files = Files(
            journal=self._opened.journal,
            replica=self._replica,
            keeping=self._keeping,
            lease=self._station,
            word=word_of(self._station),
            clock=parts.clock,
            app_version=app_version(),
        )

    @property
    def repair_files(self) -> RepairFiles:
        """The present replica's records, slice by slice."""
        return self._opened.repairing

    def connect(self) -> RepairGateway:
        """Return the way to the server."""
        gateway = self._gateway = self._parts.connect(self._station)
        return gateway

    def connect_blobs(self) -> BlobGateway:
        """Return the way of photos and documents, in the session that entries have begun.

        Raises ServerUnreachable before they have.
        """
        gateway = self._gateway
        if gateway is None:
            raise ServerUnreachable("entries go first")
        return gateway.blobs(self._parts.channel(self._station))

    @property
    def blobs(self) -> BlobFiles:
        """Photos and documents."""
        return self._opened.blobs

    def set_blobs_aside(self) -> None:
        """Begin their file anew."""
        self._opened.set_blobs_aside()

    def mend_blobs(self) -> bool:
        """Carry over a piece of what only files that were set aside have; return whether there is more."""
        return self._opened.mend_blobs()

    def begin_side(self, epoch: str) -> Side:
        """Take up or start the side file of a rebuild."""
        return self._opened.begin_side(epoch)

    def swap_in(self) -> None:
        """Put the filled side file in the replica's place."""
        self._opened.swap_in()

    def drop_side(self) -> None:
        """Erase the side file."""
        self._opened.drop_side()

    def _keeping(self) -> ReplicaRepair:
        return self._opened.repairing

    def _replica(self) -> Projection:
        self._opened.reopen()
        return self._opened.records


def build_parts(*, keystore: Keystore, clock: Clock, chance: Chance) -> Parts:
    """Return the program's parts."""
    return Parts(keystore=keystore, clock=clock, chance=chance, ballast=BALLAST_BYTES)


def station_of(desk: Desk) -> Station:
    """Return the station that this program opened for a desk."""
    if not isinstance(desk.station, Station):
        raise TypeError("a desk of this program")
    return desk.station


def opened_of(desk: Desk) -> OpenFiles:
    """Return the files that this program opened for a desk."""
    if not isinstance(desk.opened, OpenFiles):
        raise TypeError("a desk of this program")
    return desk.opened


def app_version() -> str:
    """Return this program's version."""
    return version("white-cross")


def person_of(info: PersonInfo) -> PersonRow:
    """Return a member of staff as the server names them."""
    return PersonRow(
        id=UserId(info.id),
        first_name=info.first_name,
        last_name=info.last_name,
        role=Role(info.role),
        licence_type=info.licence_type,
    )


def _passport(request: EnrolRequest, enrolled: Enrolled, folder: Path, keystore: str) -> Passport:
    from wc_desktop.transport.addresses import server_address  # noqa: PLC0415

    return Passport(
        device=DeviceId(enrolled.device_id),
        device_name=request.device_name.strip(),
        server_url=server_address(request.server_url),
        ca_file=_kept_ca(request.ca_file, folder),
        district=DistrictId(enrolled.district.id),
        district_code=enrolled.district.code,
        district_name=enrolled.district.name,
        seal_key=enrolled.district.seal_key,
        verify_key=enrolled.district.verify_key,
        school=SchoolId(enrolled.school.id),
        school_name=enrolled.school.name,
        zone=enrolled.school.timezone,
        keystore=keystore,
        lease_body=enrolled.lease.body,
        lease_signature=enrolled.lease.signature,
        people=(),
    )


def _prepare(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(folder / _PROBE_FILE, b"")
        (folder / _PROBE_FILE).unlink()
    except (OSError, DiskFailed):
        raise FilesUnreadable("the data folder") from None


def _kept_ca(ca_file: Path | None, folder: Path) -> str | None:
    """Keep the district's authority with the workstation: the file it came from may go."""
    if ca_file is None:
        return None
    try:
        content = ca_file.read_bytes()
    except OSError:
        raise CertificateNotTrusted("the district's certificate file does not read") from None
    write_whole(folder / _CA_FILE, content)
    return _CA_FILE


def _in_the_browser(page: str) -> bool:
    import webbrowser  # noqa: PLC0415  # seldom wanted

    return webbrowser.open(page)
