"""Who sees which row: one template of policies, made from each table's visibility.

On plain PostgreSQL the context stands in a scalar sub-select, which is evaluated once a query; a distributed one
rejects sub-selects in policies and gets the same predicate with the settings read inline. An unset context reads
as NULL, so it shows no row and raises nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from wc_sync_server.db.tables import Visible

DISTRICT_SETTING = "wc.district"
SCHOOLS_SETTING = "wc.schools"
USER_SETTING = "wc.user"
ROLE_SETTING = "wc.role"
DEVICE_SETTING = "wc.device"

SECRET_ROLES = ("SIGN_IN", "SYSTEM")


class Form(StrEnum):
    """Which PostgreSQL the policies are for."""

    PLAIN = "plain"
    DISTRIBUTED = "distributed"


def _setting(name: str) -> str:
    return f"nullif(current_setting('{name}', true), '')"


_FUNCTIONS = {
    "current_district": ("uuid", f"{_setting(DISTRICT_SETTING)}::uuid"),
    "current_school_ids": ("uuid[]", f"string_to_array({_setting(SCHOOLS_SETTING)}, ',')::uuid[]"),
    "current_user_id": ("uuid", f"{_setting(USER_SETTING)}::uuid"),
    "current_role": ("text", _setting(ROLE_SETTING)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One policy of a table. USING and WITH CHECK are the same predicate."""

    name: str
    predicate: str
    restrictive: bool = False

    def create(self, table: str) -> str:
        """Return the statement that puts the policy on table."""
        kind = " AS RESTRICTIVE" if self.restrictive else ""
        return f"CREATE POLICY {self.name} ON {table}{kind} USING ({self.predicate}) WITH CHECK ({self.predicate})"


def context_functions() -> Iterator[str]:
    """Yield the statements that make the schema wc_sec and the functions policies ask."""
    yield "CREATE SCHEMA wc_sec"
    yield "REVOKE ALL ON SCHEMA wc_sec FROM PUBLIC"
    for name, (returns, body) in _FUNCTIONS.items():
        head = f"CREATE FUNCTION wc_sec.{name}() RETURNS {returns} LANGUAGE sql STABLE PARALLEL SAFE"
        yield f"{head} AS $$ SELECT {body} $$"
        yield f"REVOKE ALL ON FUNCTION wc_sec.{name}() FROM PUBLIC"


def policies(visible: Visible, form: Form = Form.PLAIN) -> tuple[Policy, ...]:
    """Return the policies of a table with that visibility."""
    district = f"district_id = {_context('current_district', form)}"
    school = f"school_id = ANY ({_context('current_school_ids', form)})"
    match visible:
        case Visible.DISTRICT:
            return (Policy(name="tenant", predicate=district),)
        case Visible.SCHOOL:
            return (Policy(name="tenant", predicate=f"{district} AND {school}"),)
        case Visible.MAYBE_SCHOOL:
            return (Policy(name="tenant", predicate=f"{district} AND (school_id IS NULL OR {school})"),)
        case Visible.SECRET:
            roles = ", ".join(f"'{role}'" for role in SECRET_ROLES)
            who = f"{_context('current_role', form)} IN ({roles})"
            return (
                Policy(name="tenant", predicate=district),
                Policy(name="secret", predicate=who, restrictive=True),
            )


def protect(table: str, visible: Visible, form: Form = Form.PLAIN) -> Iterator[str]:
    """Yield the statements that put table, or a partition, under row-level security, its owner included."""
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    for policy in policies(visible, form):
        yield policy.create(table)


def _context(function: str, form: Form) -> str:
    returns, body = _FUNCTIONS[function]
    match form:
        case Form.PLAIN:
            return f"(SELECT wc_sec.{function}())::{returns}"
        case Form.DISTRIBUTED:
            return body
