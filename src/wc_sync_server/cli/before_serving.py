"""What is looked at before serving begins: a fault found by a worker would only be a traceback, again and again."""

import socket
import ssl

import psycopg

from wc_sync_server.cli.console import CommandRefused, complaints
from wc_sync_server.db.context_keys import require_believed
from wc_sync_server.db.partitions import ensure_partitions
from wc_sync_server.db.repositories.readiness import PostgresReadiness
from wc_sync_server.logs import configure_logs
from wc_sync_server.settings import Settings, SettingsWrong
from wc_sync_server.wiring import open_workshop


def address_to_serve(settings: Settings) -> str:
    """Return the IP address behind settings.host, when it and the port can be served. Raises SettingsWrong."""
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise SettingsWrong(
            f"WC_BIND names {settings.host!r}, which is no address of this machine: use 127.0.0.1, 0.0.0.0 or its own."
        ) from None
    family, kind, protocol, _, place = found[0]
    with socket.socket(family, kind, protocol) as probe:
        # As the server itself does, so that a port just let go can be taken again; one that is served cannot.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(place)
            probe.listen(1)
        except OSError as error:
            raise SettingsWrong(
                f"Port {settings.port} of {settings.host} cannot be served: {error.strerror}. End what uses it, or "
                "choose another with WC_BIND or --bind."
            ) from None
    return str(place[0])


def require_certificate(settings: Settings) -> None:
    """Raise SettingsWrong unless certificate and key read and belong together."""
    if settings.tls_cert is None or settings.tls_key is None:
        return
    try:
        # No password is asked for at a terminal: a server starts without anybody there.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.tls_cert, settings.tls_key, password="")
    except (OSError, ValueError):
        raise SettingsWrong(
            "The TLS certificate and key do not read or do not belong together: WC_TLS_CERT is the chain and "
            "WC_TLS_KEY its key without a password, both PEM."
        ) from None


def make_months(settings: Settings) -> None:
    """Make the coming months of the audit where the migrating role's address is known; else it was `db upgrade`."""
    if settings.migrate_url is None:
        return
    try:
        ensure_partitions(settings.migrate_url)
    except psycopg.errors.UndefinedTable:
        return  # an empty database: require_database says so
    except psycopg.Error as error:
        # A server that serves without the next months is better than none: lines without a month have a place.
        complaints.print(
            f"The audit's coming months were not made ({error.sqlstate or 'no answer'}): check WC_MIGRATE_URL.",
            soft_wrap=True,
            highlight=False,
        )


def require_database(settings: Settings) -> None:
    """Raise CommandRefused unless the database is at this version, and the keys can be used.

    Raises DatabaseUnavailable, KeyUnavailable too, ContextNotBelieved when it does not know the key of contexts, and
    KeysUnusable also when the key folder lacks that or the keys of a district: workstations would be turned away one by
    one, by a server that seems to run.
    """
    configure_logs("error")
    workshop = open_workshop(settings)
    try:
        workshop.ring.active()
        if not all(PostgresReadiness(workshop.cells).checks().values()):
            raise CommandRefused(
                "The database is not at this version. Run `wc-sync-server db upgrade`, then serve again."
            )
        require_believed(workshop.cells.home)
        for district in workshop.cells.all():
            workshop.keys.district(district.id)
    finally:
        workshop.close()
