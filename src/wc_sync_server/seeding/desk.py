"""What happens at a nurse's door: visits and what was measured, incidents and what follows them."""

from collections.abc import Iterator
from datetime import timedelta

from wc_sync_server.seeding.children import Child
from wc_sync_server.seeding.events import Recorder
from wc_sync_server.seeding.house import School
from wc_sync_server.seeding.names import given, surname
from wc_sync_server.seeding.plan import Id, Maker, Row

_COMPLAINTS = ("Headache", "Stomach ache", "Scraped knee", "Feels hot", "Sore throat", "Nosebleed", "Tired")
_ENDS = ("RETURNED_TO_CLASS",) * 7 + ("RESTED_IN_CLINIC", "SENT_HOME", "MEDICAL_CARE")
_TYPES = ("INJURY",) * 5 + ("HEAD_INJURY", "HEAD_INJURY", "BITE", "BEHAVIOURAL", "NEAR_MISS")
_SEVERITIES = ("LOW",) * 6 + ("MEDIUM",) * 3 + ("HIGH", "CRITICAL")
_PLACES = ("Playground", "Gym", "Hallway", "Classroom", "Bus")


def visits(school: School, children: list[Child], maker: Maker, recorder: Recorder) -> Iterator[tuple[str, Row]]:
    """Yield visits and vital signs, in the order of time."""
    chance = maker.chance
    came = sorted(maker.during(maker.day_before(90)) for _ in range(int(len(children) * 1.2)))
    for at in came:
        child, id_ = chance.choice(children), maker.new_id()
        yield (
            "clinic_visits",
            {
                "id": id_,
                "student_id": child.id,
                "arrived_at": at,
                "left_at": at + timedelta(minutes=chance.randrange(4, 40)),
                "complaint": chance.choice(_COMPLAINTS),
                "care_given": "Rest and water",
                "disposition": chance.choice(_ENDS),
                "is_confidential": maker.happens(0.03),
                **recorder.authored(at, school.nurse),
            },
        )
        if maker.happens(0.4):
            yield (
                "vital_signs",
                {
                    "id": maker.new_id(),
                    "student_id": child.id,
                    "visit_id": id_,
                    "kind": "TEMPERATURE",
                    "measured_at": at,
                    "value": f"{chance.randrange(362, 391) / 10}",
                    "unit": "Cel",
                    **recorder.authored(at, school.nurse),
                },
            )


def incidents(school: School, children: list[Child], maker: Maker, recorder: Recorder) -> Iterator[tuple[str, Row]]:
    """Yield incidents, and what was added and done."""
    chance = maker.chance
    for child in children:
        if not maker.happens(0.04):
            continue
        at, id_ = maker.during(maker.day_before(90)), maker.new_id()
        type_ = chance.choice(_TYPES)
        closed = maker.happens(0.6)
        status = "CLOSED" if closed else chance.choice(("SIGNED", "FOLLOW_UP"))
        yield (
            "incident_reports",
            {
                "id": id_,
                "student_id": child.id,
                "type": type_,
                "severity": chance.choice(_SEVERITIES),
                "occurred_at": at,
                "location": chance.choice(_PLACES),
                "narrative": "Invented: fell while running and was brought to the nurse.",
                "body_regions": [{"region": "knee", "side": "left"}],
                "witnesses": [],
                "care_given": "Cleaned and covered",
                "disposition": chance.choice(_ENDS),
                "checks": [],
                "notifications": [],
                "follow_up_due": maker.plan.today + timedelta(days=chance.randrange(-5, 20)),
                "status": status,
                "signed_at": at + timedelta(minutes=20),
                "closed_at": at + timedelta(days=2) if closed else None,
                **recorder.event(at + timedelta(minutes=15), school.nurse),
            },
        )
        yield from _followed(school, child, id_, type_, maker, recorder)


def _followed(
    school: School, child: Child, incident: Id, type_: str, maker: Maker, recorder: Recorder
) -> Iterator[tuple[str, Row]]:
    chance, plan = maker.chance, maker.plan
    at = maker.during(maker.day_before(30))
    of = {"incident_id": incident}
    if type_ == "HEAD_INJURY":
        check = {"student_id": child.id, "checked_at": at, "symptoms": [], "red_flag": False}
        yield "head_injury_checks", {"id": maker.new_id(), **of, **check, **recorder.authored(at, school.nurse)}
    if maker.happens(0.2):
        said = {"text": "Invented: the family called back.", "signed_at": at}
        yield "incident_addenda", {"id": maker.new_id(), **of, **said, **recorder.authored(at, school.nurse)}
    if maker.happens(0.3):
        name = f"{given(chance)} {surname(chance)}"
        said = {"witness_name": name, "statement": "Invented: saw it happen.", "taken_at": at}
        yield "witness_statements", {"id": maker.new_id(), **of, **said, **recorder.authored(at, school.nurse)}
    if maker.happens(0.4):
        due = {"action": "Call the family again", "status": "OPEN", "due_on": plan.today + timedelta(days=3)}
        yield "follow_up_actions", {"id": maker.new_id(), **of, **due, "assigned_to": school.nurse}
    yield (
        "notifications",
        {
            "id": maker.new_id(),
            **of,
            "contact_id": child.contact,
            "method": "PHONE",
            "attempted_at": at,
            "outcome": chance.choice(("REACHED", "REACHED", "LEFT_MESSAGE", "NO_ANSWER")),
            "made_by": school.nurse,
        },
    )
