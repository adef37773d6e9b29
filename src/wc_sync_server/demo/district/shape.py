"""How large the district is, and how many of its pupils take what."""

from collections.abc import Mapping
from dataclasses import dataclass

ZONE = "America/Chicago"
STATE = "IL"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolShape:
    """One school: its grades (0 is kindergarten), pupils a grade, and orders by regimen key."""

    sourced_id: str
    name: str
    level: str
    grades: range
    pupils_a_grade: int
    orders: Mapping[str, int]

    @property
    def pupils(self) -> int:
        return len(self.grades) * self.pupils_a_grade


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictShape:
    """The whole district."""

    name: str
    sourced_id: str
    schools: tuple[SchoolShape, ...]
    charts: int
    history_days: int


PRAIRIE_RIDGE = DistrictShape(
    name="Prairie Ridge Unified",
    sourced_id="org-prairie-ridge",
    charts=140,
    history_days=15,
    schools=(
        SchoolShape(
            sourced_id="org-larkspur",
            name="Larkspur Elementary School",
            level="elementary",
            grades=range(6),
            pupils_a_grade=137,
            orders={
                "methylphenidate-5": 10,
                "methylphenidate-10": 7,
                "methylphenidate-chew": 4,
                "dextroamphetamine-5": 3,
                "guanfacine-1": 5,
                "clonidine-0.1": 2,
                "cetirizine-5": 3,
                "insulin-lunch": 2,
                "levetiracetam-250": 2,
                "pancrelipase-12000": 1,
                "carbamazepine-susp": 1,
                "amoxicillin-10-days": 2,
                "albuterol-prn": 10,
                "albuterol-before-sport": 2,
                "epinephrine-0.15": 5,
                "acetaminophen-chew-prn": 3,
            },
        ),
        SchoolShape(
            sourced_id="org-cottonwood",
            name="Cottonwood Middle School",
            level="middle",
            grades=range(6, 9),
            pupils_a_grade=162,
            orders={
                "methylphenidate-10": 5,
                "methylphenidate-20": 2,
                "amphetamine-salts-10": 3,
                "guanfacine-1": 2,
                "insulin-lunch": 2,
                "levetiracetam-500": 1,
                "pancrelipase-24000": 1,
                "cetirizine-10": 1,
                "amoxicillin-10-days": 1,
                "albuterol-prn": 6,
                "epinephrine-0.3": 3,
                "acetaminophen-prn": 2,
                "ibuprofen-prn": 2,
            },
        ),
        SchoolShape(
            sourced_id="org-prairie-ridge-high",
            name="Prairie Ridge High School",
            level="high",
            grades=range(9, 13),
            pupils_a_grade=149,
            orders={
                "methylphenidate-20": 3,
                "amphetamine-salts-10": 3,
                "dexmethylphenidate-5": 1,
                "insulin-lunch": 2,
                "levetiracetam-500": 2,
                "cetirizine-10": 1,
                "amoxicillin-10-days": 1,
                "albuterol-prn": 6,
                "epinephrine-0.3": 4,
                "acetaminophen-prn": 2,
                "ibuprofen-prn": 3,
                "ondansetron-prn": 1,
            },
        ),
    ),
)
