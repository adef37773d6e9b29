"""Charts: allergies, conditions and plans, documents, records with sealed notes, screenings, vaccinations."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta

from wc_sync_server.seeding.children import Child
from wc_sync_server.seeding.events import Recorder
from wc_sync_server.seeding.house import School, school_year
from wc_sync_server.seeding.plan import Maker, Row

_ALLERGENS: tuple[tuple[str, str, list[str]], ...] = (
    ("Peanut", "hives", ["class:peanut"]),
    ("Bee venom", "swelling", []),
    ("Penicillin", "rash", ["class:penicillins"]),
    ("Egg", "vomiting", ["class:egg"]),
    ("Cat dander", "itching eyes", []),
)
_CONDITIONS = (
    ("Asthma", "J45.909", "ASTHMA"),
    ("Type 1 diabetes", "E10.9", "DIABETES"),
    ("Epilepsy", "G40.909", "SEIZURE"),
    ("Migraine", "G43.909", "INDIVIDUAL_HEALTH"),
    ("Attention deficit disorder", "F90.9", "INDIVIDUAL_HEALTH"),
)
_VACCINES = (("20", 90), ("10", 100), ("03", 400), ("21", 420), ("94", 1_500), ("115", 4_100), ("141", 1_900))
_TYPES = ("NOTE", "ASSESSMENT", "PHYSICAL_EXAM", "ILLNESS", "INJURY", "MENTAL_HEALTH", "CARE_COORDINATION")
_SHOTS = 5
_NOTE = "Invented note. Talked with the family; to be looked at again."


def charts(school: School, children: list[Child], maker: Maker, recorder: Recorder) -> Iterator[tuple[str, Row]]:
    """Yield the charts of the children of a school."""
    for child in children:
        yield from _standing(school, child, maker)
        yield from _vaccinations(child, maker)
        yield from _records(school, child, maker, recorder)


def _standing(school: School, child: Child, maker: Maker) -> Iterator[tuple[str, Row]]:
    chance, today = maker.chance, maker.plan.today
    if maker.happens(0.08):
        allergen, reaction, codes = chance.choice(_ALLERGENS)
        yield (
            "allergies",
            {
                "id": maker.new_id(),
                "student_id": child.id,
                "allergen": allergen,
                "ingredient_codes": codes,
                "reaction": reaction,
                "criticality": chance.choice(("low", "high", "unable-to-assess")),
                "verified_on": maker.day_before(90),
                "is_active": maker.happens(0.95),
            },
        )
    if maker.happens(0.12):
        name, code, plan = chance.choice(_CONDITIONS)
        condition = maker.new_id()
        yield (
            "chronic_conditions",
            {
                "id": condition,
                "student_id": child.id,
                "name": name,
                "icd10": code,
                "onset": maker.day_before(1_000),
                "review_due": today + timedelta(days=chance.randrange(200)),
                "status": "ACTIVE" if maker.happens(0.9) else "RESOLVED",
            },
        )
        if maker.happens(0.35):
            yield (
                "care_plans",
                {
                    "id": maker.new_id(),
                    "student_id": child.id,
                    "condition_id": condition,
                    "kind": plan,
                    "status": "ACTIVE",
                    "title": f"Plan: {name}",
                    "content": {"steps": ["Stay with the child", "Call the nurse", "Follow the order"]},
                    "effective_from": school_year(today),
                    "review_due": today + timedelta(days=200),
                    "signed_by": school.nurse,
                    "signed_on": school_year(today),
                },
            )
    if maker.happens(0.05):
        id_ = maker.new_id()
        yield (
            "documents",
            {
                "id": id_,
                "student_id": child.id,
                "kind": chance.choice(("MEDICATION_ORDER", "PHYSICAL_EXAM", "IMMUNIZATION_RECORD")),
                "title": "Scanned form",
                "media_type": "application/pdf",
                "size_bytes": chance.randrange(20_000, 900_000),
                "sha256": hashlib.sha256(id_.encode()).hexdigest(),
                "blob_ref": f"seeded/{id_}.pdf",
                "is_confidential": maker.happens(0.05),
            },
        )


def _vaccinations(child: Child, maker: Maker) -> Iterator[tuple[str, Row]]:
    today = maker.plan.today
    for number, (cvx, days) in enumerate(maker.chance.sample(_VACCINES, _SHOTS)):
        on = min(child.born + timedelta(days=days + maker.chance.randrange(60)), today)
        yield (
            "vaccinations",
            {
                "id": maker.new_id(),
                "student_id": child.id,
                "cvx": cvx,
                "lot": f"L{maker.chance.randrange(10_000):04d}",
                "administered_on": on,
                "dose_number": number + 1,
                "source": "state registry",
            },
        )
    if maker.happens(0.01):
        yield (
            "vaccination_exemptions",
            {
                "id": maker.new_id(),
                "student_id": child.id,
                "kind": maker.chance.choice(("MEDICAL", "RELIGIOUS", "PROVISIONAL")),
                "granted_on": school_year(today),
                "expires_on": today + timedelta(days=200),
            },
        )


def _records(school: School, child: Child, maker: Maker, recorder: Recorder) -> Iterator[tuple[str, Row]]:
    chance = maker.chance
    for _ in maker.some(0.5):
        day = maker.day_before(90)
        yield (
            "health_records",
            {
                "id": maker.new_id(),
                "student_id": child.id,
                "record_type": chance.choice(_TYPES),
                "record_date": day,
                "notes": _NOTE if maker.happens(0.6) else None,
                "metadata": {"diagnosis": chance.choice(_CONDITIONS)[1]} if maker.happens(0.3) else {},
                "is_confidential": maker.happens(0.05),
                "follow_up_date": day + timedelta(days=14) if maker.happens(0.2) else None,
                **recorder.authored(maker.during(day), school.nurse),
            },
        )
    for _ in maker.some(0.6):
        day = maker.day_before(90)
        referred = maker.happens(0.08)
        yield (
            "screenings",
            {
                "id": maker.new_id(),
                "student_id": child.id,
                "kind": chance.choice(("VISION", "HEARING", "SCOLIOSIS", "DENTAL")),
                "screened_on": day,
                "result": "REFERRED" if referred else "PASSED",
                "referral": "Sent to a specialist" if referred else None,
                **recorder.authored(maker.during(day), school.nurse),
            },
        )
