"""The demonstration's last table: what was authored, and where it arrived."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from rich.table import Table

from wc_contract.model.ids import DistrictId
from wc_sync_server.cli.audit import count_audit
from wc_sync_server.cli.records import schools_of, system
from wc_sync_server.demo.folder import DemoFolder
from wc_sync_server.demo.workstations import Workstation
from wc_sync_server.wiring import Workshop

_RECEIPTS = """
SELECT entry_id FROM receipts
WHERE district_id = %(district)s AND entry_id = ANY (%(entries)s) AND outcome IN ('applied', 'merged', 'case_opened')
"""
_WORDS = {
    "ADMINISTERED": "doses given",
    "REFUSED": "doses refused",
    "HELD": "doses held",
    "ABSENT": "absent",
    "incident.sign": "incidents signed",
    "access.record": "looks and unlocks",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One kind of entry. On the second workstation looks do not appear: there is nothing of them to show."""

    what: str
    authored: int
    on_server: int
    on_second: int | None
    audited: int

    @property
    def equal(self) -> bool:
        """Whether every column that applies says the same."""
        return len({self.authored, self.on_server, self.audited, *({self.on_second} - {None})}) == 1


def count(
    parts: Workshop,
    district: DistrictId,
    folder: DemoFolder,
    authored: Sequence[Mapping[str, Any]],
    second: Workstation,
) -> tuple[list[Line], dict[str, Any]]:
    """Return the lines, and the second workstation's report."""
    ids = [UUID(entry["id"]) for entry in authored]
    with system(parts, district, tuple(schools_of(parts, district)), read_only=True) as uow:
        rows = uow.connection.execute(_RECEIPTS, {"district": district, "entries": ids}).fetchall()
    on_server = {row[0] for row in rows}
    told = count_audit(parts, district).by_entry
    asked = folder.root / "entries.json"
    asked.write_text(json.dumps([str(each) for each in ids]), encoding="utf-8")
    report = second.report("--entries", str(asked))
    found: Mapping[str, int] = report["found"]
    groups: dict[str, list[UUID]] = {}
    for entry in authored:
        key = entry.get("status") or entry["verb"]
        groups.setdefault(_WORDS.get(key, key.lower()), []).append(UUID(entry["id"]))
    return [
        Line(
            what=what,
            authored=len(group),
            on_server=sum(1 for each in group if each in on_server),
            on_second=None if what == _WORDS["access.record"] else sum(found.get(str(each), 0) for each in group),
            audited=sum(1 for each in group if told.get(each, 0) == 1),
        )
        for what, group in groups.items()
    ], report


def as_table(lines: Sequence[Line]) -> Table:
    """Return the table as it is printed."""
    table = Table(title="What was authored, and where it is now", title_justify="left")
    for heading in ("entries", "authored", "on the server", "on the second workstation", "audited", ""):
        table.add_column(heading, justify="left" if heading in {"entries", ""} else "right")
    for line in lines:
        second = "not sent" if line.on_second is None else str(line.on_second)
        mark = "[green]equal[/]" if line.equal else "[bold red]differs[/]"
        table.add_row(line.what, str(line.authored), str(line.on_server), second, str(line.audited), mark)
    return table
