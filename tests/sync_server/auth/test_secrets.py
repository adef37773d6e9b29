"""Keys, cells, codes and nonces by themselves."""

import stat
import threading
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from tests import factories as make

from wc_contract.model.ids import DistrictId, UserId
from wc_sync_server.auth.codes import code_hash, new_code
from wc_sync_server.auth.key_files import KeysUnusable
from wc_sync_server.auth.keys import KeyFolder
from wc_sync_server.auth.nonces import LIFETIME_SECONDS, Nonces
from wc_sync_server.auth.passwords import Cost, Passwords, PasswordTooWeak
from wc_sync_server.auth.recovery import HOW_MANY, new_recovery_codes, recovery_hash
from wc_sync_server.auth.totp import accepted_step, matching_step, new_secret
from wc_sync_server.domain.checkpoints import Checkpoint, Checkpoints
from wc_sync_server.machine import SystemChance

CHANCE = make.SeededChance(7)
DISTRICT = DistrictId(make.named("a district"))


def test_keys_are_made_once_and_for_the_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    made = KeyFolder(folder, CHANCE)
    first, district = made.server_keys(), made.create_district(DISTRICT)
    again = KeyFolder(folder, CHANCE)
    assert again.server_keys() == first
    assert again.district(DISTRICT).verify_key == district.verify_key
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in folder.rglob("*.key"))
    assert not list(folder.rglob(".*"))


def test_processes_that_start_at_once_end_up_with_the_same_keys(tmp_path: Path) -> None:
    found: set[bytes] = set()

    def start() -> None:
        found.add(KeyFolder(tmp_path / "keys", SystemChance()).server_keys().access)

    threads = [threading.Thread(target=start) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1


def test_lost_open_and_damaged_key_folders_are_refused_with_a_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    keys = KeyFolder(folder, CHANCE)
    keys.server_keys()
    with pytest.raises(KeysUnusable, match="restore the folder"):
        keys.district(DISTRICT)
    (folder / "access.key").write_text("zz")
    with pytest.raises(KeysUnusable, match="restore it from the backup"):
        keys.server_keys()
    (folder / "audit.key").unlink()
    with pytest.raises(KeysUnusable, match=r"audit\.key is not in the key folder"):
        keys.server_keys()
    assert not (folder / "audit.key").exists()
    folder.chmod(0o750)
    with pytest.raises(KeysUnusable, match="0700"):
        keys.server_keys()


def test_a_typed_code_is_read_however_it_is_typed() -> None:
    code = new_code(CHANCE)
    assert len(code.replace("-", "")) == 26
    assert code_hash(code) == code_hash(f" {code.lower().replace('-', ' ')} ")
    assert code_hash(code.replace("O", "0").replace("I", "1")) == code_hash(code)
    assert code_hash(new_code(CHANCE)) != code_hash(code)


def test_a_recovery_code_is_somebodys_own_and_read_however_it_is_typed() -> None:
    codes = new_recovery_codes(CHANCE)
    assert len(set(codes)) == HOW_MANY
    hashed = recovery_hash(make.NURSE, codes[0])
    assert hashed is not None
    assert hashed == recovery_hash(make.NURSE, f" {codes[0].lower().replace('-', ' ')} ")
    assert hashed == recovery_hash(make.NURSE, codes[0].replace("O", "0").replace("I", "1"))
    assert hashed != recovery_hash(UserId(make.named("another nurse")), codes[0])
    assert codes[0].replace("-", "").encode() not in hashed
    for no_code in ("", "123456", codes[0][:-1], codes[0] + "A", "ä" * 16):
        assert recovery_hash(make.NURSE, no_code) is None


def test_a_nonce_is_good_for_its_time_and_its_key() -> None:
    clock = make.HeldClock()
    nonces = Nonces(b"n" * 32, clock, CHANCE)
    nonce = nonces.fresh()
    assert nonces.good(nonce)
    assert not Nonces(b"m" * 32, clock, CHANCE).good(nonce)
    clock.advance(timedelta(seconds=LIFETIME_SECONDS))
    assert nonces.good(nonce)
    clock.advance(timedelta(seconds=1))
    assert not nonces.good(nonce)
    clock.advance(timedelta(seconds=-LIFETIME_SECONDS - 60))
    assert not nonces.good(nonce), "a nonce from the future is none of ours"


def test_a_second_factor_counts_once_and_a_step_either_way() -> None:
    secret, at = new_secret(CHANCE), make.NOON
    step = int(at.timestamp()) // 30
    for offset in (-1, 0, 1):
        code = pyotp.TOTP(secret).generate_otp(step + offset)
        assert accepted_step(secret, code, at, 0) == step + offset
        assert accepted_step(secret, code, at, step + offset) is None
        assert matching_step(secret, code, at) == step + offset
    for offset in (-2, 2):
        assert matching_step(secret, pyotp.TOTP(secret).generate_otp(step + offset), at) is None


@pytest.mark.parametrize("weak", ["short", "1234567890", "aaaaaaaaaaaaaaa", "Password!!", "qwertyuiop", "x" * 1025])
def test_passwords_that_anybody_would_try_are_refused(weak: str) -> None:
    with pytest.raises(PasswordTooWeak):
        Passwords(Cost(memory_kib=1024, passes=1)).hash(weak)


def test_a_password_of_any_script_matches_itself_and_nothing_else() -> None:
    passwords = Passwords(Cost(memory_kib=1024, passes=1))
    for good in ("correct horse battery", "пароль медсестры", "密" * 40 + "abc", "  spaces count  "):
        stored = passwords.hash(good)
        assert passwords.matches(stored, good)
        assert not passwords.matches(stored, good.strip() + "x")
    assert not passwords.matches(None, "correct horse battery")
    assert not passwords.matches("no hash at all", "correct horse battery")
    assert Passwords(Cost(memory_kib=2048, passes=2)).outdated(passwords.hash("correct horse battery"))


def test_a_checkpoint_is_ours_or_nothing() -> None:
    checkpoints = Checkpoints(b"c" * 32)
    text = checkpoints.write(Checkpoint(epoch="e", district_head=3, school_head=4))
    assert checkpoints.read(text) == Checkpoint(epoch="e", district_head=3, school_head=4)
    for other in (
        "",
        "A",
        "ä",
        text[:-1],
        "B" + text[1:],
        Checkpoints(b"d" * 32).write(Checkpoint(epoch="e", district_head=3, school_head=4)),
    ):
        assert checkpoints.read(other) is None
