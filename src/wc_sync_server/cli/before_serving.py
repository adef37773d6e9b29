"""What is looked at before serving begins: a fault found by a worker would only be a traceback, again and again."""

import socket
import ssl

from wc_sync_server.cli.console import CommandRefused
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


def require_database(settings: Settings) -> None:
    """Raise CommandRefused unless the database is at this version; DatabaseUnavailable.

    Raises KeysUnusable also when the key folder lacks the keys of a district: its workstations would be turned away
    one by one, by a server that seems to run.
    """
    configure_logs("error")
    workshop = open_workshop(settings)
    try:
        if not all(PostgresReadiness(workshop.cells).checks().values()):
            raise CommandRefused(
                "The database is not at this version. Run `wc-sync-server db upgrade`, then serve again."
            )
        for district in workshop.cells.all():
            workshop.keys.district(district.id)
    finally:
        workshop.close()
