"""The one place in which records that were deleted are left out of what people ask for."""

# ruff: noqa: S608  # names of our own declaration

from wc_contract.model.kinds import RecordKind


def living(kind: RecordKind, alias: str) -> str:
    """Return what to select FROM to have the records of a kind that exist, in the district asked about."""
    gone = "" if kind.append_only else " AND k.deleted_at IS NULL"
    return f"(SELECT k.* FROM {kind.table} k WHERE k.district_id = %(district)s{gone}) {alias}"
