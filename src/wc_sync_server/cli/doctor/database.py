"""The database: reached by each role, of a version and a schema that this program knows, with the roles it wants."""

from collections.abc import Mapping

from wc_sync_server.cli.doctor.patient import DATABASE, MIGRATE, Patient, Signed
from wc_sync_server.db import migrate
from wc_sync_server.db.doctor import cluster, roles
from wc_sync_server.db.doctor.verdicts import Verdict, Verdicts, do, from_health, note, or_well, several, unseen, well
from wc_sync_server.db.grants import APP, AUDIT_READER
from wc_sync_server.db.grants import MIGRATE as MIGRATING
from wc_sync_server.db.health import activity, tables

_NEEDED = {MIGRATE: "months of the audit are not made by the server", "WC_AUDIT_URL": "the audit is not sealed"}
_ROLE_OF = {
    DATABASE: APP,
    MIGRATE: MIGRATING,
    "WC_AUDIT_URL": AUDIT_READER,
    "WC_REPORTS_URL": APP,
    "WC_LISTEN_URL": APP,
}
_HINTS, _SEALER = 2, 1
_BLOBS = 2


def database(patient: Patient) -> Verdicts:
    """Sign in with each address that is set."""
    for variable, what in _NEEDED.items():
        if variable not in patient.signed:
            yield do(f"{variable} is not set: {what}", f"Set {variable} to what `db provision` printed.")
    for variable, signed in patient.signed.items():
        yield from address(variable, signed)


def address(variable: str, signed: Signed | str) -> Verdicts:
    """Say what an address is good for: who it signs in as, where, and who can listen on the way."""
    if isinstance(signed, str):
        yield unseen(f"{variable} does not sign in ({signed})", "Start PostgreSQL; check address, user and password.")
        return
    if signed.role != _ROLE_OF[variable]:
        what = "a superuser" if signed.superuser else f"not {_ROLE_OF[variable]}"
        yield do(f"{variable} signs in as {signed.role}, {what}", "Set it to what `db provision` printed.")
    if not signed.on_this_machine and not signed.encrypted:
        yield do(f"{variable} goes over the network unencrypted", "Add sslmode=verify-full to it.")
    elif not signed.on_this_machine and not signed.checks_who_answers:
        yield note(f"{variable} is encrypted, but does not check who answers", "Add sslmode=verify-full to it.")
    if signed.standby and variable != "WC_REPORTS_URL":
        yield do(f"{variable} leads to a standby, which takes no entries", "Set it to the primary.")
    yield well(f"{variable} signs in as {signed.role}")


def postgresql(patient: Patient) -> Verdicts:
    """Look at the version of PostgreSQL."""
    for version in sorted({one.version for one in patient.signed.values() if isinstance(one, Signed)}):
        yield cluster.version(version)
    patient.require(DATABASE)


def schema(patient: Patient) -> Verdicts:
    """Compare the revision with the program's, and tables with their declaration."""
    patient.require(MIGRATE)
    at, wanted = migrate.current(patient.addresses[MIGRATE]), migrate.head()
    if at != wanted:
        yield do(
            f"the database is at revision {at or 'none'}, this program at {wanted}",
            "`wc-sync-server db upgrade`; where the database is newer, use the newer program.",
        )
        return
    compared = patient.compared
    found = _differences(
        compared.differs, ("columns", "constraints", "indexes"), "Find out who changed it and undo it."
    )
    yield from or_well(found, f"at revision {at}, fingerprint {compared.fingerprint}")


def protection(patient: Patient) -> Verdicts:
    """Look whether row-level security is enabled and forced on every table of children's records, months included."""
    found = from_health(tables.unprotected(patient.catalogue))
    yield from or_well(found, "row-level security is enabled and forced on every table and month")


def policies(patient: Patient) -> Verdicts:
    """Compare each policy, and the functions that policies ask, with their declaration."""
    to_do = (
        "Somebody can see or write what is not theirs: undo it as wc_owner (docs/operating.md). Find out who did it."
    )
    yield from or_well(
        _differences(patient.compared.differs, ("policies", "functions"), to_do),
        "policies, and the functions they ask, are as declared",
    )


def grants(patient: Patient) -> Verdicts:
    """Compare each role's rights to tables and columns with their declaration."""
    to_do = "GRANT what is missing, REVOKE what is not declared, as wc_owner. Find out who changed it."
    yield from or_well(
        _differences(patient.compared.differs, ("rights",), to_do), "rights to tables and columns are as declared"
    )


def _differences(differs: Mapping[str, tuple[str, ...]], aspects: tuple[str, ...], to_do: str) -> Verdicts:
    for aspect in aspects:
        if differs[aspect]:
            yield do(f"{aspect} are not as declared: {several(differs[aspect])}", to_do)


def role_check(patient: Patient) -> Verdicts:
    """Look at what each role is, may become and owns."""
    found = [
        verdict
        for look in (roles.attributes, roles.memberships, roles.belongings)
        for verdict in look(patient.catalogue)
    ]
    yield from or_well(found, "every role is as provisioned")


def durability(patient: Patient) -> Verdicts:
    """Look whether what was acknowledged stays."""
    found = [*cluster.durability(patient.application), *from_health(activity.replication(patient.catalogue))]
    yield from or_well(found, "checksums, fsync, full_page_writes and synchronous_commit are on")


def logging(patient: Patient) -> Verdicts:
    """Look whether PostgreSQL writes values of rows into its log."""
    yield from or_well(cluster.logging(patient.application), "PostgreSQL writes no values into its log")


def months(patient: Patient) -> Verdicts:
    """Look whether the audit has its months, and the tables their vacuum."""
    found = [*from_health(tables.partitions(patient.catalogue)), *from_health(tables.wraparound(patient.catalogue))]
    yield from or_well(found, "this month of the audit and the next ones are there")


def connections(patient: Patient) -> Verdicts:
    """Look whether processes, threads and pools fit into each other and into PostgreSQL."""
    settings = patient.settings
    at_once = settings.pushes_at_once + settings.pulls_at_once + settings.calls_at_once + _BLOBS
    for name, size in (("WC_THREADS", settings.threads), ("WC_POOL_SIZE", settings.pool_size)):
        if at_once > size:
            yield do(
                f"{at_once} requests may be worked on at once, and {name} is {size}",
                f"Raise {name}, or lower WC_PUSHES_AT_ONCE, WC_PULLS_AT_ONCE or WC_CALLS_AT_ONCE.",
            )
    yield _room(patient)


def _room(patient: Patient) -> Verdict:
    settings = patient.settings
    each = settings.pool_size + _HINTS + _SEALER
    return cluster.connections(patient.application, settings.workers * each, which="this server")
