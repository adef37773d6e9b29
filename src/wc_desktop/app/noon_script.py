"""What a noon plays: unlock, doses, a chart, an outage, an incident, the network back, lock. Keys only."""

from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget

from wc_desktop.app.noon_doses import Doses
from wc_desktop.app.noon_form import fill_form, show_the_beginning, sign
from wc_desktop.app.noon_player import NoonFailed, Script, Wait, rest
from wc_desktop.app.noon_screen import Screen, moved_on, plain, row_at
from wc_desktop.app.noon_talk import Lines, tell
from wc_desktop.app.pages import page_specs
from wc_desktop.ui.models.due_rows import DueRowLook
from wc_desktop.ui.models.student_rows import StudentRowLook
from wc_desktop.ui.theme.scheme import SchemeChoice
from wc_desktop.ui.widgets.connection_strip import StripState
from wc_desktop.ui.widgets.dress import Dresser
from wc_desktop.ui.widgets.search_field import SearchField
from wc_desktop.ui.widgets.toast import Toast

_KEY, _CTRL = Qt.Key, Qt.KeyboardModifier.ControlModifier
_SETTLE_MS = 250
_ARRIVAL_MS = 2_000
_CHART = "Parts of the chart"
_STUDENTS = "Students"
_JOURNAL = "Newest entries of this workstation"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoonPlan:
    """What is to be played."""

    password: str = field(repr=False)
    person: str
    place: int
    people: int
    pictures: Path
    doses: int
    short: bool


