"""What the replica knows of this device's own numbers, asked when the journal itself cannot say."""

from pathlib import Path

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.kinds import KINDS
from wc_desktop.cipher.faults import disk_errors
from wc_desktop.replica.engine import open_replica
from wc_desktop.replica.meta import Identity, read_meta


def newest_own_number(path: Path, key: bytearray, identity: Identity) -> int:
    """Return the newest number that the district was known to hold of this device, 0 when the replica does not say."""
    try:
        connection = open_replica(path, key, identity)
    except WhiteCrossError:
        return 0
    try:
        with disk_errors():
            acknowledged = int(read_meta(connection).get("acknowledged", "0"))
            # Rows of a pull that broke off may be ahead of what was acknowledged with the one before.
            rows = [
                connection.execute(
                    f"SELECT max(device_seq) FROM {kind.table} WHERE device_id = ?",  # noqa: S608
                    (str(identity.device),),
                ).fetchone()[0]
                for kind in KINDS
                if "device_seq" in kind.columns
            ]
    except WhiteCrossError:
        return 0
    finally:
        connection.close()
    return max(acknowledged, *(int(row or 0) for row in rows))
