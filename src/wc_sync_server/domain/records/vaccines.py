"""Which vaccinations a school asks for: a reference policy, and how a district says otherwise.

The reference is what most states ask of children in kindergarten to grade 12, as doses of any vaccine that counts for
a series (CVX codes). It is no state's law: a district puts its own list into `districts.policy`, key
'vaccination_series': [{"name": "mmr", "cvx": ["03", "94"], "doses": 2, "from_grade": 0}, …]; kindergarten is 0.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

SERIES = "vaccination_series"  # the key in districts.policy

_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
_CVX = re.compile(r"[0-9]{2,3}")
_MOST = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A series that is asked for from a grade on: so many doses, on different days, of any of these vaccines."""

    name: str
    cvx: tuple[str, ...]
    doses: int
    from_grade: int = 0

    def as_json(self) -> dict[str, object]:
        """Return what a statement reads."""
        return {"name": self.name, "cvx": list(self.cvx), "doses": self.doses, "from_grade": self.from_grade}


_DTAP = ("01", "20", "22", "28", "50", "102", "106", "107", "110", "120", "130", "132", "146", "170")
_POLIO = ("02", "10", "89", "110", "120", "130", "132", "146", "170")
_HEP_B = ("08", "42", "43", "44", "45", "51", "102", "104", "110", "132", "146", "189", "220")
REFERENCE: tuple[Series, ...] = (
    Series(name="dtap", cvx=_DTAP, doses=4),
    Series(name="polio", cvx=_POLIO, doses=3),
    Series(name="mmr", cvx=("03", "94"), doses=2),
    Series(name="varicella", cvx=("21", "94"), doses=2),
    Series(name="hepatitis_b", cvx=_HEP_B, doses=3),
    Series(name="tdap", cvx=("115",), doses=1, from_grade=7),
    Series(name="menacwy", cvx=("32", "108", "114", "136", "147", "203"), doses=1, from_grade=7),
)


def series_of(policy: Mapping[str, Any] | None) -> tuple[Series, ...]:
    """Return what a district asks for: its own list where that reads, the reference otherwise."""
    own = tuple(_read((policy or {}).get(SERIES)))
    return own or REFERENCE


def _read(listed: object) -> Iterator[Series]:
    for item in listed[:_MOST] if isinstance(listed, list) else ():
        if not isinstance(item, dict):
            continue
        name, cvx, doses, grade = (item.get(key) for key in ("name", "cvx", "doses", "from_grade"))
        listed_codes = cvx if isinstance(cvx, list) else ()
        codes = tuple(code for code in listed_codes if isinstance(code, str) and _CVX.fullmatch(code))
        fine = isinstance(name, str) and _NAME.fullmatch(name) and isinstance(doses, int) and 0 < doses <= _MOST
        if fine and codes:
            yield Series(
                name=str(name),
                cvx=codes,
                doses=int(str(doses)),
                from_grade=grade if isinstance(grade, int) else 0,
            )
