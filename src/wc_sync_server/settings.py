"""Settings, from the environment: read once, checked, and never changed."""

import ipaddress
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from wc_contract.model.errors import Refused

_PORT = 8440
_MAX_PORT = 65_535


class SettingsWrong(Refused):
    """A setting cannot be used. The sentence names it and says what it should be."""

    code = "settings_wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set from outside. The names of the variables stand in `from_environment`."""

    database_url: str = field(repr=False)
    migrate_url: str | None = field(default=None, repr=False)
    listen_url: str | None = field(default=None, repr=False)
    audit_url: str | None = field(default=None, repr=False)
    audit_anchor: Path | None = None
    audit_seal_seconds: int = 60
    reports_url: str | None = field(default=None, repr=False)
    messages: Path | None = None
    sign_on: Path | None = None
    backup_record: Path | None = None
    keys: Path
    kms_command: tuple[str, ...] = field(default=(), repr=False)
    host: str = "127.0.0.1"
    port: int = _PORT
    workers: int = 1
    threads: int = 16
    pool_size: int = 12
    keep_plans: bool = True
    pushes_at_once: int = 3
    pulls_at_once: int = 3
    calls_at_once: int = 4
    queue: int = 32
    tls_cert: Path | None = None
    tls_key: Path | None = None
    behind_proxy: bool = False
    lease: timedelta = timedelta(hours=72)
    access: timedelta = timedelta(minutes=10)
    people: timedelta = timedelta(minutes=30)
    session: timedelta = timedelta(days=730)
    argon2_kib: int = 65_536
    argon2_passes: int = 3
    min_app_version: str = "0.1.0"
    blob_max_mib: int = 25
    blob_daily_mib: int = 500
    log_level: str = "info"
    slow_ms: int = 500
    metrics: tuple[str, int] | None = None
    redis_url: str | None = field(default=None, repr=False)
    demo_clock_offset: timedelta = timedelta(0)

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine can reach the address bound."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def require_servable(self) -> None:
        """Raise SettingsWrong unless the address may be served as it is: never in clear to the network."""
        if (self.tls_cert is None) != (self.tls_key is None):
            raise SettingsWrong("TLS needs both a certificate and its key: set WC_TLS_CERT and WC_TLS_KEY.")
        for file in (self.tls_cert, self.tls_key):
            if file is not None and not file.is_file():
                raise SettingsWrong(f"The TLS file {file.name} cannot be read: check WC_TLS_CERT and WC_TLS_KEY.")
        if self.tls_cert is None and not self.on_loopback and not self.behind_proxy:
            raise SettingsWrong(
                "Serving without TLS is for this machine only. Set WC_TLS_CERT and WC_TLS_KEY, bind to 127.0.0.1, or "
                "say with WC_BEHIND_PROXY=1 that a proxy in front of the server speaks TLS."
            )


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of an environment, the process's own by default. Raises SettingsWrong."""
    read = _Reader(os.environ if environment is None else environment)
    host, port = read.address("WC_BIND", ("127.0.0.1", _PORT))
    blob_max = read.whole("WC_BLOB_MAX_MIB", 25, least=1, most=1_024)
    return Settings(
        database_url=read.needed("WC_DATABASE_URL", "DATABASE_URL"),
        migrate_url=read.text("WC_MIGRATE_URL"),
        listen_url=read.text("WC_LISTEN_URL"),
        audit_url=read.text("WC_AUDIT_URL"),
        audit_anchor=read.file("WC_AUDIT_ANCHOR"),
        audit_seal_seconds=read.whole("WC_AUDIT_SEAL_SECONDS", 60, least=0, most=3_600),
        reports_url=read.text("WC_REPORTS_URL"),
        messages=read.file("WC_MESSAGES"),
        sign_on=read.file("WC_SIGN_ON"),
        backup_record=read.file("WC_BACKUP_RECORD"),
        keys=Path(read.text("WC_KEYS") or "keys").absolute(),
        kms_command=read.command("WC_KMS_COMMAND"),
        host=host,
        port=port,
        workers=read.whole("WC_WORKERS", 1, least=1, most=64),
        threads=read.whole("WC_THREADS", 16, least=2, most=512),
        pool_size=read.whole("WC_POOL_SIZE", 12, least=2, most=500),
        keep_plans=read.flag("WC_KEEP_PLANS", "1"),
        pushes_at_once=read.whole("WC_PUSHES_AT_ONCE", 3, least=1, most=256),
        pulls_at_once=read.whole("WC_PULLS_AT_ONCE", 3, least=1, most=256),
        calls_at_once=read.whole("WC_CALLS_AT_ONCE", 4, least=1, most=256),
        queue=read.whole("WC_QUEUE", 32, least=0, most=10_000),
        tls_cert=read.file("WC_TLS_CERT"),
        tls_key=read.file("WC_TLS_KEY"),
        behind_proxy=read.flag("WC_BEHIND_PROXY"),
        lease=timedelta(hours=read.whole("WC_LEASE_HOURS", 72, least=1, most=24 * 31)),
        access=timedelta(minutes=read.whole("WC_ACCESS_MINUTES", 10, least=1, most=60)),
        people=timedelta(minutes=read.whole("WC_PEOPLE_MINUTES", 30, least=1, most=12 * 60)),
        session=timedelta(days=read.whole("WC_SESSION_DAYS", 730, least=1, most=3_650)),
        argon2_kib=read.whole("WC_ARGON2_KIB", 65_536, least=19_456, most=4_194_304),
        argon2_passes=read.whole("WC_ARGON2_PASSES", 3, least=2, most=100),
        blob_max_mib=blob_max,
        # Less than one may be large would keep that one from ever arriving.
        blob_daily_mib=read.whole("WC_BLOB_DAILY_MIB", max(500, blob_max), least=blob_max, most=1_048_576),
        min_app_version=read.text("WC_MIN_APP_VERSION") or "0.1.0",
        log_level=read.one_of("WC_LOG_LEVEL", "info", ("debug", "info", "warning", "error")),
        slow_ms=read.whole("WC_SLOW_MS", 500, least=0, most=600_000),
        metrics=read.port_or_address("WC_METRICS_BIND"),
        redis_url=read.text("WC_REDIS_URL"),
        demo_clock_offset=read.seconds("WC_DEMO_CLOCK_OFFSET"),
    )


