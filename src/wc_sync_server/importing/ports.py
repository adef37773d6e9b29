"""What an import needs of the database. The unit of work of `db` fits these; wiring hands it in."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar
from uuid import UUID

from wc_contract.model.apply import WireValue
from wc_contract.model.ids import SchoolId
from wc_contract.model.instants import Instant
from wc_contract.model.kinds import RecordKind
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.domain.messages import Message

T = TypeVar("T")


class Rows(Protocol):
    """The answer to a query."""

    def fetchall(self) -> Sequence[tuple[Any, ...]]: ...


class Link(Protocol):
    """A connection that asks and is answered."""

    def execute(self, query: bytes, params: Mapping[str, object], /) -> Rows: ...


class Opens(Protocol):
    """Opens what the database keeps sealed."""

    def opened(self, kind: RecordKind, rows: Sequence[Mapping[str, Any]], /) -> Sequence[Mapping[str, Any]]: ...


class ImportWork(Protocol):
    """One transaction; leaving without commit rolls back."""

    @property
    def connection(self) -> Link: ...
    @property
    def at(self) -> Instant: ...
    @property
    def sealing(self) -> Opens: ...
    def lock_streams(self, *stream_ids: UUID) -> object: ...
    def lock_rows(self, table: str, ids: Iterable[UUID]) -> None: ...
    def open_streams(self, *stream_ids: UUID) -> object: ...
    def write_rows(
        self, kind: RecordKind, stream_id: UUID, rows: Sequence[Mapping[str, WireValue]]
    ) -> tuple[int, int]: ...
    def remove_rows(self, kind: RecordKind, stream_id: UUID, ids: Sequence[UUID], reason: str) -> object: ...
    def return_rows(self, kind: RecordKind, stream_id: UUID, ids: Sequence[UUID]) -> object: ...
    def move_rows(self, kind: RecordKind, left: UUID, entered: UUID, ids: Sequence[UUID]) -> object: ...
    def write_flags(self, kind: RecordKind, stream_id: UUID, flags: Sequence[tuple[UUID, str]]) -> object: ...
    def audit(self, events: Sequence[AuditEvent]) -> None: ...
    def post(self, messages: Sequence[Message]) -> None: ...
    def commit(self) -> None: ...


class Works(Protocol):
    """Begins transactions of the system in one district, and does them again when their failure passes."""

    def begin(self, schools: Sequence[SchoolId], *, read_only: bool = False) -> AbstractContextManager[ImportWork]: ...
    def look_everywhere(self) -> AbstractContextManager[ImportWork]:
        """Begin to read in every school, in sight or not: for the rules, of which nobody is shown what they read."""
        ...

    def retrying(self, closure: Callable[[], T], /) -> T: ...
