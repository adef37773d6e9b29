"""What pupils of a school take at school: drug, dose and noon times, and the condition it is for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A condition with its codes."""

    name: str
    icd10: str
    snomed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Regimen:
    """One kind of order. times are chosen from; as needed when there are none."""

    key: str
    medication: str
    dose: Decimal
    unit: str
    route: str
    reason: Reason
    times: tuple[str, ...] = ()
    instructions: str = ""
    min_interval: int | None = None
    max_doses: int | None = None
    max_period: int | None = None
    window: int | None = None
    days: int | None = None
    allergen: str | None = None
    self_carry: tuple[str, ...] = ()
    also: str | None = None

    @property
    def as_needed(self) -> bool:
        return not self.times


ADHD = Reason(name="Attention deficit hyperactivity disorder", icd10="F90.9", snomed="406506008")
ASTHMA = Reason(name="Asthma", icd10="J45.909", snomed="195967001")
ANAPHYLAXIS = Reason(name="Food allergy with risk of anaphylaxis", icd10="Z91.010", snomed="414285001")
DIABETES = Reason(name="Type 1 diabetes mellitus", icd10="E10.9", snomed="46635009")
EPILEPSY = Reason(name="Epilepsy", icd10="G40.909", snomed="84757009")
CYSTIC_FIBROSIS = Reason(name="Cystic fibrosis", icd10="E84.9", snomed="190905008")
RHINITIS = Reason(name="Seasonal allergic rhinitis", icd10="J30.2", snomed="367498001")
THROAT = Reason(name="Streptococcal sore throat", icd10="J02.0", snomed="43878008")
HEADACHE = Reason(name="Headache", icd10="R51.9", snomed="25064002")
CRAMPS = Reason(name="Dysmenorrhea", icd10="N94.6", snomed="266599000")
MIGRAINE = Reason(name="Migraine", icd10="G43.909", snomed="37796009")

_NOON = ("11:15", "11:30", "11:30", "11:45", "11:45", "11:45", "12:00", "12:00", "12:15", "12:30", "12:45")
_LUNCH = ("11:30", "11:45", "12:00")
_HOUR, _DAY = 60, 24 * 60
_RESCUE_SCHOOLS = ("middle", "high")


def _tablets(key: str, medication: str, milligrams: str, reason: Reason) -> Regimen:
    return Regimen(
        key=key,
        medication=medication,
        dose=Decimal(milligrams),
        unit="mg",
        route="ORAL",
        reason=reason,
        times=_NOON,
    )


def _when_needed(key: str, medication: str, milligrams: str, reason: Reason, hours: int, most: int) -> Regimen:
    return replace(
        _tablets(key, medication, milligrams, reason),
        times=(),
        min_interval=hours * _HOUR,
        max_doses=most,
        max_period=_DAY,
    )


