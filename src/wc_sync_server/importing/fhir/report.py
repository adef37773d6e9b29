"""What a FHIR import took and what it left, for a person (text) and for a script (JSON)."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from wc_sync_server.importing.fhir.findings import Finding, Weight
from wc_sync_server.importing.fhir.reader import ChartReading
from wc_sync_server.importing.outcomes import Outcome

_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteCounts:
    """Records by what an import did, or would do, with them."""

    created: int
    updated: int
    unchanged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartReport:
    """The result of one FHIR import."""

    source: str
    outcome: Outcome
    reading: ChartReading
    writes: WriteCounts

    @property
    def exit_code(self) -> int:
        """Zero when every entry was taken; 3 when some were left out; 1 when nothing was written."""
        return self.outcome.exit_code

    @property
    def left_out(self) -> int:
        """How many entries and files were not taken."""
        return sum(finding.weight is not Weight.NOTE for finding in self.reading.findings)

    def as_json(self) -> str:
        """Return the whole report as JSON: every finding by file, entry, type and reason."""
        reading = self.reading
        document: dict[str, Any] = {
            "source": self.source,
            "outcome": self.outcome.value,
            "files": reading.files,
            "students": reading.students,
            "seen": dict(reading.seen),
            "taken": dict(reading.taken),
            "created": self.writes.created,
            "updated": self.writes.updated,
            "unchanged": self.writes.unchanged,
            "leftOut": self.left_out,
            "reasons": dict(sorted(Counter(finding.reason.value for finding in reading.findings).items())),
            "findings": [_finding(finding) for finding in reading.findings],
        }
        return json.dumps(document, indent=2, ensure_ascii=False)

    def as_text(self) -> str:
        """Return the report as an operator reads it."""
        reading = self.reading
        lines = [
            f"FHIR R4, {reading.files} files from {self.source}: {self.outcome.sentence}",
            "",
            f"{'':<22}{'in the files':>14}{'taken':>10}{'left out':>10}",
        ]
        for kind, count in reading.seen.items():
            if not count:
                continue
            taken = reading.taken.get(kind, 0)
            lines.append(f"{kind:<22}{count:>14}{taken:>10}{count - taken:>10}")
        lines.append(
            f"students: {reading.students}; records created {self.writes.created}, "
            f"updated {self.writes.updated}, unchanged {self.writes.unchanged}"
        )
        return "\n".join([*lines, *_listed(reading.findings)])


def _listed(findings: tuple[Finding, ...]) -> list[str]:
    if not findings:
        return ["", "Nothing was left out."]
    counts = Counter((finding.reason.value, finding.resource_type or "file") for finding in findings)
    lines = ["", "Left out, or taken with a reservation:"]
    lines += [f"  {count:>6}  {kind} {reason}" for (reason, kind), count in counts.most_common()]
    lines += ["", "First of them:"]
    heavy = sorted(findings, key=_heaviest_first)
    lines += [f"  {finding}" for finding in heavy[:_SHOWN]]
    if len(heavy) > _SHOWN:
        lines.append(f"  … and {len(heavy) - _SHOWN} more; --json lists all")
    return lines


def _heaviest_first(finding: Finding) -> tuple[int, str, int]:
    order = (Weight.FILE_LEFT_OUT, Weight.LEFT_OUT, Weight.NOTE)
    return (order.index(finding.weight), finding.file, finding.index or 0)


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "reason": finding.reason.value,
        "weight": finding.weight.value,
        "file": finding.file,
        "entry": finding.index,
        "resourceType": finding.resource_type,
        "detail": finding.detail,
    }
