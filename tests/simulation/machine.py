"""A workstation: real files, real journal, replica, projection and sync; its power, clock, disk and line are ours."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from tests.factories import SeededChance
from tests.simulation.disk import Disk, Edges
from tests.simulation.ledger import Ledger
from tests.simulation.loops import SyncLoops
from tests.simulation.network import Line, SimulatedGateway
from tests.simulation.scheduler import DeviceClock, Fiber, Killed, Scheduler
from tests.simulation.server import Server

from wc_contract.model.changes import Change, DoseLogged, Entry, IncidentSigned, RecordAdded
from wc_contract.model.errors import Refused, WhiteCrossError
from wc_contract.model.ids import DeviceId, EntryId, SchoolId, UserId
from wc_contract.model.instants import Instant
from wc_contract.model.kinds import KINDS, RecordKind
from wc_contract.model.values import Role
from wc_contract.wire.messages import SignedLease
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.refused import still_refused
from wc_desktop.app.opened import OpenFiles, word_of
from wc_desktop.app.parts import Parts
from wc_desktop.domain.failures import DiskFailed, DiskFull, FirstSyncUnfinished, ReplicaDamaged
from wc_desktop.domain.screens import PersonRow
from wc_desktop.journal.schema import create_journal, journal_paths
from wc_desktop.replica.repair import ReplicaRepair
from wc_desktop.security.device_keys import DeviceKeys, SealedFolder
from wc_desktop.security.station import DataKeys
from wc_desktop.sync.files import Files
from wc_desktop.sync.first_sync import Side
from wc_desktop.sync.gateway import RepairGateway
from wc_desktop.sync.repair import RepairFiles

ZONE = ZoneInfo("America/Chicago")
_SECRET = b"s" * 32
# The kinds of files of one device: copying them gives its image.
Image = Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What is the same on every copy of a device's files."""

    device: DeviceId
    school: SchoolId
    keys: DeviceKeys


@dataclass(slots=True, kw_only=True)
class StationParts:
    """security.station.StationParts, as far as an open desk asks."""

    clock: DeviceClock
    chance: SeededChance


@dataclass(slots=True, kw_only=True)
class SimulatedStation:
    """security.station.Station without passwords: everything that journal, replica and sync ask of it."""

    folder: Path
    identity: Identity
    parts: StationParts
    zone: ZoneInfo = ZONE
    leases: int = 0
    coming: None = None  # nobody is revoked: no file waits for another key

    @property
    def device_id(self) -> DeviceId:
        return self.identity.device

    @property
    def school_id(self) -> SchoolId:
        return self.identity.school

    def device_keys(self) -> DeviceKeys:
        return self.identity.keys

    def sealed_folder(self) -> SealedFolder:
        return SealedFolder(self.folder, str(self.device_id), _SECRET, self.parts.chance)

    def forget_coming(self) -> None:
        """Forget keys that wait: there are none."""

    def take_lease(self, _lease: SignedLease, _server_time: Instant) -> None:
        self.leases += 1


class WatchedDesk(Desk):
    """A desk of which the ledger hears what is written at it, by whatever action."""

    def __init__(self, station: SimulatedStation, person: PersonRow, opened: OpenFiles, machine: "Machine") -> None:
        super().__init__(station, person, opened)  # type: ignore[arg-type]
        self._machine = machine
        self.files = opened

    def author(
        self,
        changes: Sequence[Change],
        at: Instant,
        *,
        depends_on: Sequence[EntryId] = (),
        replaces: EntryId | None = None,
    ) -> Entry:
        ledger, poison = self._machine.ledger, self._machine.server.poison
        ids = {str(change.id) for change in changes if isinstance(change, DoseLogged | IncidentSigned | RecordAdded)}
        ledger.attempted |= ids
        entry = super().author(changes, at, depends_on=depends_on, replaces=replaces)
        ledger.wrote(self._machine.name, entry, poisoned=not poison.isdisjoint(ids))
        return entry


