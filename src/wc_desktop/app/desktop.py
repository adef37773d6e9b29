"""The window's course: enrolling, locked, open, locked again. One of each at a time; nothing here waits."""

import logging
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import Chance, UserId
from wc_contract.model.instants import Clock
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.unlock import lock
from wc_desktop.app.idle_lock import IdleLock
from wc_desktop.app.late import Backroom
from wc_desktop.app.settings import Settings, keep_toured, keep_user, read_kept
from wc_desktop.app.startup_trace import StartupTrace
from wc_desktop.app.warmer import Warmer
from wc_desktop.background.runner import Runner
from wc_desktop.background.wipe_watch import WipeWatch, Wiping
from wc_desktop.domain.emergency import EMERGENCY_FILE
from wc_desktop.domain.failures import DiskFailed, DiskFull
from wc_desktop.domain.lock_policy import lock_minutes_within
from wc_desktop.domain.wiping import WipeNews, WipePhase
from wc_desktop.security.passport import Passport, read_passport
from wc_desktop.security.place import must_be_own_disk
from wc_desktop.security.wipe_mark import news_of, read_mark
from wc_desktop.ui.messages.failures import failure_code_sentence, failure_sentence
from wc_desktop.ui.messages.wiping import still_open_words
from wc_desktop.ui.viewmodels.enrol import EnrolModel, EnrolVerbs
from wc_desktop.ui.viewmodels.unlock import StationFace, UnlockModel, UnlockVerbs
from wc_desktop.ui.viewmodels.wipe import WipeModel
from wc_desktop.ui.views.enrol import EnrolPage
from wc_desktop.ui.views.ground import Ground, StationSheet
from wc_desktop.ui.views.notices import Notice
from wc_desktop.ui.views.unlock import UnlockPage
from wc_desktop.ui.views.wipe import WipePage

if TYPE_CHECKING:
    from wc_desktop.actions.capture import CaptureDesk
    from wc_desktop.app.capturing import Capturing
    from wc_desktop.app.unlocked import Unlocked
    from wc_desktop.ui.viewmodels.emergency import EmergencyModel

_log = logging.getLogger(__name__)
_LEAST = QSize(480, 300)
_LOOK_AGAIN_MS = 200
# The next nurse may be typing already: the locked program begins afresh when nobody touches it.
_CALM_AFTER_LOCK = timedelta(seconds=3)
_CALM_AFTER_TRY = timedelta(seconds=60)


class _Ground(QStackedWidget):
    """Makes the window no larger than it is: pages wrap and scroll, and while they are built they ask for too much."""

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return _LEAST


class MainWindow(QMainWindow):
    """The one window. Its title never holds a child's name."""

    closing = Signal()
    sheet_wanted = Signal(object)  # StationSheet

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle("White Cross")
        self.setObjectName("main")
        self._stack = _Ground(self)
        self.setCentralWidget(self._stack)

    @property
    def shown(self) -> QWidget | None:
        """The page that is shown."""
        return self._stack.currentWidget()

    def show_only(self, widget: QWidget) -> None:
        """Show this and destroy what was shown before."""
        before = self._stack.currentWidget()
        if isinstance(widget, Ground):
            widget.sheet_wanted.connect(self.sheet_wanted)
        self._stack.addWidget(widget)
        self._stack.setCurrentWidget(widget)
        if before is not None:
            self._stack.removeWidget(before)
            before.deleteLater()
        widget.setFocus(Qt.FocusReason.OtherFocusReason)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        event.accept()
        self.closing.emit()


