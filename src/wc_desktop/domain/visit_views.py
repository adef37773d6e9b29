"""What the list of clinic visits is asked, and what it answers."""

from dataclasses import dataclass, field
from typing import Final

from wc_contract.model.instants import Instant
from wc_contract.model.values import Role
from wc_desktop.domain.screens import VisitView

# Who writes a visit (wc_sync_server.domain.writers); the others read.
WRITES_VISITS: Final = frozenset({Role.NURSE, Role.SUBSTITUTE, Role.SUPERVISOR, Role.UNLICENSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitQuery:
    """Which visits to list: those that began from since on, of children or reasons like text, that ended so."""

    since: Instant
    text: str = field(default="", repr=False)
    disposition: str = ""  # a Disposition value; '' for any
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitList:
    """Unfinished forms and open visits first, then the others, newest first; total counts all of them."""

    rows: tuple[VisitView, ...]
    total: int
    here: int  # children who are in the clinic now


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitHistory:
    """One visit and what was written of it before, newest first."""

    visit: VisitView
    earlier: tuple[VisitView, ...]
