"""A ring of keys: one writes, all read, none is lost by accident, and a missing one is named."""

import json
import stat
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from tests import factories as make
from tests.sync_server.auth.rings import CHANCE, PLACE, cipher_in, kms_command, ring_in

from wc_sync_server.auth.column_cipher import ColumnCipher, key_of
from wc_sync_server.auth.key_files import KeysUnusable
from wc_sync_server.auth.key_ring import KeyRing
from wc_sync_server.domain.sealing import KeyUnavailable


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def ids(ring: KeyRing) -> list[str]:
    return [key.id for key in ring.stored()]


def test_the_first_key_is_made_by_whoever_comes_first(folder: Path) -> None:
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(ring_in(folder).active().id)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 12
    assert len(set(found)) == 1
    assert len(ids(ring_in(folder))) == 1
    files = [file for file in (folder / "cells").iterdir() if file.is_file()]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_a_new_key_writes_and_the_old_one_reads(folder: Path) -> None:
    clock = make.HeldClock()
    ring = ring_in(folder, clock)
    cipher = ColumnCipher(ring, CHANCE)
    old = cipher.seal("a note", PLACE)
    clock.advance(timedelta(seconds=1))
    made = ring.add(use=True)
    new = cipher.seal("a note", PLACE)
    assert key_of(new) == made.id == ring.active_key().id
    assert key_of(old) == ids(ring)[0]
    assert cipher.open(old, PLACE) == cipher.open(new, PLACE) == "a note"


def test_a_key_made_for_later_writes_only_when_it_is_told_to(folder: Path) -> None:
    ring = ring_in(folder)
    before = ring.active_key().id
    made = ring.add(use=False)
    assert ring.active_key().id == before
    ring.use(made.id)
    assert ring_in(folder).active_key().id == made.id


def test_a_running_server_writes_with_a_new_key_within_seconds_and_reads_it_at_once(folder: Path) -> None:
    clock = make.HeldClock()
    running = ColumnCipher(ring_in(folder, clock), CHANCE)
    first = key_of(running.seal("a note", PLACE))
    command = ring_in(folder)
    made = command.add(use=True)
    assert running.open(ColumnCipher(command, CHANCE).seal("later", PLACE), PLACE) == "later"
    assert key_of(running.seal("a note", PLACE)) == first
    clock.advance(timedelta(seconds=2))
    assert key_of(running.seal("a note", PLACE)) == made.id


def test_a_running_server_goes_on_when_its_key_folder_goes_away(folder: Path, tmp_path: Path) -> None:
    clock = make.HeldClock()
    running = ColumnCipher(ring_in(folder, clock), CHANCE)
    first = key_of(running.seal("a note", PLACE))
    folder.rename(tmp_path / "away")
    clock.advance(timedelta(minutes=1))
    assert key_of(running.seal("a note", PLACE)) == first
    assert not folder.exists(), "it is not taken for a new server's"


@pytest.mark.logs_warnings
def test_a_new_key_that_cannot_be_opened_here_does_not_stop_a_running_server_which_says_so_once(folder: Path) -> None:
    clock = make.HeldClock()
    running = ColumnCipher(ring_in(folder, clock), CHANCE)
    first = key_of(running.seal("a note", PLACE))
    made = ring_in(folder).add(use=True)
    (folder / "cells" / f"{made.id}.key").write_text("damaged on its way")
    with capture_logs() as logs:
        for _ in range(3):
            clock.advance(timedelta(minutes=1))
            assert key_of(running.seal("a note", PLACE)) == first
    assert [(log["event"], log["wanted"], log["kept"]) for log in logs] == [("keys.not_changed", made.id, first)]


