"""Two devices, one slot: both doses stay, one case is open, and both devices see all of it (rules.md X2)."""

import httpx
import pytest
from tests import factories as make
from tests.sync_server.house import House
from tests.sync_server.workstation import Workstation, enrol

from wc_contract.model.ids import slot_case_id
from wc_contract.model.kinds import BY_NAME
from wc_contract.wire.digests import digest_rows

pytestmark = pytest.mark.postgres


def records(frames: list[dict[str, object]], kind: str) -> dict[str, dict[str, object]]:
    """Return the records of a kind in a pull, by id."""
    rows = [row for frame in frames if frame.get("kind") == kind for row in frame["rows"]]  # type: ignore[attr-defined]
    return {row[0]: dict(zip(BY_NAME[kind].columns, row, strict=True)) for row in rows}


def test_both_are_kept_flagged_and_one_case_is_open_on_both(house: House, client: httpx.Client) -> None:
    first, second = enrol(house, client, "ann"), enrol(house, client, "bea")
    ned = house.pupils["ned"]
    dose_a = make.dose_logged(student_id=ned.id, order_id=ned.order)
    dose_b = make.dose_logged(student_id=ned.id, order_id=ned.order)
    (on_time,) = first.push(first.entry(dose_a))
    before = first.pull()
    (late,) = second.push(second.entry(dose_b))

    case = str(slot_case_id(make.noon_slot(ned.order).id))
    assert on_time["outcome"] == "applied"
    assert (late["outcome"], late["cases"]) == ("case_opened", [case])
    assert "possible_double_dose" in late["findings"]

    since = {frame["kind"]: frame["upto"] for frame in before if frame["frame"] == "rows"}
    news = first.pull(since)
    doses = records(news, "dose")
    assert set(doses) == {str(dose_a.id), str(dose_b.id)}, "the flag of the first one travels too"
    assert all("possible_double_dose" in str(dose["flags"]) for dose in doses.values())
    cases = records(news, "review_case")
    assert set(cases) == {case}
    assert cases[case]["status"] == "OPEN"
    assert sorted(eval_list(cases[case]["subject_ids"])) == sorted((str(dose_a.id), str(dose_b.id)))
    assert news[-1]["digest"] == second.pull()[-1]["digest"]
    assert house.one("SELECT count(*) FROM review_cases WHERE id = %s", case) == 1


def eval_list(text: object) -> list[str]:
    import json

    found: list[str] = json.loads(str(text))
    return found


def test_two_in_one_batch_open_the_case_at_once(house: House, client: httpx.Client) -> None:
    office = enrol(house, client)
    nora = house.pupils["nora"]
    doses = [make.dose_logged(student_id=nora.id, order_id=nora.order) for _ in range(2)]
    receipts = office.push(*(office.entry(dose) for dose in doses))
    assert [r["outcome"] for r in receipts] == ["case_opened", "case_opened"]
    assert receipts[0]["cases"] == receipts[1]["cases"]


def test_a_case_that_a_person_answered_stays_answered_until_something_new_comes(
    house: House, client: httpx.Client
) -> None:
    office = enrol(house, client)
    sam, cleo = house.pupils["sam"], enrol(house, client, "cleo", house.south)
    entries = [cleo.entry(make.dose_logged(student_id=sam.id, order_id=sam.order)) for _ in range(2)]
    case = cleo.push(*entries)[0]["cases"][0]
    house.done("UPDATE review_cases SET status = 'RESOLVED', resolution = 'both_given' WHERE id = %s", case)
    cleo.push(*entries)
    cleo.push(cleo.entry(make.dose_logged(student_id=sam.id, order_id=sam.order, slot=None)))
    assert house.one("SELECT status FROM review_cases WHERE id = %s", case) == "RESOLVED"
    cleo.push(cleo.entry(make.dose_logged(student_id=sam.id, order_id=sam.order)))
    assert house.one("SELECT status FROM review_cases WHERE id = %s", case) == "OPEN"
    assert house.one("SELECT jsonb_array_length(subject_ids) FROM review_cases WHERE id = %s", case) == 3
    assert office.device != cleo.device


def test_the_digest_equals_what_a_replica_counts_after_changes(house: House, client: httpx.Client) -> None:
    office: Workstation = enrol(house, client)
    held: dict[str, dict[str, int]] = {kind: {} for kind in BY_NAME}
    since: dict[str, int] = {}
    ned = house.pupils["ned"]
    for _ in range(4):
        office.push(
            *(office.entry(make.dose_logged(student_id=ned.id, order_id=ned.order, slot=None)) for _ in range(3))
        )
        frames = office.pull(since)
        for frame in frames:
            if frame["frame"] == "rows":
                since[frame["kind"]] = frame["upto"]
                held[frame["kind"]] |= {row[0]: row[-1] for row in frame["rows"]}
        for kind, (count, total) in frames[-1]["digest"].items():
            mine = digest_rows(held[kind].items())
            assert (mine.count, mine.sum) == (count, total), kind
