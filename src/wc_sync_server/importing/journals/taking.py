"""Entries of one workstation, taken in as if it had sent them: same rules, same receipts, in batches of a push."""

import base64
import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from wc_contract.model.ids import DeviceId, DistrictId, SchoolId, UserId
from wc_contract.wire.codes import Outcome, ProblemCode
from wc_contract.wire.messages import Receipt, SealedEntry
from wc_contract.wire.sealed import OpenedRecord
from wc_contract.wire.versions import MAX_ENTRY_BYTES, MAX_PUSH_BYTES, MAX_PUSH_ENTRIES
from wc_sync_server.domain.access import Principal
from wc_sync_server.domain.problems import ProblemRaised
from wc_sync_server.reconcile.arrivals import digests_of, read_arrivals
from wc_sync_server.reconcile.batch import Batch, Pushed, Reconciler

# Nobody signed in: the entries themselves say who wrote them.
_NO_SESSION = UUID(int=0)
_MOST_TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Workstation:
    """A workstation as the district knows it. user: who enrolled it."""

    district: DistrictId
    school: SchoolId
    id: DeviceId
    name: str
    sign_key: bytes = field(repr=False)
    user: UserId
    last_number: int


@dataclass(slots=True, kw_only=True)
class Taken:
    """What became of the entries offered.

    outcomes: of those that were new. waiting: numbers kept whole that have no effect until they are brought again.
    second: numbers under which the district holds another text; what came is kept for a person. aside: numbers kept
    without effect because the workstation exists twice.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    refused: list[int] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    second: list[int] = field(default_factory=list)
    aside: list[int] = field(default_factory=list)

    def note(self, receipt: Receipt) -> None:
        """Count the answer to an entry that was new."""
        if receipt.outcome is Outcome.REFUSED and receipt.fields == ("number",):
            self.second.append(receipt.number)
            return
        self.outcomes[receipt.outcome.value] += 1
        if receipt.outcome is Outcome.REFUSED:
            self.refused.append(receipt.number)
        elif receipt.outcome is Outcome.WAITING:
            self.waiting.append(receipt.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What entries are taken in with. moved is called after each batch that wrote something."""

    reconciler: Reconciler
    epoch: Callable[[DistrictId], str]
    moved: Callable[[DistrictId], None]
    pause: Callable[[float], object]


def take(
    texts: Sequence[OpenedRecord],
    station: Workstation,
    intake: Intake,
    known: Collection[str],
    progress: Callable[[int], None],
) -> Taken:
    """Take entries in, in order of their numbers; return what became of those that the district did not hold.

    known: hashes of those it holds; they are answered again, so that a gap below them may close. All signatures were
    looked at before. Whenever this is stopped, what was answered stands, and doing it again comes to the same.
    """
    taken = Taken()
    done = 0
    for part in _batches(sorted(texts, key=_number)):
        try:
            for receipt in _push(part, station, intake):
                if receipt.hash not in known:
                    taken.note(receipt)
        except ProblemRaised as problem:
            if problem.problem is not ProblemCode.FORKED:
                raise
            taken.aside += [text.number for text in part if hash_of(text) not in known]
        done += len(part)
        progress(done)
    return taken


def _push(part: Sequence[OpenedRecord], station: Workstation, intake: Intake) -> Sequence[Receipt]:
    sealed = [SealedEntry(body=text.body, signature=base64.b64encode(text.signature).decode("ascii")) for text in part]
    batch = Batch(
        principal=Principal(
            district=station.district,
            school=station.school,
            device=station.id,
            user=station.user,
            session=_NO_SESSION,
        ),
        epoch=intake.epoch(station.district),
        arrivals=read_arrivals(sealed, digests_of(sealed), station.id),
        unsigned=_none_is_bad,
        carried=True,
    )
    return taken_in(batch, intake)


def taken_in(batch: Batch, intake: Intake) -> Sequence[Receipt]:
    """Take a batch in and return its receipts; a busy database is asked again. Raises ProblemRaised."""
    pushed = _pushed(batch, intake)
    if pushed.moved:
        intake.moved(batch.principal.district)
    return pushed.answer.receipts


def _pushed(batch: Batch, intake: Intake, tries: int = _MOST_TRIES) -> Pushed:
    try:
        return intake.reconciler.push(batch)
    except ProblemRaised as problem:
        if problem.problem is not ProblemCode.BUSY or tries <= 1:
            raise
        intake.pause(problem.retry_after or 1)
    return _pushed(batch, intake, tries - 1)


def _batches(texts: Sequence[OpenedRecord]) -> Iterator[list[OpenedRecord]]:
    part: list[OpenedRecord] = []
    size = 0
    for text in texts:
        length = len(text.body.encode())
        if part and (len(part) == MAX_PUSH_ENTRIES or size + length > MAX_PUSH_BYTES):
            yield part
            part, size = [], 0
        part.append(text)
        size += length
    if part:
        yield part


def fits(text: OpenedRecord) -> bool:
    """Return whether a text is one that could be sent: a longer one no workstation ever wrote."""
    return len(text.body.encode()) <= MAX_ENTRY_BYTES


def hash_of(text: OpenedRecord) -> str:
    """Return the hash under which a text is answered."""
    return hashlib.sha256(text.body.encode()).hexdigest()


def _number(text: OpenedRecord) -> int:
    return text.number


def _none_is_bad() -> frozenset[str]:
    return frozenset()
