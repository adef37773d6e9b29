"""Serving: granian in front of the application, TLS unless only this machine can reach it."""

import os
from typing import Annotated

import typer
from granian import Granian
from granian.constants import Interfaces, Loops
from granian.log import LogLevels

from wc_sync_server.cli.before_serving import address_to_serve, make_months, require_certificate, require_database
from wc_sync_server.cli.console import out, spoken
from wc_sync_server.cli.measuring import measured
from wc_sync_server.delivery.addresses import read_addresses
from wc_sync_server.settings import from_environment

_TARGET = "wc_sync_server.wiring:app_from_environment"
_STOP_SECONDS = 30
_BACKLOG = 1024


@spoken
def serve(
    bind: Annotated[str | None, typer.Option(help="HOST:PORT; 127.0.0.1:8440 unless WC_BIND says otherwise.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="Processes; 1 unless WC_WORKERS says so.")] = None,
    tls_cert: Annotated[str | None, typer.Option(help="Certificate chain (PEM).")] = None,
    tls_key: Annotated[str | None, typer.Option(help="Its private key (PEM).")] = None,
    *,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="A proxy in front speaks TLS; allow plain HTTP to it.")
    ] = False,
) -> None:
    """Serve workstations until stopped. Stopping lets requests that are being answered finish."""
    for name, value in (
        ("WC_BIND", bind),
        ("WC_WORKERS", workers),
        ("WC_TLS_CERT", tls_cert),
        ("WC_TLS_KEY", tls_key),
        ("WC_BEHIND_PROXY", 1 if behind_proxy else None),
    ):
        if value is not None:
            # Worker processes read the environment and nothing else.
            os.environ[name] = str(value)
    settings = from_environment()
    settings.require_servable()
    require_certificate(settings)
    # Each worker reads it again; here a mistake in it is told once, in a sentence.
    read_addresses(settings.messages)
    address = address_to_serve(settings)
    make_months(settings)
    require_database(settings)
    scheme = "http" if settings.tls_cert is None else "https"
    out.print(f"Serving on {scheme}://{settings.host}:{settings.port}", highlight=False)
    with measured(settings):
        # The package picks the class at import by what the interpreter is, which no type can say.
        Granian(
            _TARGET,
            address=address,
            port=settings.port,
            interface=Interfaces.ASGI,
            workers=settings.workers,
            loop=Loops.asyncio,
            factory=True,
            websockets=False,
            backlog=_BACKLOG,
            log_level=LogLevels(settings.log_level),
            log_access=False,
            ssl_cert=settings.tls_cert,
            ssl_key=settings.tls_key,
            respawn_failed_workers=True,
            workers_kill_timeout=_STOP_SECONDS,
        ).serve()
