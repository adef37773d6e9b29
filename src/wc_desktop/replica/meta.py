"""What a replica says about itself: whose it is, how far it goes, whether it is complete."""

from dataclasses import dataclass

from wc_contract.model.ids import DeviceId, SchoolId
from wc_contract.model.instants import Instant, instant_from_text
from wc_desktop.cipher.engine import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whose replica a file is."""

    device: DeviceId
    school: SchoolId

    def facts(self) -> dict[str, str]:
        """Return the identity as it stands in meta."""
        return {"device": str(self.device), "school": str(self.school)}


def read_meta(connection: Connection) -> dict[str, str]:
    """Return all of meta."""
    return dict(connection.execute("SELECT name, value FROM meta"))


def keep(connection: Connection, facts: dict[str, str]) -> None:
    """Write facts into meta; the caller holds the transaction."""
    connection.executemany(
        "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        list(facts.items()),
    )


def read_positions(connection: Connection) -> dict[str, int]:
    """Return, per kind, the row_version up to which everything is here."""
    return dict(connection.execute("SELECT kind, upto FROM positions"))


def keep_position(connection: Connection, kind: str, upto: int) -> None:
    """Move a kind's position forward; the caller holds the transaction that brought the rows."""
    connection.execute(
        """INSERT INTO positions (kind, upto) VALUES (?, ?)
           ON CONFLICT (kind) DO UPDATE SET upto = max(upto, excluded.upto)""",
        (kind, upto),
    )


def as_of(meta: dict[str, str]) -> Instant | None:
    """Return the snapshot of the newest complete pull."""
    text = meta.get("data_as_of")
    return None if text is None else instant_from_text(text)
