"""What `doctor` says, for tests: verdicts by check, and never a secret or a child among them."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from tests import factories as make
from tests.central_database import PASSWORDS
from typer.testing import CliRunner

from wc_sync_server.cli.app import app
from wc_sync_server.db.provision import Dsns

SECRETS = (PASSWORDS.migrate, PASSWORDS.app, PASSWORDS.audit_reader, PASSWORDS.backup, make.MARKER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """How an examination ended, and what it said: check, state, found, what to do."""

    code: int
    said: tuple[tuple[str, str, str, str], ...]

    def states(self, *states: str) -> list[tuple[str, str]]:
        """Return check and sentence of all that is in one of these states."""
        return [(check, found) for check, state, found, _ in self.said if state in states]

    def named(self, check: str, *words: str) -> bool:
        """Whether a check wants something done, says what to do, and says each of these words."""
        return any(
            name == check and state == "do" and to_do and all(word in f"{found} {to_do}" for word in words)
            for name, state, found, to_do in self.said
        )


def ways_in(dsns: Dsns) -> dict[str, str]:
    """Return what a server is told of its database."""
    return {"WC_DATABASE_URL": dsns.app, "WC_MIGRATE_URL": dsns.migrate, "WC_AUDIT_URL": dsns.audit_reader}


def examined(environment: Mapping[str, str], *checks: str) -> Examined:
    """Examine the deployment that an environment describes."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("WC_")]:
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        result = CliRunner().invoke(app, ["doctor", "--json", *checks])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert not [secret for secret in SECRETS if secret in result.stdout + result.stderr]
    document = json.loads(result.stdout)
    assert document["exit"] == result.exit_code
    said = tuple((one["check"], one["state"], one["found"], one["to_do"]) for one in document["checks"])
    return Examined(code=result.exit_code, said=said)
