"""The authenticator apps of the demonstration's people."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import pyotp

from wc_contract.model.instants import Clock
from wc_sync_server.auth.totp import STEP_SECONDS
from wc_sync_server.demo.folder import DemoFolder

_KEPT = "codes-used"
_AHEAD = 1  # the server takes the code of the next step: a phone's clock may run ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticators:
    """Shows each person's six digits, and never the same ones twice: the server takes a code once.

    What was shown is kept in the demonstration's folder, because a second demonstration may follow at once.
    """

    folder: DemoFolder
    secrets: dict[str, str]
    clock: Clock
    wait: Callable[[float], None] = time.sleep  # noqa: TID251  # nobody tells that half a minute is over

    def code(self, email: str) -> str:
        """Return the next code of a person that was not shown yet; waits for it, half a minute at most."""
        shown: dict[str, int] = self.folder.read(_KEPT)
        step = max(self._step(), shown.get(email, 0) + 1)
        while step > self._step() + _AHEAD:
            self.wait(1.0)
        self.folder.write(_KEPT, {**shown, email: step})
        return pyotp.TOTP(self.secrets[email]).at(step * STEP_SECONDS)

    def _step(self) -> int:
        return int(self.clock.now().timestamp()) // STEP_SECONDS
