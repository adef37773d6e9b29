"""Made-up values for every declared field, so that a test can walk over all kinds of record."""

from tests.desktop.clinic import NOON, uid

from wc_contract.model.authoring import authored_fields
from wc_contract.model.instants import instant_to_text
from wc_contract.model.kinds import BY_NAME, Field, FieldType, WireValue


def sample_value(field: Field, variant: int = 0) -> WireValue:
    """A value that fits a field; another one for another variant, where the field has more than one."""
    if field.values:
        return field.values[variant % len(field.values)]
    made: dict[FieldType, WireValue] = {
        FieldType.UUID: str(uid(f"{field.name} {variant}")),
        FieldType.TEXT: f"{field.name} {variant}",
        FieldType.INTEGER: 3 + variant,
        FieldType.BOOLEAN: variant % 2 == 0,
        FieldType.DATE: f"2026-11-{10 + variant:02}",
        FieldType.INSTANT: instant_to_text(NOON.replace(second=variant)),
        FieldType.DECIMAL: f"2.{5 + variant}",
        FieldType.JSON: f'["{field.name} {variant}"]',
    }
    return made[field.type]


def authored_values(kind: str, variant: int = 0) -> dict[str, WireValue]:
    """What an author would fill in."""
    declared = BY_NAME[kind]
    return {
        name: sample_value(declared.field(name), variant)
        for name in authored_fields(kind)
        if name not in {"amends_id", "amend_reason"}
    }


def whole_row(kind: str, record_id: str, row_version: int, variant: int = 0) -> list[WireValue]:
    """A record of a kind as a pull brings it, every column filled."""
    declared = BY_NAME[kind]
    values: dict[str, WireValue] = {one.name: sample_value(one, variant) for one in declared.fields}
    values |= {"id": record_id, "row_version": row_version}
    return [values[name] for name in declared.columns]
