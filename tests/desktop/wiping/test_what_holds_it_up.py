"""Nothing is destroyed before everything is with the district; what keeps it from that is said, and can be helped."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests import factories as make
from tests.desktop.sync.conftest import District, Workstation
from tests.desktop.wiping.doses import give
from tests.pictures import picture
from tests.sync_server.house import PASSWORD

from wc_contract.model.blobs import hash_of
from wc_contract.model.ids import DeviceId, EntryId, UserId
from wc_contract.wire.wipe import WipeReason
from wc_desktop.app.order_asked import AskedApart
from wc_desktop.app.parts import opened_of
from wc_desktop.app.wiping import Wiper
from wc_desktop.domain.blob_views import ContentFacts
from wc_desktop.domain.failures import AlreadyEnrolled, DeviceRevoked, OrderForged, WrongPassword
from wc_desktop.domain.wiping import ENTRIES_WAIT, NEEDS_PASSWORD, WipeNews, WipePhase
from wc_desktop.security.base64_text import text_of
from wc_desktop.security.wipe_mark import WIPE_FILE, read_mark
from wc_sync_server.cli.revoking import revoke_device

pytestmark = pytest.mark.postgres


class Laptop:
    """A workstation with two doses that were given without a network."""

    def __init__(self, made: Workstation, district: District) -> None:
        self.made = made
        self.district = district
        self.house = district.house
        made.unlock()
        give(made, self.house, 2)
        self.device: DeviceId = made.station.device_id
        self.user: UserId = made.station.people()[0].id

    def attach(self) -> None:
        """Attach a photo that no network takes along."""
        content, desk = picture(90_000), self.made.desk
        assert desk is not None
        assert self.made.runner is not None
        facts = ContentFacts(sha256=hash_of(content), size=len(content), media_type="image/jpeg")

        def write() -> None:
            blobs = opened_of(desk).blobs
            assert blobs.begin_own(facts)
            blobs.keep_piece(facts.sha256, 0, content)
            blobs.finish(facts)

        self.made.runner.call(write)

    def revoke(self, reason: WipeReason = WipeReason.LOST) -> None:
        self.made.lock()
        revoke_device(self.house.parts, self.house.district, self.device, reason)

    def end(self) -> WipeNews:
        """Ask, and go on as far as it goes."""
        wiper = Wiper(parts=self.made.parts, folder=self.made.folder)
        wiper.look()
        return wiper.go_on(lambda _news: None)

    def files(self) -> dict[str, int]:
        return {path.name: path.stat().st_size for path in self.made.folder.iterdir() if path.name != WIPE_FILE}

    def helped(self, password: str = PASSWORD) -> None:
        Wiper(parts=self.made.parts, folder=self.made.folder).help_with(self.user, password)

    def said(self, name: str) -> Any:
        """Return what the kept receipt says."""
        query = "SELECT wipe_receipt::json -> %s FROM devices WHERE id = %s"
        return self.house.one(query, name, self.device)

    def doses(self) -> int:
        return int(self.house.one("SELECT count(*) FROM medication_logs WHERE device_id = %s", self.device))


@pytest.fixture
def laptop(district: District, workstation: Callable[..., Workstation], request: pytest.FixtureRequest) -> Laptop:
    return Laptop(workstation("ann", request.node.name[:20]), district)


def test_nothing_is_destroyed_while_the_order_is_forged_the_network_away_or_an_entry_not_readable(
    laptop: Laptop,
) -> None:
    laptop.made.lock()
    assert laptop.end().phase is WipePhase.NONE
    laptop.revoke()
    station = laptop.made.station
    ours = station.passport
    before = set(laptop.files())
    # Somebody else signs.
    station.keep_passport(replace(ours, verify_key=text_of(bytes(32))))
    with pytest.raises(OrderForged):
        laptop.end()
    assert not (laptop.made.folder / WIPE_FILE).exists()
    # The district says it, then the network goes.
    station.keep_passport(ours)
    Wiper(parts=laptop.made.parts, folder=laptop.made.folder).look()
    station.keep_passport(replace(ours, server_url="http://127.0.0.1:9"))
    news = laptop.end()
    assert (news.phase, news.problem, news.unsent) == (WipePhase.HELD, "server_unreachable", 4)
    with pytest.raises(DeviceRevoked):
        station.open(laptop.user, PASSWORD)
    station.keep_passport(ours)
    # The district takes its word back, as one that was restored to before it does: nothing was lost by having heard it.
    laptop.house.done("UPDATE devices SET revoked_at = NULL WHERE id = %s", laptop.device)
    assert laptop.end().phase is WipePhase.NONE
    station.open(laptop.user, PASSWORD).close()
    laptop.house.done("UPDATE devices SET revoked_at = now() WHERE id = %s", laptop.device)
    # A record of the sealed copy does not read.
    copy = laptop.made.folder / "journal.sealed"
    content = bytearray(copy.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 16] = bytes(16)
    copy.write_bytes(content)
    news = laptop.end()
    assert (news.phase, news.problem) == (WipePhase.HELD, NEEDS_PASSWORD)
    assert laptop.house.one("SELECT wipe_held FROM devices WHERE id = %s", laptop.device) == NEEDS_PASSWORD
    assert set(laptop.files()) == before
    with pytest.raises(WrongPassword):
        laptop.helped("not it")
    laptop.helped()
    left = laptop.made.folder / "journal.before-0190.sealed"
    left.write_bytes(b"sealed to the district")
    assert laptop.end().phase is WipePhase.KEPT
    assert laptop.doses() == 2
    # What only the district can read, and may not have, is not ours to erase.
    assert (left.exists(), laptop.said("left")) == (True, [left.name])
    assert not (laptop.made.folder / "station.json").exists()
    laptop.made.enrol()
    assert not (laptop.made.folder / WIPE_FILE).exists()


def test_the_order_is_heard_by_a_process_of_its_own_which_ends(laptop: Laptop) -> None:
    made = laptop.made
    keystore = made.folder.parent / f"{made.folder.name}.keystore"
    asked = AskedApart(Wiper(parts=made.parts, folder=made.folder), laptop.district.offset, keystore)
    made.lock()
    assert asked.look().phase is WipePhase.NONE
    laptop.revoke()
    assert asked.look().phase is WipePhase.ORDERED
    assert read_mark(made.folder) is not None
    asked.close()


def test_a_retired_workstation_waits_for_its_photos_and_a_lost_one_does_not(laptop: Laptop) -> None:
    laptop.attach()
    laptop.revoke(WipeReason.RETIRED)
    news = laptop.end()
    assert (news.phase, news.problem, news.photos) == (WipePhase.HELD, NEEDS_PASSWORD, 1)
    assert (laptop.made.folder / "blobs.db").exists()
    with pytest.raises(AlreadyEnrolled):
        laptop.made.enrol()
    revoke_device(laptop.house.parts, laptop.house.district, laptop.device, WipeReason.LOST)
    assert laptop.end().phase is WipePhase.KEPT
    assert (laptop.said("photos"), laptop.doses()) == (1, 2)


def test_a_password_sends_the_photos_of_a_retired_workstation(laptop: Laptop) -> None:
    laptop.attach()
    laptop.revoke(WipeReason.RETIRED)
    assert laptop.end().problem == NEEDS_PASSWORD
    laptop.helped()
    assert laptop.end().phase is WipePhase.KEPT
    complete = "SELECT count(*) FROM blobs WHERE device_id = %s AND status = 'COMPLETE'"
    assert (laptop.said("photos"), laptop.house.one(complete, laptop.device)) == (0, 1)


def test_an_entry_without_a_final_answer_keeps_everything(laptop: Laptop) -> None:
    give(laptop.made, laptop.house, 1, after=EntryId(make.named("an entry that nobody has")))
    laptop.revoke()
    before = set(laptop.files())
    news = laptop.end()
    assert (news.phase, news.problem, news.unsent) == (WipePhase.HELD, ENTRIES_WAIT, 1)
    assert (laptop.doses(), set(laptop.files())) == (2, before)
