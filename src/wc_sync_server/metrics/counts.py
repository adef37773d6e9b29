"""Everything that is counted, declared once. Labels come from closed sets of our own, never from a request or a row."""

from prometheus_client import Counter, Gauge, Histogram

# A pull of a first day takes long, a dose should not: bounds where people notice, in seconds.
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

REQUESTS = Counter("wc_requests", "Requests answered.", ["method", "route", "status"])
REQUEST_SECONDS = Histogram("wc_request_seconds", "Time to the end of an answer.", ["route"], buckets=_SECONDS)
PUSHED = Counter("wc_push_entries", "Entries answered, those sent again included.", ["outcome"])
REFUSED = Counter("wc_refused_entries", "Entries refused or kept aside, by their code.", ["code"])
CHAIN_BREAKS = Counter("wc_chain_breaks", "Entries that name another one before them than is held.")
PULLED = Counter("wc_pull_rows", "Rows sent to workstations.", ["kind"])
COMPARED = Counter("wc_manifests", "Comparisons by manifest, by whether anything differed.", ["differs"])
REPAIRED = Counter("wc_repair_rows", "Rows sent and records named as gone by repairs.", ["what"])
POOL_IN_USE = Gauge("wc_pool_in_use", "Database connections borrowed just now.", multiprocess_mode="livesum")
POOL_WAITING = Gauge("wc_pool_waiting", "Borrowers waiting for a connection.", multiprocess_mode="livesum")
RETRIES = Counter("wc_retries", "Transactions done again, by what PostgreSQL said.", ["sqlstate"])
SLOW = Counter("wc_slow_statements", "Statements slower than WC_SLOW_MS.", ["verb"])
ADMITTED = Counter("wc_admitted", "Requests of workstations let in.", ["door"])
TURNED_AWAY = Counter("wc_turned_away", "Requests of workstations told to come again later.", ["door"])
INSIDE = Gauge(
    "wc_inside", "Requests of workstations let in and not answered yet.", ["door"], multiprocess_mode="livesum"
)
WAITING = Gauge("wc_queued", "Those of them that wait for their turn.", ["door"], multiprocess_mode="livesum")
LISTENING = Gauge("wc_listening", "Workstations that wait for something new.", multiprocess_mode="livesum")
CACHE = Counter("wc_cache", "Looks into the cache of reference data.", ["outcome"])

NO_ROUTE = "none"  # what nobody serves: the path itself is the asker's and may be anything
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


def request_answered(method: str, route: str | None, status: int, seconds: float) -> None:
    """Count one request. route is the template it matched, None where nothing did."""
    where = route or NO_ROUTE
    REQUESTS.labels(method if method in _METHODS else "other", where, str(status)).inc()
    REQUEST_SECONDS.labels(where).observe(seconds)


def entry_answered(outcome: str, code: str | None) -> None:
    """Count one entry of a push. code says why, where it was not applied."""
    PUSHED.labels(outcome).inc()
    if code is not None:
        REFUSED.labels(code).inc()


def transaction_failed(sqlstate: str | None) -> None:
    """Count a transaction that is done again."""
    RETRIES.labels(sqlstate or "none").inc()
