"""What the server does for the audit while it serves: months ready, lines sealed, seals anchored."""

import threading
from datetime import timedelta
from pathlib import Path

import psycopg
import structlog

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import DistrictId
from wc_contract.model.instants import Clock
from wc_sync_server.audit.seals import Signer, Verifier
from wc_sync_server.db.audit_anchor_file import AnchorFile
from wc_sync_server.db.audit_sealer import AuditSealer, whole_record
from wc_sync_server.db.engine import Pool, connect_pool
from wc_sync_server.db.partitions import ensure_partitions
from wc_sync_server.db.repositories.cells import Cells

_log = structlog.get_logger(__name__)
_MONTHS_EVERY = 6 * 60 * 60  # seconds


class AuditKeeper:
    """One thread, one round after another; what fails is logged and tried again in the next round.

    Several servers may each have one: months are made once, and of two that seal a district at once one succeeds.
    """

    def __init__(
        self,
        cells: Cells,
        clock: Clock,
        *,
        audit_url: str | None,
        migrate_url: str | None,
        anchor: Path | None,
        signer: Signer,
        verifier: Verifier,
        seconds: float,
        patience: float = 10.0,
    ) -> None:
        self._cells = cells
        self._clock = clock
        self._audit_url = audit_url
        self._migrate_url = migrate_url
        self._anchor = None if anchor is None else AnchorFile(anchor, verifier)
        self._signer = signer
        self._seconds = seconds
        self._patience = patience
        self._reader: Pool | None = None
        self._sealers: dict[Pool, AuditSealer] = {}
        self._months_at: float | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="wc-audit-keeper", daemon=True)

    def start(self) -> None:
        """Begin. Says so once when there is nothing to seal with."""
        if self._audit_url is None:
            _log.warning("audit.not_sealed", reason="WC_AUDIT_URL is not set")
        self._thread.start()

    def stop(self) -> None:
        """Stop; returns when the round that is under way has ended."""
        self._stopping.set()
        self._thread.join()

    def round(self) -> None:
        """Make months if it is time, then seal every district, then write new seals into the anchor file."""
        self._ensure_months()
        if self._audit_url is not None and self._seconds:
            self._seal_all(self._open_reader(self._audit_url))

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.round()
            except (WhiteCrossError, OSError, psycopg.Error) as error:
                _log.warning("audit.round_failed", code=_code_of(error))
            self._stopping.wait(self._seconds or _MONTHS_EVERY)
        if self._reader is not None:
            self._reader.close()

    def _ensure_months(self) -> None:
        now = self._clock.monotonic()
        due = self._months_at is None or now - self._months_at >= _MONTHS_EVERY
        if self._migrate_url is None or not due:
            return
        try:
            made = ensure_partitions(self._migrate_url)
        except psycopg.Error as error:
            _log.warning("audit.months_failed", sqlstate=error.sqlstate)
            return
        self._months_at = now
        if made:
            _log.info("audit.months_made", months=list(made))

    def _open_reader(self, dsn: str) -> Pool:
        if self._reader is None:
            self._reader = connect_pool(
                dsn,
                size=1,
                application_name="wc-audit-sealer",
                patience=self._patience,
                signer=self._cells.home.signer,
            )
        return self._reader

    def _seal_all(self, reader: Pool) -> None:
        districts = [district.id for district in self._cells.all()]
        # Shorter than a round, so that a process does not skip its own turn.
        fresh = timedelta(seconds=self._seconds * 0.75)
        sealed = []
        for district in districts:
            # What keeps one district from being sealed says nothing of those behind it.
            try:
                self._sealer(district, reader).seal(district, unless_within=fresh)
            except (WhiteCrossError, psycopg.Error) as error:
                _log.warning("audit.seal_failed", district=str(district), code=_code_of(error))
            else:
                sealed.append(district)
        if self._anchor is not None:
            self._anchor.append(sealed, self._hashes, self._clock.now(), self._signer)

    def _sealer(self, district: DistrictId, reader: Pool) -> AuditSealer:
        app = self._cells.pool_for(district)
        return self._sealers.setdefault(app, AuditSealer(app, reader, self._signer))

    def _hashes(self, district: DistrictId, after: int) -> list[tuple[int, bytes]]:
        if self._reader is None:
            return []
        with whole_record(self._cells.pool_for(district), self._reader, district) as record:
            return record.hashes(after)


def _code_of(error: Exception) -> str:
    return str(getattr(error, "code", type(error).__name__))
