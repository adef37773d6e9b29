"""`device settle`: what two copies of a workstation entered counts, once, also when it is cut off and done again."""

from uuid import UUID

import httpx
import pytest
import typer
from tests import factories as make
from tests.sync_server.cli.commanded import Ended, run
from tests.sync_server.house import House
from tests.sync_server.workstation import Workstation, code_of, enrol

from wc_contract.model.changes import Entry
from wc_contract.model.ids import StudentId
from wc_contract.wire.codes import ProblemCode
from wc_sync_server.cli.console import spoken
from wc_sync_server.domain.problems import ProblemRaised

pytestmark = pytest.mark.postgres


@pytest.fixture
def office(house: House, client: httpx.Client) -> Workstation:
    return enrol(house, client)


def dose(house: House, office: Workstation, student: StudentId | None = None) -> Entry:
    pupil = house.pupils["ned"]
    return office.entry(make.dose_logged(student_id=student or pupil.id, order_id=pupil.order, slot=None))


def forked(house: House, office: Workstation, *, strange: int = 0) -> list[Entry]:
    """Send two entries; then, as a copy that knows of neither, two others. strange of them name nobody we know."""
    assert len(office.push(dose(house, office), dose(house, office))) == 2
    office.number = 0
    nobody = StudentId(make.named(f"nobody {office.device}"))
    copied = [dose(house, office, nobody if at < strange else None) for at in range(2)]
    assert code_of(office.push_request(copied)) == "forked"
    return copied


def settle(house: House, office: Workstation) -> Ended:
    return run(house, "device", "settle", office.device)


def doses(house: House, office: Workstation) -> int:
    return int(house.one("SELECT count(*) FROM medication_logs WHERE device_id = %s", office.device))


def kept(house: House, office: Workstation) -> list[str]:
    query = "SELECT code FROM refused_entries WHERE device_id = %s AND answered_at IS NULL ORDER BY code"
    return [row[0] for row in house.asked(query, office.device)]


def test_what_the_copy_entered_counts_and_is_kept_aside_no_longer(house: House, office: Workstation) -> None:
    copied = forked(house, office)
    assert (doses(house, office), kept(house, office)) == (2, ["forked", "forked"])
    ended = settle(house, office)
    assert (ended.returncode, "kept aside and count now: 2." in ended.stdout) == (0, True)
    assert (doses(house, office), kept(house, office)) == (4, [])
    assert {receipt["outcome"] for receipt in office.push(*copied)} == {"applied"}
    assert doses(house, office) == 4
    again = settle(house, office)
    assert (again.returncode, "no two copies of it were found" in again.stderr) == (1, True)


def test_who_takes_entries_in_and_meets_a_busy_district_is_told_to_do_it_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    @spoken
    def busy() -> None:
        raise ProblemRaised(ProblemCode.BUSY)

    with pytest.raises(typer.Exit) as ended:
        busy()
    assert ended.value.exit_code == 4
    assert "Run it again" in capsys.readouterr().err


def test_settling_that_was_cut_off_is_done_again(house: House, office: Workstation) -> None:
    forked(house, office)
    # As far as the first of its transactions.
    house.done("UPDATE devices SET directive = 'ok', settled_upto = last_number WHERE id = %s", office.device)
    ended = settle(house, office)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert (doses(house, office), kept(house, office)) == (4, [])


def test_what_is_refused_when_it_is_settled_stays_kept_for_a_person(house: House, office: Workstation) -> None:
    forked(house, office, strange=1)
    ended = settle(house, office)
    assert "kept aside and count now: 1." in ended.stdout
    assert f"refused list --device {office.device}" in ended.stdout
    assert (doses(house, office), kept(house, office)) == (3, ["unknown_student"])


def test_a_copy_that_was_revoked_has_its_entries_counted_too(house: House, office: Workstation) -> None:
    forked(house, office)
    assert run(house, "device", "lost", "--yes", office.device).returncode == 0
    assert settle(house, office).returncode == 0
    assert (doses(house, office), kept(house, office)) == (4, [])
    assert house.one("SELECT revoked_at IS NOT NULL FROM devices WHERE id = %s", UUID(office.device))


def test_what_its_workstation_sends_itself_is_kept_aside_no_longer(house: House, office: Workstation) -> None:
    copied = forked(house, office)
    house.done("UPDATE devices SET directive = 'ok', settled_upto = last_number WHERE id = %s", office.device)
    assert {receipt["outcome"] for receipt in office.push(*copied)} == {"applied"}
    assert (doses(house, office), kept(house, office)) == (4, [])
