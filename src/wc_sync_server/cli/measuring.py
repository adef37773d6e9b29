"""The page of measures beside the server: off unless WC_METRICS_BIND says where."""

import multiprocessing
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

from wc_sync_server.cli.console import out
from wc_sync_server.db.depths import Depths
from wc_sync_server.db.engine import connect_pool
from wc_sync_server.db.repositories.cells import HOME, Cells
from wc_sync_server.metrics.exposing import exposed, folder_of_counts
from wc_sync_server.settings import Settings, SettingsWrong
from wc_sync_server.wiring import context_signer

_CONNECTIONS = 1
# Who reads the page waits ten seconds, as a rule: in an outage it must say so before that.
_PATIENCE = 2.0


@contextmanager
def measured(settings: Settings) -> Iterator[None]:
    """Serve the page while the block runs; worker processes started within it count for it.

    Raises SettingsWrong when the address cannot be had.
    """
    if settings.metrics is None:
        yield
        return
    # A forked worker would go on with what this process counts; a new interpreter finds the folder as it starts.
    multiprocessing.set_start_method("spawn", force=True)
    host, port = settings.metrics
    with ExitStack() as stack:
        folder = stack.enter_context(folder_of_counts())
        home = connect_pool(
            settings.database_url,
            size=_CONNECTIONS,
            application_name="wc-measures",
            patience=_PATIENCE,
            wait=False,
            signer=context_signer(settings),
        )
        cells = stack.enter_context(closing(Cells(home, {HOME: settings.database_url}, size=_CONNECTIONS)))
        try:
            stack.enter_context(exposed(host, port, folder, (Depths(cells),)))
        except OSError as error:
            raise SettingsWrong(
                f"The measures cannot be served at {host}:{port}: {error.strerror}. Choose another WC_METRICS_BIND."
            ) from None
        out.print(f"Measures on http://{host}:{port}/metrics", highlight=False)
        yield
