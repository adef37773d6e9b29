"""Where the device secret lives: the system's keystore, chosen from a list and proved to give back what it was given.

keyring's own choice is not used: an environment variable or a file could name a plain-text or a null backend, and
set_password would seem to succeed (reference/trust.md, 4).
"""

import base64
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wc_desktop.cipher.whole_file import write_whole
from wc_desktop.domain.failures import KeystoreRefused
from wc_desktop.ports import Keystore

SERVICE = "White Cross"
INSECURE_BANNER = "INSECURE KEYSTORE: keys lie in a plain file. For demonstrations and tests only."

_PROBE = "probe"
# Module, class: asked in this order. No other backend is ever used, whatever is installed.
_ALLOWED = (
    ("keyring.backends.Windows", "WinVaultKeyring"),
    ("keyring.backends.macOS", "Keyring"),
    ("keyring.backends.SecretService", "Keyring"),
    ("keyring.backends.kwallet", "DBusKeyring"),
)


@dataclass(frozen=True, slots=True)
class KeyringKeystore:
    """The system's keystore, through one backend of keyring."""

    backend: Any
    name: str
    secure: bool = True

    def get(self, name: str) -> bytes | None:
        """Return what was put under name, None when nothing was. Raises KeystoreRefused."""
        kept = self._ask(self.backend.get_password, SERVICE, name)
        try:
            return None if kept is None else base64.b64decode(str(kept), validate=True)
        except ValueError:
            raise KeystoreRefused("the keystore gave back something else") from None

    def put(self, name: str, secret: bytes) -> None:
        """Keep secret under name and read it back. Raises KeystoreRefused."""
        self._ask(self.backend.set_password, SERVICE, name, base64.b64encode(secret).decode())
        kept = self.get(name)
        if kept is None or not hmac.compare_digest(kept, secret):
            raise KeystoreRefused("the keystore did not keep what it was given")

    def remove(self, name: str) -> None:
        """Forget what stands under name."""
        if self.get(name) is not None:
            self._ask(self.backend.delete_password, SERVICE, name)

    def _ask(self, call: Callable[..., object], *arguments: str) -> object:
        try:
            return call(*arguments)
        except Exception as error:  # noqa: BLE001  # each backend has errors of its own
            raise KeystoreRefused(f"the keystore failed: {type(error).__name__}") from None


def system_keystore() -> Keystore:
    """Return the system's keystore. Raises KeystoreRefused when there is none that can be trusted."""
    for module, name in _ALLOWED:
        backend = _backend(module, name)
        if backend is not None:
            return trusted(KeyringKeystore(backend=backend, name=f"{module}.{name}"))
    raise KeystoreRefused("no keystore of the system can be used here")


def trusted(keystore: Keystore, octets: bytes = b"white cross keystore probe") -> Keystore:
    """Return keystore after it kept and gave back a probe. Raises KeystoreRefused."""
    keystore.put(_PROBE, octets)
    keystore.remove(_PROBE)
    if keystore.get(_PROBE) is not None:
        raise KeystoreRefused("the keystore did not forget")
    return keystore


def _backend(module: str, name: str) -> Any | None:  # noqa: ANN401  # keyring's backends have no common type here
    from importlib import import_module  # noqa: PLC0415  # keyring is slow to import and not needed in the demo

    try:
        kind = getattr(import_module(module), name)
        # priority raises where the platform lacks what the backend needs.
        return kind() if kind.priority > 0 else None
    except Exception:  # noqa: BLE001  # not on this platform, or its service does not answer
        return None


class InsecureKeystore:
    """Secrets in a plain file. Only when asked for by name: nothing ever falls back to it."""

    secure = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = "insecure file"

    def get(self, name: str) -> bytes | None:
        """Return what was put under name, None when nothing was. Raises KeystoreRefused."""
        kept = self._read().get(name)
        return None if kept is None else base64.b64decode(kept)

    def put(self, name: str, secret: bytes) -> None:
        """Keep secret under name."""
        kept = self._read()
        kept[name] = base64.b64encode(secret).decode()
        self._write(kept)

    def remove(self, name: str) -> None:
        """Forget what stands under name."""
        kept = self._read()
        if kept.pop(name, None) is not None:
            self._write(kept)

    def _read(self) -> dict[str, str]:
        if not self._path.exists():
            return {}
        try:
            kept = json.loads(self._path.read_text())
            # Read for their mistakes: what does not decode is no secret of ours.
            for secret in kept.values():
                base64.b64decode(secret, validate=True)
        except (OSError, ValueError, TypeError, AttributeError):
            raise KeystoreRefused("the insecure keystore file does not read") from None
        return {str(name): str(secret) for name, secret in kept.items()}

    def _write(self, kept: dict[str, str]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self._path, json.dumps(kept, indent=1).encode())
