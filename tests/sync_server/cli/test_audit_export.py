"""An auditor's export: what it holds, that it is proved without a database, that any change to it is named."""

import csv
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from tests import factories as make
from tests.sync_server.cli.audited import no_margin, said
from tests.sync_server.cli.commanded import Ended, run
from tests.sync_server.house import House
from tests.sync_server.serving import client, served
from tests.sync_server.workstation import code_of, enrol

from wc_contract.wire.entries import body_hash, entry_to_body

__all__ = ["client", "no_margin", "served"]

pytestmark = pytest.mark.postgres

TODAY = f"{datetime.now(UTC):%Y-%m-%d}"


def export(house: House, folder: Path, *more: str) -> Ended:
    return run(house, "audit", "export", str(folder), "--from", "2020-01-01", "--to", TODAY, *more)


def check(house: House, folder: Path, *more: str, key: str = "") -> Ended:
    # No address of any database: it must not need one.
    known = key or house.parts.audit_key.public.hex()
    return run(house, "audit", "check-export", str(folder), "--key", known, *more, WC_DATABASE_URL="", WC_AUDIT_URL="")


@pytest.fixture
def worked(house: House, client: httpx.Client) -> str:
    """Let a workstation log a dose and look at charts; return its id."""
    office, ned = enrol(house, client), house.pupils["ned"]
    dose = office.entry(make.dose_logged(student_id=ned.id, order_id=ned.order, reason=make.MARKER, slot=None))
    look = office.entry(make.access_recorded(entity_id=str(ned.id)), previous=body_hash(entry_to_body(dose)))
    office.push(dose, look)
    return office.device


def test_an_export_holds_every_line_once_no_value_and_is_proved_offline(
    house: House, worked: str, tmp_path: Path
) -> None:
    assert export(house, tmp_path / "one").returncode == 0
    ended = check(house, tmp_path / "one")
    assert (ended.returncode, "As it was given out" in ended.stdout) == (0, True), said(ended)
    manifest = json.loads((tmp_path / "one/manifest.json").read_text())
    held = house.one("SELECT count(*) FROM audit_logs WHERE received_at < %s", manifest["until"])
    lines = (tmp_path / "one/lines.jsonl").read_text().splitlines()
    assert manifest["counts"]["lines"] == len(lines) == held
    with (tmp_path / "one/lines.csv").open(newline="") as stream:
        assert [row["id"] for row in csv.DictReader(stream)] == [json.loads(line)[2] for line in lines]
    everything = "".join(file.read_text() for file in (tmp_path / "one").iterdir())
    assert make.MARKER not in everything
    assert worked in everything
    on_record = "SELECT count(*) FROM audit_logs WHERE entity_type = 'audit' AND action = 'EXPORT' AND entity_id = %s"
    assert house.one(on_record, manifest["id"]) == 1


def test_a_pupil_s_export_holds_what_was_done_to_its_records_and_the_disclosures(
    house: House, worked: str, tmp_path: Path
) -> None:
    ned = house.pupils["ned"]
    given = run(house, "audit", "disclose", str(ned.id), "--to", "Court", "--purpose", "order 7", "--record", "dose")
    assert given.returncode == 0, said(given)
    assert export(house, tmp_path / "ned", "--student", str(ned.id)).returncode == 0
    assert check(house, tmp_path / "ned").returncode == 0
    columns = json.loads((tmp_path / "ned/manifest.json").read_text())["columns"]
    lines = [json.loads(line) for line in (tmp_path / "ned/lines.jsonl").read_text().splitlines()]
    actions = {(line[columns.index("action")], line[columns.index("entity_type")]) for line in lines}
    assert {("DOSE_LOGGED", "dose"), ("VIEW", "student")} <= actions
    assert worked in (tmp_path / "ned/workstations.jsonl").read_text()
    (disclosed,) = (json.loads(one) for one in (tmp_path / "ned/disclosures.jsonl").read_text().splitlines())
    assert disclosed["to"] == "Court"
    assert export(house, tmp_path / "other", "--student", "nobody").returncode == 1


