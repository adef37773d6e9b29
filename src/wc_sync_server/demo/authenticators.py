"""The authenticator apps of the demonstration's people."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import pyotp

from wc_contract.model.ids import DistrictId
from wc_contract.model.instants import Clock
from wc_sync_server.auth.totp import STEP_SECONDS
from wc_sync_server.cli.records import system
from wc_sync_server.wiring import Workshop

_AHEAD = 1  # the server takes the code of the next step: a phone's clock may run ahead
_LAST_STEP = """
SELECT coalesce(c.totp_last_step, 0) FROM users u
  JOIN user_credentials c ON c.district_id = u.district_id AND c.id = u.id
WHERE u.district_id = %(district)s AND u.email = %(email)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticators:
    """Shows each person six digits that the server did not take yet: it takes a code once.

    taken tells the last step (of 30 s) that the server took of a person.
    """

    secrets: dict[str, str]
    clock: Clock
    taken: Callable[[str], int]
    wait: Callable[[float], None] = time.sleep  # noqa: TID251  # nobody tells that half a minute is over

    def code(self, email: str) -> str:
        """Return a code that the server will take; waits for one, half a minute at most."""
        step = max(self._step(), self.taken(email) + 1)
        while step > self._step() + _AHEAD:
            self.wait(1.0)
        return pyotp.TOTP(self.secrets[email]).at(step * STEP_SECONDS)

    def _step(self) -> int:
        return int(self.clock.now().timestamp()) // STEP_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class CodesTaken:
    """Asks the database which code of a person was taken last."""

    parts: Workshop
    district: DistrictId

    def __call__(self, email: str) -> int:
        with system(self.parts, self.district, read_only=True) as uow:
            found = uow.connection.execute(_LAST_STEP, {"district": self.district, "email": email}).fetchone()
        return 0 if found is None else int(found[0])
