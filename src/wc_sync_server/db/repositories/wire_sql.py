"""Records in wire form, made by PostgreSQL itself: decimals and JSON as text, everything else as its JSON.

Sealed fields come as they are kept; `uow.sealing` opens them.
"""

from functools import cache

from wc_contract.model.kinds import BY_NAME, FieldType

_AS_TEXT = frozenset({FieldType.DECIMAL, FieldType.JSON})


@cache
def wire_array(kind_name: str, alias: str, *, added: bool = True) -> str:
    """Return the expression of one record as an array, in the order of RecordKind.columns.

    added False leaves out what some workstations do not know (RecordKind.first_columns).
    """
    kind, values = BY_NAME[kind_name], _values(kind_name, alias)
    columns = kind.columns if added else kind.first_columns
    return f"json_build_array({', '.join(values[name] for name in columns)})"


@cache
def wire_object(kind_name: str, alias: str) -> str:
    """Return the expression of one record as an object."""
    pairs = (f"'{name}', {value}" for name, value in _values(kind_name, alias).items())
    return f"json_build_object({', '.join(pairs)})"


def _values(kind_name: str, alias: str) -> dict[str, str]:
    kind = BY_NAME[kind_name]
    casts = {field.name: "::text" if field.type in _AS_TEXT and not field.sealed else "" for field in kind.fields}
    # After a dot every word is a name, so none is quoted.
    return {name: f"{alias}.{name}{casts.get(name, '')}" for name in kind.columns}
