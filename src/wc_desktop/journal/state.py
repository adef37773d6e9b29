"""Facts of the device that live in the journal: last number, logical clock, clock offset."""

from wc_desktop.cipher.engine import Connection


def recall(connection: Connection, name: str) -> str | None:
    """Return a fact, None when it was never kept."""
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def remember(connection: Connection, name: str, value: str) -> None:
    """Keep a fact; the caller holds the transaction."""
    connection.execute(
        "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )
