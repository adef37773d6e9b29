"""How the link to the district stands, and what the Sync screen lists. Facts; words are made in the view models."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from wc_contract.model.apply import WireValue
from wc_contract.model.ids import (
    EntryId,
    IncidentId,
)
from wc_contract.model.instants import Instant
from wc_desktop.domain.screens import DoseCorrection, Obstacle, PersonRow, StudentRow


class LinkState(StrEnum):
    """What the connection strip says."""

    ONLINE = "online"
    OFFLINE = "offline"
    SYNCING = "syncing"
    ATTENTION = "attention"  # refused entries or a directive: a person must look


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkStatus:
    """The connection strip: since when, how old the data, how many entries wait."""

    state: LinkState
    since: Instant | None
    data_as_of: Instant | None
    waiting: int  # clinical entries not yet at the district
    oldest_waiting: Instant | None
    problem: str | None = None  # a problem code, turned into a sentence by the view model
    open_cases: int = 0
    refused: int = 0
    progress: tuple[int, int] | None = None  # records done, of about


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalRow:
    """One entry on the sync screen."""

    number: int
    id: EntryId
    what: str  # the verb: dose.log, incident.sign, access.record
    student: StudentRow | None
    authored_at: Instant
    author: str
    outcome: str | None  # receipt outcome; None while waiting
    code: str | None
    findings: tuple[str, ...]
    fields: tuple[str, ...] = ()  # what did not read, as the district names it
    is_replaced: bool = False  # it was refused, and answered since: said again or set aside
    set_aside_by: str = ""  # who set it aside


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryText:
    """What an entry of this workstation says, read from the journal's own text.

    parts: for each change what it is, and its fields in wire form. wrong: the fields that the district named.
    """

    row: "JournalRow"
    parts: tuple[tuple[str, Mapping[str, WireValue]], ...] = field(repr=False)
    wrong: tuple[str, ...]
    dose: "RefusedDose | None" = field(default=None, repr=False)
    incident: IncidentId | None = None
    records: "tuple[RefusedRecord, ...]" = field(default=(), repr=False)
    obstacle: "Obstacle | None" = None
    can_be_set_aside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRecord:
    """One record of a refused entry as its form is filled in. place: which change of the entry; new: it adds it."""

    place: int
    kind: str
    values: Mapping[str, WireValue] = field(repr=False)
    new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedDose:
    """A refused dose as its sheet is filled in."""

    correction: DoseCorrection
    medication_name: str
    unit: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncState:
    """The sync screen."""

    link: LinkStatus
    journal: tuple[JournalRow, ...]
    device_name: str
    school_name: str
    server: str
    replica_rows: int
    digests_agree: bool | None  # None until compared
    compared_at: Instant | None
    unstored: int = 0  # records of the district that this copy did not take
    documents_waiting: int = 0  # photos and documents that the district does not have yet
    documents_refused: tuple[str, ...] = ()  # why each was refused, by code
    documents_full_until: Instant | None = None  # the district takes no more of this workstation before
    people: tuple[PersonRow, ...] = ()  # who can unlock this workstation
