"""What others are told of a batch: severe incidents and opened cases, by codes and ids."""

from collections.abc import Iterator, Mapping
from uuid import UUID

import orjson

from wc_contract.model.ids import EntryId, SchoolId
from wc_contract.model.values import Severity
from wc_sync_server.domain.messages import Message, MessageKind
from wc_sync_server.reconcile.arrivals import incidents_of
from wc_sync_server.reconcile.judge import Taken

_SEVERE = frozenset({Severity.HIGH, Severity.CRITICAL})


def of_incidents(taken: Taken) -> Iterator[Message]:
    """Yield a message for each severe incident of an entry: which one, where, how severe, and no word more."""
    for report in incidents_of(taken.entry):
        if report.severity in _SEVERE:
            yield Message(
                kind=MessageKind.INCIDENT_SEVERE,
                subject=report.id,
                school=taken.places[report.id],
                key=f"incident/{report.id}",
                codes={"severity": report.severity.value},
            )


def of_case(school: SchoolId, row: Mapping[str, object], differing: EntryId | None = None) -> Message:
    """Return the message of a review case as it is opened, or opened again.

    It then has more subjects than before, or an answer by the entry differing that says otherwise than the first.
    """
    subjects = orjson.loads(str(row["subject_ids"]))
    return Message(
        kind=MessageKind.CASE_OPENED,
        subject=UUID(str(row["id"])),
        school=school,
        key=f"case/{row['id']}/{len(subjects)}" + (f"/{differing}" if differing else ""),
        codes={"case": str(row["kind"])},
    )
