"""What a merge of two charts did or would do, for a person and for a program. Ids and codes, nothing of the child."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from wc_contract.model.ids import SchoolId, StudentId
from wc_sync_server.importing.students.charts import Clashing


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """Two charts made one.

    goes_on: records that go on in the kept chart, by kind. read_through: those that say what happened and keep the
    student that they name. cases: opened or added to. already: they were one before, and nothing was done.
    """

    kept: StudentId
    gone: StudentId
    school: SchoolId
    from_school: SchoolId
    goes_on: Mapping[str, int] = field(default_factory=dict)
    read_through: Mapping[str, int] = field(default_factory=dict)
    clashes: tuple[Clashing, ...] = ()
    cases: tuple[tuple[str, UUID], ...] = ()
    already: bool = False
    dry_run: bool = False

    def as_document(self) -> dict[str, object]:
        """Return the report as JSON carries it."""
        return {
            "kept": str(self.kept),
            "gone": str(self.gone),
            "school": str(self.school),
            "from_school": str(self.from_school),
            "goes_on": dict(self.goes_on),
            "read_through": dict(self.read_through),
            "clashes": [{"code": c.code.value, "records": [str(id_) for id_ in c.records]} for c in self.clashes],
            "cases": [{"kind": kind, "id": str(id_)} for kind, id_ in self.cases],
            "already": self.already,
            "dry_run": self.dry_run,
        }

    def as_json(self) -> str:
        """Return the report as JSON text."""
        return json.dumps(self.as_document(), indent=2)

    def as_text(self) -> str:
        """Return the report as an operator reads it."""
        if self.already:
            return "They were one chart already; nothing was changed."
        lines = ["Dry run, nothing was written." if self.dry_run else "The two charts are one now."]
        if self.from_school != self.school:
            lines.append("The chart that goes was moved to the other one's school first; what happened stays there.")
        lines += [f"  goes on in the kept chart: {count} {kind}" for kind, count in self.goes_on.items()]
        lines += [f"  stays, read through the merge: {count} {kind}" for kind, count in self.read_through.items()]
        lines += [f"  to look at: {c.code.value} {' '.join(map(str, c.records))}".rstrip() for c in self.clashes]
        lines += [f"  case: {kind} {id_}" for kind, id_ in self.cases]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parted:
    """Two charts that are two again.

    back: records that went back, by kind. changed: those of them that somebody changed, or that moved, since; they go
    back as they stand. stays: records made since, which stay with the kept chart. A case about both is open then.
    """

    kept: StudentId
    gone: StudentId
    school: SchoolId
    back: Mapping[str, int]
    changed: tuple[tuple[str, UUID], ...]
    stays: tuple[tuple[str, UUID], ...]
    case: UUID | None
    dry_run: bool = False

    def as_document(self) -> dict[str, object]:
        """Return the report as JSON carries it."""
        return {
            "kept": str(self.kept),
            "gone": str(self.gone),
            "school": str(self.school),
            "back": dict(self.back),
            "changed": [{"kind": kind, "id": str(id_)} for kind, id_ in self.changed],
            "stays": [{"kind": kind, "id": str(id_)} for kind, id_ in self.stays],
            "case": None if self.case is None else str(self.case),
            "dry_run": self.dry_run,
        }

    def as_json(self) -> str:
        """Return the report as JSON text."""
        return json.dumps(self.as_document(), indent=2)

    def as_text(self) -> str:
        """Return the report as an operator reads it."""
        lines = ["Dry run, nothing was written." if self.dry_run else "They are two charts again."]
        lines += [f"  back in its own chart: {count} {kind}" for kind, count in self.back.items()]
        lines += [f"  changed since the merge, look at it: {kind} {id_}" for kind, id_ in self.changed]
        lines += [f"  made since the merge, stays with the kept chart: {kind} {id_}" for kind, id_ in self.stays]
        if self.case is not None:
            lines.append(f"  case: charts_parted {self.case}")
        return "\n".join(lines)
