"""Emergency card: opened by a code, read-only, closed by itself. Nothing of it can be selected or copied."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from wc_contract.model.values import EmergencyReason
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.viewmodels.emergency import (
    LONGEST_NAME,
    CardSection,
    EmergencyModel,
    name_words,
    reason_words,
    sections_of,
)
from wc_desktop.ui.viewmodels.unlock import StationFace
from wc_desktop.ui.views.gate import Gate
from wc_desktop.ui.views.notices import Notice
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.announce import announce
from wc_desktop.ui.widgets.buttons import PrimaryButton, SecondaryButton
from wc_desktop.ui.widgets.choice_fields import Choice, ChoiceList
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.text_fields import TextField

IDLE_MS: Final = 3 * 60 * 1000
_MOST_NAMES: Final = 8
_SECTIONS: Final = 4
_ENTER: Final = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})
_INPUT: Final = frozenset({QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel})


class EmergencyPage(Gate):
    """`left` says that the locked screen is wanted again; the cards are closed by then."""

    left = Signal()

    def __init__(
        self,
        model: EmergencyModel,
        face: StationFace,
        *,
        notices: tuple[Notice, ...] = (),
        idle_ms: int = IDLE_MS,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(self.tr("Emergency card"), face.school_name, notices, width=560, parent=parent)
        self.model = model
        self._idle = QTimer(self, interval=idle_ms, singleShot=True)
        self._build_form()
        self._build_cards()
        self.fault = AlertBanner(Tone.DANGER, "", self)
        self.fault.hide()
        self.back = SecondaryButton(self.tr("&Back to the locked screen"), self, icon=Icon.LOCK)
        for part in (self.form, self.cards, self.fault, self.back):
            self.card.body.addWidget(part)
        self._bind()
        self.begin_at(self.name)
        self._idle.start()
        app = QApplication.instance()
        if app is not None:
            app.installEventFilter(self)

    def help_words(self) -> str:
        return self.tr(
            "The emergency cards of the school, for whoever has the code: allergies, conditions and whom to call. That "
            "they were opened is kept and told to the district."
        )

    def _build_form(self) -> None:
        self.form = QWidget(self)
        column = _column(self.form)
        self.warning = AlertBanner(
            Tone.WARNING, self.tr("Your name, your reason and each card you open are put on record."), self.form
        )
        self.name = TextField(self.tr("Your &name"), parent=self.form)
        self.name.set_max_length(LONGEST_NAME)
        choices = tuple(Choice(key=one.value, words=reason_words(one)) for one in EmergencyReason)
        self.reason = ChoiceList(self.tr("&Why do you ask?"), choices, parent=self.form)
        self.note = TextField(self.tr("&More, if it helps"), parent=self.form)
        self.note.set_max_length(500)
        self.code = TextField(
            self.tr("Emergency &code"), hint=self.tr("Six groups, from the principal's envelope."), parent=self.form
        )
        self.open_button = PrimaryButton(self.tr("&Open the cards"), self.form, icon=Icon.HEART_PULSE)
        for part in (self.warning, self.name, self.reason, self.note, self.code, self.open_button):
            column.addWidget(part)
        for field, words in (
            (self.name, self.tr("Your name")),
            (self.reason, self.tr("Why do you ask?")),
            (self.note, self.tr("More, if it helps")),
            (self.code, self.tr("Emergency code")),
        ):
            field.editor.setAccessibleName(words)

    def _build_cards(self) -> None:
        self.cards = QWidget(self)
        column = _column(self.cards)
        self.as_of = TextLabel("", LabelStyle.MUTED, self.cards)
        self.search = TextField(self.tr("&Find a child"), hint=self.tr("Name or grade."), parent=self.cards)
        self.names = ChoiceList(self.tr("&Children"), (), most_lines=_MOST_NAMES, parent=self.cards)
        self.show_button = PrimaryButton(self.tr("&Show this card"), self.cards, icon=Icon.FILE_TEXT)
        self.who = TextLabel("", LabelStyle.HEADING, self.cards)
        for part in (self.as_of, self.search, self.names, self.show_button, self.who):
            column.addWidget(part)
        self.search.editor.setAccessibleName(self.tr("Find a child"))
        self.names.editor.setAccessibleName(self.tr("Children"))
        self.sections = [
            (TextLabel("", LabelStyle.STRONG, self.cards), TextLabel("", LabelStyle.BODY, self.cards))
            for _ in range(_SECTIONS)
        ]
        self.alarm = AlertBanner(Tone.DANGER, "", self.cards)
        self.alarm.hide()
        column.addWidget(self.alarm)
        for title, lines in self.sections:
            column.addWidget(title)
            column.addWidget(lines)
        self.cards.hide()

    def _bind(self) -> None:
        self.open_button.clicked.connect(self._on_open)
        self.show_button.clicked.connect(self._on_show)
        self.search.changed.connect(self._on_search)
        self.back.clicked.connect(self.model.close)
        self.model.changed.connect(self._on_changed)
        self.model.opened.connect(self._on_opened)
        self.model.card_shown.connect(self._on_card)
        self.model.closed.connect(self._on_closed)
        self._idle.timeout.connect(self.model.close)

    @Slot()
    def _on_open(self) -> None:
        key = self.reason.key
        reason = None if key is None else EmergencyReason(key)
        self.model.open(self.name.text, reason, self.note.text, self.code.text)

    @Slot()
    def _on_search(self) -> None:
        found = self.model.found(self.search.text)
        self.names.set_choices([Choice(key=one.student, words=name_words(one)) for one in found])
        if self.names.key is None and found:
            self.names.choose(found[0].student)

    @Slot()
    def _on_show(self) -> None:
        student = self.names.key
        if student is not None:
            self.model.look(student)

    @Slot()
    def _on_changed(self) -> None:
        model = self.model
        for part in (self.open_button, self.show_button):
            part.setEnabled(not model.busy)
        if model.fault:
            self.fault.set_alert(Tone.DANGER, model.fault)
            announce(self, model.fault, urgent=True)
            QTimer.singleShot(0, self, self._bring_fault)
        self.fault.setVisible(bool(model.fault))

    @Slot()
    def _bring_fault(self) -> None:
        self.area.ensureWidgetVisible(self.fault)

    @Slot()
    def _on_opened(self) -> None:
        self.code.set_text("")
        self.form.hide()
        self.as_of.setText(" ".join((self.model.as_of_words, self.tr("Closes by itself when nobody types."))).strip())
        self._on_search()
        self.cards.show()
        self.search.editor.setFocus()

    @Slot()
    def _on_card(self) -> None:
        card = self.model.card
        if card is None:
            return
        self.who.setText(name_words(card.name))
        shown = sections_of(card)
        self.alarm.set_alert(Tone.DANGER, _said(shown[0]))
        self.alarm.setVisible(shown[0].grave)
        for (title, lines), section in zip(self.sections, shown, strict=True):
            title.setText(section.title)
            lines.setText("\n".join(section.lines))
            title.setVisible(not section.grave)
            lines.setVisible(not section.grave)
        announce(self, self.who.text())
        # Once it has its size.
        QTimer.singleShot(0, self, self._bring_card)

    @Slot()
    def _bring_card(self) -> None:
        self.area.ensureWidgetVisible(self.back)
        self.area.ensureWidgetVisible(self.who)

    @Slot()
    def _on_closed(self) -> None:
        self._idle.stop()
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self)
        for label in (self.who, *(label for pair in self.sections for label in pair)):
            label.setText("")
        self.alarm.set_alert(Tone.DANGER, "")
        self.names.set_choices(())
        self.left.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _INPUT and self._idle.isActive():
            self._idle.start()
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            # A list puts its line on the clipboard by itself.
            return _copies(event) or (event.key() in _ENTER and self._entered(watched))
        return super().eventFilter(watched, event)

    def _entered(self, watched: QObject) -> bool:
        """Do what Enter does in a field; whether it does anything there."""
        if watched is self.code.editor:
            self._on_open()
        elif watched in {self.search.editor, self.names.editor}:
            self._on_show()
        else:
            return False
        return True


def _copies(event: QKeyEvent) -> bool:
    return event.matches(QKeySequence.StandardKey.Copy) or event.matches(QKeySequence.StandardKey.Cut)


def _column(widget: QWidget) -> QVBoxLayout:
    widget.setProperty("area", "clear")
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(10)
    return column


def _said(section: CardSection) -> str:
    return "\n".join((section.title, *section.lines))
