"""What a person did without changing a record: put on record, durably, with ids and never with a word of it (law 6)."""

from wc_contract.model.changes import AccessRecorded
from wc_contract.model.instants import whole_millis
from wc_contract.model.values import AccessAction
from wc_desktop.actions.desk import Desk

JOURNAL = "journal"
LIST = "list"


def record_list(desk: Desk, section: str) -> None:
    """Write that a list was shown: the medication pass, the students, the reports, the cases, the entries."""
    record(desk, AccessAction.LIST, LIST, section)


def record_search(desk: Desk) -> None:
    """Write that somebody began to look for a child by name; whom they looked for stands nowhere."""
    record(desk, AccessAction.SEARCH, LIST, "students")


def record(desk: Desk, action: AccessAction, entity_type: str, entity_id: str, fields: tuple[str, ...] = ()) -> None:
    """Write one act in the name of who is at the desk. Raises DiskFull, DiskFailed."""
    at = whole_millis(desk.clock.now())
    done = AccessRecorded(action=action, entity_type=entity_type, entity_id=entity_id, at=at, fields=fields)
    desk.author((done,), at)