_ALL = (
    _tablets("methylphenidate-5", "methylphenidate-5-tab", "5", ADHD),
    _tablets("methylphenidate-10", "methylphenidate-10-tab", "10", ADHD),
    _tablets("methylphenidate-20", "methylphenidate-20-tab", "20", ADHD),
    _tablets("methylphenidate-chew", "methylphenidate-5-chew", "5", ADHD),
    _tablets("dexmethylphenidate-5", "dexmethylphenidate-5-tab", "5", ADHD),
    _tablets("dextroamphetamine-5", "dextroamphetamine-5-tab", "5", ADHD),
    _tablets("amphetamine-salts-10", "amphetamine-salts-10-tab", "10", ADHD),
    _tablets("guanfacine-1", "guanfacine-1-tab", "1", ADHD),
    _tablets("clonidine-0.1", "clonidine-0.1-tab", "0.1", ADHD),
    _tablets("cetirizine-5", "cetirizine-5-tab", "5", RHINITIS),
    _tablets("cetirizine-10", "cetirizine-10-tab", "10", RHINITIS),
    replace(_tablets("levetiracetam-250", "levetiracetam-250-tab", "250", EPILEPSY), window=15, also="diazepam-prn"),
    replace(_tablets("levetiracetam-500", "levetiracetam-500-tab", "500", EPILEPSY), window=15, also="midazolam-prn"),
    replace(
        _tablets("amoxicillin-10-days", "amoxicillin-500-tab", "500", THROAT),
        days=10,
        instructions="Until the course is finished.",
    ),
    _when_needed("acetaminophen-prn", "acetaminophen-325-tab", "325", HEADACHE, 4, 2),
    _when_needed("acetaminophen-chew-prn", "acetaminophen-160-chew", "320", HEADACHE, 4, 2),
    _when_needed("ibuprofen-prn", "ibuprofen-200-tab", "200", CRAMPS, 6, 2),
    _when_needed("ondansetron-prn", "ondansetron-4-odt", "4", MIGRAINE, 8, 1),
    Regimen(
        key="carbamazepine-susp",
        medication="carbamazepine-20-susp",
        dose=Decimal("7.5"),
        unit="mL",
        route="ORAL",
        reason=EPILEPSY,
        times=("12:00",),
        window=15,
        instructions="Shake well. Measure with the oral syringe.",
    ),
    Regimen(
        key="albuterol-prn",
        medication="albuterol-90-mdi",
        dose=Decimal(2),
        unit="{puff}",
        route="INHALED",
        reason=ASTHMA,
        min_interval=4 * _HOUR,
        max_doses=4,
        max_period=_DAY,
        instructions="With spacer, for wheeze, cough or tight chest.",
        self_carry=_RESCUE_SCHOOLS,
    ),
    Regimen(
        key="albuterol-before-sport",
        medication="albuterol-90-mdi",
        dose=Decimal(2),
        unit="{puff}",
        route="INHALED",
        reason=ASTHMA,
        times=("12:30", "12:45", "13:10"),
        instructions="15 minutes before physical education, with spacer.",
    ),
    Regimen(
        key="insulin-lunch",
        medication="insulin-lispro-100",
        dose=Decimal(4),
        unit="[iU]",
        route="SUBCUTANEOUS",
        reason=DIABETES,
        times=_LUNCH,
        window=15,
        instructions="Before lunch, after glucose check, by the carbohydrate plan.",
        also="glucagon-prn",
    ),
    Regimen(
        key="pancrelipase-12000",
        medication="pancrelipase-12000-cap",
        dose=Decimal(2),
        unit="{capsule}",
        route="ORAL",
        reason=CYSTIC_FIBROSIS,
        times=_LUNCH,
        window=15,
        instructions="With the first bites of lunch.",
    ),
    Regimen(
        key="pancrelipase-24000",
        medication="pancrelipase-24000-cap",
        dose=Decimal(2),
        unit="{capsule}",
        route="ORAL",
        reason=CYSTIC_FIBROSIS,
        times=_LUNCH,
        window=15,
        instructions="With the first bites of lunch.",
    ),
    Regimen(
        key="epinephrine-0.15",
        medication="epinephrine-0.15-auto",
        dose=Decimal("0.15"),
        unit="mg",
        route="INTRAMUSCULAR",
        reason=ANAPHYLAXIS,
        instructions="Outer thigh. Call 911. A second dose after 5 minutes if there is no relief.",
        allergen="Peanut",
    ),
    Regimen(
        key="epinephrine-0.3",
        medication="epinephrine-0.3-auto",
        dose=Decimal("0.3"),
        unit="mg",
        route="INTRAMUSCULAR",
        reason=ANAPHYLAXIS,
        instructions="Outer thigh. Call 911. A second dose after 5 minutes if there is no relief.",
        allergen="Peanut",
        self_carry=_RESCUE_SCHOOLS,
    ),
    Regimen(
        key="glucagon-prn",
        medication="glucagon-3-nasal",
        dose=Decimal(3),
        unit="mg",
        route="NASAL",
        reason=DIABETES,
        instructions="For severe low glucose. Call 911.",
    ),
    Regimen(
        key="diazepam-prn",
        medication="diazepam-10-rectal",
        dose=Decimal(10),
        unit="mg",
        route="RECTAL",
        reason=EPILEPSY,
        instructions="For a seizure longer than 5 minutes. Call 911.",
    ),
    Regimen(
        key="midazolam-prn",
        medication="midazolam-5-nasal",
        dose=Decimal(5),
        unit="mg",
        route="NASAL",
        reason=EPILEPSY,
        instructions="For a seizure longer than 5 minutes. Call 911.",
    ),
)
REGIMENS: Mapping[str, Regimen] = {regimen.key: regimen for regimen in _ALL}
