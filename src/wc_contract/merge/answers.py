"""The answer to a review case, folded into the case as it stands."""

import json
from collections.abc import Mapping

from wc_contract.merge.sides import Merged, Result, Sides
from wc_contract.model.changes import CaseAnswered, Entry
from wc_contract.model.instants import instant_to_text
from wc_contract.model.kinds import REVIEW_CASE, WireValue
from wc_contract.model.values import CaseStatus
from wc_contract.rules.findings import Code


def answer_case(held: Mapping[str, WireValue], answer: CaseAnswered, entry: Entry) -> Merged:
    """Return a review case after an answer.

    An answer to fewer records than the case is about by now leaves it open. Two answers that differ open it again,
    with both kept, whichever came first (X4); two that agree are one.
    """
    now = {name: held[name] for name in REVIEW_CASE.columns if name != "row_version"}
    if held["status"] == CaseStatus.RESOLVED.value:
        return _second(now, answer)
    about = set(json.loads(str(held["subject_ids"])))
    if not about <= {str(subject) for subject in answer.subject_ids}:
        return Merged(values=now, result=Result.NOTHING, code=Code.CASE_GREW.value)
    answered: dict[str, WireValue] = {
        "status": CaseStatus.RESOLVED.value,
        "resolution": answer.resolution.value,
        "resolved_by": str(entry.author_id),
        "resolved_at": instant_to_text(entry.authored_at),
        "note": answer.note or now["note"],
    }
    return Merged(values=now | answered, result=Result.CLEAN)


def _second(now: dict[str, WireValue], answer: CaseAnswered) -> Merged:
    if now["resolution"] == answer.resolution.value:
        return Merged(values=now, result=Result.NOTHING)
    first = {name: now[name] for name in ("resolution", "resolved_by", "resolved_at", "note")}
    second: dict[str, WireValue] = {"resolution": answer.resolution.value, "note": answer.note or None}
    reopened: dict[str, WireValue] = {
        "status": CaseStatus.OPEN.value,
        "resolution": None,
        "resolved_by": None,
        "resolved_at": None,
        "note": None,
    }
    sides = Sides(held=first, sent=second, sent_stands=False)
    return Merged(values=now | reopened, result=Result.CONFLICT, sides=(sides,), code=Code.ANSWERS_DIFFER.value)
