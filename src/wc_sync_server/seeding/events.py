"""What every clinical event carries, as if a workstation of its school had recorded it."""

from datetime import datetime

from wc_sync_server.seeding.plan import ZONE, Id, Maker, Row


class Recorder:
    """Stamps the events of one school: an entry and a place in the order of its workstation for each."""

    def __init__(self, maker: Maker) -> None:
        self._maker = maker
        self._device = maker.new_id()
        self._number = 0

    def authored(self, at: datetime, author: Id) -> Row:
        """Return what an event of at carries."""
        self._number += 1
        return {
            "entry_id": self._maker.new_id(),
            "device_id": self._device,
            "device_seq": self._number,
            "recorded_at": at,
            "recorded_tz": ZONE,
            "author_user_id": author,
        }

    def event(self, at: datetime, author: Id) -> Row:
        """Return the same for a kind that also says what was known when it was recorded."""
        return {**self.authored(at, author), "replica_as_of": at, "flags": []}
