"""Whether a child still belonged to the district when something was recorded for it (S2)."""

from collections.abc import Iterator, Mapping
from datetime import date
from zoneinfo import ZoneInfo

from wc_contract.model.changes import DoseLogged
from wc_contract.model.ids import StudentId
from wc_contract.rules.findings import Code, Noticed


def check_enrolment(dose: DoseLogged, withdrawn: Mapping[StudentId, date], zone: ZoneInfo) -> Iterator[Noticed]:
    """Notice what was recorded for a child after its last day (S2). The last day itself is clean.

    The day is the school's, read from the instant: a dose before that day is clean however late it arrives.
    """
    last = withdrawn.get(dose.student_id)
    if last is not None and dose.administered_at.astimezone(zone).date() > last:
        yield Noticed(code=Code.AFTER_WITHDRAWAL, detail={"withdrawn": last.isoformat()})
