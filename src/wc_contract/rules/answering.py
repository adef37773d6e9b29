"""Who may answer a review case, and with what (X3, sync.md 'A case is resolved by a person with the right to')."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from types import MappingProxyType

from wc_contract.model.changes import CaseAnswered, Change, DoseLogged, RecordAdded, RecordChanged
from wc_contract.model.ids import UserId
from wc_contract.model.office_values import LedgerEvent, StockMovement
from wc_contract.model.values import CaseResolution, DoseState, Role
from wc_contract.rules.findings import Code, Noticed

_ANSWERING = frozenset({Role.NURSE, Role.SUBSTITUTE, Role.SUPERVISOR, Role.ADMIN})
# These say that something was done, and by the entry itself.
_DOING = frozenset({CaseResolution.DUPLICATE_RECORD, CaseResolution.TOOK_OTHER, CaseResolution.COUNTED})
_SIDES = (CaseResolution.KEPT_STANDING, CaseResolution.TOOK_OTHER)
_RESOLUTIONS: Mapping[str, tuple[CaseResolution, ...]] = MappingProxyType(
    {
        Code.POSSIBLE_DOUBLE_DOSE.value: (
            CaseResolution.BOTH_GIVEN,
            CaseResolution.DUPLICATE_RECORD,
            CaseResolution.DIFFERENT_SLOTS,
        ),
        Code.FIELD_CONFLICT.value: _SIDES,
        Code.BASE_CHANGED.value: _SIDES,
        Code.ANSWERS_DIFFER.value: (CaseResolution.REVIEWED,),
        Code.STOCK_NEGATIVE.value: (CaseResolution.COUNTED, CaseResolution.REVIEWED),
    }
)


def resolutions_of(case_kind: str) -> tuple[CaseResolution, ...]:
    """Return the answers that fit a kind of case; REVIEWED alone for one that asks for no choice."""
    return _RESOLUTIONS.get(case_kind, (CaseResolution.REVIEWED,))


def check_answer(
    case_kind: str, resolution: CaseResolution, *, role: str, person: UserId, authors: Collection[UserId]
) -> Iterator[Noticed]:
    """Yield what stands against an answer. authors are those of the doses the case is about.

    A possible double dose is never answered by those who wrote the entries (X3); unlicensed staff answer nothing.
    """
    if resolution not in resolutions_of(case_kind):
        yield Noticed(code=Code.ANSWER_DOES_NOT_FIT, detail={"resolution": resolution.value})
    own = case_kind == Code.POSSIBLE_DOUBLE_DOSE.value and person in authors
    if own or role not in _ANSWERING:
        yield Noticed(code=Code.NOT_ENTITLED, detail={"role": role})


def is_carried_out(answer: CaseAnswered, changes: Iterable[Change]) -> bool:
    """Whether the changes beside an answer do what it says was done to a record of the case: void, take over, count."""
    if answer.resolution not in _DOING:
        return True
    done = {str(record) for change in changes for record in _done_by(change, answer.resolution)}
    return not done.isdisjoint(str(subject) for subject in answer.subject_ids)


def _done_by(change: Change, resolution: CaseResolution) -> Iterator[object]:
    """Yield the record to which a change does what an answer says."""
    match change:
        case DoseLogged(status=DoseState.ENTERED_IN_ERROR) if resolution is CaseResolution.DUPLICATE_RECORD:
            yield change.amends_id
        case RecordChanged() if resolution is CaseResolution.TOOK_OTHER:
            yield change.id
        case RecordAdded(values={"kind": StockMovement.COUNTED.value}) if resolution is CaseResolution.COUNTED:
            yield change.values.get("item_id")
        case RecordAdded(values={"event": LedgerEvent.COUNTED.value}) if resolution is CaseResolution.COUNTED:
            yield change.values.get("container_id")
        case _:
            return
