"""The workstation's file of photos and documents: encrypted, and never losing what was not sent."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as sqlcipher
from tests.desktop.clinic import NOON, Clinic, Rows, row, small_school, uid
from tests.pictures import CANARY, picture

from wc_contract.model.blobs import hash_of, place_of
from wc_contract.model.care_values import DocumentKind
from wc_contract.model.ids import DeviceId, StudentId, UserId
from wc_desktop.actions.attach_document import Attaching, DocumentDraft
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.photos import OpeningDocument, photo_of, want_photos
from wc_desktop.actions.students import open_chart
from wc_desktop.actions.unlock import lock, unlock
from wc_desktop.app.opened import OpenFiles
from wc_desktop.blobs.mending import Mending
from wc_desktop.blobs.schema import BLOBS_FILE, open_blobs, set_aside
from wc_desktop.blobs.store import KEPT_AFTER_SENDING, BlobStore
from wc_desktop.cipher.faults import Damaged
from wc_desktop.domain.blob_views import DocumentEmpty, DocumentTooLarge, KindNotTaken, facts_of
from wc_desktop.domain.failures import DiskFailed, NotFound

MOST = 25 * 1_048_576
KEY, DEVICE = bytearray(range(32)), DeviceId(uid("device"))
MEGABYTE = 1_048_576


@pytest.fixture
def reopened(tmp_path: Path) -> Iterator[Callable[[], BlobStore]]:
    """Give a maker of the store that closes the one before, as a program that is started again."""
    stores: list[BlobStore] = []

    def reopen() -> BlobStore:
        if stores:
            stores.pop().close()
        stores.append(BlobStore(open_blobs(tmp_path, bytearray(KEY), DEVICE)))
        stores[-1].forget_begun()
        return stores[-1]

    yield reopen
    for store in stores:
        store.close()


def fetched(store: BlobStore, content: bytes, *, piece: int = 70_000) -> None:
    facts = facts_of(content, MOST)
    store.want(facts, asked=False)
    for start in range(0, len(content), piece):
        store.keep_piece(facts.sha256, start, content[start : start + piece])
    store.finish(facts)


def own(store: BlobStore, content: bytes) -> str:
    facts = facts_of(content, MOST)
    assert store.begin_own(facts)
    store.keep_piece(facts.sha256, 0, content)
    store.finish(facts)
    return facts.sha256


def test_what_is_to_be_sent_and_fetched_outlives_the_program(reopened: Callable[[], BlobStore]) -> None:
    store, sent, wanted = reopened(), picture(90_000), picture(200_000, seed=2)
    name, facts = own(store, sent), facts_of(wanted, MOST)
    store.want(facts, asked=True)
    store.keep_piece(facts.sha256, 0, wanted[:70_000])
    store = reopened()
    assert [each.facts.sha256 for each in store.uploads()] == [name]
    found = store.next_wanted(asked=True)
    assert found is not None
    assert (found.facts, found.held) == (facts, 70_000)
    assert store.keep_piece(facts.sha256, 0, wanted[:70_000]) == 70_000
    assert store.keep_piece(facts.sha256, 140_000, wanted[140_000:]) == 70_000
    assert store.keep_piece(facts.sha256, 70_000, wanted[70_000:]) == 200_000
    proving = store.proving(facts)
    while proving.go_on():
        continue
    assert proving.sound
    store.finish(facts)
    assert store.read(facts.sha256, 69_990, 20) == wanted[69_990:70_010]
    assert (store.counts().waiting, store.counts().wanted) == (1, 0)


def test_an_attachment_that_broke_off_leaves_nothing(reopened: Callable[[], BlobStore]) -> None:
    store, facts = reopened(), facts_of(picture(300_000), MOST)
    store.begin_own(facts)
    store.keep_piece(facts.sha256, 0, picture(300_000)[:100_000])
    store = reopened()
    assert not store.uploads()
    assert store.read(facts.sha256, 0, 10) == b""


def test_no_byte_lies_open_on_the_disk(reopened: Callable[[], BlobStore], tmp_path: Path) -> None:
    store = reopened()
    own(store, picture(400_000))
    fetched(store, picture(400_000, seed=2))
    files = list(tmp_path.iterdir())
    assert sum(file.stat().st_size for file in files) > 800_000
    assert not [file.name for file in files if CANARY in file.read_bytes()]
    store = reopened()
    assert not [file.name for file in tmp_path.iterdir() if CANARY in file.read_bytes()]


def test_what_was_looked_at_longest_ago_goes_first_and_what_was_not_sent_never(
    reopened: Callable[[], BlobStore],
) -> None:
    store = reopened()
    contents = [picture(MEGABYTE, seed=seed) for seed in range(4)]
    mine = own(store, picture(MEGABYTE, seed=9))
    for content in contents:
        fetched(store, content)
    names = [facts_of(content, MOST).sha256 for content in contents]
    for name in (names[2], names[0], names[1], names[3]):
        store.touch(name)
    assert store.make_room(MEGABYTE, 3 * MEGABYTE, NOON, asked=True)
    assert [store.has(name) for name in names] == [False, True, False, True]
    assert not store.make_room(3 * MEGABYTE, 2 * MEGABYTE, NOON, asked=True)
    assert store.has(mine)
    store.sent(mine, epoch="e", at=NOON)
    assert not store.make_room(3 * MEGABYTE, 2 * MEGABYTE, NOON + KEPT_AFTER_SENDING, asked=True)
    assert store.has(mine)
    store.make_room(3 * MEGABYTE, 2 * MEGABYTE, NOON + KEPT_AFTER_SENDING + timedelta(seconds=1), asked=True)
    assert not store.has(mine)


def test_photos_beyond_the_budget_do_not_evict_each_other(reopened: Callable[[], BlobStore]) -> None:
    store, budget = reopened(), 3 * MEGABYTE
    contents = [picture(MEGABYTE, seed=seed) for seed in range(5)]
    photos = [facts_of(content, MOST) for content in contents]
    left = picture(MEGABYTE, seed=9)
    fetched(store, left)
    for _ in range(3):
        store.want_ahead(photos)
        store.want_again()
        while (wanted := store.next_wanted(asked=False)) is not None:
            if store.make_room(wanted.facts.size, budget, NOON, asked=False):
                fetched(store, next(one for one in contents if hash_of(one) == wanted.facts.sha256))
            else:
                store.give_up(wanted.facts.sha256)
        here = [photo for photo in photos if store.has(photo.sha256)]
        assert len(here) == 3, "those that came first stay"
    assert not store.has(hash_of(left)), "what nobody wants any more makes room"
    assert not store.make_room(MEGABYTE, budget, NOON, asked=False)
    assert store.make_room(MEGABYTE, budget, NOON, asked=True), "a person who asks goes before all"


def test_nothing_goes_in_vain(reopened: Callable[[], BlobStore]) -> None:
    store, content = reopened(), picture(MEGABYTE)
    fetched(store, content)
    assert not store.make_room(3 * MEGABYTE, 2 * MEGABYTE, NOON, asked=False)
    assert store.has(hash_of(content))


def test_the_file_itself_keeps_what_was_not_sent(reopened: Callable[[], BlobStore]) -> None:
    store = reopened()
    own(store, picture(90_000))
    with pytest.raises(sqlcipher.IntegrityError):
        store._connection.execute("DELETE FROM contents")


def test_a_district_that_was_restored_gets_it_again(reopened: Callable[[], BlobStore]) -> None:
    store = reopened()
    name = own(store, picture(90_000))
    store.sent(name, epoch="before", at=NOON)
    assert not store.uploads(epoch="before")
    assert [each.facts.sha256 for each in store.uploads(epoch="after")] == [name]
    # Asked once more in the same epoch, it was still sent when it was sent.
    store.sent(name, epoch="before", at=NOON + timedelta(days=30))
    store.make_room(MEGABYTE, 0, NOON + KEPT_AFTER_SENDING + timedelta(days=1), asked=True)
    assert not store.has(name)


def test_what_the_district_does_not_have_yet_is_asked_for_again_as_urgently(
    reopened: Callable[[], BlobStore],
) -> None:
    store, facts = reopened(), facts_of(picture(90_000), MOST)
    store.want(facts, asked=True)
    store.give_up(facts.sha256)
    assert store.next_wanted(asked=True) is None
    store.want_again()
    assert store.next_wanted(asked=True) is not None


def test_asking_once_more_writes_nothing(reopened: Callable[[], BlobStore]) -> None:
    store = reopened()
    photos = [facts_of(picture(100, seed=seed), MOST) for seed in range(300)]
    commits: list[str] = []
    store._connection.set_trace_callback(lambda said: commits.append(said) if said == "COMMIT" else None)
    assert store.want_ahead(photos) == 300
    assert len(commits) == 1
    fetched(store, picture(100, seed=0))
    commits.clear()
    assert store.want_ahead(photos) == 299
    store.want(photos[1], asked=True)
    assert len(commits) == 1
    store.want(photos[1], asked=True)
    assert len(commits) == 1


def test_what_the_district_does_not_have_is_not_asked_for_at_every_change(reopened: Callable[[], BlobStore]) -> None:
    store, facts = reopened(), facts_of(picture(90_000), MOST)
    store.want_ahead([facts])
    store.give_up(facts.sha256)
    assert store.want_ahead([facts]) == 1
    assert store.next_wanted(asked=False) is None
    store.want_again()
    assert store.next_wanted(asked=False) is not None


def test_what_was_fetched_and_is_attached_becomes_ours(reopened: Callable[[], BlobStore]) -> None:
    store, content = reopened(), picture(90_000)
    fetched(store, content)
    assert store.begin_own(facts_of(content, MOST)) is False
    assert len(store.uploads()) == 1


def test_content_that_is_refused_is_kept_and_shown_until_somebody_tries_again(
    reopened: Callable[[], BlobStore],
) -> None:
    store = reopened()
    name = own(store, picture(90_000))
    store.refuse(name, "blob_too_large")
    store = reopened()
    assert not store.uploads()
    assert [(each.facts.sha256, each.refused) for each in store.refused()] == [(name, "blob_too_large")]
    store.try_again(name)
    assert len(store.uploads()) == 1


def test_a_file_that_does_not_open_is_set_aside_and_begun_anew(
    reopened: Callable[[], BlobStore], tmp_path: Path
) -> None:
    own(reopened(), picture(90_000))
    reopened().close()
    kept = (tmp_path / BLOBS_FILE).read_bytes()
    (tmp_path / BLOBS_FILE).write_bytes(bytes(8_192) + kept[8_192:])
    store = BlobStore(open_blobs(tmp_path, bytearray(KEY), DEVICE))
    assert store.counts().waiting == 0
    assert (tmp_path / "blobs.damaged-1.db").stat().st_size == len(kept)
    store.close()
    foreign = BlobStore(open_blobs(tmp_path, bytearray(KEY), DeviceId(uid("another device"))))
    assert (tmp_path / "blobs.damaged-2.db").exists()
    foreign.close()


def reads(store: BlobStore, name: str) -> bool:
    """Return whether content is what it is called. SQLCipher may give a damaged page as zeros, without a word."""
    try:
        return hash_of(store.read(name, 0, 400_000)) == name
    except Damaged:
        return False


def damage_the_middle(file: Path) -> None:
    content = bytearray(file.read_bytes())
    page = len(content) // 4_096 // 2 * 4_096
    content[page + 100 : page + 200] = bytes(100)
    file.write_bytes(content)


def mend(folder: Path, store: BlobStore, *, steps: int = 1_000) -> bool:
    """Take so many steps; return whether there are more."""
    mending = Mending(folder, bytearray(KEY), DEVICE)
    while more := mending.go_on(store):
        steps -= 1
        if steps == 0:
            break
    mending.close()
    return more


def test_a_page_that_does_not_read_costs_only_what_was_on_it_and_that_is_told(
    reopened: Callable[[], BlobStore], tmp_path: Path
) -> None:
    names = {own(reopened(), picture(400_000, seed=seed)) for seed in range(4)}
    reopened().close()
    damage_the_middle(tmp_path / BLOBS_FILE)
    store = reopened()
    assert not all(reads(store, name) for name in names)
    store.close()
    set_aside(tmp_path)
    store = reopened()
    assert not mend(tmp_path, store)
    saved = {each.facts.sha256 for each in store.uploads()}
    assert len(saved) == 3
    assert all(reads(store, name) for name in saved)
    assert [(each.facts.sha256, each.refused) for each in store.refused()] == [(*(names - saved), "blob_damaged")]


def test_everything_of_our_own_is_carried_over_however_much_and_whatever_was_said_of_it(
    reopened: Callable[[], BlobStore], tmp_path: Path
) -> None:
    store = reopened()
    names = [own(store, picture(1_000, seed=seed)) for seed in range(250)]
    store.refuse(names[0], "blob_too_large")
    store.sent(names[1], epoch="e", at=NOON)
    fetched(store, picture(1_000, seed=900))
    store.close()
    set_aside(tmp_path)
    store = reopened()
    assert not mend(tmp_path, store)
    assert {each.facts.sha256 for each in store.uploads(limit=1_000)} == set(names[1:])
    assert [(each.facts.sha256, each.refused) for each in store.refused()] == [(names[0], "blob_too_large")]
    assert all(reads(store, name) for name in names)


def test_mending_that_broke_off_goes_on_at_the_next_start(reopened: Callable[[], BlobStore], tmp_path: Path) -> None:
    store = reopened()
    names = {own(store, picture(2_500_000, seed=seed)) for seed in range(3)}
    store.close()
    set_aside(tmp_path)
    # Begun, three pieces of the second content written, then the program ends.
    assert mend(tmp_path, reopened(), steps=1 + 10 + 3)
    store = reopened()
    assert not mend(tmp_path, store)
    assert {each.facts.sha256 for each in store.uploads()} == names
    assert all(hash_of(store.read(name, 0, 2_500_000)) == name for name in names)
    # Gone through, it is not looked into again.
    assert mend(tmp_path, store) is False
    assert (tmp_path / "blobs.searched-1.db").exists()


def test_what_is_damaged_here_is_written_anew_when_it_is_attached_again(reopened: Callable[[], BlobStore]) -> None:
    store, content = reopened(), picture(90_000)
    name = own(store, content)
    store._connection.execute("UPDATE pieces SET content = zeroblob(length(content))")
    store.drop_pieces(name)
    assert store.refused()
    assert own(store, content) == name
    assert store.read(name, 0, 90_000) == content
    assert not store.refused()
    assert len(store.uploads()) == 1


@pytest.mark.parametrize(
    ("content", "refusal"),
    [(b"", DocumentEmpty), (b"GIF89a", KindNotTaken), (b"%PDF-" + bytes(MEGABYTE), DocumentTooLarge)],
)
def test_what_cannot_be_sent_is_not_kept(content: bytes, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        facts_of(content, MEGABYTE)


# With a desk.


def school_with_photos(*contents: tuple[str, bytes]) -> Rows:
    rows = small_school()
    for number, (student, content) in enumerate(contents):
        facts = facts_of(content, MOST)
        rows["document"].append(
            row(
                "document", 9_000 + number, id=f"01900000-0000-7000-8000-00000000000{number}",
                student_id=str(uid(student)), kind="PHOTO", media_type=facts.media_type, size_bytes=facts.size,
                sha256=facts.sha256, blob_ref=place_of(facts.sha256), is_confidential=False,
            )
        )  # fmt: skip
    return rows


def attached(desk: Desk, content: bytes, student: str = "omar") -> Attaching:
    draft = DocumentDraft(student=StudentId(uid(student)), kind=DocumentKind.PHOTO)
    attaching = Attaching(desk, draft, facts_of(content, MOST), content)
    while attaching.go_on():
        continue
    return attaching


def test_an_attachment_is_durable_before_its_record_is_made(clinic: Clinic) -> None:
    desk, content = clinic.opened(), picture(900_000)
    document = attached(desk, content).document
    assert document.values["sha256"] == document.facts.sha256
    assert document.values["blob_ref"] == place_of(document.facts.sha256)
    lock(desk)
    again = unlock(clinic.station(), UserId(desk.user), "correct horse battery")
    assert again.opened.blobs.counts().waiting == 1
    assert again.blobs.read(document.facts.sha256, 0, 10**6) == content
    lock(again)


def test_attaching_ends_when_the_file_is_begun_anew_meanwhile(clinic: Clinic) -> None:
    desk, content = clinic.opened(), picture(900_000)
    draft = DocumentDraft(student=StudentId(uid("omar")), kind=DocumentKind.PHOTO)
    attaching = Attaching(desk, draft, facts_of(content, MOST), content)
    assert attaching.go_on()
    assert attaching.go_on()
    assert isinstance(desk.opened, OpenFiles)
    desk.opened.set_blobs_aside()
    with pytest.raises(DiskFailed):
        attaching.go_on()
    attached(desk, content)
    assert desk.blobs.read(hash_of(content), 0, 10**6) == content
    lock(desk)


def test_nothing_is_attached_to_a_child_that_is_not_here(clinic: Clinic) -> None:
    desk = clinic.opened()
    with pytest.raises(NotFound):
        attached(desk, picture(1_000), student="nobody")
    lock(desk)


def test_photos_of_children_with_orders_are_wanted_and_the_newest_is_shown(clinic: Clinic) -> None:
    old, new, other = picture(50_000), picture(50_000, seed=2), picture(50_000, seed=3)
    desk = clinic.opened(school_with_photos(("sofia", old), ("sofia", new), ("omar", other)))
    assert want_photos(desk) == 2
    assert photo_of(desk, StudentId(uid("sofia"))) is None
    store = desk.opened.blobs
    assert isinstance(store, BlobStore)
    asked = store.next_wanted(asked=True)
    assert asked is not None
    assert asked.facts == facts_of(new, MOST)
    fetched(store, new)
    assert photo_of(desk, StudentId(uid("sofia"))) == new
    assert want_photos(desk) == 1
    assert photo_of(desk, StudentId(uid("lee"))) is None
    assert open_chart(desk, StudentId(uid("sofia"))).photo == new
    lock(desk)


def test_a_photo_damaged_on_this_disk_is_not_shown_and_is_fetched_again(clinic: Clinic) -> None:
    content = picture(50_000)
    desk = clinic.opened(school_with_photos(("sofia", content)))
    store = desk.opened.blobs
    assert isinstance(store, BlobStore)
    fetched(store, content)
    store._connection.execute("UPDATE pieces SET content = zeroblob(length(content))")
    assert photo_of(desk, StudentId(uid("sofia"))) is None
    assert not store.has(facts_of(content, MOST).sha256)
    assert store.next_wanted(asked=True) is not None
    lock(desk)


def test_a_document_is_read_in_steps_and_the_look_is_on_record(clinic: Clinic) -> None:
    content = picture(2_500_000)
    desk = clinic.opened(school_with_photos(("sofia", content)))
    store = desk.opened.blobs
    assert isinstance(store, BlobStore)
    before = len(desk.journal.newest(100))
    opening = OpeningDocument(desk, "01900000-0000-7000-8000-000000000000")
    assert opening.go_on() is False
    assert opening.content is None
    assert len(desk.journal.newest(100)) == before
    fetched(store, content)
    opening, steps = OpeningDocument(desk, "01900000-0000-7000-8000-000000000000"), 1
    while opening.go_on():
        steps += 1
    assert steps >= 3
    assert opening.content is not None
    assert opening.content.octets == content
    assert desk.journal.newest(1)[0].verb == "access.record"
    lock(desk)
