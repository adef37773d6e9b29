"""Asking every question many times: as the product does, its statements alone, and the same without policies."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.measure import percentile
from benchmarks.plans.ground import Seeded
from benchmarks.plans.questions import Question, questions
from benchmarks.plans.replay import Again, Explainer, Scans, Spoken, hearing
from wc_sync_server.db.engine import connect_pool
from wc_sync_server.db.grants import APP

# A list of fifty rows that looks its people up one by one touches as many pages: what is smaller is rightly read whole.
TINY_PAGES = 32
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


def prove(ground: Seeded, rounds: int, tell: Callable[[str], None], tiny_pages: int = TINY_PAGES) -> list[Finding]:
    """Return what every named query came to."""
    reader = connect_pool(ground.ways.audit_reader, size=2, application_name="wc-plans")
    explainer = Explainer(ground.superuser)
    pages = {row[0]: int(row[1]) for row in ground.asked(_PAGES)}
    large = {table for table, count in pages.items() if count > tiny_pages}
    try:
        found = []
        for question in questions(ground, rounds, reader):
            tell(question.name)
            found.append(_answered(ground, question, explainer, large))
        return found
    finally:
        explainer.close()
        reader.close()


def _answered(ground: Seeded, question: Question, explainer: Explainer, large: set[str]) -> Finding:
    bound = Again(ground.ways.app if question.role == APP else ground.ways.audit_reader)
    free = Again(ground.superuser)
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
            # What is tiny may be read whole instead.
            by_index = any(index.startswith(wanted) for index in here.indexes for wanted in question.indexes)
            if not by_index and not here.whole.keys() - large:
                breaches.append(f"round {number}: none of {', '.join(question.indexes)} was used")
    finally:
        bound.close()
        free.close()
    read_whole = sorted(scans.whole.keys() & large)
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


def _times(values: list[float]) -> Times:
    return Times(p50=percentile(values, 0.5) or 0.0, p99=percentile(values, 0.99) or 0.0)