class Noon:
    """One noon on one screen. `script` is stepped by a Player."""

    def __init__(self, plan: NoonPlan, screen: Screen, dresser: Dresser, lines: Lines) -> None:
        self._plan = plan
        self._screen = screen
        self._dresser = dresser
        self._lines = lines
        self._doses = Doses(screen)

    def script(self) -> Script:
        """Yield what must be seen, step by step."""
        yield from self._unlock()
        yield from self._first_look()
        if self._plan.short:
            yield from self._dark()
            return
        yield from self._before_the_outage()
        yield from self._need("outage")
        yield from self._until_strip(StripState.OFFLINE)
        yield from self._during_the_outage()
        yield from self._need("network")
        yield from self._back_online()
        yield from self._lock()

    # Steps.

    def _unlock(self) -> Script:
        screen = self._screen
        yield Wait(words="the password field to have the focus", seen=self._is_locked)
        yield from self._choose_person()
        yield from self._picture("unlock.png")
        screen.write(self._plan.password)
        screen.press(_KEY.Key_Return)
        yield Wait(words="the medication pass after unlocking", seen=self._is_unlocked)
        tell("say", f"Unlocked by password as {self._plan.person}.")
        # The first exchange with the server, so that the pictures show a workstation in its daily state.
        yield from self._until_strip(StripState.ONLINE)

    def _is_locked(self) -> bool:
        return isinstance(self._screen.focus, QLineEdit) and self._screen.heard == "Password"

    def _is_unlocked(self) -> bool:
        if self._is_locked() and self._screen.says("The password is not right"):
            raise NoonFailed("The password is not right.")
        return self._doses.is_open()

    def _choose_person(self) -> Script:
        """Walk to the first name of the list, then down to the one wanted; the arrows do so from the password."""
        for _ in range(self._plan.people):
            self._screen.press(_KEY.Key_Up)
        for _ in range(self._plan.place):
            self._screen.press(_KEY.Key_Down)
        yield from rest(0)

    def _first_look(self) -> Script:
        # What another workstation has answered arrives a moment after the first contact, and takes the chosen row
        # with it to the foot of the list.
        yield from rest(_ARRIVAL_MS if self._plan.short else 0)
        yield from self._doses.to_the_top()
        yield from self._picture("medpass-light.png")
        key = self._doses.find_due(_is_telling)
        if key is None:
            raise NoonFailed("No dose is due: there is nothing to show.")
        yield from self._doses.ask(key, _KEY.Key_Return)
        yield from self._picture("confirm.png")
        if self._plan.short:
            yield from self._doses.set_aside(key)
        elif self._doses.can_complete:
            yield from self._doses.complete(key)
            self._doses.given += 1
        else:
            yield from self._doses.set_aside(key)

    def _before_the_outage(self) -> Script:
        doses = self._doses
        yield from doses.give(self._plan.doses // 2 - doses.given)
        tell("say", f"Gave {_doses(doses.given)} with Enter, Enter.")
        yield from doses.answer(_KEY.Key_R, _KEY.Key_1)
        yield from doses.answer(_KEY.Key_H, _KEY.Key_1)
        yield from doses.answer(_KEY.Key_A, _KEY.Key_1)
        tell("say", "Recorded one refused, one held, one absent child.")
        yield from self._chart()
        tell("say", "Found a child by surname and opened the chart.")
        yield from self._dark()

    def _chart(self) -> Script:
        screen, chosen = self._screen, self._doses.row
        if chosen is None:
            raise NoonFailed("No row is chosen in the medication pass.")
        again = screen.again(_KEY.Key_2, _CTRL, unless=self._shows_students)
        screen.press(_KEY.Key_2, _CTRL)
        yield Wait(words="the students", seen=self._shows_students, nudge=again)
        if not isinstance(screen.focus, SearchField):
            screen.press(_KEY.Key_Slash)
        yield Wait(words="the search field to have the focus", seen=lambda: isinstance(screen.focus, SearchField))
        screen.write(plain(chosen.student.split(",")[0]).lower())
        # Longer than the field waits for the next letter.
        yield from rest(_SETTLE_MS)
        yield Wait(words="the search to find the child", seen=lambda: self._row_of_student(chosen.student) is not None)
        screen.press(_KEY.Key_Down)
        yield Wait(words="the list of students to have the focus", seen=lambda: screen.heard == _STUDENTS)
        yield from self._walk_to_student(chosen.student)
        screen.press(_KEY.Key_Return)
        yield Wait(words="the chart", seen=lambda: screen.shown(QWidget, _CHART) is not None)
        yield from self._picture("chart.png")
        screen.press(_KEY.Key_Escape)
        yield Wait(words="the students again", seen=lambda: screen.shown(QWidget, _CHART) is None)
        yield from self._to_med_pass()

    def _shows_students(self) -> bool:
        return self._screen.has_rows(_STUDENTS)

    def _row_of_student(self, name: str) -> int | None:
        if not self._screen.has_rows(_STUDENTS):
            return None
        view = self._screen.table(_STUDENTS)
        rows = (row_at(view, row) for row in range(view.model().rowCount()))
        names = [row.name for row in rows if isinstance(row, StudentRowLook)]
        return names.index(name) if name in names else None

    def _walk_to_student(self, name: str) -> Script:
        view = self._screen.table(_STUDENTS)
        while (here := view.currentIndex().row()) != (there := self._row_of_student(name)):
            if there is None:
                raise NoonFailed("The child that was searched for has left the list.")
            moved = moved_on(view)
            self._screen.press(_KEY.Key_Down if here < there else _KEY.Key_Up)
            yield Wait(words="another student to be chosen", seen=moved)

    def _to_med_pass(self) -> Script:
        again = self._screen.again(_KEY.Key_1, _CTRL, unless=self._doses.is_open)
        self._screen.press(_KEY.Key_1, _CTRL)
        yield Wait(words="the medication pass", seen=self._doses.is_open, nudge=again)

    def _dark(self) -> Script:
        self._dresser.choose_scheme(SchemeChoice.DARK)
        yield from self._picture("medpass-dark.png")
        self._dresser.choose_scheme(SchemeChoice.LIGHT)
        yield from rest(_SETTLE_MS)

    def _during_the_outage(self) -> Script:
        doses = self._doses
        yield from self._picture("medpass-offline.png")
        before = doses.given
        yield from doses.give(self._plan.doses - doses.given)
        tell("say", f"The network is away. Gave {_doses(doses.given - before)} all the same.")
        yield from self._incident()
        tell("say", "Wrote and signed an incident report without the network.")
        yield from self._sync_screen("sync.png")
        yield from self._to_med_pass()

    def _incident(self) -> Script:
        screen = self._screen
        screen.press(_KEY.Key_C)
        yield Wait(words="the chart", seen=lambda: screen.shown(QWidget, _CHART) is not None)
        again = screen.again(_KEY.Key_I, _CTRL, unless=self._form_is_open)
        screen.press(_KEY.Key_I, _CTRL)
        yield Wait(words="the incident form", seen=lambda: screen.heard == "When", nudge=again)
        yield from fill_form(screen)
        yield from show_the_beginning(screen)
        yield from self._picture("incident.png")
        yield from sign(screen)
        yield from self._to_med_pass()

    def _form_is_open(self) -> bool:
        return self._screen.says("Incident report")

    def _sync_screen(self, picture: str) -> Script:
        # Where it stands on the rail, the pages say.
        key = Qt.Key(_KEY.Key_1 + [page.key for page in page_specs()].index("sync"))
        again = self._screen.again(key, _CTRL, unless=self._shows_journal)
        self._screen.press(key, _CTRL)
        yield Wait(words="the sync screen", seen=self._shows_journal, nudge=again)
        yield from self._picture(picture)

    def _shows_journal(self) -> bool:
        return self._screen.has_rows(_JOURNAL)

    def _back_online(self) -> Script:
        yield from self._until_strip(StripState.ONLINE)
        yield Wait(words="everything to be sent", seen=self._all_sent, nudge=self._sync_now)
        tell("say", "The network is back. Everything that waited has been sent.")
        yield from self._sync_screen("sync-after.png")

    def _lock(self) -> Script:
        again = self._screen.again(_KEY.Key_L, _CTRL, unless=self._is_locked)
        self._screen.press(_KEY.Key_L, _CTRL)
        yield Wait(words="the workstation to be locked", seen=self._is_locked, nudge=again)
        tell("say", f"Locked. {_doses(self._doses.given).capitalize()} given in this noon.")

    # The strip, the parent process, the camera.

    def _until_strip(self, state: StripState) -> Script:
        yield Wait(words=f"the strip to say {state.value}", seen=lambda: self._says(state), nudge=self._sync_now)

    def _says(self, state: StripState) -> bool:
        strip = self._screen.strip
        return strip is not None and strip.look.state is state

    def _all_sent(self) -> bool:
        strip = self._screen.strip
        return strip is not None and "all sent" in strip.look.parts

    def _sync_now(self) -> None:
        self._screen.press(_KEY.Key_F5)

    def _need(self, what: str) -> Script:
        tell("need", what)
        yield Wait(words=f"the answer to “{what}”", seen=self._is_answered)
        if not self._lines.ready:
            raise NoonFailed("The process that started this noon is gone.")
        self._lines.take()

    def _is_answered(self) -> bool:
        return self._lines.ready or self._lines.ended

    def _picture(self, name: str) -> Script:
        yield Wait(words="the note at the foot to go", seen=lambda: self._screen.shown(Toast) is None)
        yield from rest(_SETTLE_MS)
        self._screen.picture(self._plan.pictures / name)
        tell("picture", name)


def _doses(count: int) -> str:
    return "one dose" if count == 1 else f"{count} doses"


def _is_telling(look: DueRowLook) -> bool:
    return bool(look.chips)
