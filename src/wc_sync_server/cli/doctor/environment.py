"""The environment: every setting read, nothing misspelt, nothing that is for demonstrations, secrets not for others."""

import os
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from wc_sync_server.auth.sign_on_file import SignOnWrong, read_providers
from wc_sync_server.cli.doctor.files import missing_keys, unprotected
from wc_sync_server.cli.doctor.patient import Patient
from wc_sync_server.db.doctor.verdicts import Verdicts, do, note, or_well, several
from wc_sync_server.delivery.addresses import AddressesWrong, read_addresses
from wc_sync_server.settings import from_environment

_HERE = {"localhost", "127.0.0.1", "::1"}
# Read by commands and by the workstation, not by the server.
_ELSEWHERE = frozenset({"WC_DATA", "WC_KEYSTORE"})
_FOR_ONE_COMMAND = {
    "WC_SUPERUSER_URL": "a superuser's address is for `db provision` alone",
    "WC_PASSWORD": "a person's password is for one command of a script",
}


_ADDRESS = {"WC_DATABASE_URL": "postgresql://"}


class _Asked(Mapping[str, str]):
    """An environment of one address that remembers what else it was asked for."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return _ADDRESS[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_ADDRESS)

    def __len__(self) -> int:
        return len(_ADDRESS)


def environment(patient: Patient) -> Verdicts:
    """Find variables that nobody reads, and settings that are not for children's records."""
    yield from or_well(_settings(patient), "every setting reads, none is for demonstrations")


def _settings(patient: Patient) -> Verdicts:
    settings = patient.settings
    if settings.demo_clock_offset:
        yield do(
            "WC_DEMO_CLOCK_OFFSET moves this server's clock: doses and leases get wrong times",
            "Take it out; it is for demonstrations.",
        )
    strange = sorted(_set() - _known())
    if strange:
        yield do(
            f"{several(strange)} is read by nobody", "Put its name right (docs/operating.md, Settings), or take it out."
        )
    for name, why in _FOR_ONE_COMMAND.items():
        if name in _set():
            yield do(f"{name} stands in the server's environment: {why}", "Take it out.")
    if settings.redis_url is not None and not _safe(settings.redis_url):
        yield do("WC_REDIS_URL leaves this machine without TLS", "Use rediss://.")
    if settings.metrics is not None and settings.metrics[0] not in _HERE:
        yield note(
            "WC_METRICS_BIND can be reached from outside: it has neither TLS nor a password",
            "Keep it in a network that is yours.",
        )


def secrets(patient: Patient) -> Verdicts:
    """Find files of secrets that others can read, and keys that are not there."""
    yield from or_well(_secrets(patient), "key folder and secret files are this account's alone")


def _secrets(patient: Patient) -> Verdicts:
    settings = patient.settings
    if not settings.keys.is_dir():
        yield do(
            "WC_KEYS leads to no folder",
            "Set it to the key folder, or restore that; a new server makes it at its first command.",
        )
        return
    missing = missing_keys(settings)
    if missing:
        yield do(
            f"the key folder lacks {several(missing)}",
            "Restore the folder from its backup: a key made anew opens nothing that the old one sealed (docs/keys.md). "
            "context.key alone may be had from the database: `wc-sync-server keys fetch-context`.",
        )
    yield from unprotected("key folder", settings.keys)
    if settings.messages is not None:
        try:
            read_addresses(settings.messages)
        except AddressesWrong as error:
            yield do("the file of WC_MESSAGES cannot be used", str(error))
    try:
        read_providers(settings.sign_on)
    except SignOnWrong as error:
        yield do("the file of WC_SIGN_ON cannot be used", str(error))


def _set() -> set[str]:
    return {name for name, value in os.environ.items() if name.startswith("WC_") and value.strip()}


def _known() -> set[str]:
    asked = _Asked()
    from_environment(asked)
    return asked.names | _ELSEWHERE | _FOR_ONE_COMMAND.keys()


def _safe(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "rediss" or (parts.hostname or "localhost") in _HERE
