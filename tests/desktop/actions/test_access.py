"""What a person does without changing a record stands in the journal: once, with ids, without a word of it."""

from pathlib import Path

import pytest
from tests.desktop.clinic import PASSWORD, Clinic

from wc_contract.model.changes import AccessRecorded
from wc_contract.model.values import AccessAction
from wc_desktop.actions.access import record_list, record_search
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.incidents import load_draft, new_draft, save_draft
from wc_desktop.actions.sync_state import save_waiting
from wc_desktop.actions.unlock import REBUILT_FACT, lock, unlock
from wc_desktop.domain.failures import WrongPassword
from wc_desktop.security.station import Station

Act = tuple[str, str, str]


def acts(desk: Desk, newest: int = 20) -> list[Act]:
    """Return what the newest entries say was done, the first first."""
    entries = [desk.journal.entry(record.id) for record in reversed(desk.journal.newest(newest))]
    changes = [change for entry in entries if entry is not None for change in entry.changes]
    return [(c.action.value, c.entity_type, c.entity_id) for c in changes if isinstance(c, AccessRecorded)]


def again(station: Station) -> Desk:
    return unlock(station, station.people()[0].id, PASSWORD)


def test_a_list_a_search_a_draft_and_a_saved_file_are_on_record(desk: Desk, tmp_path: Path) -> None:
    draft = save_draft(desk, new_draft(desk))
    record_list(desk, "students")
    record_search(desk)
    load_draft(desk, draft.id)
    save_waiting(desk, tmp_path)
    device = str(desk.device_id)
    assert acts(desk, 4) == [
        ("LIST", "list", "students"),
        ("SEARCH", "list", "students"),
        ("VIEW", "incident", str(draft.id)),
        ("EXPORT", "journal", device),
    ]


def test_a_wrong_password_is_told_of_once_also_when_that_unlock_is_cut_off(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock(clinic.opened())
    station = clinic.station()
    user = station.people()[0].id
    with pytest.raises(WrongPassword):
        unlock(station, user, "not that one")
    with monkeypatch.context() as patch:
        # As if the power went after the entry was written and before the tries were forgotten.
        patch.setattr(Station, "forget_failed_unlocks", lambda _: None)
        again(clinic.station()).close()
    desk = again(clinic.station())
    told = [act for act in acts(desk) if act[0] == AccessAction.UNLOCK_FAILED.value]
    desk.close()
    assert told == [("UNLOCK_FAILED", "user", str(user))]


def test_a_rebuilt_journal_is_told_of_at_the_next_unlock_and_not_again(clinic: Clinic) -> None:
    desk = clinic.opened()
    desk.journal.remember(REBUILT_FACT, '{"at":"2026-11-23T17:45:00+00:00"}')
    lock(desk)
    for _ in range(2):
        desk = again(clinic.station())
        rebuilt = [act for act in acts(desk) if act[0] == "REBUILD"]
        lock(desk)
        assert rebuilt == [("REBUILD", "journal", str(clinic.station().device_id))]
