"""What delivering needs: where letters wait, and who takes them along."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

from wc_contract.model.ids import DistrictId
from wc_sync_server.domain.messages import Channel, Letter, Outcome


class Outbox(Protocol):
    """Where letters wait."""

    def districts(self) -> tuple[tuple[DistrictId, str], ...]: ...
    def take(self, district: DistrictId, most: int) -> tuple[Letter, ...]: ...
    def settle(self, district: DistrictId, letter: Letter, outcome: Outcome, pause: timedelta | None) -> None: ...


class Carrier(Protocol):
    """Takes a letter to the other side, in bounded time. It never raises: what went wrong is an outcome."""

    def carry(self, letter: Letter) -> Outcome: ...


Carriers = Mapping[str, Mapping[Channel, Carrier]]  # by the district's code
