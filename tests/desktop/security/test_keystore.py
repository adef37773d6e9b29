"""Only a keystore that gives back what it was given, and none that nobody asked for."""

from pathlib import Path

import keyring.backends.fail
import keyring.backends.null
import pytest

from wc_desktop.domain.failures import KeystoreRefused
from wc_desktop.security import keystore
from wc_desktop.security.keystore import InsecureKeystore, KeyringKeystore, system_keystore, trusted


class Remembering:
    """A backend as keyring's are, in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, name: str) -> str | None:
        return self.kept.get((service, name))

    def set_password(self, service: str, name: str, password: str) -> None:
        self.kept[service, name] = password

    def delete_password(self, service: str, name: str) -> None:
        del self.kept[service, name]


def test_what_was_put_is_given_back_and_can_be_forgotten() -> None:
    store = trusted(KeyringKeystore(backend=Remembering(), name="memory"))
    store.put("device", b"\x00\xff secret")
    assert store.get("device") == b"\x00\xff secret"
    store.remove("device")
    store.remove("device")
    assert store.get("device") is None


def test_a_null_backend_is_refused() -> None:
    with pytest.raises(KeystoreRefused):
        trusted(KeyringKeystore(backend=keyring.backends.null.Keyring(), name="null"))


def test_a_failing_backend_is_refused() -> None:
    with pytest.raises(KeystoreRefused):
        trusted(KeyringKeystore(backend=keyring.backends.fail.Keyring(), name="fail"))


def test_a_backend_that_gives_back_something_else_is_refused() -> None:
    class Forging(Remembering):
        def get_password(self, service: str, name: str) -> str | None:
            return "not base64 !" if super().get_password(service, name) else None

    with pytest.raises(KeystoreRefused):
        trusted(KeyringKeystore(backend=Forging(), name="forging"))


def test_without_a_keystore_of_the_system_nothing_takes_its_place(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    monkeypatch.setattr(keystore, "_ALLOWED", (("keyring.backends.SecretService", "Keyring"), ("no.such", "Thing")))
    with pytest.raises(KeystoreRefused):
        system_keystore()


def test_the_insecure_one_says_so_and_is_a_file(tmp_path: Path) -> None:
    store = InsecureKeystore(tmp_path / "deep" / "keys.json")
    assert not store.secure
    assert "INSECURE" in keystore.INSECURE_BANNER
    store.put("a", b"1")
    assert InsecureKeystore(tmp_path / "deep" / "keys.json").get("a") == b"1"
    assert (tmp_path / "deep" / "keys.json").stat().st_mode & 0o077 == 0
    store.remove("a")
    assert store.get("a") is None


def test_an_insecure_file_that_does_not_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("{")
    with pytest.raises(KeystoreRefused):
        InsecureKeystore(tmp_path / "keys.json").get("a")
