"""Who sees and who writes which row: one template of policies, made from each table's guard.

One permissive policy ('tenant') lets a row be seen by its district, and its school; the restrictive ones on top of it
take away: rows marked confidential and what tells of them, tables of few readers, and every write of a role that does
not write the table.

The context is one text of the transaction, signed (docs/adr/0036). The functions that policies ask find it signed with
a key that the application's role cannot read, for this very transaction, or answer NULL: that shows no row and raises
nothing.

On plain PostgreSQL they stand in a scalar sub-select, which is evaluated once a query; a distributed one rejects
sub-selects in policies and gets the same predicate with the function itself; where that would ask another table, it
lets less through.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from wc_sync_server.db.tables.base import CONFIDENTIAL, Above, Guard, Visible
from wc_sync_server.db.tables.roles import CONFIDENTIAL_READERS, EVERYBODY, Roles

CONTEXT_SETTING = "wc.context"
BEGAN = "extract(epoch FROM transaction_timestamp())::text"


class Form(StrEnum):
    """Which PostgreSQL the policies are for."""

    PLAIN = "plain"
    DISTRIBUTED = "distributed"


# A context's parts: key, district, schools, user, role, device, process, when the transaction began, and the MAC of all
# before it, in 64 digits.
_FUNCTIONS = {
    "current_district": ("uuid", "nullif(part[2], '')::uuid"),
    "current_school_ids": ("uuid[]", "string_to_array(nullif(part[3], ''), ',')::uuid[]"),
    "current_user_id": ("uuid", "nullif(part[4], '')::uuid"),
    "current_role": ("text", "nullif(part[5], '')"),
}
# Every condition has to be true: one that is NULL, as of a text without that many parts, lets nothing through.
_BODY = """
DECLARE
  said text := current_setting('wc.context', true);
  part text[] := string_to_array(said, '|');
BEGIN
  IF part[7] = pg_backend_pid()::text AND part[8] = extract(epoch FROM transaction_timestamp())::text AND part[9] = (
    SELECT encode(sha256(k.outer_pad || sha256(k.inner_pad || convert_to(left(said, -65), 'UTF8'))), 'hex')
    FROM wc_keys.context_keys k WHERE k.id = part[1] AND (k.until IS NULL OR k.until > transaction_timestamp())
  ) THEN
    RETURN {value};
  END IF;
  RETURN NULL;
END
"""
_KEYS_KEPT = """
CREATE TABLE wc_keys.context_keys (
    id text NOT NULL,
    inner_pad bytea NOT NULL,
    outer_pad bytea NOT NULL,
    until timestamptz,
    added_at timestamptz NOT NULL,
    CONSTRAINT pk_context_keys PRIMARY KEY (id)
)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One policy of a table. USING and WITH CHECK are the same predicate, as far as its command asks them."""

    name: str
    predicate: str
    restrictive: bool = False
    command: str = "ALL"

    def create(self, table: str) -> str:
        """Return the statement that puts the policy on table."""
        kind = " AS RESTRICTIVE" if self.restrictive else ""
        command = "" if self.command == "ALL" else f" FOR {self.command}"
        using = "" if self.command == "INSERT" else f" USING ({self.predicate})"
        check = "" if self.command == "DELETE" else f" WITH CHECK ({self.predicate})"
        return f"CREATE POLICY {self.name} ON {table}{kind}{command}{using}{check}"


def context_functions() -> Iterator[str]:
    """Yield the statements that make the schema wc_sec, the functions policies ask, and the place of their keys."""
    yield "CREATE SCHEMA wc_sec"
    yield "REVOKE ALL ON SCHEMA wc_sec FROM PUBLIC"
    yield "CREATE SCHEMA wc_keys"
    yield _KEYS_KEPT
    for name, (returns, value) in _FUNCTIONS.items():
        # A worker of a parallel plan is another process: it is given what the leader found.
        kind = "LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp"
        body = _BODY.format(value=value)
        yield f"CREATE FUNCTION wc_sec.{name}() RETURNS {returns} {kind} AS $${body}$$"
        yield f"REVOKE ALL ON FUNCTION wc_sec.{name}() FROM PUBLIC"


def policies(guard: Guard, form: Form = Form.PLAIN) -> tuple[Policy, ...]:
    """Return the policies of a table with that guard."""
    return (_tenant(guard.visible, form), *_restrictive(guard, form))


def protect(table: str, guard: Guard, form: Form = Form.PLAIN) -> Iterator[str]:
    """Yield the statements that put table, or a partition, under row-level security, its owner included."""
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    for policy in policies(guard, form):
        yield policy.create(table)


def _tenant(visible: Visible, form: Form) -> Policy:
    district = f"district_id = {_context('current_district', form)}"
    school = f"school_id = ANY ({_context('current_school_ids', form)})"
    match visible:
        case Visible.DISTRICT | Visible.SECRET:
            return Policy(name="tenant", predicate=district)
        case Visible.SCHOOL:
            return Policy(name="tenant", predicate=f"{district} AND {school}")
        case Visible.MAYBE_SCHOOL:
            return Policy(name="tenant", predicate=f"{district} AND (school_id IS NULL OR {school})")


def _restrictive(guard: Guard, form: Form) -> Iterator[Policy]:
    if guard.readers is not None:
        name = "secret" if guard.visible is Visible.SECRET else "readers"
        yield Policy(name=name, predicate=_role_in(guard.readers, form), restrictive=True)
    if guard.confidential:
        seen = f"NOT {CONFIDENTIAL} OR {_role_in(CONFIDENTIAL_READERS, form)}"
        yield Policy(name="confidential", predicate=seen, restrictive=True)
    if guard.confidential_with is not None:
        yield Policy(name="confidential_with", predicate=_with(guard.confidential_with, form), restrictive=True)
    # A secret's readers are its writers too; what everybody is on record in, everybody writes.
    if guard.writers not in {EVERYBODY, guard.readers}:
        for command in ("INSERT", "UPDATE", "DELETE"):
            writes = _role_in(guard.writers, form)
            yield Policy(name=f"writers_{command.lower()}", predicate=writes, restrictive=True, command=command)


def _with(above: Above, form: Form) -> str:
    """Return the predicate of rows as confidential as another: that one is looked for under its own policies.

    Who may see whatever is confidential is let through before the other row is asked for: the feed of a school, the
    imports and the nurses never pay for it. For the others it is a look by the primary key, for rows that name one.
    """
    seen = f"{above.column} IS NULL OR {_role_in(CONFIDENTIAL_READERS, form)}"
    match form:
        case Form.PLAIN:
            same = f"above.district_id = {_context('current_district', form)} AND above.id = {above.column}"
            return f"{seen} OR EXISTS (SELECT 1 FROM {above.table} AS above WHERE {same})"  # noqa: S608  # our own names
        case Form.DISTRIBUTED:
            return seen


def _role_in(roles: Roles, form: Form) -> str:
    return f"{_context('current_role', form)} IN ({', '.join(repr(str(role)) for role in roles)})"


def _context(function: str, form: Form) -> str:
    returns, _ = _FUNCTIONS[function]
    match form:
        case Form.PLAIN:
            return f"(SELECT wc_sec.{function}())::{returns}"
        case Form.DISTRIBUTED:
            return f"wc_sec.{function}()"