def _edit(folder: Path, name: str, change: Callable[[list[str]], list[str]]) -> None:
    file = folder / name
    file.write_text("".join(f"{line}\n" for line in change(file.read_text().splitlines())))


TAMPERINGS: dict[str, tuple[Callable[[Path], None], str]] = {
    "a line edited": (
        lambda to: _edit(to, "lines.jsonl", lambda one: [one[0].replace("SYSTEM", "NURSE", 1), *one[1:]]),
        "says something else",
    ),
    "a line taken out": (lambda to: _edit(to, "lines.jsonl", lambda one: one[1:]), "is missing"),
    "a line twice": (lambda to: _edit(to, "lines.jsonl", lambda one: [one[0], *one]), "stands twice"),
    "the end cut": (lambda to: _edit(to, "seals.jsonl", lambda one: one[:-1]), "the seals are not those"),
    "a seal edited": (
        lambda to: _edit(to, "seals.jsonl", lambda one: [one[0].replace('"lines":', '"lines":1'), *one[1:]]),
        "does not have the hash",
    ),
    "the table edited": (lambda to: _edit(to, "lines.csv", lambda one: one[:-1]), "lines.csv is not the file"),
    "a workstation's entry edited": (
        lambda to: _edit(
            to, "workstations.jsonl", lambda one: [o.replace("access.record", "access.recorx") for o in one]
        ),
        "does not have the hash of its text",
    ),
    "a workstation's hash that is none": (
        lambda to: _edit(to, "workstations.jsonl", lambda one: [o.replace('"hash": "', '"hash": "z') for o in one]),
        "workstations.jsonl does not read",
    ),
    "the manifest edited": (
        lambda to: _edit(to, "manifest.json", lambda one: [o.replace("testville", "elsewhere") for o in one]),
        "the manifest is not signed",
    ),
}


def test_whatever_is_changed_in_an_export_is_named(house: House, worked: str, tmp_path: Path) -> None:
    assert worked
    assert export(house, tmp_path / "whole").returncode == 0
    for name, (tamper, sentence) in TAMPERINGS.items():
        shutil.copytree(tmp_path / "whole", tmp_path / "spoiled")
        tamper(tmp_path / "spoiled")
        ended = check(house, tmp_path / "spoiled")
        assert (ended.returncode, sentence in said(ended)) == (5, True), (name, said(ended))
        shutil.rmtree(tmp_path / "spoiled")
    assert check(house, tmp_path / "whole", key="ab" * 32).returncode == 5
    (tmp_path / "whole/seals.jsonl").unlink()
    assert check(house, tmp_path / "whole").returncode == 1


def test_an_export_of_honest_workstations_is_whole_after_damage_and_after_two_copies_were_settled(
    house: House, client: httpx.Client, tmp_path: Path
) -> None:
    office = enrol(house, client)
    told = make.access_recorded(entity_id=str(house.pupils["ned"].id))
    first = office.entry(told)
    second = office.entry(told, previous=body_hash(entry_to_body(first)))
    third = office.entry(told, previous=body_hash(entry_to_body(second)))
    office.push(first, office.sealed(second) | {"body": entry_to_body(second).replace("VIEW", "LOCK")}, third)
    office.number = 2
    other = office.entry(told, previous=body_hash(entry_to_body(second)))
    next_one = office.entry(told, previous=body_hash(entry_to_body(other)))
    assert code_of(office.push_request([other, next_one])) == "forked"
    assert run(house, "device", "settle", office.device).returncode == 0
    assert export(house, tmp_path / "all").returncode == 0
    ended = check(house, tmp_path / "all")
    assert ended.returncode == 0, said(ended)


def test_an_anchor_shows_that_the_seals_are_those_of_the_time(house: House, worked: str, tmp_path: Path) -> None:
    assert worked
    anchor = tmp_path / "anchor.jsonl"
    assert export(house, tmp_path / "one").returncode == 0
    assert run(house, "audit", "anchor", str(anchor)).returncode == 0
    assert check(house, tmp_path / "one", "--anchor", str(anchor)).returncode == 0
