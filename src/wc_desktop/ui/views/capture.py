"""A workstation whose lease has ended: one form to write down what happened, and what was written down with it."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from wc_contract.model.values import Route
from wc_desktop.domain.capture import STOCK_MEDICINES
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.viewmodels import capture
from wc_desktop.ui.viewmodels.capture import CaptureModel, row_words, state_words
from wc_desktop.ui.viewmodels.unlock import StationFace
from wc_desktop.ui.viewmodels.words import local, route_words
from wc_desktop.ui.views.gate import Gate
from wc_desktop.ui.views.notices import Notice
from wc_desktop.ui.views.typed_moment import MomentField
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.announce import announce
from wc_desktop.ui.widgets.buttons import PrimaryButton, QuietButton, SecondaryButton
from wc_desktop.ui.widgets.choice_fields import Choice, ChoiceList
from wc_desktop.ui.widgets.field import FormField
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.text_fields import NotesField, TextField

KEEP_MS: Final = 400


class CapturePage(Gate):
    """Nothing of the records is shown. What is typed is kept every `KEEP_MS`, also when the program is killed."""

    unlock_wanted = Signal()
    emergency_wanted = Signal()
    contact_wanted = Signal()

    def __init__(
        self, model: CaptureModel, face: StationFace, *, notices: tuple[Notice, ...] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(self.tr("Write down what happened"), face.school_name, notices, width=620, parent=parent)
        self.model = model
        self._dirty = False
        self._keeping = QTimer(self, interval=KEEP_MS, singleShot=True)
        self._build_form()
        self._build_rest()
        self._bind()
        self.begin_at(self.child)

    def help_words(self) -> str:
        return self.tr(
            "Without contact for too long, this workstation shows no records. Write down what happens: it is signed, "
            "kept and sent at the first contact, and a nurse puts it in its place then."
        )

    def _build_form(self) -> None:
        model = self.model
        self.lease = AlertBanner(Tone.WARNING, model.lease_words, self)
        self.clock = TextLabel(model.clock_sentence, LabelStyle.MUTED, self)
        self.child = TextField(
            self.tr("Who was it? (&name or number)"), hint=self.tr("Empty for an unidentified person."), parent=self
        )
        stock = tuple(Choice(key=name, words=name) for name in STOCK_MEDICINES)
        self.stock = ChoiceList(self.tr("Stock &medicine"), stock, most_lines=3, parent=self)
        self.medicine = TextField(self.tr("Me&dicine and strength"), hint=self.tr("As it stands on it."), parent=self)
        self.amount = TextField(self.tr("&Amount"), hint=self.tr("0.15 mg, or 2 puffs."), parent=self)
        routes = tuple(Choice(key=route.value, words=route_words(route)) for route in Route)
        self.route = ChoiceList(self.tr("&How was it given?"), routes, most_lines=3, parent=self)
        states = tuple(Choice(key=state.value, words=state_words(state)) for state in capture.STATES)
        self.state = ChoiceList(self.tr("Wha&t was done?"), states, most_lines=4, parent=self)
        self.at = MomentField(self.tr("&When? (empty: now)"), lambda: local(model.now(), model.zone), parent=self)
        self.reason = NotesField(self.tr("&Reason, and what else happened"), lines=3, parent=self)
        for field in (self.child, self.medicine, self.amount):
            field.set_max_length(capture.LONGEST)
        self._fields: Mapping[str, FormField] = {
            capture.CHILD: self.child,
            capture.MEDICINE: self.medicine,
            capture.AMOUNT: self.amount,
            capture.ROUTE: self.route,
            capture.STATUS: self.state,
            capture.HAPPENED: self.at,
            capture.REASON: self.reason,
        }
        named: tuple[tuple[FormField, str], ...] = (
            (self.child, self.tr("Who was it? Name or number; empty for an unidentified person")),
            (self.stock, self.tr("Stock medicine")),
            (self.medicine, self.tr("Medicine and strength")),
            (self.amount, self.tr("Amount")),
            (self.route, self.tr("How was it given?")),
            (self.state, self.tr("What was done?")),
            (self.at, self.tr("When? Empty for now")),
            (self.reason, self.tr("Reason, and what else happened")),
        )
        for named_field, words in named:
            named_field.editor.setAccessibleName(words)
        for part in (self.lease, self.clock, *(field for field, _ in named)):
            self.card.body.addWidget(part)

    def _build_rest(self) -> None:
        self.fault = AlertBanner(Tone.DANGER, "", self)
        self.save = PrimaryButton(self.tr("Wr&ite it down"), self, icon=Icon.NOTEBOOK_PEN)
        self.unlock = SecondaryButton(self.tr("&Unlock as usual"), self, icon=Icon.LOCK_OPEN)
        self.ask = SecondaryButton(self.tr("As&k the district again now"), self, icon=Icon.REFRESH_CW)
        self.list_title = TextLabel(self.tr("What you wrote down here"), LabelStyle.STRONG, self)
        self.list = QWidget(self)
        self.list.setProperty("area", "clear")
        self._lines = QVBoxLayout(self.list)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self.emergency = QuietButton(self.tr("&Emergency card"), self, icon=Icon.HEART_PULSE)
        self.lock = QuietButton(self.tr("&Lock"), self, icon=Icon.LOCK)
        parts = (self.fault, self.save, self.unlock, self.ask, self.list_title, self.list)
        for part in (*parts, self.emergency, self.lock):
            self.card.body.addWidget(part)
        for part in (self.fault, self.unlock, self.list_title):
            part.hide()

    def _bind(self) -> None:
        for field in self._fields.values():
            field.changed.connect(self._on_typed)
        self.stock.changed.connect(self._on_stock)
        self.save.clicked.connect(self._on_save)
        self.ask.clicked.connect(self.contact_wanted)
        self.unlock.clicked.connect(self._on_unlock)
        self.emergency.clicked.connect(self.emergency_wanted)
        self.lock.clicked.connect(self.lock_wanted)
        self._keeping.timeout.connect(self.flush)
        self.model.changed.connect(self._on_changed)
        self.model.rows_changed.connect(self._on_rows)
        self.model.draft_found.connect(self._on_draft)
        self.model.written.connect(self._on_written)

    @property
    def typed(self) -> dict[str, str]:
        """The form as it stands."""
        return {name: _value(field) for name, field in self._fields.items()}

    @Slot()
    def flush(self) -> None:
        """Have what was typed since the last time kept."""
        self._keeping.stop()
        if self._dirty:
            self._dirty = False
            self.model.keep(self.typed)

    @Slot()
    def _on_typed(self) -> None:
        self._dirty = True
        # Begun once, not put off by each key: who types without a pause is kept as well.
        if not self._keeping.isActive():
            self._keeping.start()

    @Slot()
    def _on_stock(self) -> None:
        name = self.stock.key
        if name is not None:
            self.medicine.set_text(name)

    @Slot()
    def _on_save(self) -> None:
        # First kept, should it not be written.
        self.flush()
        self.model.write(self.typed)

    @Slot()
    def _on_unlock(self) -> None:
        if any(value.strip() for value in self.typed.values()):
            self._say(
                Tone.WARNING, self.tr("Something is typed and not written down. Write it down first, or erase it.")
            )
        else:
            self.unlock_wanted.emit()

    @Slot()
    def _on_changed(self) -> None:
        model = self.model
        self.save.setEnabled(not model.busy)
        if model.has_leave and self.unlock.isHidden():
            said = self.tr("The district has answered. Finish what you write, then unlock as usual.")
            self.lease.set_alert(Tone.OK, said)
            announce(self, said)
        self.unlock.setVisible(model.has_leave)
        self.ask.setVisible(not model.has_leave)
        if model.fault:
            self._say(Tone.DANGER, model.fault)
        elif model.news:
            self._say(Tone.OK, model.news)
        else:
            self.fault.hide()

    def _say(self, tone: Tone, words: str) -> None:
        self.fault.set_alert(tone, words)
        self.fault.show()
        announce(self, words, urgent=tone is Tone.DANGER)
        QTimer.singleShot(0, self, self._bring_fault)

    @Slot()
    def _bring_fault(self) -> None:
        self.area.ensureWidgetVisible(self.fault)

    @Slot()
    def _on_rows(self) -> None:
        while (item := self._lines.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for row in self.model.rows:
            self._lines.addWidget(TextLabel(row_words(row, self.model.zone), LabelStyle.BODY, self.list))
        self.list_title.setVisible(bool(self.model.rows))

    @Slot(object)
    def _on_draft(self, fields: Mapping[str, str]) -> None:
        self._fill(fields)
        self._say(Tone.INFO, self.tr("What you had begun is here again. It is not written down yet."))

    @Slot()
    def _on_written(self) -> None:
        self._fill({})
        self.child.setFocus()

    def _fill(self, fields: Mapping[str, str]) -> None:
        self.stock.choose(None)
        for name, field in self._fields.items():
            _put(field, str(fields.get(name, "")))
        self._keeping.stop()
        self._dirty = False


def _value(field: FormField) -> str:
    match field:
        case ChoiceList():
            return field.key or ""
        case MomentField():
            return field.value
        case TextField() | NotesField():
            return field.text
        case _:
            raise TypeError(type(field).__name__)


def _put(field: FormField, value: str) -> None:
    match field:
        case ChoiceList():
            field.choose(value or None)
        case MomentField():
            field.set_value(value)
        case TextField() | NotesField():
            field.set_text(value)
        case _:
            raise TypeError(type(field).__name__)
