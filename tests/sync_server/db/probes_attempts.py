"""How probes are tried: all of a table by one asker in one round trip, and compared with what the oracle says."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from psycopg import Connection, sql
from tests.sync_server.db.contexts_of_tests import setting
from tests.sync_server.db.probes_oracle import Asker, Relation, may

from wc_sync_server.domain.context_keys import ContextKey

# Each statement in a sub-transaction that is always undone; a result travels as the message of the undoing error.
SCHEMA_OF_ATTEMPTS = """
CREATE SCHEMA probes;
GRANT USAGE ON SCHEMA probes TO PUBLIC;
CREATE FUNCTION probes.attempts(statements text[]) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE statement text; answer text; changed bigint; state text; told text; detail text; answers text[] := '{}';
BEGIN
  FOREACH statement IN ARRAY statements LOOP
    BEGIN
      IF statement ~ '^(SELECT|WITH|EXECUTE) ' THEN
        EXECUTE statement INTO answer;
      ELSE
        EXECUTE statement;
        GET DIAGNOSTICS changed = ROW_COUNT;
        answer := changed;
      END IF;
      RAISE EXCEPTION USING ERRCODE = 'WC000', MESSAGE = coalesce(answer, '');
    EXCEPTION WHEN OTHERS THEN
      GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, told = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
      answers := answers || concat_ws(chr(10), state, told, detail);
    END;
  END LOOP;
  RETURN answers;
END $$;
"""
_DONE: Final = "WC000"
_REFUSED: Final = "42501"
_OF_INTEGRITY: Final = "23"


class Verdict(StrEnum):
    """What came of a write that is let through as a whole or refused as a whole."""

    PASSED = "passed"
    REFUSED = "refused"
    NOTHING = "nothing to do"


Outcome = frozenset[str] | int | Verdict
Told = Callable[[Relation, Asker], Outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A command on a relation and what it should come to. needs: the rights without which it is refused to anybody."""

    command: str
    statement: str = field(repr=False)
    needs: tuple[tuple[str, str | None], ...]
    outcome: Told = field(repr=False)

    def expected(self, relation: Relation, asker: Asker) -> Outcome:
        """Return what the oracle says."""
        if not all(may(asker.login, relation, right, column) for right, column in self.needs):
            return Verdict.REFUSED
        return self.outcome(relation, asker)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A probe that came to something else than it should. leak: more was let through, not less."""

    relation: str
    command: str
    who: str
    leak: bool
    what: str

    def __str__(self) -> str:
        return f"{'LEAK' if self.leak else 'LOST'} {self.relation}: {self.command} by {self.who}: {self.what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Battery:
    """Every probe of a relation, and the one statement that tries them all."""

    relation: Relation
    probes: tuple[Probe, ...]
    call: str = field(repr=False)


def tried(connection: Connection[Any], battery: Battery, asker: Asker) -> list[Finding]:
    """Try the probes as asker; return what went otherwise than the oracle says. Everything is undone."""
    answers = _answers(connection, asker, battery.call)
    relation = battery.relation
    return [
        found
        for probe, answer in zip(battery.probes, answers, strict=True)
        for found in _compared(relation, asker, probe.command, probe.expected(relation, asker), answer)
    ]


def entering(connection: Connection[Any], asker: Asker, key: ContextKey | None = None) -> sql.Composed:
    """Return the statements that put asker's role and context, for this transaction. Without a key: a superuser's."""
    become = sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(asker.login))
    context = setting(connection, asker.district, asker.schools, asker.role, key)
    return sql.SQL("; ").join([become, context])


def _answers(connection: Connection[Any], asker: Asker, call: str) -> list[str]:
    enter = entering(connection, asker).as_string(connection)
    whole = (
        f"SAVEPOINT asking; SET LOCAL session_replication_role = replica; {enter}; {call};"
        " ROLLBACK TO SAVEPOINT asking; RELEASE SAVEPOINT asking"
    )
    cursor = connection.execute(whole.encode())
    while cursor.description is None:
        assert cursor.nextset()
    ((answers,),) = cursor.fetchall()
    while cursor.nextset():
        pass
    return list(answers)


def _compared(relation: Relation, asker: Asker, command: str, expected: Outcome, answer: str) -> Iterator[Finding]:
    state, told, *detail = answer.split("\n")
    came: Outcome
    match expected:
        case _ if state == _REFUSED:
            came = Verdict.REFUSED
        case _ if state.startswith(_OF_INTEGRITY):
            came = Verdict.PASSED
        case _ if state != _DONE:
            raise AssertionError(f"{relation}: {command} by {asker}: {state} {told}")
        case frozenset():
            came = frozenset(filter(None, told.split(",")))
        case int():
            came = int(told)
        case Verdict():
            came = Verdict.PASSED if told not in {"", "0"} else Verdict.NOTHING
    if any(detail):
        yield Finding(relation=str(relation), command=command, who=str(asker), leak=True, what="an error tells a row")
    if came != expected:
        leak = _is_more(came, expected)
        what = f"{_short(came)} instead of {_short(expected)}"
        yield Finding(relation=str(relation), command=command, who=str(asker), leak=leak, what=what)


def _is_more(came: Outcome, expected: Outcome) -> bool:
    if isinstance(came, frozenset) and isinstance(expected, frozenset):
        return bool(came - expected)
    if isinstance(came, int) and isinstance(expected, int):
        return came > expected
    return came not in {Verdict.REFUSED, Verdict.NOTHING}


def _short(outcome: Outcome) -> str:
    return f"{len(outcome)} rows" if isinstance(outcome, frozenset) else str(outcome)
