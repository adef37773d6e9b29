"""A replica that is not right is refused with its reason, and the journal stays as it was."""

from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as sqlcipher
from tests.desktop.clinic import NURSE, PASSWORD, Clinic, small_school

from wc_contract.model.ids import UserId
from wc_desktop.actions.unlock import unlock
from wc_desktop.cipher.engine import open_encrypted
from wc_desktop.domain.failures import AlreadyOpen, FirstSyncUnfinished, ReplicaDamaged
from wc_desktop.journal.schema import journal_paths
from wc_desktop.replica.engine import REPLICA_FILE
from wc_desktop.security.station import Station


@pytest.fixture
def station(clinic: Clinic) -> Station:
    made = clinic.enrol()
    clinic.fill(made, small_school())
    return made


def reason(station: Station) -> str:
    before = journal_paths(station.folder)[0].read_bytes()
    with pytest.raises(ReplicaDamaged) as refused:
        unlock(station, UserId(NURSE), PASSWORD)
    assert journal_paths(station.folder)[0].read_bytes() == before
    return refused.value.reason


def rewritten(station: Station, statement: str) -> None:
    keys = station.unlock_keys(UserId(NURSE), PASSWORD)
    connection = open_encrypted(station.folder / REPLICA_FILE, keys.replica)
    connection.execute(statement)
    connection.close()


def replica(station: Station) -> Path:
    return station.folder / REPLICA_FILE


def test_one_that_was_emptied(station: Station) -> None:
    replica(station).write_bytes(b"")
    assert reason(station) == "empty"


def test_one_that_is_not_encrypted(station: Station) -> None:
    replica(station).unlink()
    plain = sqlcipher.connect(str(replica(station)))
    plain.execute("CREATE TABLE meta (name TEXT, value TEXT)")
    plain.close()
    assert reason(station) == "not_encrypted"


def test_one_with_a_flipped_bit_in_its_first_page(station: Station) -> None:
    content = bytearray(replica(station).read_bytes())
    content[1000] ^= 4
    replica(station).write_bytes(content)
    assert reason(station) == "unreadable"


def test_one_that_was_cut_off(station: Station) -> None:
    content = replica(station).read_bytes()
    replica(station).write_bytes(content[:3000])
    assert reason(station) == "unreadable"


def test_one_of_another_workstation(station: Station) -> None:
    rewritten(station, "UPDATE meta SET value = '00000000-0000-0000-0000-000000000000' WHERE name = 'device'")
    assert reason(station) == "foreign"


def test_one_of_a_newer_program(station: Station) -> None:
    rewritten(station, "UPDATE meta SET value = '20990101_0001' WHERE name = 'schema'")
    assert reason(station) == "newer_schema"


def test_one_that_is_gone_asks_for_a_first_sync(station: Station) -> None:
    replica(station).unlink()
    with pytest.raises(FirstSyncUnfinished):
        unlock(station, UserId(NURSE), PASSWORD)
    assert not replica(station).exists()


def test_a_second_window_is_told(station: Station) -> None:
    desk = unlock(station, UserId(NURSE), PASSWORD)
    with pytest.raises(AlreadyOpen):
        unlock(station, UserId(NURSE), PASSWORD)
    desk.close()


def test_damage_in_the_middle_is_found_by_verifying(station: Station) -> None:
    from wc_desktop.actions.sync_state import verify_replica

    # A page that unlocking does not read.
    keys = station.unlock_keys(UserId(NURSE), PASSWORD)
    connection = open_encrypted(replica(station), keys.replica)
    ((root,),) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'vital_signs'").fetchall()
    ((size,),) = connection.execute("PRAGMA page_size").fetchall()
    connection.close()
    content = bytearray(replica(station).read_bytes())
    content[(int(root) - 1) * int(size) + int(size) // 2] ^= 1
    replica(station).write_bytes(content)
    desk = unlock(station, UserId(NURSE), PASSWORD)
    with pytest.raises(ReplicaDamaged):
        verify_replica(desk)
    desk.close()
