"""The file that says where each district is told things (WC_MESSAGES): TOML, secrets in files of their own beside it.

[lakeside.webhook]
url = "https://hooks.lakeside.example/white-cross"
secret_file = "lakeside-webhook.secret"

[lakeside.email]
from = "white-cross@lakeside.example"
to = ["nursing@lakeside.example"]
server = "smtp.lakeside.example:587"
user = "white-cross"
password_file = "lakeside-smtp.secret"
"""

import ipaddress
import re
import stat
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from wc_contract.model.errors import Refused
from wc_contract.model.instants import Instant
from wc_sync_server.delivery.mail import Mailbox, MailCarrier
from wc_sync_server.delivery.ports import Carrier
from wc_sync_server.delivery.webhook import Webhook, WebhookCarrier
from wc_sync_server.domain.messages import Channel

_LEAST_SECRET = 24
_PORTS = range(1, 1 << 16)
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_WEBHOOK = frozenset({"url", "secret_file"})
# One mailbox and nothing else: none of the signs that make a header a list, a group, a comment or a quoted name.
_MAILBOX = re.compile(r"[^\s@\"(),:;<>\[\]\\]+@(?P<host>[^\s@\"(),:;<>\[\]\\]+)")
_EMAIL = frozenset({"from", "to", "server", "user", "password_file"})


class AddressesWrong(Refused):
    """The file of addresses cannot be used. The sentence names the district's table and what to put right."""

    code = "addresses_wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where one district is told things."""

    webhook: Webhook | None = None
    mailbox: Mailbox | None = None

    @property
    def channels(self) -> frozenset[Channel]:
        """The ways that are set."""
        webhook = {Channel.WEBHOOK} if self.webhook is not None else set()
        return frozenset(webhook | ({Channel.EMAIL} if self.mailbox is not None else set()))


def read_addresses(file: Path | None) -> Mapping[str, Addresses]:
    """Return the addresses by the district's code; without a file, none. Raises AddressesWrong."""
    if file is None:
        return {}
    try:
        read = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise AddressesWrong(f"The file of WC_MESSAGES cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise AddressesWrong("The file of WC_MESSAGES is no TOML: see docs/operating.md, 'Messages'.") from None
    return {code.lower(): _addresses(code, table, file.parent) for code, table in read.items()}


def carriers_of(addresses: Addresses, now: Callable[[], Instant]) -> Mapping[Channel, Carrier]:
    """Return what takes letters to these addresses."""
    carriers: dict[Channel, Carrier] = {}
    if addresses.webhook is not None:
        carriers[Channel.WEBHOOK] = WebhookCarrier(addresses.webhook, now)
    if addresses.mailbox is not None:
        carriers[Channel.EMAIL] = MailCarrier(addresses.mailbox)
    return carriers


def _addresses(code: str, table: object, folder: Path) -> Addresses:
    tables = _table(code, table, frozenset({"webhook", "email"}))
    webhook, email = tables.get("webhook"), tables.get("email")
    return Addresses(
        webhook=None if webhook is None else _webhook(f"{code}.webhook", webhook, folder),
        mailbox=None if email is None else _mailbox(f"{code}.email", email, folder),
    )


def _webhook(name: str, table: object, folder: Path) -> Webhook:
    said = _table(name, table, _WEBHOOK)
    url = _text(name, said, "url")
    parts = _parts_of(name, url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.password:
        raise AddressesWrong(f"[{name}] url must be https://… without a name or password in it.")
    if parts.scheme == "http" and not _on_loopback(parts.hostname):
        raise AddressesWrong(f"[{name}] url must be https: only this machine may be told in clear.")
    if not _may_be_host(parts.hostname):
        raise AddressesWrong(f"[{name}] url has a host whose name can be none.")
    secret = _secret(name, folder / _text(name, said, "secret_file"))
    if len(secret) < _LEAST_SECRET:
        raise AddressesWrong(f"[{name}] the secret must have at least {_LEAST_SECRET} characters.")
    return Webhook(url=url, secret=secret.encode())


def _mailbox(name: str, table: object, folder: Path) -> Mailbox:
    said = _table(name, table, _EMAIL)
    host, _, port = _text(name, said, "server").rpartition(":")
    if not _may_be_host(host.strip("[]")) or not port.isdigit() or int(port) not in _PORTS:
        raise AddressesWrong(f"[{name}] server must be HOST:PORT, for example smtp.example.org:587.")
    recipients = said.get("to")
    if not isinstance(recipients, list) or not recipients or not all(_is_address(each) for each in recipients):
        raise AddressesWrong(f"[{name}] to must be a list of e-mail addresses.")
    if not _is_address(said.get("from")):
        raise AddressesWrong(f"[{name}] from must be an e-mail address.")
    if ("user" in said) != ("password_file" in said):
        raise AddressesWrong(f"[{name}] user and password_file belong together.")
    user = _text(name, said, "user") if "user" in said else None
    password = _secret(name, folder / _text(name, said, "password_file")) if "user" in said else None
    if not (user or "").isascii() or not (password or "").isascii():
        raise AddressesWrong(f"[{name}] user and password may have no letters beyond ASCII: SMTP knows no others.")
    return Mailbox(
        sender=_text(name, said, "from"),
        recipients=tuple(recipients),
        host=host.strip("[]"),
        port=int(port),
        encrypted=not _on_loopback(host.strip("[]")),
        user=user,
        password=password,
    )


def _table(name: str, table: object, known: frozenset[str]) -> Mapping[str, Any]:
    if not isinstance(table, dict):
        raise AddressesWrong(f"[{name}] must be a table.")
    if strange := sorted(table.keys() - known):
        raise AddressesWrong(f"[{name}] has {', '.join(strange)}; it may have {', '.join(sorted(known))}.")
    return table


def _text(name: str, table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise AddressesWrong(f"[{name}] needs {key}.")
    return value.strip()


def _is_address(value: object) -> bool:
    found = _MAILBOX.fullmatch(value) if isinstance(value, str) and value.isprintable() else None
    return found is not None and _may_be_host(found["host"])


def _may_be_host(host: str) -> bool:
    """Whether a name or address can be looked up at all; whether there is such a host is another question."""
    try:
        return bool(host.encode("idna"))
    except UnicodeError:
        return False


def _parts_of(name: str, url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # read here: it is checked when it is asked for
    except ValueError:
        raise AddressesWrong(f"[{name}] url does not read as one.") from None
    return parts


def _secret(name: str, file: Path) -> str:
    try:
        if file.stat().st_mode & _OTHERS:
            raise AddressesWrong(f"[{name}] the file {file.name} can be read by others: chmod 600 it.")
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise AddressesWrong(f"[{name}] the file {file.name} cannot be read.") from None


def _on_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
