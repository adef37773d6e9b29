"""The sync screen in words: what the district has, what waits, what it refused, and whether both agree."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject, Signal, Slot

from wc_contract.model.changes import Entry
from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import EntryId, IncidentId
from wc_contract.model.instants import Instant
from wc_contract.model.kinds import DOSE
from wc_desktop.actions import people, refused, sync_state
from wc_desktop.actions.emergency import make_code
from wc_desktop.actions.sync_state import save_waiting
from wc_desktop.domain.exported import Exported
from wc_desktop.domain.link_views import EntryText, JournalRow, LinkState, SyncState
from wc_desktop.domain.screens import DoseCorrection, PersonRow
from wc_desktop.ui.messages.exported import exported_words, no_file_words
from wc_desktop.ui.messages.failures import failure_code_sentence, failure_sentence
from wc_desktop.ui.messages.outcomes import problem_sentence
from wc_desktop.ui.viewmodels.entry_words import child_words, is_refused, is_unsettled, kind_of
from wc_desktop.ui.viewmodels.record_words import said_fields, verb_words
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.words import clock_words, day_words, person_name


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncVerbs:
    """What the sync screen does on the replica thread."""

    sync_state: Callable[..., SyncState]
    verify_replica: Callable[..., SyncState]
    save_waiting: Callable[..., Exported] = save_waiting
    read_entry: Callable[..., EntryText] = refused.read_entry
    send_dose_again: Callable[..., Entry] = refused.send_dose_again
    edit_report: Callable[..., IncidentId] = refused.edit_report
    send_records_again: Callable[..., Entry] = refused.send_records_again
    set_aside: Callable[..., None] = refused.set_aside
    introduce: Callable[..., Callable[[], PersonRow]] = people.introduce
    make_code: Callable[..., Callable[[], str]] = make_code


REAL: Final = SyncVerbs(sync_state=sync_state.sync_state, verify_replica=sync_state.verify_replica)


class SyncModel(QObject):
    """Emits `loaded` with the state; looks again while the screen is shown and something moved.

    `saved` carries what is to be said of a file that was saved, or of one that was not (second argument False).
    """

    loaded = Signal(object)
    saved = Signal(str, bool)
    verifying_changed = Signal(bool)
    entry_read = Signal(object)  # EntryText
    sent_again = Signal()
    not_sent_again = Signal(str)  # why
    put_aside = Signal()

    def __init__(self, session: Session, verbs: SyncVerbs = REAL, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._verbs = verbs
        self._state: SyncState | None = None
        self._asked = 0
        self._shown = False
        self._verifying = False
        session.records_changed.connect(self._on_moved)
        session.link_changed.connect(self._on_moved)
        session.minute_passed.connect(self._on_moved)

    @property
    def state(self) -> SyncState | None:
        return self._state

    @property
    def is_verifying(self) -> bool:
        return self._verifying

    def show(self) -> None:
        """Ask for the state, and again whenever something moves, until `hide`."""
        self._shown = True
        self.load()

    def hide(self) -> None:
        """Stop asking."""
        self._shown = False

    @Slot()
    def load(self) -> None:
        """Ask for the state."""
        self._asked += 1
        self._session.run(
            partial(self._verbs.sync_state, self._session.desk), done=partial(self._on_loaded, self._asked)
        )

    def _on_loaded(self, asked: int, state: SyncState) -> None:
        if asked == self._asked:
            self._state = state
            self.loaded.emit(state)

    @Slot(object)
    def _on_moved(self, _what: object) -> None:
        if self._shown:
            self.load()

    @Slot()
    def sync_now(self) -> None:
        """Ask for contact with the district now."""
        self._session.sync_now_wanted.emit()
        self._session.tell(self.tr("Sync asked for"))

    @Slot()
    def verify(self) -> None:
        """Read every page of this copy, then have it compared with the district's records."""
        if self._verifying:
            return
        self._set_verifying(busy=True)
        self._session.run(
            partial(self._verbs.verify_replica, self._session.desk), done=self._on_verified, failed=self._on_damaged
        )

    def save_waiting(self, folder: Path) -> None:
        """Save what the district does not have as a file in a folder."""
        self._session.run(
            partial(self._verbs.save_waiting, self._session.desk, folder),
            done=self._on_saved,
            failed=self._on_not_saved,
        )

    def _on_saved(self, exported: Exported) -> None:
        self.saved.emit(exported_words(exported, self._session.desk.zone), True)  # noqa: FBT003  # a signal takes no names

    def _on_not_saved(self, failure: WhiteCrossError) -> None:
        self.saved.emit(no_file_words(failure), False)  # noqa: FBT003  # a signal takes no names

    def _on_verified(self, state: SyncState) -> None:
        self._set_verifying(busy=False)
        self._state = state
        self.loaded.emit(state)
        self._session.sync_now_wanted.emit()
        self._session.tell(
            self.tr("Every page of this copy reads. It is compared with the district at the next contact.")
        )

    def _on_damaged(self, failure: WhiteCrossError) -> None:
        self._set_verifying(busy=False)
        self._session.tell_failure(failure)

    def _set_verifying(self, *, busy: bool) -> None:
        self._verifying = busy
        self.verifying_changed.emit(busy)

    def open_entry(self, entry: EntryId) -> None:
        """Read one entry that was refused or waits; `entry_read` follows, and the look is on record."""
        if any(row.id == entry and is_unsettled(row) for row in self.journal()):
            self._session.run(
                partial(self._verbs.read_entry, self._session.desk, entry), done=self.entry_read.emit, urgent=True
            )

    def send_dose_again(self, entry: EntryId, correction: DoseCorrection) -> None:
        """Write a refused dose again, mended; `sent_again` or `not_sent_again` follows."""
        self._session.run(
            partial(self._verbs.send_dose_again, self._session.desk, entry, correction),
            done=self._on_sent_again,
            failed=self._on_not_sent_again,
            urgent=True,
        )

    def send_records_again(self, entry: EntryId, kinds: Iterable[str], edited: Mapping[int, object]) -> None:
        """Write the records of a refused entry again, put right; `sent_again` or `not_sent_again` follows."""
        self._session.run(
            partial(self._verbs.send_records_again, self._session.desk, entry, edited),
            done=partial(self._on_said_again, tuple(kinds)),
            failed=self._on_not_sent_again,
            urgent=True,
        )

    def set_aside(self, entry: EntryText) -> None:
        """Answer a refused entry by not saying it again; `put_aside` follows."""
        kinds = tuple(dict.fromkeys(kind_of(verb) for verb, _ in entry.parts))
        self._session.run(
            partial(self._verbs.set_aside, self._session.desk, entry.row.id),
            done=partial(self._on_put_aside, kinds),
            urgent=True,
        )

    def _on_put_aside(self, kinds: tuple[str, ...], _nothing: None) -> None:
        self._session.changed(*kinds)
        self._session.tell(self.tr("Set aside; that you did is on record. The entry stays readable here."))
        self.put_aside.emit()
        self.load()

    def edit_report(self, entry: EntryId) -> None:
        """Put a refused report into the incident form, and go there."""
        self._session.run(
            partial(self._verbs.edit_report, self._session.desk, entry), done=self._session.open_incident, urgent=True
        )

    def _on_sent_again(self, entry: Entry) -> None:
        self._on_said_again((DOSE.name,), entry)

    def _on_said_again(self, kinds: tuple[str, ...], _entry: Entry) -> None:
        self._session.changed(*kinds)
        self._session.tell(self.tr("Saved on this workstation; it is sent again. The refused entry stays readable."))
        self.sent_again.emit()
        self.load()

    def _on_not_sent_again(self, failure: WhiteCrossError) -> None:
        self.not_sent_again.emit(failure_sentence(failure))

    # -- words ---------------------------------------------------------------------------------------------

    def journal(self) -> tuple[JournalRow, ...]:
        """Return the newest entries, what was refused first."""
        if self._state is None:
            return ()
        return tuple(sorted(self._state.journal, key=_place))

    def headline(self) -> str:
        """Return how the link stands, in words."""
        if self._state is None:
            return ""
        link = self._state.link
        since = "" if link.since is None else self.moment(link.since)
        match link.state:
            case LinkState.ONLINE:
                return self.tr("Connected since {since}").format(since=since) if since else self.tr("Connected")
            case LinkState.SYNCING:
                if link.progress is None:
                    return self.tr("Exchanging records now")
                done, about = link.progress
                return self.tr("Exchanging records: {done} of about {about}").format(done=done, about=about)
            case LinkState.OFFLINE:
                return self.tr("Offline since {since}").format(since=since) if since else self.tr("Offline")
            case LinkState.ATTENTION:
                return self.tr("A person must look at something")

    def problem(self) -> str:
        """Return what stands in the way, in a sentence; '' when nothing does."""
        if self._state is None or not self._state.link.problem:
            return ""
        return problem_sentence(self._state.link.problem)

    def refused_words(self) -> str:
        """Return how many entries the district refused; '' when none."""
        if self._state is None or not self._state.link.refused:
            return ""
        if self._state.link.refused == 1:
            return self.tr("The district refused 1 entry. It stands first below; nothing of it is lost.")
        return self.tr("The district refused {count} entries. They stand first below; nothing is lost.").format(
            count=self._state.link.refused
        )

    def facts(self) -> tuple[tuple[str, str], ...]:
        """Return label and value of the link and of this copy."""
        state = self._state
        if state is None:
            return ()
        link = state.link
        oldest = "" if link.oldest_waiting is None else self.moment(link.oldest_waiting)
        as_of = self.tr("Never synced") if link.data_as_of is None else self.moment(link.data_as_of)
        pairs = (
            (self.tr("Data as of"), as_of),
            (self.tr("Waiting to be sent"), self._count(link.waiting)),
            (self.tr("Oldest waiting"), oldest),
            (self.tr("Photos and documents"), self.document_words(state)),
            (self.tr("Workstation"), state.device_name),
            (self.tr("School"), state.school_name),
            (self.tr("Who can unlock it"), "; ".join(person_name(person) for person in state.people)),
            (self.tr("Server"), state.server),
            (self.tr("Records here"), f"{state.replica_rows:,}"),
            (self.tr("Compared with the district"), self.digest_words(state)),
        )
        return tuple(pair for pair in pairs if pair[1])

    def digest_words(self, state: SyncState) -> str:
        """Return whether this copy and the district's records are the same."""
        if state.digests_agree is None or state.compared_at is None:
            return self.tr("Not compared yet")
        at = self.moment(state.compared_at)
        if state.digests_agree and state.unstored:
            return self._but_for(state.unstored).format(moment=at)
        if state.digests_agree:
            return self.tr("The same records on both sides, {moment}").format(moment=at)
        return self.tr("Different, {moment}: this copy is rebuilt by itself").format(moment=at)

    def _but_for(self, unstored: int) -> str:
        if unstored == 1:
            return self.tr("The same records but for 1 that this copy did not take, {moment}")
        return self.tr("The same records but for {count} that this copy did not take, {moment}").replace(
            "{count}", str(unstored)
        )

    def document_words(self, state: SyncState) -> str:
        """Return how many photos and documents wait, and why others were not taken; '' when there is nothing to say."""
        # What the link has trouble with stands over it already.
        codes = (code for code in dict.fromkeys(state.documents_refused) if code != state.link.problem)
        told = [failure_code_sentence(code) for code in codes]
        match state.documents_waiting:
            case 0:
                pass
            case 1:
                told.insert(0, self.tr("1 waits to be sent; entries go first."))
            case count:
                told.insert(0, self.tr("{count} wait to be sent; entries go first.").format(count=count))
        if state.documents_waiting and state.documents_full_until is not None:
            full = self.tr(
                "This workstation has sent as many as the district takes in a day; on from {moment} by itself."
            )
            told.insert(1, full.format(moment=self.moment(state.documents_full_until)))
        return " ".join(told)

    def _count(self, count: int) -> str:
        match count:
            case 0:
                return self.tr("Nothing")
            case 1:
                return self.tr("1 entry")
            case _:
                return self.tr("{count} entries").format(count=count)

    def moment(self, at: Instant) -> str:
        """Return '11:45' for today, else '20 Nov 2026 11:45', in the school's zone."""
        zone = self._session.zone
        day = at.astimezone(zone).date()
        clock = clock_words(at, zone)
        return clock if day == self._session.now().astimezone(zone).date() else f"{day_words(day)} {clock}"

    def parts(self, entry: EntryText) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
        """Return, for each part of an entry, what it is, and label and value of what it says."""
        return tuple(
            (verb_words(verb), said_fields(kind_of(verb), values, self._session.zone)) for verb, values in entry.parts
        )

    def about(self, row: JournalRow) -> str:
        """Return child and time of an entry."""
        return " · ".join(part for part in (child_words(row), self.moment(row.authored_at), row.author) if part)

    @property
    def zone(self) -> ZoneInfo:
        """The school's zone."""
        return self._session.zone


def _place(row: JournalRow) -> tuple[bool, int]:
    return not is_refused(row), -row.number
