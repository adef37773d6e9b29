"""What the sync thread works with: the device's files, the way to the server, and the way to a new replica."""

from typing import Protocol

from wc_desktop.sync.files import Files
from wc_desktop.sync.first_sync import Side
from wc_desktop.sync.gateway import RepairGateway
from wc_desktop.sync.repair import RepairFiles


class SyncLink(Protocol):
    """One unlocked workstation's link to its server."""

    @property
    def files(self) -> Files:
        """Journal, replica and lease; used on the replica thread only."""
        ...

    @property
    def repair_files(self) -> RepairFiles:
        """The replica's records, slice by slice; used on the replica thread only."""
        ...

    def connect(self) -> RepairGateway:
        """Return the way to the server; asked for on a sync thread, so that start-up pays nothing for it."""
        ...

    def begin_side(self, epoch: str) -> Side:
        """Take up or start the side file of a rebuild; on the replica thread."""
        ...

    def swap_in(self) -> None:
        """Put the filled side file in the replica's place, without closing the desk; on the replica thread."""
        ...

    def drop_side(self) -> None:
        """Erase the side file; on the replica thread."""
        ...
