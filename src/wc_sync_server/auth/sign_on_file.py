"""The file that says where each district signs its people in (WC_SIGN_ON): TOML, secrets in files of their own.

[lakeside]
issuer = "https://login.lakeside.example"
client_id = "white-cross"
client_secret_file = "lakeside-sign-on.secret"
claim = "employee_id"
second_factor_amr = ["mfa", "hwk"]
"""

import ipaddress
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from wc_contract.model.errors import Refused

_KNOWN: Final = frozenset(
    {"issuer", "client_id", "client_secret_file", "claim", "second_factor_amr", "second_factor_acr"}
)
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class SignOnWrong(Refused):
    """The file of single sign-on cannot be used. The sentence names the district's table and what to put right."""

    code = "sign_on_wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Who vouches for a district's people.

    claim is what names somebody there; amr and acr say by which words the provider tells that a second factor was
    asked for. Without any, ours is asked for.
    """

    issuer: str
    client_id: str
    secret: str | None = field(default=None, repr=False)
    claim: str = "sub"
    amr: frozenset[str] = frozenset()
    acr: frozenset[str] = frozenset()


def read_providers(file: Path | None) -> Mapping[str, Provider]:
    """Return the providers by the district's code; without a file, none. Raises SignOnWrong."""
    if file is None:
        return {}
    try:
        read = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SignOnWrong(f"The file of WC_SIGN_ON cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise SignOnWrong("The file of WC_SIGN_ON is no TOML: see docs/operating.md, 'Single sign-on'.") from None
    return {code.lower(): _provider(code, table, file.parent) for code, table in read.items()}


def may_be_spoken_to(address: str) -> bool:
    """Whether an address is https, or http on this machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    if not host or parts.username or parts.password or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _on_loopback(host))


def may_lead_to(issuer: str, address: str) -> bool:
    """Whether a provider may name an address as its own: one elsewhere never leads to services of this machine."""
    return may_be_spoken_to(address) and urlsplit(address).scheme in {urlsplit(issuer).scheme, "https"}


def _provider(name: str, table: object, folder: Path) -> Provider:
    if not isinstance(table, dict):
        raise SignOnWrong(f"[{name}] must be a table.")
    if strange := sorted(table.keys() - _KNOWN):
        raise SignOnWrong(f"[{name}] has {', '.join(strange)}; it may have {', '.join(sorted(_KNOWN))}.")
    issuer = _text(name, table, "issuer")
    if not may_be_spoken_to(issuer) or "?" in issuer:
        raise SignOnWrong(f"[{name}] issuer must be an https address, as the provider itself writes it.")
    secret = _secret(name, folder / _text(name, table, "client_secret_file")) if "client_secret_file" in table else None
    return Provider(
        issuer=issuer,
        client_id=_text(name, table, "client_id"),
        secret=secret,
        claim=_text(name, table, "claim") if "claim" in table else "sub",
        amr=_words(name, table, "second_factor_amr"),
        acr=_words(name, table, "second_factor_acr"),
    )


def _text(name: str, table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise SignOnWrong(f"[{name}] needs {key}.")
    return value.strip()


def _words(name: str, table: Mapping[str, Any], key: str) -> frozenset[str]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
        raise SignOnWrong(f"[{name}] {key} must be a list of words.")
    return frozenset(value)


def _secret(name: str, file: Path) -> str:
    try:
        if file.stat().st_mode & _OTHERS:
            raise SignOnWrong(f"[{name}] the file {file.name} can be read by others: chmod 600 it.")
        secret = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise SignOnWrong(f"[{name}] the file {file.name} cannot be read.") from None
    if not secret:
        raise SignOnWrong(f"[{name}] the file {file.name} is empty.")
    return secret


def _on_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
