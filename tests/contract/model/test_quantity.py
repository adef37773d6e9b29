"""Amounts: exact, and shown the safe way."""

from decimal import Decimal

import pytest
from hypothesis import given
from tests.strategies import amounts

from wc_contract.model.quantity import Quantity, decimal_from_text, plain


@pytest.mark.parametrize(
    ("amount", "unit", "shown"),
    [
        ("0.50", "mg", "0.5 mg"),
        (".5", "mg", "0.5 mg"),
        ("5.0", "mg", "5 mg"),
        ("1E+2", "mg", "100 mg"),
        ("180", "ug", "180 mcg"),
        ("4", "[iU]", "4 units"),
        ("1", "[iU]", "1 units"),
        ("1", "{tbl}", "1 tablet"),
        ("1.0", "{tbl}", "1 tablet"),
        ("2", "{tbl}", "2 tablets"),
        ("0.5", "{tbl}", "0.5 tablets"),
        ("2", "{puff}", "2 puffs"),
        ("2", "{patch}", "2 patches"),
        ("1", "{patch}", "1 patch"),
        ("2.5", "mL", "2.5 mL"),
        ("3", "[drp]", "3 [drp]"),
        ("0", "mg", "0 mg"),
        ("-0", "mg", "0 mg"),
    ],
)
def test_a_dose_is_shown_without_trailing_zero_and_with_a_leading_one(amount: str, unit: str, shown: str) -> None:
    assert str(Quantity(amount=Decimal(amount), unit=unit)) == shown


@given(amounts)
def test_plain_text_reads_back_as_the_same_number(amount: Decimal) -> None:
    text = plain(amount)
    assert decimal_from_text(text) == amount
    assert "E" not in text
    assert plain(decimal_from_text(text)) == text


@pytest.mark.parametrize("text", ["", "x", "NaN", "Infinity", "-Infinity", "sNaN", "1,5", "0x1"])
def test_what_is_no_finite_decimal_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="decimal"):
        decimal_from_text(text)
