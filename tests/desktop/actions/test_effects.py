"""What a medicine as needed did is looked at once, after half an hour to an hour (P4)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.desktop.actions.test_prn import SOFIA, draft, online, school
from tests.desktop.clinic import Clinic, Rows

from wc_contract.model.care_values import Effect
from wc_contract.model.ids import DoseId
from wc_contract.model.kinds import EFFECT_CHECK
from wc_desktop.actions.corrections import void_dose
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.effects import effect_seen, effects_due
from wc_desktop.actions.prn import log_prn
from wc_desktop.domain.effects import EffectSeen
from wc_desktop.domain.failures import NotFound, Unfinished

MINUTE = timedelta(minutes=1)


@pytest.fixture
def desk(open_desk: Callable[[Rows | None], Desk]) -> Desk:
    opened = open_desk(school())
    online(opened)
    return opened


def given(desk: Desk) -> DoseId:
    """Give one, and return it as the one that waits last."""
    log_prn(desk, draft(desk))
    return effects_due(desk)[-1].dose


def test_a_dose_as_needed_waits_from_half_an_hour_to_an_hour_after_it(desk: Desk) -> None:
    assert effects_due(desk) == ()
    dose = given(desk)
    [due] = effects_due(desk)
    now = desk.clock.now()
    assert (due.dose, due.student.id, due.given_at) == (dose, SOFIA, now)
    assert (due.due_from - now, due.due_to - now) == (30 * MINUTE, 60 * MINUTE)


def test_what_was_seen_is_written_once_and_waits_to_be_sent(desk: Desk, clinic: Clinic) -> None:
    dose = given(desk)
    clinic.clock.at += 40 * MINUTE
    before = desk.journal.waiting().count
    effect_seen(desk, EffectSeen(dose=dose, at=desk.clock.now(), effect=Effect.HELPED, note="back to class"))
    assert effects_due(desk) == ()
    assert desk.journal.waiting().count == before + 1
    [row] = desk.records.where(EFFECT_CHECK, "dose_id", [str(dose)])
    assert (row["effect"], row["note"], row["student_id"]) == ("HELPED", "back to class", str(SOFIA))


def test_nobody_waits_for_a_dose_that_was_entered_in_error_or_is_hours_ago(desk: Desk, clinic: Clinic) -> None:
    void_dose(desk, given(desk), "another child")
    assert effects_due(desk) == ()
    given(desk)
    clinic.clock.at += 241 * MINUTE
    assert effects_due(desk) == ()


@pytest.mark.parametrize("minutes", [-1, 1], ids=["before it was given", "in the future"])
def test_nothing_is_seen_before_the_dose_or_in_the_future(desk: Desk, minutes: int) -> None:
    dose = given(desk)
    seen = EffectSeen(dose=dose, at=desk.clock.now() + minutes * MINUTE, effect=Effect.WORSE)
    with pytest.raises(Unfinished):
        effect_seen(desk, seen)
    assert len(effects_due(desk)) == 1


def test_of_a_dose_that_is_not_here_nothing_was_seen(desk: Desk) -> None:
    with pytest.raises(NotFound):
        effect_seen(desk, EffectSeen(dose=DoseId(SOFIA), at=desk.clock.now(), effect=Effect.HELPED))
