"""The sync screen: what the district has, what waits, whether both hold the same records."""

from dataclasses import replace
from pathlib import Path

from wc_contract.model.errors import Unavailable
from wc_contract.model.instants import instant_from_text
from wc_contract.model.kinds import REVIEW_CASE
from wc_contract.model.values import AccessAction, CaseStatus
from wc_desktop.actions.access import JOURNAL, record
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.refused import journal_rows
from wc_desktop.domain.exported import Exported
from wc_desktop.domain.failures import ReplicaDamaged
from wc_desktop.domain.link_views import JournalRow, LinkState, LinkStatus, SyncState

_MOST_ENTRIES = 300


def link_status(desk: Desk) -> LinkStatus:
    """Return the connection strip with its numbers as they stand in the files now."""
    waiting = desk.journal.waiting()
    state, problem = desk.link.state, desk.link.problem
    if problem is None:
        problem = "rows_unstored" if desk.records.unstored() else desk.opened.blobs_fault
    if state is LinkState.OFFLINE or problem is None:
        if desk.opened.is_short_of_room:
            problem = "disk_low"
        elif desk.opened.keys_wait_for_room:
            problem = "keys_wait_for_room"
    if state is LinkState.ONLINE and (waiting.refused or problem):
        state = LinkState.ATTENTION
    return replace(
        desk.link,
        state=state,
        problem=problem,
        data_as_of=desk.records.data_as_of,
        waiting=waiting.count,
        oldest_waiting=waiting.oldest,
        refused=waiting.refused,
        open_cases=len(desk.records.where(REVIEW_CASE, "status", [CaseStatus.OPEN.value])),
    )


def sync_state(desk: Desk) -> SyncState:
    """Return the sync screen."""
    records = desk.records
    compared = records.kept("compared_at")
    # Before the link: it says so when they cannot be opened.
    waiting, refused = _documents(desk)
    return SyncState(
        link=link_status(desk),
        journal=_journal(desk),
        device_name=desk.device_name,
        school_name=desk.school_name,
        server=desk.server_url,
        replica_rows=sum(records.counts().values()),
        digests_agree=None if compared is None else records.kept("digests_agree") == "1",
        compared_at=None if compared is None else instant_from_text(compared),
        unstored=sum(records.unstored().values()),
        documents_waiting=waiting,
        documents_refused=refused,
        documents_full_until=desk.documents_full_until,
        people=desk.station.people(),
    )


def verify_replica(desk: Desk) -> SyncState:
    """Read every page of the replica and ask for a comparison with the server at its next answer.

    Raises ReplicaDamaged when a page does not read: rebuild it (resume_first_sync); the journal is safe.
    """
    if not desk.records.check():
        raise ReplicaDamaged("unreadable")
    desk.wants_digest = True
    return sync_state(desk)


def save_waiting(desk: Desk, target: Path) -> Exported:
    """Save what the district does not have as a file in a folder, for a long outage. Nothing is deleted.

    It is sealed to the district; that it was made is on record. Raises NothingToExport, FileExists, FolderMissing,
    DiskFull, DiskFailed.
    """
    exported = desk.station.parts.save_waiting(desk.station, desk.opened, target)
    record(desk, AccessAction.EXPORT, JOURNAL, str(desk.device_id))
    return exported


def _documents(desk: Desk) -> tuple[int, tuple[str, ...]]:
    """Return how many photos and documents wait to be sent, and why others will not be."""
    try:
        return desk.blobs.counts().waiting, tuple(each.refused or "" for each in desk.blobs.refused())
    except Unavailable as error:
        # Their file cannot be used just now: that is told in their place, and entries are shown all the same.
        return 0, (error.code,)


def _journal(desk: Desk) -> tuple[JournalRow, ...]:
    """Return the newest entries and, however old, every one that is refused or waits."""
    newest = desk.journal.newest(_MOST_ENTRIES)
    listed = {record.number for record in newest}
    older = (record for record in desk.journal.unsettled() if record.number not in listed)
    return journal_rows(desk, (*newest, *older))