class _Reader:
    """Reads variables and says which one is wrong."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def text(self, name: str) -> str | None:
        return self._environment.get(name, "").strip() or None

    def needed(self, *names: str) -> str:
        for name in names:
            value = self.text(name)
            if value is not None:
                return value
        raise SettingsWrong(f"Say where the database is: set {names[-1]} to its address (postgresql://…).")

    def whole(self, name: str, default: int, *, least: int, most: int) -> int:
        text = self.text(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise SettingsWrong(f"{name} must be a whole number from {least} to {most}.")
        return int(text)

    def seconds(self, name: str) -> timedelta:
        text = self.text(name) or "0"
        try:
            return timedelta(seconds=int(text))
        except (ValueError, OverflowError):
            raise SettingsWrong(f"{name} must be a whole number of seconds.") from None

    def flag(self, name: str, default: str = "0") -> bool:
        text = (self.text(name) or default).lower()
        if text not in {"0", "1", "yes", "no", "true", "false"}:
            raise SettingsWrong(f"{name} must be 1 or 0.")
        return text in {"1", "yes", "true"}

    def one_of(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        text = (self.text(name) or default).lower()
        if text not in allowed:
            raise SettingsWrong(f"{name} must be one of {', '.join(allowed)}.")
        return text

    def command(self, name: str) -> tuple[str, ...]:
        try:
            return tuple(shlex.split(self.text(name) or ""))
        except ValueError:
            raise SettingsWrong(f"{name} must be a command as a shell would read it: a quote is left open.") from None

    def file(self, name: str) -> Path | None:
        text = self.text(name)
        return None if text is None else Path(text).absolute()

    def port_or_address(self, name: str) -> tuple[str, int] | None:
        text = self.text(name)
        if text is None:
            return None
        # A port alone is this machine's: who wants others to read has to say so.
        return self.address(name, ("", 0)) if ":" in text else self._address(name, f"127.0.0.1:{text}")

    def address(self, name: str, default: tuple[str, int]) -> tuple[str, int]:
        text = self.text(name)
        return default if text is None else self._address(name, text)

    @staticmethod
    def _address(name: str, text: str) -> tuple[str, int]:
        host, _, port = text.rpartition(":")
        if not host or not port.isdigit() or int(port) > _MAX_PORT:
            raise SettingsWrong(f"{name} must be HOST:PORT, for example 127.0.0.1:{_PORT}.")
        return host.strip("[]"), int(port)
