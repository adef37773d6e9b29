"""A lost workstation is killed at every step of its end: no entry is lost, and at last no key is left anywhere."""

import base64
import multiprocessing
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from nacl.signing import VerifyKey
from tests.desktop.sync.conftest import District, Workstation
from tests.desktop.wiping.doses import give
from tests.desktop.wiping.life import keystore_of, live
from tests.sync_server.house import PASSWORD

from wc_contract.model.ids import DeviceId
from wc_contract.wire.wipe import WipeDone, signed_receipt
from wc_desktop.security.station import device_secret_name
from wc_desktop.security.wipe_mark import WIPE_FILE, WipeStage, read_mark
from wc_sync_server.cli.revoking import revoke_device

pytestmark = pytest.mark.postgres
_GIVEN = 3
_MOST_STEPS = 60


@pytest.fixture(scope="module")
def processes() -> multiprocessing.context.BaseContext:
    """Give processes that have the program loaded already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.desktop.wiping.life", "wc_desktop.transport.http_gateway"])
    return context


def secrets_of(station: Workstation) -> dict[str, bytes]:
    """Return every secret that opens or proves something."""
    made = station.station
    keys = made.unlock_keys(made.people()[0].id, PASSWORD)
    own = made.device_keys()
    found = {
        "journal key": bytes(keys.journal),
        "replica key": bytes(keys.replica),
        "device secret": made.device_secret(),
        "sign": own.sign_seed,
        "seal": own.seal_private,
    }
    keys.wipe()
    return found


def scanned(folder: Path, secrets: dict[str, bytes]) -> list[str]:
    """Return the names of secrets that stand in the folder or the keystore, in any of their spellings."""
    files = [path for path in (*folder.rglob("*"), folder.parent / f"{folder.name}.keystore") if path.is_file()]
    octets = b"\n".join(path.read_bytes() for path in files)
    return [
        name
        for name, secret in secrets.items()
        if any(form in octets for form in (secret, secret.hex().encode(), base64.b64encode(secret)))
    ]


# The district as it was before the workstation's last contact: each round, its entries are new to it.
_AS_BEFORE = """
SET session_replication_role = 'replica';
DELETE FROM medication_logs WHERE device_id = '{device}';
DELETE FROM receipts WHERE device_id = '{device}';
DELETE FROM sessions WHERE device_id = '{device}' AND generation > {newest};
UPDATE sessions SET used_at = NULL, successor_id = NULL WHERE device_id = '{device}' AND generation = {newest};
UPDATE devices SET last_number = 0, wiped_at = NULL, wipe_receipt = NULL, wipe_signature = NULL WHERE id = '{device}';
"""


def test_no_entry_is_lost_and_no_key_is_left_wherever_it_is_killed(
    district: District,
    workstation: Callable[..., Workstation],
    processes: multiprocessing.context.ForkServerContext,
    tmp_path: Path,
) -> None:
    made, house = workstation("ann", "laptop"), district.house
    made.unlock()
    give(made, house, _GIVEN)
    made.lock()
    secrets, device, folder = secrets_of(made), DeviceId(UUID(str(made.station.device_id))), made.folder
    assert set(scanned(folder, secrets)) == {"device secret"}, "the scan finds what the keystore of tests shows"
    revoke_device(house.parts, house.district, device)
    pristine = tmp_path / "pristine"
    shutil.copytree(folder, pristine)
    keystore = folder.parent / f"{folder.name}.keystore"
    kept_keystore = keystore.read_bytes()
    newest = house.one("SELECT max(generation) FROM sessions WHERE device_id = %s", device)

    def run(fatal: int | None) -> tuple[int | None, list[str]]:
        told = tmp_path / "told"
        told.unlink(missing_ok=True)
        process = processes.Process(target=live, args=(folder, district.offset, fatal, told))
        process.start()
        process.join(60)
        return process.exitcode, told.read_text().splitlines() if told.exists() else []

    killed = 0
    for fatal in range(_MOST_STEPS):
        shutil.rmtree(folder)
        shutil.copytree(pristine, folder)
        keystore.write_bytes(kept_keystore)
        house.done(_AS_BEFORE.format(device=device, newest=newest))
        code, _ = run(fatal)
        if code == 0:
            break
        assert code == -signal.SIGKILL
        killed += 1
        begun = read_mark(folder)
        destroyed = keystore_of(folder).get(device_secret_name(device)) is None or len(list(folder.iterdir())) < len(
            list(pristine.iterdir())
        )
        if destroyed:
            assert begun is not None, f"step {fatal}: something went without a mark"
            assert begun.stage is not WipeStage.ORDERED
            assert house.one("SELECT count(*) FROM medication_logs WHERE device_id = %s", device) == _GIVEN
        code, steps = run(None)
        assert (code, steps[-1]) == (0, "ended kept None"), (fatal, steps)
        assert scanned(folder, secrets) == [], fatal
        assert [path.name for path in folder.iterdir()] == [WIPE_FILE], fatal
        assert house.one("SELECT count(*) FROM medication_logs WHERE device_id = %s", device) == _GIVEN, fatal
        assert keystore_of(folder)._read() == {}, fatal
    # From the mark to the receipt, each key and each file.
    assert killed > 15
    assert house.one("SELECT count(*) FROM medication_logs WHERE device_id = %s", device) == _GIVEN
    ((body, signature, key),) = house.asked(
        "SELECT wipe_receipt, wipe_signature, sign_key FROM devices WHERE id = %s", device
    )
    VerifyKey(bytes(key)).verify(signed_receipt(body), bytes(signature))
    said = WipeDone.model_validate_json(body)
    assert {"journal.db", "journal.sealed", "slots.json", "device.sealed", "station.json"} <= set(said.files)
    assert said.left == ()
