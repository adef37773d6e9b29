"""What an import did or would do, for a person (text) and for a script (JSON)."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any, assert_never

from wc_sync_server.importing.oneroster.plan import (
    CreateSchool,
    CreateStudent,
    CreateUser,
    DeactivateStudent,
    DeactivateUser,
    MoveStudent,
    Plan,
    Step,
    UpdateSchool,
    UpdateStudent,
    UpdateUser,
)
from wc_sync_server.importing.oneroster.problems import Problem, Weight
from wc_sync_server.importing.oneroster.records import Roster
from wc_sync_server.importing.outcomes import Outcome

_SHOWN = 20
_KINDS = ("schools", "students", "users")
_ACTIONS = ("create", "update", "move", "return", "deactivate")


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterReport:
    """The result of one roster import."""

    source: str
    outcome: Outcome
    roster: Roster
    plan: Plan

    @property
    def exit_code(self) -> int:
        """Zero when everything in the files was taken; 3 when rows were left out; 1 when nothing was."""
        return self.outcome.exit_code

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """How many of what is done, by kind and action."""
        told = Counter(_action(step) for step in self.plan.steps)
        return {kind: {action: told[kind, action] for action in _ACTIONS if told[kind, action]} for kind in _KINDS}

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self.plan.problems

    def as_json(self) -> str:
        """Return the whole report as JSON."""
        document: dict[str, Any] = {
            "source": self.source,
            "oneRosterVersion": self.roster.version.value,
            "mode": self.roster.mode.value,
            "outcome": self.outcome.value,
            "counts": self.counts,
            "unchanged": self.plan.unchanged,
            "disappearing": self.plan.disappearing,
            "halt": None if self.plan.halt is None else str(self.plan.halt),
            "staffWithoutAccount": self.roster.staff_without_account,
            "schoolsToBeDeleted": sorted(self.roster.gone_schools),
            "usersAbsent": self.plan.users_absent,
            "problemCounts": dict(sorted(Counter(problem.code.value for problem in self.problems).items())),
            "problems": [_problem(problem) for problem in self.problems],
        }
        return json.dumps(document, indent=2, ensure_ascii=False)

    def as_text(self) -> str:
        """Return the report as a table and a list, as an operator reads it."""
        lines = [
            f"OneRoster {self.roster.version} ({self.roster.mode}) from {self.source}: {self.outcome.sentence}",
            "",
            "              " + "".join(f"{action:>12}" for action in _ACTIONS),
        ]
        for kind, actions in self.counts.items():
            lines.append(f"{kind:<14}" + "".join(f"{actions.get(action, 0):>12}" for action in _ACTIONS))
        lines.append(f"unchanged: {self.plan.unchanged}")
        if self.roster.staff_without_account:
            lines.append(f"staff without an account in White Cross (not taken): {self.roster.staff_without_account}")
        if self.plan.users_absent:
            lines.append(
                f"users absent from this roster: {self.plan.users_absent}; revoke their access if they have left"
            )
        if self.roster.gone_schools:
            lines.append(
                f"organisations that the roster says to delete: {len(self.roster.gone_schools)}; no school is "
                "deleted by an import"
            )
        if self.plan.halt is not None:
            lines += ["", str(self.plan.halt)]
        return "\n".join([*lines, *_listed(self.problems)])


def _listed(problems: tuple[Problem, ...]) -> list[str]:
    if not problems:
        return ["", "No problems."]
    heavy = sorted(problems, key=_heaviest_first)
    left = sum(problem.weight is Weight.ROW_LEFT_OUT for problem in problems)
    lines = ["", f"{len(problems)} problems ({left} rows left out):"]
    lines += [f"  {problem}" for problem in heavy[:_SHOWN]]
    if len(heavy) > _SHOWN:
        lines.append(f"  … and {len(heavy) - _SHOWN} more; --json lists all")
    return lines


def _heaviest_first(problem: Problem) -> tuple[int, str, int]:
    order = (Weight.FILE_UNUSABLE, Weight.ROW_LEFT_OUT, Weight.NOTE)
    return (order.index(problem.weight), problem.file, problem.line)


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "code": problem.code.value,
        "weight": problem.weight.value,
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "detail": problem.detail,
    }


def _action(step: Step) -> tuple[str, str]:  # noqa: PLR0911  # one answer a step
    match step:
        case CreateSchool():
            return "schools", "create"
        case UpdateSchool():
            return "schools", "update"
        case CreateStudent():
            return "students", "create"
        case UpdateStudent():
            return "students", "return" if step.returns else "update"
        case MoveStudent():
            return "students", "move"
        case DeactivateStudent():
            return "students", "deactivate"
        case CreateUser():
            return "users", "create"
        case UpdateUser():
            return "users", "update"
        case DeactivateUser():
            return "users", "deactivate"
        case _:
            assert_never(step)
