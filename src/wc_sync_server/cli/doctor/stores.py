"""What must be there when it is needed: keys, a backup, room on the disk."""

import shutil
from datetime import timedelta
from pathlib import Path

import psycopg

from wc_sync_server.cli.doctor.files import district_keys_missing, ring_begun, since
from wc_sync_server.cli.doctor.patient import DATABASE, MIGRATE, Patient, Signed
from wc_sync_server.cli.rotating import cells_by_key
from wc_sync_server.db.context_keys import require_believed, stored_keys
from wc_sync_server.db.doctor import cluster
from wc_sync_server.db.doctor.verdicts import Verdict, Verdicts, do, note, or_well, several, well
from wc_sync_server.db.errors import ContextNotBelieved
from wc_sync_server.db.health.findings import span
from wc_sync_server.domain.sealing import KeyUnavailable

_A_YEAR = timedelta(days=366)
_A_DAY = timedelta(hours=26)
_LEAST_BYTES, _LEAST_SHARE, _PLENTY_BYTES = 1 << 30, 0.1, 50 << 30
_FETCH = "With WC_MIGRATE_URL set: `wc-sync-server keys fetch-context`. Without: copy context.key from another server."
_RESTORE = "Restore the key folder from its backup; never make a new key in its place (docs/keys.md)."


def keys(patient: Patient) -> Verdicts:
    """Look whether the keys of every district are there, the one that is written with opens, and how old it is."""
    yield from or_well(_keys(patient), "the keys of every district are there and open")


def _keys(patient: Patient) -> Verdicts:
    yield from _contexts(patient)
    ring = patient.parts.ring
    for district in patient.districts:
        missing = district_keys_missing(patient.settings, str(district.id))
        if missing:
            yield do(f"{district.code}: the key folder lacks {several(missing)}", _RESTORE)
    if not ring_begun(patient.settings):
        # Asking the ring would make one.
        yield note("there is no key of sealed cells; the first is made with the first person")
        return
    try:
        ring.active()
    except KeyUnavailable as error:
        yield do("the key that is written with does not open", str(error))
        return
    newest = max((key.made_at for key in ring.stored() if key.made_at is not None), default=None)
    if newest is not None and patient.clock.now() - newest > _A_YEAR:
        days = (patient.clock.now() - newest).days
        yield note(
            f"the newest key of sealed cells is {days} days old", "`wc-sync-server keys new`, then `keys rotate`."
        )


def _contexts(patient: Patient) -> Verdicts:
    key = patient.parts.contexts.key()
    if not isinstance(patient.signed.get(MIGRATE), Signed):
        yield from _believed(patient)
        return
    stored = stored_keys(patient.catalogue)
    lasting = [each.key.id for each in stored if each.until is None]
    ends = {each.key.id: each.until for each in stored}
    if key.id not in ends:
        yield do("the database does not know context.key of the key folder: this server sees no row", _FETCH)
    elif (until := ends[key.id]) is not None:
        yield do(
            f"context.key of the key folder counts until {until:%Y-%m-%d %H:%M} only: another took its place", _FETCH
        )
    elif len(lasting) > 1:
        yield do(
            f"{len(lasting)} keys of contexts count without an end",
            "`wc-sync-server keys rotate-context` leaves one; then `keys fetch-context` on every other server.",
        )


def _believed(patient: Patient) -> Verdicts:
    try:
        require_believed(patient.parts.cells.home)
    except ContextNotBelieved:
        yield do("the database does not know context.key of the key folder: this server sees no row", _FETCH)


def cells(patient: Patient) -> Verdicts:
    """Look whether every key that a sealed cell names is there. Reads the beginning of every sealed cell."""
    known = {key.id for key in patient.parts.ring.stored()} if ring_begun(patient.settings) else set()
    lost = sorted(cells_by_key(patient.parts).keys() - known)
    found = [do(f"cells are sealed with keys that are not in the ring: {several(lost)}", _RESTORE)] if lost else []
    yield from or_well(found, "every key that a sealed cell names is in the ring")


def backups(patient: Patient) -> Verdicts:
    """Look at what is known of backups: the record that the backup leaves, and the archive of the log."""
    yield _recorded(patient)
    yield from cluster.archiving(patient.catalogue)


def _recorded(patient: Patient) -> Verdict:
    record = patient.settings.backup_record
    if record is None:
        return do(
            "no backup is known: nothing here tells whether there is one",
            "Let the backup (role wc_backup) `touch` a file when it was read back; name that in WC_BACKUP_RECORD.",
        )
    try:
        age = since(record, patient.clock)
    except OSError as error:
        return do(f"the record of the last backup cannot be read: {error.strerror}", "See whether a backup was made.")
    if age > _A_DAY:
        return do(f"the newest backup is {span(age.total_seconds())} old", "See why the last one failed; make one now.")
    return well(f"the newest backup is {span(max(age, timedelta()).total_seconds())} old")


def disk(patient: Patient) -> Verdicts:
    """Look how much room there is where keys, anchor and, on this machine, the database are."""
    settings = patient.settings
    places = {"the key folder": settings.keys}
    if settings.audit_anchor is not None:
        places["the anchor file"] = settings.audit_anchor
    signed = patient.signed[DATABASE]
    if isinstance(signed, Signed) and signed.on_this_machine:
        try:
            places["the database"] = Path(cluster.data_directory(patient.catalogue))
        except psycopg.errors.InsufficientPrivilege:
            yield note("where the database's files are is not told without WC_MIGRATE_URL", "Set it.")
    elif isinstance(signed, Signed):
        yield note("the database is on another machine: its disk is not seen from here", "Watch it there.")
    for what, place in places.items():
        usage = shutil.disk_usage(_reachable(place))
        yield room(what, usage.free, usage.total)


def room(what: str, free: int, total: int) -> Verdict:
    """Say whether so much room is enough."""
    if free < _LEAST_BYTES or (free < _PLENTY_BYTES and free < total * _LEAST_SHARE):
        return do(f"the disk of {what} has {_gib(free)} left", "Make room: a full disk stops every entry.")
    return well(f"the disk of {what} has {_gib(free)} left")


def _gib(octets: int) -> str:
    return f"{octets / (1 << 30):,.1f} GiB"


def _reachable(place: Path) -> Path:
    """Return place, or the nearest folder above it that this account may ask: it is on the same disk, as a rule."""
    for folder in (place, *place.parents):
        try:
            folder.stat()
        except OSError:
            continue
        return folder
    return Path("/")
