"""One piece at a time: sending what is ours, fetching what is wanted. Every piece can be the last for today."""

from collections.abc import Callable
from datetime import timedelta

from wc_contract.model.blobs import MIN_PIECE
from wc_contract.model.instants import Clock, Instant
from wc_contract.wire.codes import ProblemCode
from wc_desktop.domain.blob_views import Uploading, Wanted
from wc_desktop.domain.failures import RequestRefused, ServerSlow, UploadElsewhere, UploadsFull
from wc_desktop.sync.blob_gateway import BlobFiles, BlobGateway

_LARGEST_PIECE = 262_144
# A refusal of the content itself: to send it again would be to be refused again.
_FOR_GOOD = frozenset({ProblemCode.BLOB_TYPE.value, ProblemCode.BLOB_TOO_LARGE.value})
_DAMAGED = "blob_damaged"


class BlobLoop:
    """Carries out single steps. What it remembers beside the files may be lost at any moment: it is asked for anew.

    full_until: until when the district takes nothing more that this workstation has not begun to send.
    """

    def __init__(self, files: BlobFiles, clock: Clock, *, budget: int) -> None:
        self._files = files
        self._clock = clock
        self._budget = budget
        self._held: dict[str, int] = {}
        self._piece = _LARGEST_PIECE
        self.epoch: str | None = None
        # Before then the district takes nothing more of ours; monotonic, and as people are told.
        self.full_before = 0.0
        self.full_until: Instant | None = None

    def compare(self, gateway: BlobGateway) -> None:
        """Ask what the district holds of all that is ours; what it did not give us is asked for once more."""
        self._files.want_again()
        after = ""
        while named := self._files.uploads(after=after):
            answer = gateway.ask([each.facts for each in named])
            self._take_epoch(answer.epoch)
            for held in answer.blobs:
                self._held[held.sha256] = held.held
                if held.complete:
                    self._files.sent(held.sha256, epoch=answer.epoch, at=self._clock.now())
            after = named[-1].facts.sha256

    def send(self, gateway: BlobGateway, what: Uploading) -> None:
        """Send the next piece; with the last one the district has proved it. Raises what the gateway raises.

        When the district takes nothing more today, full_until says so, and nothing is raised.
        """
        facts = what.facts
        offset = self._held.get(facts.sha256, 0)
        piece = self._files.read(facts.sha256, offset, self._piece)
        if len(piece) < min(self._piece, facts.size - offset):
            self._lost(what)
            return
        try:
            taken = gateway.put(facts, offset, piece)
        except UploadElsewhere as elsewhere:
            # Somebody else sends the same, or the district forgot a piece: go on from there.
            self._held[facts.sha256] = elsewhere.expected
            return
        except ServerSlow:
            self._piece = max(self._piece // 2, MIN_PIECE)
            raise
        except UploadsFull as full:
            self.full_before = self._clock.monotonic() + full.after
            self.full_until = self._clock.now() + timedelta(seconds=full.after)
            return
        except RequestRefused as refused:
            self._refused(what, refused)
            return
        self.full_until = None
        self._piece = min(self._piece * 2, _LARGEST_PIECE)
        self._take_epoch(taken.epoch)
        self._held[facts.sha256] = taken.blob.held
        if taken.blob.complete:
            self._files.sent(facts.sha256, epoch=taken.epoch, at=self._clock.now())

    def fetch(self, gateway: BlobGateway, what: Wanted, stopping: Callable[[], bool]) -> bool:
        """Fetch the next piece; return whether all of it is here now, and proved."""
        facts = what.facts
        if what.held < facts.size:
            if what.held == 0 and not self._fits(what) and not what.asked:
                # No room ahead of being asked; a person who asks gets it all the same.
                self._files.give_up(facts.sha256)
                return False
            held = self._fetch_piece(gateway, what)
            if held < facts.size:
                return False
        return self._prove(what, stopping)

    def _fetch_piece(self, gateway: BlobGateway, what: Wanted) -> int:
        facts = what.facts
        try:
            part = gateway.get(facts.sha256, what.held, _LARGEST_PIECE)
        except RequestRefused as refused:
            if refused.server_code != ProblemCode.NOT_FOUND.value:
                raise
            # Its content has not arrived at the district, or is not for us. It is asked for again later.
            self._files.give_up(facts.sha256)
            return 0
        if part.size != facts.size or not part.content:
            self._files.give_up(facts.sha256)
            return 0
        return self._files.keep_piece(facts.sha256, what.held, part.content)

    def _prove(self, what: Wanted, stopping: Callable[[], bool]) -> bool:
        proving = self._files.proving(what.facts)
        while proving.go_on():
            if stopping():
                return False
        if proving.sound:
            self._files.finish(what.facts)
            return True
        self._files.drop_pieces(what.facts.sha256)
        return False

    def _refused(self, what: Uploading, refused: RequestRefused) -> None:
        name = what.facts.sha256
        self._held.pop(name, None)
        if refused.server_code in _FOR_GOOD:
            self._files.refuse(name, refused.server_code)
        elif refused.server_code == ProblemCode.BLOB_DIFFERS.value:
            # Either it was damaged on the way or by another, or it is damaged here.
            proving = self._files.proving(what.facts)
            while proving.go_on():
                continue
            if not proving.sound:
                self._lost(what)
            raise refused
        else:
            raise refused

    def _lost(self, what: Uploading) -> None:
        """Show that a piece of our own is gone; nothing is made up for it."""
        self._files.refuse(what.facts.sha256, _DAMAGED)

    def _fits(self, what: Wanted) -> bool:
        return self._files.make_room(what.facts.size, self._budget, self._clock.now(), asked=what.asked)

    def _take_epoch(self, epoch: str) -> None:
        if epoch != self.epoch:
            # A district that was restored does not have what it had.
            self.epoch = epoch
            self._held.clear()
