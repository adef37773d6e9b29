"""The opened workstation: whose session it is, and what actions work on. Used on the replica thread only."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TypeVar
from zoneinfo import ZoneInfo

from wc_contract.model.changes import Change, Entry
from wc_contract.model.ids import Chance, DeviceId, EntryId, UserId
from wc_contract.model.instants import Clock, Instant
from wc_contract.model.kinds import RecordKind
from wc_contract.model.naming import named_by
from wc_desktop.domain.link_views import LinkState, LinkStatus
from wc_desktop.domain.screens import PersonRow
from wc_desktop.ports import Blobs, Journal, Opened, Records, Workstation

_Made = TypeVar("_Made")


class Desk:
    """An unlocked workstation. lock() ends it; afterwards nothing can be read through it."""

    def __init__(self, station: Workstation, person: PersonRow, opened: Opened) -> None:
        self.station = station
        self.person = person
        self.opened = opened
        self.clock: Clock = station.parts.clock
        self.chance: Chance = station.parts.chance
        self._memory: dict[str, tuple[Hashable, object]] = {}
        # Called after each entry; the sync thread listens here, so that nothing waits longer than it must.
        self.on_authored: Callable[[], None] | None = None
        # Somebody asked for a comparison with the server; the sync thread takes it up with the next pull.
        self.wants_digest = False
        # Until when the district takes no more photos and documents of this workstation; None when it does.
        self.documents_full_until: Instant | None = None
        # What the sync thread last said; until it speaks nobody knows whether the server answers.
        self.link = LinkStatus(state=LinkState.OFFLINE, since=None, data_as_of=None, waiting=0, oldest_waiting=None)

    @property
    def journal(self) -> Journal:
        """The device's own entries."""
        return self.opened.journal

    @property
    def records(self) -> Records:
        """The projection."""
        return self.opened.records

    @property
    def blobs(self) -> Blobs:
        """Photos and documents."""
        return self.opened.blobs

    @property
    def user(self) -> UserId:
        """Who is at the desk."""
        return self.person.id

    @property
    def device_id(self) -> DeviceId:
        """This workstation."""
        return self.station.device_id

    @property
    def zone(self) -> ZoneInfo:
        """The school's zone; the device's own is never used (rules.md T1)."""
        return self.station.zone

    @property
    def school_name(self) -> str:
        """The school's name."""
        return self.station.school_name

    @property
    def device_name(self) -> str:
        """The workstation's name."""
        return self.station.device_name

    @property
    def server_url(self) -> str:
        """The server's address."""
        return self.station.server_url

    def author(
        self,
        changes: Sequence[Change],
        at: Instant,
        *,
        depends_on: Sequence[EntryId] = (),
        replaces: EntryId | None = None,
    ) -> Entry:
        """Write one entry in the name of who is at the desk; it is durable and shown when this returns.

        What it names of this workstation's own, and the district's replica lacks, it depends on without being told.
        """
        entry = self.journal.append(
            changes,
            author=self.user,
            at=at,
            zone=str(self.zone),
            replica_as_of=self.records.data_as_of,
            depends_on=(*depends_on, *self._named_own(changes, replaces)),
            replaces=replaces,
        )
        if replaces is None:
            self.records.lay_over((entry,))
        else:
            # What it replaces must go out of view: with the same record in it, the new one would not be seen.
            self.records.lay_anew(self.journal.standing(self.records.acknowledged, self.records.epoch))
        if self.on_authored is not None:
            self.on_authored()
        return entry

    def _named_own(self, changes: Sequence[Change], replaces: EntryId | None) -> Iterator[EntryId]:
        """Yield the own entries that brought what changes name; what is said again is never waited for."""
        for change in changes:
            for kind, record in named_by(change):
                entry = self.records.own_entry(kind, record)
                if entry is not None and entry != replaces:
                    yield entry

    def remembered(self, name: str, kinds: Sequence[RecordKind], key: Hashable, make: Callable[[], _Made]) -> _Made:
        """Return what make makes, made again only when key or a record of kinds changed."""
        stamp = (key, self.records.stamp(kinds))
        kept = self._memory.get(name)
        if kept is None or kept[0] != stamp:
            kept = (stamp, make())
            self._memory[name] = kept
        return kept[1]  # type: ignore[return-value]  # stored under this name by this make alone

    def close(self) -> None:
        """Close the files, wipe the keys, forget what was read."""
        self._memory.clear()
        self.opened.close()