class Desktop(QObject):
    """Shows what the workstation's state asks for, and carries a desk from unlock to lock."""

    ended = Signal()
    afresh_wanted = Signal()

    def __init__(
        self,
        settings: Settings,
        window: MainWindow,
        runner: Runner,
        clock: Clock,
        trace: StartupTrace,
        last_report: str = "",
    ) -> None:
        super().__init__(window)
        self._settings = settings
        self._window = window
        self._runner = runner
        self._trace = trace
        self._last_report = last_report
        self._backroom = Backroom(settings=settings)
        self._warmer = Warmer(self)
        self._unlocked: Unlocked | None = None
        self._locking = False
        self._ending = False
        self._unlock_model: UnlockModel | None = None
        self._emergency: EmergencyModel | None = None
        self._warming = False
        self._tried = False
        self._section = ""
        self._first_run = False
        self._idle = IdleLock(clock, self)
        self._idle.idle.connect(self.lock)
        self._calm = IdleLock(clock, self)
        self._calm.idle.connect(self._on_calm)
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            self._idle.watch(app)
            self._calm.watch(app)
        self._capturing: Capturing | None = None
        self._ended_desks: list[Unlocked | Capturing] = []
        self._wipe: WipeNews | None = None
        self._wipe_model: WipeModel | None = None
        self._watch = WipeWatch(self._backroom_wiper, self._backroom_chance, self)
        self._watch.told.connect(self._on_wipe_told)
        window.closing.connect(self.end)

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What must be seen about this workstation in every state."""
        tr = QCoreApplication.translate
        found: list[Notice] = []
        if self._settings.clock_offset:
            fuller = tr("Notices", "Demonstration clock: this window does not show the true time.")
            found.append(Notice(words=tr("Notices", "Demonstration clock"), fuller=fuller))
        if self._settings.keystore_file is not None:
            fuller = tr("Notices", "Insecure keystore: keys lie in a plain file. For demonstrations and tests only.")
            found.append(Notice(words=tr("Notices", "Insecure keystore"), fuller=fuller, grave=True))
        return tuple(found)

    # Before the desk is open.

    def start(self) -> None:
        """Show the first screen."""
        try:
            passport, mark = read_passport(self._settings.data_dir), read_mark(self._settings.data_dir)
            if mark is None:
                must_be_own_disk(self._settings.data_dir)
        except WhiteCrossError as failure:
            self._show_locked(StationFace(school_name="White Cross", device_name="", people=()))
            if self._unlock_model is not None:
                self._unlock_model.say_fault(failure_sentence(failure))
            return
        if mark is not None:
            self._wipe = news_of(mark)
            self._show_wipe(StationFace(school_name=mark.school_name, device_name=mark.device_name, people=()))
        elif passport is None or not passport.people:
            self._show_enrol()
        else:
            self._show_locked(_face(passport))

    def _show_enrol(self) -> None:
        verbs = EnrolVerbs(enrol=self._backroom.enrol, is_enrolled=self._is_enrolled)
        model = EnrolModel(self._runner, verbs, self)
        model.finished.connect(self._on_enrolled)
        model.half_done.connect(self._on_half_enrolled)
        page = EnrolPage(model, server=self._settings.server, notices=self.notices)
        self._window.show_only(page)
        QTimer.singleShot(0, self, self._warm)

    def _is_enrolled(self) -> bool:
        passport = read_passport(self._settings.data_dir)
        return passport is not None and bool(passport.people)

    @Slot(object, str)
    def _on_enrolled(self, user: UserId, password: str) -> None:
        self._first_run = True
        self._runner.run(
            partial(self._backroom.unlock, user, password), done=self._on_unlocked, failed=self._on_not_opened
        )

    def _on_not_opened(self, failure: WhiteCrossError) -> None:
        self._on_half_enrolled(failure_sentence(failure))

    @Slot(str)
    def _on_half_enrolled(self, sentence: str) -> None:
        passport = read_passport(self._settings.data_dir)
        if passport is not None:
            self._show_locked(_face(passport))
            if self._unlock_model is not None:
                self._unlock_model.say_fault(sentence)

    def _show_locked(self, face: StationFace) -> None:
        verbs = UnlockVerbs(
            unlock=self._backroom.unlock,
            first_sync=self._backroom.first_sync,
            sign_in=self._backroom.sign_in,
            rebuild=self._backroom.rebuild,
            capture=self._backroom.capture,
        )
        model = UnlockModel(self._runner, verbs, self)
        model.unlocked.connect(self._on_unlocked)
        model.captured.connect(self._on_captured)
        model.changed.connect(self._on_tried)
        last = read_kept(self._settings.data_dir).last_user
        page = UnlockPage(model, face, last_user=last, notices=self.notices)
        page.field_painted.connect(self._trace.on_field_painted)
        page.field_painted.connect(self._warm)
        page.unlock_pressed.connect(self._trace.on_unlock_pressed)
        page.emergency.setVisible((self._settings.data_dir / EMERGENCY_FILE).exists())
        page.emergency_wanted.connect(self._show_emergency)
        page.password.changed.connect(self._on_typed)
        if self._last_report:
            page.offer_report(self._last_report)
            self._last_report = ""
        self._window.setWindowTitle("White Cross")
        self._window.show_only(page)
        self._unlock_model, old = model, self._unlock_model
        if old is not None:
            old.deleteLater()

    @Slot()
    def _show_emergency(self) -> None:
        # Made when it is asked for: the password field waits for nothing.
        from wc_desktop.ui.viewmodels.emergency import EmergencyModel  # noqa: PLC0415
        from wc_desktop.ui.views.emergency import EmergencyPage  # noqa: PLC0415

        if self._unlock_model is None or self._unlock_model.busy:
            return
        face = self._face_now()
        model = EmergencyModel(self._runner, self._backroom.emergency, self)
        page = EmergencyPage(model, face, notices=self.notices)
        page.left.connect(self._on_emergency_left)
        self._window.show_only(page)
        self._unlock_model.deleteLater()
        self._unlock_model, self._emergency = None, model

    @Slot()
    def _on_emergency_left(self) -> None:
        model, self._emergency = self._emergency, None
        if model is not None:
            model.deleteLater()
        if not self._ending and self._wipe is None:
            self._show_locked(self._face_now())
            # Names, a card and the code were in this process.
            self._calm.start(_CALM_AFTER_LOCK)

    # When it is to be erased.

    def _backroom_wiper(self) -> Wiping:
        return self._backroom.watching()

    def _backroom_chance(self) -> Chance:
        return self._backroom.parts.chance

    @Slot(object)
    def _on_wipe_told(self, news: WipeNews) -> None:
        if news.phase is WipePhase.NONE:
            self._on_goes_on()
            return
        first, self._wipe = self._wipe is None, news
        if self._unlocked is not None:
            if news.lost:
                self.lock()
            elif first:
                self._unlocked.session.tell(still_open_words(), urgent=True)
        elif self._capturing is not None:
            # What was typed is kept, and all of it is sent before anything is erased.
            self.lock()
        elif self._wipe_model is not None:
            self._wipe_model.show(news)
            self._allow_wipe()
        else:
            self._show_wipe(self._face_now())

    def _on_goes_on(self) -> None:
        self._wipe, self._wipe_model = None, None
        if self._unlocked is None and not self._ending:
            self._show_locked(self._face_now())

    def _face_now(self) -> StationFace:
        passport = read_passport(self._settings.data_dir)
        return (
            StationFace(school_name="White Cross", device_name="", people=()) if passport is None else _face(passport)
        )

    def _show_wipe(self, face: StationFace) -> None:
        if self._wipe is None:
            return
        if self._emergency is not None:
            self._emergency.close()
        with suppress(WhiteCrossError):
            # What needs a password needs names.
            face = replace(face, people=self._face_now().people)
        model = WipeModel(self._runner, self._backroom.help_with, self._wipe, self)
        model.helped.connect(self._watch.wake)
        page = WipePage(model, face, notices=self.notices)
        page.enrol_wanted.connect(self._on_enrol_anew)
        self._window.setWindowTitle("White Cross")
        self._window.show_only(page)
        self._unlock_model, self._wipe_model = None, model
        QTimer.singleShot(0, self, self._warm)
        self._allow_wipe()

    @Slot()
    def _allow_wipe(self) -> None:
        """Let it be erased once nobody has its files: every desk is locked, every thread has ended."""
        if not self._ending:
            # Behind everything that was asked for before: an unlock that has begun is answered by then.
            self._runner.run(_nothing, done=self._on_quiet)

    @Slot(object)
    def _on_quiet(self, _answer: None) -> None:
        self._let_go_of_ended()
        if self._unlocked is not None or self._ended_desks:
            QTimer.singleShot(_LOOK_AGAIN_MS, self, self._allow_wipe)
        elif not self._ending:
            self._watch.allow()

    @Slot()
    def _on_enrol_anew(self) -> None:
        self._backroom.forget_erased()
        self._wipe, self._wipe_model = None, None
        self._show_enrol()

    @Slot()
    def _warm(self) -> None:
        if not self._warming:
            self._warming = True
            self._runner.run(self._backroom.warm, done=self._on_warm, failed=self._on_warm_failed)

    def _on_warm(self, _nothing: None) -> None:
        self._warmer.start()
        if not self._ending:
            self._watch.start()

    def _on_warm_failed(self, failure: WhiteCrossError) -> None:
        if self._unlock_model is not None:
            self._unlock_model.say_fault(failure_sentence(failure))

    # While it is open.

    @Slot(object)
    def _on_unlocked(self, desk: Desk) -> None:
        from wc_desktop.app.unlocked import Unlocked  # noqa: PLC0415  # warmed by now; too slow before the field

        if self._ending or self._wipe is not None:
            self._runner.run(partial(lock, desk))
            return
        with suppress(DiskFull, DiskFailed):
            # On a full disk she is not remembered, and works all the same.
            keep_user(self._settings.data_dir, str(desk.person.id))
        unlocked = Unlocked(desk, self._runner, self._backroom.parts, self.notices, self)
        unlocked.lock_wanted.connect(self.lock)
        unlocked.wipe_asked.connect(self._watch.wake)
        unlocked.frame.page_shown.connect(self._on_page_shown)
        unlocked.due_list_painted.connect(self._trace.on_due_list_painted)
        self._unlocked = unlocked
        self._calm.stop()
        self._window.show_only(unlocked.frame)
        self._window.setWindowTitle(f"White Cross · {desk.school_name}")
        # Before the desk says anything of its own, which then stands over it.
        first_run, self._first_run = self._first_run, False
        newly_here = self._newly_here(str(desk.person.id))
        if newly_here and not first_run:
            unlocked.session.tell(
                QCoreApplication.translate("Tour", "New here? F1 tells about every screen and shows the tour.")
            )
        unlocked.start(self._section)
        self._idle.start(self._lock_after())
        if newly_here and first_run:
            self._window.sheet_wanted.emit(StationSheet.TOUR)
        _log.info("desk.opened")

    def _newly_here(self, user: str) -> bool:
        """Tell whether this person was never told of the tour at this workstation; true once."""
        if user in read_kept(self._settings.data_dir).toured:
            return False
        with suppress(OSError, DiskFull, DiskFailed):
            # On a full disk she is told once more next time.
            keep_toured(self._settings.data_dir, user)
        return True

    def _lock_after(self) -> timedelta:
        return timedelta(minutes=read_kept(self._settings.data_dir).lock_minutes)

    @property
    def is_open(self) -> bool:
        """Whether somebody is at the desk."""
        return self._unlocked is not None

    def lock_after(self, minutes: int) -> None:
        """Lock after so many idle minutes from now on, within the policy."""
        if self._unlocked is not None or self._capturing is not None:
            self._idle.start(timedelta(minutes=lock_minutes_within(minutes)))

    @Slot(str)
    def _on_page_shown(self, section: str) -> None:
        self._section = section

    @Slot(object)
    def _on_captured(self, desk: "CaptureDesk") -> None:
        from wc_desktop.actions.capture import end_capture  # noqa: PLC0415  # seldom wanted
        from wc_desktop.app.capturing import Capturing  # noqa: PLC0415

        if self._ending or self._wipe is not None:
            self._runner.run(partial(end_capture, desk))
            return
        capturing = Capturing(desk, self._runner, self._backroom.parts, self._face_now(), self.notices, self)
        capturing.lock_wanted.connect(self.lock)
        capturing.emergency_wanted.connect(self._on_emergency_while_capturing)
        capturing.taken.connect(self._on_leave_taken)
        capturing.wipe_asked.connect(self._watch.wake)
        self._capturing = capturing
        self._calm.stop()
        self._window.show_only(capturing.page)
        if self._unlock_model is not None:
            self._unlock_model.deleteLater()
            self._unlock_model = None
        capturing.start()
        self._idle.start(self._lock_after())
        _log.info("capture.opened")

    @Slot()
    def _on_emergency_while_capturing(self) -> None:
        self.lock()
        self._show_emergency()

    @Slot()
    def _on_leave_taken(self) -> None:
        self.lock()
        if self._unlock_model is not None:
            self._unlock_model.say_fault(failure_code_sentence("slot_retired"))

    def _end_capture(self, capturing: "Capturing") -> None:
        from wc_desktop.actions.capture import end_capture  # noqa: PLC0415  # loaded by now

        self._capturing = None
        self._idle.stop()
        capturing.end()
        self._runner.run(partial(end_capture, capturing.desk), failed=self._on_lock_failed)
        self._ended_desks.append(capturing)
        if not self._ending and self._wipe is not None:
            self._show_wipe(self._face_now())
        elif not self._ending:
            self._show_locked(self._face_now())
            self._calm.start(_CALM_AFTER_LOCK)
        _log.info("capture.locked")

    @Slot()
    def lock(self) -> None:
        """Save what is unsaved, hide everything of a child, close the files, wipe the keys."""
        if self._capturing is not None:
            self._end_capture(self._capturing)
            return
        unlocked = self._unlocked
        if unlocked is None:
            return
        self._unlocked = None
        self._idle.stop()
        desk = unlocked.desk
        not_kept = unlocked.end(self._on_lock_failed)
        self._runner.run(partial(lock, desk), failed=self._on_lock_failed)
        station = desk.station
        face = StationFace(school_name=station.school_name, device_name=station.device_name, people=station.people())
        if not self._ending and self._wipe is not None:
            self._ended_desks.append(unlocked)
            self._show_wipe(face)
            return
        if not self._ending:
            self._show_locked(face)
            self._calm.start(_CALM_AFTER_LOCK)
        if not_kept:
            self._tell_not_kept()
        self._let_go_of_ended()
        self._ended_desks.append(unlocked)
        _log.info("desk.locked")

    # What was in this process goes with it.

    @property
    def section(self) -> str:
        """The page that is shown at the next unlock."""
        return self._section

    @property
    def said(self) -> str:
        """What the locked page says."""
        return "" if self._unlock_model is None else self._unlock_model.fault

    def go_on_with(self, section: str, said: str) -> None:
        """Take over from the process before."""
        self._section = section
        if said and self._unlock_model is not None:
            self._unlock_model.say_fault(said)

    @Slot()
    def _on_tried(self) -> None:
        model = self._unlock_model
        if self._unlocked is not None or model is None:
            return
        # A sentence that stands there without a try took no password: for it alone nothing begins anew.
        self._tried = self._tried or model.busy
        if self._tried and not model.busy:
            self._calm.start(_CALM_AFTER_TRY)

    @Slot()
    def _on_typed(self) -> None:
        self._calm.start(_CALM_AFTER_TRY)

    @Slot()
    def _on_calm(self) -> None:
        page = self._window.shown
        if self._ending or self._unlocked is not None or not isinstance(page, UnlockPage):
            return
        self._let_go_of_ended()
        left_standing = page.password.secret
        if self._is_in_use(page, left_standing) or self._ended_desks:
            self._calm.start(_CALM_AFTER_TRY)
        else:
            # Behind the lock, which writes and closes the files, and whatever else was asked for.
            self._runner.run(_nothing, done=partial(self._on_all_done, left_standing))

    def _on_all_done(self, left_standing: str, _answer: None) -> None:
        page = self._window.shown
        if self._ending or not isinstance(page, UnlockPage):
            return
        # She may have begun to type while the lock still wrote.
        if self._is_in_use(page, left_standing):
            self._calm.start(_CALM_AFTER_TRY)
        else:
            self.afresh_wanted.emit()

    @staticmethod
    def _is_in_use(page: UnlockPage, left_standing: str) -> bool:
        return page.password.secret != left_standing or page.model.busy or bool(page.model.news)

    def _let_go_of_ended(self) -> None:
        # Not at their own lock: a thread may be on its way out of a request still.
        over = [unlocked for unlocked in self._ended_desks if unlocked.is_over]
        self._ended_desks = [unlocked for unlocked in self._ended_desks if unlocked not in over]
        for unlocked in over:
            unlocked.deleteLater()

    def _tell_not_kept(self) -> None:
        _log.info("desk.locked_while_attaching")
        if self._unlock_model is not None:
            self._unlock_model.say_fault(failure_code_sentence("locked_while_attaching"))

    def join(self) -> None:
        """Wait for the sync threads of every desk that was open; for the end of the program."""
        self._watch.ask_to_stop()
        self._watch.join()
        for unlocked in self._ended_desks:
            unlocked.join()
        self._ended_desks.clear()

    def _on_lock_failed(self, failure: WhiteCrossError) -> None:
        if self._unlock_model is not None:
            self._unlock_model.say_fault(failure_sentence(failure))

    @Slot()
    def tell_mistake(self) -> None:
        """Say that the program made a mistake and goes on."""
        words = QCoreApplication.translate(
            "Mistake", "The program made a mistake and goes on. Check what you did last; tell your administrator."
        )
        if self._unlocked is not None:
            self._unlocked.session.tell(words, urgent=True)
        elif self._capturing is not None:
            self._capturing.model.say_fault(words)
        elif self._unlock_model is not None:
            self._unlock_model.say_fault(words)

    @Slot()
    def come_to_front(self) -> None:
        """Show the window: somebody started the program again."""
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()

    @Slot()
    def end(self) -> None:
        """Lock, and say when the files may be let go."""
        if not self._ending:
            self._ending = True
            self._watch.ask_to_stop()
            if self._emergency is not None:
                self._emergency.close()
            self.lock()
            self.ended.emit()


def _nothing() -> None:
    """Take a turn."""


def _face(passport: Passport) -> StationFace:
    return StationFace(school_name=passport.school_name, device_name=passport.device_name, people=passport.people)