def test_the_key_in_use_cannot_be_retired_and_another_is_kept_aside(folder: Path) -> None:
    ring = ring_in(folder)
    cipher = ColumnCipher(ring, CHANCE)
    sealed, old = cipher.seal("a note", PLACE), ring.active_key().id
    with pytest.raises(KeysUnusable, match="written with"):
        ring.retire(old)
    ring.add(use=True)
    ring.retire(old)
    assert old not in ids(ring)
    with pytest.raises(KeyUnavailable, match=f"{old} was retired: move cells/retired/{old}.key back"):
        cipher.open(sealed, PLACE)
    (folder / "cells" / "retired" / f"{old}.key").rename(folder / "cells" / f"{old}.key")
    assert cipher.open(sealed, PLACE) == "a note"
    with pytest.raises(KeyUnavailable, match="0badf00d is not in the key ring"):
        ring.retire("0badf00d")


def test_a_key_from_before_the_ring_is_retired_like_any_other(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    (folder / "column.key").write_text("6b" * 32)
    (folder / "column.id").write_text(b"abcd".hex())
    ring = ring_in(folder)
    sealed = ColumnCipher(ring, CHANCE).seal("a note", PLACE)
    assert ids(ring) == [b"abcd".hex()]
    ring.add(use=True)
    ring.retire(b"abcd".hex())
    assert not (folder / "column.key").exists()
    aside = folder / "cells" / "retired" / f"{b'abcd'.hex()}.key"
    assert "6b6b6b" not in aside.read_text(), "what lay open is kept wrapped"
    aside.rename(folder / "cells" / aside.name)
    assert cipher_in(folder).open(sealed, PLACE) == "a note"


def test_a_key_from_before_the_ring_whose_retirement_was_cut_off_stays_retired(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    (folder / "column.key").write_text("6b" * 32)
    (folder / "column.id").write_text(b"abcd".hex())
    ring = ring_in(folder)
    made = ring.add(use=True)
    ring.retire(b"abcd".hex())
    (folder / "column.id").write_text(b"abcd".hex())
    assert ids(ring_in(folder)) == [made.id]
    (folder / "cells" / "retired" / f"{b'abcd'.hex()}.key").unlink()
    with pytest.raises(KeysUnusable, match=r"column\.key cannot be read"):
        ring_in(folder)


def test_a_missing_key_is_named_in_a_sentence(folder: Path) -> None:
    cipher = cipher_in(folder)
    sealed = cipher.seal("a note", PLACE)
    ring_in(folder).add(use=True)
    (folder / "cells" / f"{key_of(sealed)}.key").unlink()
    with pytest.raises(KeyUnavailable, match=f"Key {key_of(sealed)} is not in the key ring: restore cells/") as caught:
        cipher_in(folder).open(sealed, PLACE)
    assert caught.value.key_id == key_of(sealed)


@pytest.mark.parametrize("text", ["", "{}", "[1]", "not json", '{"format": 2, "id": "abcdabcd"}'])
def test_a_damaged_key_file_is_named_and_never_replaced(folder: Path, text: str) -> None:
    id_ = ring_in(folder).active_key().id
    file = folder / "cells" / f"{id_}.key"
    file.write_text(text)
    with pytest.raises(KeysUnusable, match=f"{id_}.key cannot be read"):
        ring_in(folder).active()
    assert file.read_text() == text
    (folder / "cells" / "active").write_text(text)
    with pytest.raises(KeysUnusable, match="cells/active cannot be read"):
        ring_in(folder).active()


def test_a_key_file_under_another_name_is_refused(folder: Path) -> None:
    ring = ring_in(folder)
    first, second = ring.active_key().id, ring.add(use=False).id
    cells = folder / "cells"
    (cells / f"{second}.key").write_text((cells / f"{first}.key").read_text())
    with pytest.raises(KeysUnusable, match="holds another key"):
        ring_in(folder).use(second)


def test_a_ring_that_does_not_say_which_key_writes_is_not_guessed_at(folder: Path) -> None:
    ring_in(folder).active()
    (folder / "cells" / "active").unlink()
    with pytest.raises(KeysUnusable, match="keys use ID"):
        ring_in(folder).active()
    ring_in(folder).use((next((folder / "cells").glob("*.key"))).stem)
    assert ring_in(folder).active()


def test_a_lost_wrapping_key_is_asked_for_and_not_made_anew(folder: Path) -> None:
    id_ = ring_in(folder).active_key().id
    (folder / "wrapping.key").unlink()
    with pytest.raises(KeyUnavailable, match=f"Key {id_} cannot be opened: restore wrapping.key"):
        ring_in(folder).active()
    (folder / "wrapping.key").write_text("77" * 32)
    with pytest.raises(KeyUnavailable, match="does not open with wrapping"):
        ring_in(folder).active()


def test_a_wrapped_key_does_not_open_under_another_id(folder: Path) -> None:
    ring = ring_in(folder)
    first, second = ring.active_key().id, ring.add(use=False).id
    cells = folder / "cells"
    swapped = json.loads((cells / f"{first}.key").read_text()) | {"id": second}
    (cells / f"{second}.key").write_text(json.dumps(swapped))
    with pytest.raises(KeyUnavailable, match=f"Key {second} does not open"):
        ring_in(folder).use(second)


@pytest.mark.parametrize("said", ["", "abc", "ABCDABCD", "zzzzzzzz", "abcdabcdab", "../../etc"])
def test_what_is_no_id_of_a_key_is_told(folder: Path, said: str) -> None:
    ring = ring_in(folder)
    for told in (ring.use, ring.retire):
        with pytest.raises(KeysUnusable, match="eight hex digits"):
            told(said)


def test_a_kms_wraps_new_keys_and_opens_them_again(folder: Path, tmp_path: Path) -> None:
    master = tmp_path / "master"
    master.write_text("5a" * 32)
    cipher = ColumnCipher(ring_in(folder, kms=kms_command(master)), CHANCE)
    sealed = cipher.seal("a note", PLACE)
    stored = json.loads((folder / "cells" / f"{key_of(sealed)}.key").read_text())
    assert stored["wrapped_by"] == "command"
    assert not (folder / "wrapping.key").exists(), "nothing here opens a key without the KMS"
    again = ColumnCipher(ring_in(folder, kms=kms_command(master)), CHANCE)
    assert again.open(sealed, PLACE) == "a note"
    with pytest.raises(KeyUnavailable, match="set WC_KMS_COMMAND"):
        cipher_in(folder).open(sealed, PLACE)


def test_a_ring_moves_from_a_file_to_a_kms_key_by_key(folder: Path, tmp_path: Path) -> None:
    master = tmp_path / "master"
    master.write_text("5a" * 32)
    before = cipher_in(folder).seal("a note", PLACE)
    ring = ring_in(folder, kms=kms_command(master))
    ring.add(use=True)
    cipher = ColumnCipher(ring, CHANCE)
    after = cipher.seal("a note", PLACE)
    assert cipher.open(before, PLACE) == cipher.open(after, PLACE) == "a note"
    assert {key.id: key.wrapped_by for key in ring.stored()} == {key_of(before): "file", key_of(after): "command"}


def test_a_kms_that_fails_is_told_of_without_its_words(folder: Path, tmp_path: Path) -> None:
    master = tmp_path / "master"
    master.write_text("5a" * 32)
    id_ = ring_in(folder, kms=kms_command(master)).active_key().id
    master.unlink()
    with pytest.raises(KeyUnavailable, match=f"could not unwrap key {id_}: it ended with 7") as caught:
        ring_in(folder, kms=kms_command(master)).active()
    assert "0123456789" not in str(caught.value)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 3", "ended with 3"),
        ("echo", "answered nothing"),
        ("echo '!no base64!'", "no base64"),
        ("echo aGVsbG8=", "did not come back"),
    ],
)
def test_a_kms_that_answers_nonsense_gets_no_key_into_use(folder: Path, script: str, said: str) -> None:
    with pytest.raises(KeyUnavailable, match=said):
        ring_in(folder, kms=("/bin/sh", "-c", script)).active()
    assert not list((folder / "cells").glob("*.key"))
    with pytest.raises(KeyUnavailable, match="cannot be run"):
        ring_in(folder, kms=(str(folder / "no such command"),)).active()
