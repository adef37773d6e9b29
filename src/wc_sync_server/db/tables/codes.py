"""Public codes, the same for every district and machine: filled from resources/codes by `db reference`."""

from sqlalchemy import Boolean, Column, PrimaryKeyConstraint, Table, Text

from wc_sync_server.db.tables.base import check, reference_table


def _codes(name: str, key: str, form: str, *columns: Column[object]) -> Table:
    return reference_table(
        name,
        Column(key, Text, nullable=False),
        *columns,
        PrimaryKeyConstraint(key, name=f"pk_{name}"),
        check(name, key, f"{key} ~ '{form}'"),
    )


def _text(name: str) -> Column[object]:
    return Column(name, Text, nullable=False)


VACCINE_CODES = _codes(
    "vaccine_codes",
    "cvx",
    "^[0-9]{2,3}$",
    _text("short_name"),
    _text("full_name"),
    _text("vaccine_group"),
    Column("is_active", Boolean, nullable=False),
)
MANUFACTURERS = _codes(
    "manufacturers", "mvx", "^[A-Z]{2,3}$", _text("name"), Column("is_active", Boolean, nullable=False)
)
DRUG_INGREDIENTS = _codes("drug_ingredients", "rxcui", "^[0-9]{1,8}$", _text("name"))
ICD10_CODES = _codes("icd10_codes", "code", "^[A-Z][0-9][0-9A-Z](\\.[0-9A-Z]{1,4})?$", _text("description"))