class MachineLink:
    """sync.link.SyncLink, as app.parts.DeskLink."""

    def __init__(self, opened: OpenFiles, station: SimulatedStation, gateway: SimulatedGateway) -> None:
        self._opened = opened
        self._gateway = gateway
        self.files = Files(
            journal=opened.journal,
            replica=self._replica,
            keeping=self._keeping,
            lease=station,
            word=word_of(station),  # type: ignore[arg-type]
            clock=station.parts.clock,
            app_version="0.1.0",
        )

    @property
    def repair_files(self) -> RepairFiles:
        return self._opened.repairing

    def connect(self) -> RepairGateway:
        return self._gateway

    def begin_side(self, epoch: str) -> Side:
        return self._opened.begin_side(epoch)

    def swap_in(self) -> None:
        self._opened.swap_in()

    def drop_side(self) -> None:
        self._opened.drop_side()

    def _keeping(self) -> ReplicaRepair:
        return self._opened.repairing

    def _replica(self) -> Any:
        self._opened.reopen()
        return self._opened.records


@dataclass(slots=True)
class Machine:
    """One workstation, on or off. name tells it from others that have the same device's files."""

    name: str
    identity: Identity
    scheduler: Scheduler
    server: Server
    edges: Edges
    random: Random
    line: Line
    counts: Counter[str]
    ledger: Ledger
    user: UserId
    clock: DeviceClock
    disk: Disk
    chance: SeededChance
    problems: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    desk: WatchedDesk | None = None
    loops: SyncLoops | None = None
    station: SimulatedStation | None = None
    wanted_on: bool = True
    _boot: Fiber | None = None

    def __post_init__(self) -> None:
        self.disk.crashed = self._fell

    # Power.

    def start(self) -> None:
        """Switch it on: open the files, fill the replica first when there is none, then sync."""
        self.wanted_on = True
        if self.desk is None and (self._boot is None or self._boot.ended):
            disk = Disk(self.disk.folder, self.random, self.counts, self._fell, trap=self.disk.trap)
            self.disk = disk
            self.edges.add(disk.folder, disk)
            self._boot = self.scheduler.fiber(self._come_up)

    def _come_up(self) -> None:
        station = self.station = SimulatedStation(
            folder=self.disk.folder, identity=self.identity, parts=StationParts(clock=self.clock, chance=self.chance)
        )
        opened: OpenFiles | None = None
        while opened is None:
            try:
                opened = OpenFiles(station, _keys(), self.chance)  # type: ignore[arg-type]
            except (FirstSyncUnfinished, ReplicaDamaged):
                self._first_sync(station)
            except (DiskFull, DiskFailed):
                self.scheduler.sleep(5.0)
        person = PersonRow(id=self.user, first_name="Ann", last_name="Invented", role=Role.NURSE, licence_type="RN")
        self.desk = WatchedDesk(station, person, opened, self)
        link = MachineLink(opened, station, self._gateway())
        self.loops = SyncLoops(self.scheduler, self.desk, link, self._told)
        self.loops.start()

    def _first_sync(self, station: SimulatedStation) -> None:
        parts = Parts(clock=self.clock, chance=self.chance, keystore=None)  # type: ignore[arg-type]
        try:
            gateway = self._gateway()
            epoch = parts._greet(station, _keys(), gateway).epoch  # type: ignore[arg-type]
            parts._fill(station, _keys(), gateway, epoch, _unheard)  # type: ignore[arg-type]
        except WhiteCrossError as error:
            self._told(error)
            self.scheduler.sleep(self.random.uniform(2.0, 20.0))

    def _gateway(self) -> SimulatedGateway:
        return SimulatedGateway(self.line, self.identity.device)

    def _told(self, error: WhiteCrossError) -> None:
        self.problems[error.code] += 1
        if error.code in {"defect", "replica_differs"} or not isinstance(error, WhiteCrossError):
            self.broken.append(f"{self.name}: {type(error).__name__} {error.code}: {error}")

    def _fell(self) -> None:
        """The disk has stopped: everything that ran here is gone."""
        self._forget(kill=True)
        self.scheduler.after(self.random.uniform(1.0, 90.0), self._up_again)

    def _up_again(self) -> None:
        if self.wanted_on:
            self.start()

    def pull_plug(self, *, power: bool) -> None:
        """Stop it between two steps of its disk."""
        if self.desk is None and (self._boot is None or self._boot.ended):
            return
        self.counts["power cut" if power else "killed"] += 1
        try:
            self.disk.crash(power=power)
        except Killed:
            return

    def shut_down(self) -> None:
        """Lock the desk and close the program in order."""
        if self.desk is None or self.loops is None:
            return
        desk, loops = self.desk, self.loops
        self.desk = self.loops = None
        loops.stop()
        try:
            desk.close()
        except Killed:
            return

    def _forget(self, *, kill: bool) -> None:
        loops, boot = self.loops, self._boot
        self.desk = self.loops = self._boot = None
        if kill and loops is not None:
            loops.kill()
        if kill and boot is not None:
            boot.kill()

    def off(self) -> None:
        """Stop it and leave it off."""
        self.wanted_on = False
        self.pull_plug(power=False)

    # Files.

    def enrol(self) -> None:
        """Make the files of a new workstation."""
        self.disk.folder.mkdir(parents=True)
        path, _ = journal_paths(self.disk.folder)
        create_journal(path, _keys().journal, device=self.identity.device, school=self.identity.school).close()

    def image(self, into: Path) -> Image:
        """Copy the files as they are at this instant, as a snapshot of a virtual machine does."""
        shutil.copytree(self.disk.folder, into)
        return into

    def take_image(self, image: Image, folder: Path) -> None:
        """Put an image in the place of the files; the machine must be off."""
        shutil.copytree(image, folder)
        self.disk.folder = folder

    # What a nurse does.

    def does(self, work: Callable[[Desk], object]) -> bool:
        """Let somebody at the desk do something; whether it is worth trying again: the disk refused."""
        if self.desk is None:
            return False
        try:
            work(self.desk)
        except (Killed, Refused):
            # It fell, or a rule said no: nothing was written.
            return False
        except (DiskFull, DiskFailed):
            self.problems["not saved"] += 1
            return True
        return False

    def jump(self, by: timedelta) -> None:
        self.clock.offset += by

    # What the laws ask.

    def journal_rows(self) -> list[tuple[int, str, str | None, str | None, str | None]]:
        """Return number, hash, outcome, receipt and receipt's epoch of every entry in the journal."""
        assert self.desk is not None
        connection = self.desk.files.journal._connection
        return list(
            connection.execute("SELECT number, hash, outcome, receipt, receipt_epoch FROM entries ORDER BY number")
        )

    def confirmed(self, kind: RecordKind, record: str) -> dict[str, Any] | None:
        """Return a record as the district confirmed it, without what this machine's own entries say."""
        assert self.desk is not None
        names = ", ".join(f'"{name}"' for name in kind.columns)
        connection = self.desk.files.records._connection
        row = connection.execute(f"SELECT {names} FROM main.{kind.table} WHERE id = ?", (record,)).fetchone()
        return None if row is None else dict(zip(kind.columns, row, strict=True))

    def shown(self, kind: RecordKind, record: str) -> Mapping[str, Any] | None:
        """Return a record as the screens show it."""
        assert self.desk is not None
        return self.desk.records.find(kind, record)

    def replaced(self) -> frozenset[str]:
        """Return the ids of entries that others in the journal say again, told to the nurse or not."""
        assert self.desk is not None
        connection = self.desk.files.journal._connection
        found = connection.execute("SELECT replaces FROM entries WHERE replaces IS NOT NULL")
        return frozenset(entry for (entry,) in found)

    def lists_refused(self, entry: EntryId) -> bool:
        """Whether an entry is on the list of those that were refused and not said again."""
        return self.desk is not None and still_refused(self.desk, entry)

    def replica_rows(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield every confirmed record, by kind."""
        assert self.desk is not None
        connection = self.desk.files.records._connection
        for kind in KINDS:
            names = ", ".join(f'"{name}"' for name in kind.columns)
            for row in connection.execute(f"SELECT {names} FROM main.{kind.table}"):
                yield kind.name, dict(zip(kind.columns, row, strict=True))


def _keys() -> DataKeys:
    return DataKeys(journal=bytearray(b"j" * 32), replica=bytearray(b"r" * 32))


def _unheard(_progress: object) -> None:
    return
