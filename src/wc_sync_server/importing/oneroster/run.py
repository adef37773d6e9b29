"""The whole roster import, as the command runs it."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from wc_contract.model.ids import DistrictId
from wc_sync_server.importing.oneroster.apply import apply_plan
from wc_sync_server.importing.oneroster.plan import Plan
from wc_sync_server.importing.oneroster.planner import make_plan
from wc_sync_server.importing.oneroster.present import read_state
from wc_sync_server.importing.oneroster.problems import Weight
from wc_sync_server.importing.oneroster.reader import read_roster
from wc_sync_server.importing.oneroster.records import Roster
from wc_sync_server.importing.oneroster.report import RosterReport
from wc_sync_server.importing.outcomes import Outcome
from wc_sync_server.importing.ports import Works
from wc_sync_server.importing.progress import Progress, silent


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportDistrict:
    """The district that is imported into. timezone is that of schools whose roster does not say."""

    id: DistrictId
    timezone: str


def import_oneroster(
    source: Path,
    works: Works,
    district: ImportDistrict,
    *,
    today: date,
    dry_run: bool = False,
    allow_disappearing: int = 0,
    progress: Progress = silent,
) -> RosterReport:
    """Import a OneRoster folder or zip, or say what would be done.

    Raises SourceRefused for a source that cannot be read at all; everything else is in the report.
    """
    progress("reading the roster", 0, 1)
    state = read_state(works, district.id, district.timezone)
    roster = read_roster(source, state, today=today)
    plan = make_plan(roster, state, today=today, allow_disappearing=allow_disappearing)
    progress("reading the roster", 1, 1)
    outcome = _outcome(roster, plan, dry_run=dry_run)
    if outcome in {Outcome.DONE, Outcome.DONE_IN_PART}:
        apply_plan(plan, works, district.id, today=today, progress=progress)
    return RosterReport(source=source.name, outcome=outcome, roster=roster, plan=plan)


def _outcome(roster: Roster, plan: Plan, *, dry_run: bool) -> Outcome:
    if not roster.usable:
        return Outcome.UNUSABLE
    if plan.halt is not None:
        return Outcome.HALTED
    if dry_run:
        return Outcome.WOULD_DO
    left_out = any(problem.weight is Weight.ROW_LEFT_OUT for problem in plan.problems)
    return Outcome.DONE_IN_PART if left_out else Outcome.DONE
