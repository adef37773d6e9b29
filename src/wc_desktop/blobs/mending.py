"""A file of photos and documents with a page that does not read: what it alone has is carried over."""

from pathlib import Path

from wc_contract.model.blobs import hash_of
from wc_contract.model.ids import DeviceId
from wc_desktop.blobs.schema import open_blobs, set_aside
from wc_desktop.blobs.store import BlobStore
from wc_desktop.cipher.faults import Damaged
from wc_desktop.domain.blob_views import Content, ContentFacts


def mended(old: BlobStore, folder: Path, journal_key: bytearray, device: DeviceId) -> BlobStore:
    """Close and set aside the file, and return a new one with what was never sent. The rest is fetched again."""
    old.close()
    reader = _Reader(folder, journal_key, device)
    saved = [content for facts in reader.unsent() if (content := reader.read(facts)) is not None]
    reader.close()
    set_aside(folder)
    fresh = BlobStore(open_blobs(folder, journal_key, device))
    for content in saved:
        fresh.begin_own(content.facts)
        fresh.keep_piece(content.facts.sha256, 0, content.octets)
        fresh.finish(content.facts)
    return fresh


class _Reader:
    """Reads what can be read. Once a page did not read, its connection reads none: it is opened anew.

    SQLCipher may give such a page as zeros and complain at the next one only, so what does not have its hash counts
    as a page that did not read.
    """

    def __init__(self, folder: Path, journal_key: bytearray, device: DeviceId) -> None:
        self._folder = folder
        self._key = journal_key
        self._device = device
        self._store: BlobStore | None = None

    def unsent(self) -> list[ContentFacts]:
        """Return what was never sent, as far as the list itself reads."""
        try:
            return [each.facts for each in self._opened().uploads()]
        except Damaged:
            self.close()
            return []

    def read(self, facts: ContentFacts) -> Content | None:
        """Return content that reads and is what it is called."""
        try:
            octets = self._opened().read(facts.sha256, 0, facts.size)
        except Damaged:
            self.close()
            return None
        if hash_of(octets) != facts.sha256:
            self.close()
            return None
        return Content(facts=facts, octets=octets)

    def close(self) -> None:
        """Close the file."""
        store, self._store = self._store, None
        if store is not None:
            store.close()

    def _opened(self) -> BlobStore:
        if self._store is None:
            self._store = BlobStore(open_blobs(self._folder, self._key, self._device))
        return self._store
