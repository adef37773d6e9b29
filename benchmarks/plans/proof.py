"""Asking every question many times: as the product does, its statements alone, and the same without policies."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.measure import percentile
from benchmarks.plans.ground import Seeded
from benchmarks.plans.questions import Question, questions
from benchmarks.plans.replay import Again, Explainer, Scans, Spoken, hearing
from wc_sync_server.db.context_keys import signer_of
from wc_sync_server.db.engine import connect_pool
from wc_sync_server.db.grants import APP
from wc_sync_server.domain.context_keys import ContextKey

# A list of fifty rows that looks its people up one by one touches as many pages: what is smaller is rightly read whole.
TINY_PAGES = 32
_TABLES_OF = """
SELECT used.relname, t.relname FROM pg_class named
CROSS JOIN LATERAL (SELECT named.oid UNION SELECT relid FROM pg_partition_tree(named.oid)) part (oid)
JOIN pg_index i ON i.indexrelid = part.oid
JOIN pg_class used ON used.oid = i.indexrelid
JOIN pg_class t ON t.oid = i.indrelid
WHERE named.relname = %s AND named.relnamespace = 'public'::regnamespace AND t.relkind = 'r'
"""
_PAGES = "SELECT relname, relpages FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Milliseconds: the median, and what one in a hundred is above."""

    p50: float
    p99: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a question came to. whole are the tables that were read whole, of which the large ones are breaches."""

    name: str
    rounds: int
    statements: int
    call: Times
    asked: Times
    floor: Times
    indexes: dict[str, int]
    whole: dict[str, int]
    breaches: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Meant:
    """Which indexes a question is meant to use. tables are theirs, by index; large are the tables that are."""

    question: Question
    tables: dict[str, str] = field(kw_only=True)
    large: set[str] = field(kw_only=True)

    def missed(self, scans: Scans) -> list[str]:
        """Return what one round did not do: reach each large table by one of its indexes.

        What is tiny may be read whole instead, and only the tables of these indexes count.
        """
        about = set(self.tables.values())
        reached = {table for index, table in self.tables.items() if index in scans.indexes}
        if not (reached or scans.whole.keys() & about - self.large):
            instead = ", ".join(sorted(scans.indexes)) or "none at all"
            return [f"none of {', '.join(self.question.indexes)} was used, but {instead}"]
        return [f"{table} was reached by none of its indexes" for table in sorted(about & self.large - reached)]


def prove(ground: Seeded, rounds: int, tell: Callable[[str], None], tiny_pages: int = TINY_PAGES) -> list[Finding]:
    """Return what every named query came to."""
    signer = signer_of(ground.ways.migrate)
    reader = connect_pool(ground.ways.audit_reader, signer=signer, size=2, application_name="wc-plans")
    explainer = Explainer(ground.superuser, signer.key())
    pages = {row[0]: int(row[1]) for row in ground.asked(_PAGES)}
    large = {table for table, count in pages.items() if count > tiny_pages}
    try:
        found = []
        for question in questions(ground, rounds, reader):
            tell(question.name)
            meant = Meant(question, tables=_tables_of(ground, question.indexes), large=large)
            found.append(_answered(ground, question, explainer, meant, signer.key()))
        return found
    finally:
        explainer.close()
        reader.close()


def _answered(ground: Seeded, question: Question, explainer: Explainer, meant: "Meant", key: ContextKey) -> Finding:
    bound = Again(ground.ways.app if question.role == APP else ground.ways.audit_reader, key)
    free = Again(ground.superuser, key)
    calls, asked, floor, scans, breaches = [], [], [], Scans(), []
    statements = 0
    try:
        for number, ask in enumerate(question.rounds):
            spoken = Spoken()
            with hearing(spoken):
                ask()
            began = time.perf_counter()
            ask()
            calls.append((time.perf_counter() - began) * 1000)
            # They take turns at being second, when everything is in memory.
            for way, times in ((bound, asked), (free, floor))[:: 1 if number % 2 else -1]:
                times.append(way.milliseconds(spoken))
            here = explainer.explain(spoken, question.role)
            scans.add(here)
            statements = max(statements, len(spoken.asked))
            breaches += [f"round {number}: {missed}" for missed in meant.missed(here)]
    finally:
        bound.close()
        free.close()
    read_whole = sorted(scans.whole.keys() & meant.large)
    return Finding(
        name=question.name,
        rounds=len(question.rounds),
        statements=statements,
        call=_times(calls),
        asked=_times(asked),
        floor=_times(floor),
        indexes=scans.indexes,
        whole=scans.whole,
        breaches=(*(f"{table} was read whole in {scans.whole[table]} rounds" for table in read_whole), *breaches),
    )


def _tables_of(ground: Seeded, indexes: tuple[str, ...]) -> dict[str, str]:
    """Return the table of each of these indexes and, where a table is cut into months, of each month's copy."""
    found: dict[str, str] = {}
    for index in indexes:
        tables = dict(ground.asked(_TABLES_OF, index))
        if not tables:
            raise LookupError(f"there is no index {index}")
        found |= tables
    return found


def _times(values: list[float]) -> Times:
    return Times(p50=percentile(values, 0.5) or 0.0, p99=percentile(values, 0.99) or 0.0)
