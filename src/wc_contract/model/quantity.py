"""Amounts are exact decimals with a unit."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

_SPELLED = {
    "mg": "mg",
    "ug": "mcg",
    "g": "g",
    "mL": "mL",
    "[iU]": "units",
    "{tbl}": "tablet",
    "{capsule}": "capsule",
    "{puff}": "puff",
    "{actuat}": "spray",
    "{patch}": "patch",
    "{drop}": "drop",
    "{dose}": "dose",
}
_COUNTED = {"tablet", "capsule", "puff", "spray", "patch", "drop", "dose"}


def plain(number: Decimal) -> str:
    """Return a dose the safe way: leading zero, no trailing zero, no exponent (ISMP; ux.md)."""
    text = format(number.normalize(), "f")
    return text if text != "-0" else "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """An exact amount and its UCUM unit."""

    amount: Decimal
    unit: str

    def __str__(self) -> str:
        spelled = _SPELLED.get(self.unit, self.unit)
        if spelled in _COUNTED and self.amount != 1:
            spelled += "es" if spelled.endswith("ch") else "s"
        return f"{plain(self.amount)} {spelled}"


def decimal_from_text(text: str) -> Decimal:
    """Read a decimal as written on the wire.

    Raises ValueError for anything that is not a finite decimal.
    """
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ValueError("not a decimal") from error
    if not number.is_finite():
        raise ValueError("not a finite decimal")
    return number
