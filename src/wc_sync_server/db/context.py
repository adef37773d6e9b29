"""On whose behalf a transaction runs: the settings that policies ask, and how they are put."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from psycopg import sql

from wc_contract.model.ids import DeviceId, DistrictId, SchoolId, UserId
from wc_contract.model.instants import Instant
from wc_sync_server.db.errors import ContextMalformed
from wc_sync_server.db.months import PARTITION_NAME
from wc_sync_server.db.rls import BEGAN, CONTEXT_SETTING
from wc_sync_server.db.tables.roles import DEVICE, ROLES, SIGN_IN, SYSTEM
from wc_sync_server.domain.context_keys import ContextKey

__all__ = ["DEVICE", "ROLES", "SIGN_IN", "SYSTEM", "Context", "Isolation", "Timeouts", "entering", "opening"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Who asks, in which district, for which schools. One transaction has one of these."""

    district: DistrictId
    role: str
    schools: tuple[SchoolId, ...] = ()
    user: UserId | None = None
    device: DeviceId | None = None

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise ContextMalformed("a context has no such role")
        if not all(isinstance(each, UUID) for each in (self.district, *self.schools)):
            raise ContextMalformed("a context names districts and schools by UUID")


class Isolation(StrEnum):
    """What a transaction may see of others. SERIALIZABLE is not among them (scale.md)."""

    READ_COMMITTED = "READ COMMITTED"
    REPEATABLE_READ = "REPEATABLE READ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long a statement, a lock and an idle transaction may take, in milliseconds."""

    statement: int = 15_000
    lock: int = 3_000
    idle: int = 10_000


# The demonstration's roles carry an offset (docs/adr/0006); nobody else's do.
DATABASE_TIME = (
    "date_trunc('milliseconds', transaction_timestamp()"
    " + coalesce(nullif(current_setting('wc.demo_clock_offset', true), ''), '0')::interval)"
)
_TIME_AND_MONTH = sql.SQL(
    "SELECT t.at, to_regclass({name} || to_char(t.at AT TIME ZONE 'UTC', 'YYYY_MM')) IS NOT NULL,"
    " pg_backend_pid(), {began} FROM (SELECT {time} AS at) AS t"
)
# Policies show nothing to whom they do not believe. Whoever signs must learn of that before an empty answer.
_STANDS = sql.SQL("SELECT wc_sec.current_district() IS NOT NULL")


def opening(
    timeouts: Timeouts,
    isolation: Isolation,
    *,
    read_only: bool,
    at: Instant | None = None,
    keeps_plans: bool = False,
) -> sql.Composed:
    """Return what a transaction begins with, all in one round trip.

    Its last answer is the time of the transaction (at, or the database's), whether the audit has that month, and what
    entering asks for: the process and when it began the transaction, in its own words.
    """
    # Never READ WRITE: a standby refuses the very word (0A000), and it would override a database that its operator
    # has made read-only. Without it, both say 25006 at the first write, which passes.
    mode = sql.SQL(" READ ONLY" if read_only else "")
    parts: list[sql.Composable] = [sql.SQL("BEGIN ISOLATION LEVEL {}{}").format(sql.SQL(isolation.value), mode)]
    parts += [
        sql.SQL("SET LOCAL {} = {}").format(_name(name), sql.Literal(value))
        for name, value in (_settings(timeouts) | (_KEPT if keeps_plans else {})).items()
    ]
    time = sql.SQL(DATABASE_TIME) if at is None else sql.Literal(at)
    parts.append(_TIME_AND_MONTH.format(time=time, name=sql.Literal(PARTITION_NAME), began=sql.SQL(BEGAN)))
    return sql.SQL("; ").join(parts)


def entering(context: Context, key: ContextKey, process: int, began: str) -> sql.Composed:
    """Return what puts a context, signed for one transaction; its answer is whether the database believes it."""
    text = key.signed(
        str(context.district),
        ",".join(str(school) for school in context.schools),
        _text(context.user),
        context.role,
        _text(context.device),
        str(process),
        began,
    )
    # SET LOCAL and not set_config: a distributed PostgreSQL passes only the former on to its workers.
    return sql.SQL("SET LOCAL {} = {}; {}").format(_name(CONTEXT_SETTING), sql.Literal(text), _STANDS)


# PostgreSQL would make a plan anew for each of the first five uses, and may go on with it.
_KEPT = {"plan_cache_mode": "force_generic_plan"}


def _name(setting: str) -> sql.Composable:
    return sql.SQL(".").join(sql.Identifier(part) for part in setting.split("."))


def _settings(timeouts: Timeouts) -> dict[str, str]:
    return {
        "timezone": "UTC",  # instants leave as JSON text, always with +00:00
        "statement_timeout": str(timeouts.statement),
        "lock_timeout": str(timeouts.lock),
        "idle_in_transaction_session_timeout": str(timeouts.idle),
    }


def _text(identity: UUID | None) -> str:
    return "" if identity is None else str(identity)
