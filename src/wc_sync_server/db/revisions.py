"""The revisions of the central database, in order, and what each of them is.

A change of a table that is in use goes in steps (docs/migrations.md): expand, backfill, contract. Each step is a
revision of its own kind, so that an operator can stop between them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import takewhile
from pathlib import Path
from types import ModuleType

from alembic.config import Config
from alembic.script import ScriptDirectory

from wc_contract.model.errors import Defect, Refused
from wc_sync_server.db.backfill import Backfill

# In a checkout, and in a wheel that carries the folder along.
_PLACES = (
    Path(__file__).resolve().parents[3] / "migrations" / "central",
    Path(__file__).resolve().parents[1] / "_migrations" / "central",
)


class MigrationsMissing(Defect):
    """The program was built without its migrations."""

    code = "migrations_missing"


class DatabaseNewer(Refused):
    """The database is at a revision of a later version."""

    code = "database_newer"


class RevisionMalformed(Defect):
    """A revision does not say what it is. The message names the revision."""

    code = "revision_malformed"


class Kind(StrEnum):
    """What a revision does to those who use the database meanwhile."""

    EXPAND = "expand"  # the running version does not notice
    BACKFILL = "backfill"  # rows get a value, in batches
    CONTRACT = "contract"  # only the next version bears it


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One revision. irreversible says why there is no way back, None where there is one."""

    id: str
    kind: Kind
    title: str
    irreversible: str | None = None
    backfill: Backfill | None = field(default=None, repr=False)


def config_of(folders: Sequence[Path] = ()) -> Config:
    """Return Alembic's configuration of our revisions, and of those in more folders. Raises MigrationsMissing."""
    for place in _PLACES:
        if place.is_dir():
            config = Config()
            config.set_main_option("script_location", str(place))
            config.set_main_option("path_separator", "newline")
            locations = (place / "versions", *folders)
            config.set_main_option("version_locations", "\n".join(str(each) for each in locations))
            return config
    raise MigrationsMissing("migrations/central is not where it should be")


def all_revisions(folders: Sequence[Path] = ()) -> tuple[Revision, ...]:
    """Return every revision, the first one first. Raises RevisionMalformed."""
    scripts = ScriptDirectory.from_config(config_of(folders))
    return tuple(reversed([_read(script.module, script.doc) for script in scripts.walk_revisions()]))


def after(current: str | None, revisions: Sequence[Revision]) -> tuple[Revision, ...]:
    """Return the revisions that a database at current has before it. Raises DatabaseNewer for one unknown here."""
    if current is None:
        return tuple(revisions)
    ids = [revision.id for revision in revisions]
    if current not in ids:
        raise DatabaseNewer(f"The database is at {current}, which this version does not know. Use a newer program.")
    return tuple(revisions[ids.index(current) + 1 :])


def leading_expands(pending: Sequence[Revision]) -> tuple[Revision, ...]:
    """Return those at the beginning that the running version does not notice."""
    return tuple(takewhile(_expands, pending))


def backfills(revisions: Sequence[Revision]) -> Iterator[Backfill]:
    """Yield what is to be filled."""
    yield from (each.backfill for each in revisions if each.backfill is not None)


def _expands(revision: Revision) -> bool:
    return revision.kind is Kind.EXPAND


def _read(module: ModuleType, title: str) -> Revision:
    kind, filling = getattr(module, "kind", None), getattr(module, "BACKFILL", None)
    if kind not in set(Kind):
        raise RevisionMalformed(f"{module.revision} does not say its kind: expand, backfill or contract")
    if (kind == Kind.BACKFILL) is not isinstance(filling, Backfill):
        raise RevisionMalformed(f"{module.revision}: a backfill, and nothing else, has a BACKFILL")
    return Revision(
        id=module.revision,
        kind=Kind(kind),
        title=title,
        irreversible=getattr(module, "irreversible", None),
        backfill=filling,
    )
