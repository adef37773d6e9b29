"""A sealed value opens in its own cell, whole and unchanged, and nowhere else."""

from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st
from tests import factories as make
from tests.sync_server.auth.rings import PLACE, cipher_in, place, ring_in

from wc_sync_server.auth.column_cipher import ColumnCipher, key_of
from wc_sync_server.auth.sign_in import secret_cell
from wc_sync_server.domain.sealing import CellUnreadable, KeyUnavailable


@pytest.fixture(scope="module")
def cipher(tmp_path_factory: pytest.TempPathFactory) -> ColumnCipher:
    return cipher_in(tmp_path_factory.mktemp("keys") / "keys")


@given(text=st.text())
def test_every_text_comes_back_and_is_not_seen_in_between(cipher: ColumnCipher, text: str) -> None:
    sealed = cipher.seal(text, PLACE)
    assert cipher.open(sealed, PLACE) == text
    assert len(sealed) == len(text.encode()) + 33
    assert sealed.startswith(cipher.current())
    assert sealed != cipher.seal(text, PLACE), "the same text is never sealed alike twice"
    if len(text.encode()) > 3:
        assert text.encode() not in sealed


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"row": make.named("another row")},
        {"column": "diagnosis"},
        {"table": "clinic_visits"},
        {"district": make.named("another district")},
    ],
    ids=lambda moved: next(iter(moved)),
)
def test_a_value_copied_to_another_cell_stays_shut(cipher: ColumnCipher, elsewhere: dict[str, UUID | str]) -> None:
    sealed = cipher.seal("a note", PLACE)
    with pytest.raises(CellUnreadable, match="does not open"):
        cipher.open(sealed, place(**elsewhere))


def test_a_value_that_was_cut_anywhere_is_refused(cipher: ColumnCipher) -> None:
    sealed = cipher.seal("a note", PLACE)
    for length in range(len(sealed)):
        with pytest.raises((CellUnreadable, KeyUnavailable)):
            cipher.open(sealed[:length], PLACE)
    with pytest.raises(CellUnreadable):
        cipher.open(sealed + b"\x00", PLACE)


def test_a_value_with_any_bit_flipped_is_refused(cipher: ColumnCipher) -> None:
    sealed = cipher.seal("a note", PLACE)
    for bit in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises((CellUnreadable, KeyUnavailable)):
            cipher.open(bytes(changed), PLACE)


def test_what_was_never_sealed_is_not_taken_for_a_secret(cipher: ColumnCipher) -> None:
    for strange in (b"", b"a plain note that somebody put there by hand", b"\x07" + b"k" * 60):
        with pytest.raises(CellUnreadable, match="never sealed"):
            cipher.open(strange, PLACE)


def test_no_error_holds_the_text_or_a_key(cipher: ColumnCipher, tmp_path: Path) -> None:
    sealed = cipher.seal(make.MARKER, PLACE)
    for attempt in (lambda: cipher.open(sealed[:-1], PLACE), lambda: cipher_in(tmp_path / "k").open(sealed, PLACE)):
        with pytest.raises((CellUnreadable, KeyUnavailable)) as caught:
            attempt()
        assert make.MARKER not in f"{caught.value!r} {caught.value}"


def test_a_value_sealed_by_a_server_from_before_the_ring_still_opens(tmp_path: Path) -> None:
    folder, user, key, key_id = tmp_path / "keys", make.NURSE, b"k" * 32, b"abcd"
    folder.mkdir(mode=0o700)
    (folder / "column.key").write_text(key.hex() + "\n")
    (folder / "column.id").write_text(key_id.hex() + "\n")
    old = AESGCM(key).encrypt(b"n" * 12, b"JBSWY3DP", f"user_credentials|{user}|totp_secret".encode())
    cell = secret_cell(make.named("a district"), user)  # type: ignore[arg-type]
    cipher = cipher_in(folder)
    assert cipher.open(b"\x01" + key_id + b"n" * 12 + old, cell) == "JBSWY3DP"
    fresh = cipher.seal("JBSWY3DP", cell)
    assert (fresh[:1], key_of(fresh)) == (b"\x02", key_id.hex()), "the old key goes on, in the present form"
    ring = ring_in(folder)
    ring.add(use=True)
    assert ColumnCipher(ring, make.SeededChance()).open(fresh, cell) == "JBSWY3DP"
