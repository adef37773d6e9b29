"""The account the server runs under: PostgreSQL refuses root, and so do we."""

import os
import pwd
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from wc_sync_server.embedded.errors import EmbeddedPostgresUnavailable

# An account that is there already; none is ever created. `nobody` is second because others may share it.
PREFERRED = ("postgres", "nobody")


class _Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who runs the server's processes, and whether becoming them means dropping root."""

    uid: int
    gid: int
    name: str
    dropped: bool

    def identity(self) -> _Identity:
        """Return the arguments that make subprocess become this account."""
        if not self.dropped:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def owns(self, path: Path) -> None:
        """Hand path, which we just made, to this account."""
        if self.dropped:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, directory: Path) -> bool:
        """Say whether the account reaches directory, by trying it: modes alone do not tell (ACLs, mounts)."""
        return self.run(["/bin/sh", "-c", 'cd -- "$1"', "sh", str(directory)]).returncode == 0

    def run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run command to its end as this account, in its own session and with a bare environment.

        Leaving early (Ctrl+C) takes the command's children along: initdb's go on writing otherwise.
        """
        # The command is ours and fixed; only paths that we chose vary.
        with subprocess.Popen(  # noqa: S603
            command,
            cwd="/",
            env=bare_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            umask=0o077,
            **self.identity(),
        ) as process:
            try:
                output, errors = process.communicate()
            except BaseException:
                os.killpg(process.pid, signal.SIGKILL)
                raise
        return subprocess.CompletedProcess(command, process.returncode, output, errors)


def bare_environment() -> dict[str, str]:
    """Return an environment without the caller's PG*, LD_* and locale settings."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def choose_account(name: str | None = None) -> Account:
    """Return the account to use: ourselves, or for root the named or first preferred unprivileged one."""
    if os.geteuid() != 0:
        return Account(uid=os.geteuid(), gid=os.getegid(), name=_own_name(), dropped=False)
    for candidate in PREFERRED if name is None else (name,):
        try:
            entry = pwd.getpwnam(candidate)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(uid=entry.pw_uid, gid=entry.pw_gid, name=candidate, dropped=True)
    wanted = " or ".join(PREFERRED if name is None else (name,))
    raise EmbeddedPostgresUnavailable(
        f"PostgreSQL must not run as root and there is no account {wanted} to run it as: "
        "run this as an ordinary user, or set DATABASE_URL to a server you have."
    )


def _own_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
