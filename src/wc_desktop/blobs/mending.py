"""Files of photos and documents that were set aside: what is this workstation's own is carried over, in short steps.

A file that was gone through gets another name: a person may look into it still, the program does not again. What it
held of the district's is fetched anew.
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from wc_contract.model.ids import DeviceId
from wc_desktop.blobs.schema import next_set_aside, open_set_aside, put_away
from wc_desktop.blobs.store import DAMAGED, BlobStore
from wc_desktop.cipher.faults import CannotOpen, Damaged
from wc_desktop.domain.blob_views import Uploading

# A dose waits for the step that has begun: so much is written in some milliseconds.
_A_STEP = 262_144


@dataclass(frozen=True, slots=True, kw_only=True)
class _Own:
    """Content of our own in a file that was set aside. sent: whether the district ever had it."""

    what: Uploading
    sent: bool


class Mending:
    """Carries over for as long as go_on says that there is more. Begun anew, it begins with the same file."""

    def __init__(self, folder: Path, journal_key: bytearray, device: DeviceId) -> None:
        self._folder = folder
        self._key = journal_key
        self._device = device
        self._path: Path | None = None
        self._old: BlobStore | None = None
        self._left: list[_Own] = []
        self._at = 0
        self._digest = sha256()

    def go_on(self, into: BlobStore) -> bool:
        """Carry over the next piece; return whether there is more.

        Content whose pages do not read, or read as something else, is left where it is; what nobody else has of it is
        shown as damaged. Raises what the present file raises, DocumentsShut, DocumentsNewer, DiskFailed; then the other
        file is gone through later.
        """
        if self._path is None:
            return self._begin()
        if not self._left:
            path = self._path
            self.close()
            put_away(path)
        elif self._at > 0 or into.begin_own(self._left[0].what.facts):
            self._carry(self._left[0], into)
        else:
            self._next()  # it is there already
        return True

    def close(self) -> None:
        """Close the file that is being gone through."""
        self._path = None
        self._drop()

    def _begin(self) -> bool:
        path = next_set_aside(self._folder)
        if path is None:
            return False
        self._left, self._at = [], 0
        try:
            # What the district never had comes first: the rest of the file may not read.
            for sent in (False, True):
                for what in self._opened(path).own(sent=sent):
                    self._left.append(_Own(what=what, sent=sent))
        except (Damaged, CannotOpen):
            # What was listed by then is carried over.
            self._drop()
        # Not before: a file of which the disk would not say what is in it is asked again.
        self._path = path
        return True

    def _carry(self, own: "_Own", into: BlobStore) -> None:
        what, name = own.what, own.what.facts.sha256
        piece = self._piece(what)
        held = into.keep_piece(name, self._at, piece)
        if self._at == 0:
            self._digest = sha256()
        self._digest.update(piece)
        self._at = held
        if piece and self._at < what.facts.size:
            return
        if self._digest.hexdigest() == name:
            into.finish(what.facts)
            if what.refused is not None and what.refused != DAMAGED:
                into.refuse(name, what.refused)
        else:
            # SQLCipher may give a page that does not read as zeros, and complain at the next one only. Then its
            # connection reads no other page either: it is opened anew.
            self._drop()
            if own.sent:
                into.abandon(name)
            else:
                into.lost(name)
        self._next()

    def _piece(self, what: Uploading) -> bytes:
        try:
            return b"" if self._path is None else self._opened(self._path).read(what.facts.sha256, self._at, _A_STEP)
        except (Damaged, CannotOpen):
            return b""

    def _next(self) -> None:
        self._left.pop(0)
        self._at = 0

    def _opened(self, path: Path) -> BlobStore:
        if self._old is None:
            self._old = BlobStore(open_set_aside(path, self._key, self._device))
        return self._old

    def _drop(self) -> None:
        old, self._old = self._old, None
        if old is not None:
            old.close()
