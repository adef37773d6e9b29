"""The form of a clinic visit on the screen: fields that scroll, a foot that stays, a question before it is saved."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.student_search import SearchVerbs
from wc_desktop.ui.viewmodels.visit_form import VisitForm
from wc_desktop.ui.viewmodels.visit_words import ENDS, REASONS, said
from wc_desktop.ui.viewmodels.words import JOINT, day_words, full_name, grade_words
from wc_desktop.ui.views.child_looks import child_chips
from wc_desktop.ui.views.visit_fields import VisitFields
from wc_desktop.ui.views.window_sheet import WindowSheet
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.announce import announce
from wc_desktop.ui.widgets.buttons import DangerButton, PrimaryButton, SecondaryButton
from wc_desktop.ui.widgets.card import Card
from wc_desktop.ui.widgets.key_hints import KeyHint
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.scroller import Scroller


class VisitFormView(QWidget):
    """Shows the draft that the model holds. `left`: Esc or Close; the text is kept as a draft."""

    left = Signal()

    def __init__(self, session: Session, model: VisitForm, verbs: SearchVerbs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("area", "clear")
        self._model = model
        self.fields = VisitFields(session, model, verbs, self)
        self._build()
        self._build_sheets()
        self._bind(session)

    def _build(self) -> None:
        scale = current_scale()
        self._allergies = AlertBanner(Tone.DANGER, "", self)
        self._alike = AlertBanner(Tone.WARNING, "", self, icon=Icon.USERS)
        card = Card(self, margin=16)
        self._scroller = Scroller(self.tr("Clinic visit"), card)
        for banner in (self._allergies, self._alike):
            self._scroller.body.addWidget(banner)
        self._scroller.body.addWidget(self.fields)
        card.body.addWidget(self._scroller)
        self.problems = TextLabel("", LabelStyle.STRONG, self, tone=Tone.DANGER)
        self.problems.hide()
        self.saved = TextLabel("", LabelStyle.MUTED, self)
        self.discard_button = DangerButton(self.tr("Discard draft"), self, icon=Icon.TRASH_2)
        self.close_button = SecondaryButton(self.tr("Clos&e"), self)
        self.close_button.setAccessibleDescription(self.tr("The text is kept as a draft. Key: Esc"))
        self.save_button = PrimaryButton(self.tr("Sa&ve visit"), self, icon=Icon.SAVE)
        self.save_button.setAccessibleDescription(self.tr("Key: Ctrl+Enter"))
        words = QVBoxLayout()
        words.setSpacing(scale.px(2))
        words.addWidget(self.problems)
        words.addWidget(self.saved)
        foot = QHBoxLayout()
        foot.setSpacing(scale.px(10))
        foot.addLayout(words, 1)
        for button in (self.discard_button, self.close_button, self.save_button):
            foot.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(scale.px(10))
        column.addWidget(card, 1)
        column.addLayout(foot)

    def _build_sheets(self) -> None:
        self.save_sheet = WindowSheet(self.tr("Save this visit?"), self.tr("Save"), self, leave=self.tr("Not yet"))
        self._who = TextLabel("", LabelStyle.HEADING, self.save_sheet)
        self._about = TextLabel("", LabelStyle.STRONG, self.save_sheet)
        self._warnings = TextLabel("", LabelStyle.BODY, self.save_sheet, tone=Tone.WARNING)
        self._told = TextLabel("", LabelStyle.BODY, self.save_sheet)
        self._marks = TextLabel("", LabelStyle.STRONG, self.save_sheet, tone=Tone.DANGER)
        for part in (self._who, self._marks, self._about, self._warnings, self._told):
            self.save_sheet.body.addWidget(part)
        self.save_sheet.set_first_focus(self.save_sheet.action_button)
        self.discard_sheet = WindowSheet(
            self.tr("Discard this draft?"), self.tr("Discard"), self, leave=self.tr("Keep it"), danger=True
        )
        self.discard_sheet.body.addWidget(
            TextLabel(self.tr("What was typed is lost for good."), LabelStyle.BODY, self.discard_sheet)
        )
        self.discard_sheet.set_first_focus(self.discard_sheet.leave_button)

    def _bind(self, session: Session) -> None:
        model = self._model
        model.opened.connect(self._on_opened)
        model.child_changed.connect(self._show_marks)
        model.saved_line_changed.connect(self.saved.setText)
        model.faults_changed.connect(self._on_faults_changed)
        model.ready_to_sign.connect(self._on_ready)
        self.save_button.clicked.connect(model.ask_to_sign)
        self.close_button.clicked.connect(self.left)
        self.discard_button.clicked.connect(self.discard_sheet.open)
        self.save_sheet.completed.connect(self._on_save_confirmed)
        self.discard_sheet.completed.connect(self._on_discard_confirmed)
        for sheet in (self.save_sheet, self.discard_sheet):
            sheet.lock_wanted.connect(session.lock_wanted)
        self.fields.child.left.connect(self.left)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(model.ask_to_sign)
        program = QGuiApplication.instance()
        if isinstance(program, QGuiApplication):
            program.applicationStateChanged.connect(self._on_application_state_changed)

    # -- showing -------------------------------------------------------------------------------------------

    @property
    def warnings(self) -> str:
        """What the question before saving tells to look at."""
        return self._warnings.text()

    def key_hints(self) -> tuple[KeyHint, ...]:
        """Return the keys that work in the form."""
        return (
            KeyHint(keys=("Tab",), words=self.tr("next field")),
            KeyHint(keys=("Ctrl+Enter",), words=self.tr("save")),
            KeyHint(keys=("Esc",), words=self.tr("close, kept as draft")),
        )

    def take_focus(self) -> None:
        """Begin with the child; where it is known with the reason, and where that is too with how the visit ends."""
        fields = self.fields
        if self._model.child is None:
            fields.child.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self._model.amends:
            fields.end.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            fields.reason.setFocus(Qt.FocusReason.OtherFocusReason)

    def put_away(self) -> None:
        """Close what stands over the form; the model saves."""
        self.save_sheet.hide()
        self.discard_sheet.hide()
        self._model.save()

    @Slot()
    def _on_opened(self) -> None:
        self.fields.fill()
        self._show_marks()
        self.saved.setText(self._model.saved_line)
        self._scroller.verticalScrollBar().setValue(0)

    @Slot()
    def _show_marks(self) -> None:
        child = self._model.child
        allergies = "" if child is None else "; ".join(child.allergies)
        alike = "" if child is None else "; ".join(child.name_alike)
        self._allergies.set_alert(Tone.DANGER, self.tr("Allergies: {named}").format(named=allergies))
        self._allergies.setVisible(bool(allergies))
        self._alike.set_alert(
            Tone.WARNING, self.tr("Similar name: {others}. Check the birth date.").format(others=alike)
        )
        self._alike.setVisible(bool(alike))

    @Slot()
    def _on_faults_changed(self) -> None:
        stops = self.fields.in_order(fault for fault in self._model.faults if fault.blocks)
        match len(stops):
            case 0:
                words = ""
            case 1:
                words = self.tr("1 thing to do before this can be saved")
            case count:
                words = self.tr("{count} things to do before this can be saved").format(count=count)
        self.problems.setText(words)
        self.problems.setVisible(bool(words))
        if stops:
            announce(self.problems, f"{words}: {stops[0].sentence}", urgent=True)
            self._go_to(stops[0].field)

    def _go_to(self, name: str) -> None:
        field = self.fields.field_of(name)
        if field is not None:
            layout = self.fields.layout()
            if isinstance(layout, QLayout):
                layout.activate()  # the sentences have just made the fields higher
            field.setFocus(Qt.FocusReason.OtherFocusReason)
            self._scroller.ensureWidgetVisible(field)

    # -- saving and discarding -----------------------------------------------------------------------------

    @Slot()
    def _on_ready(self) -> None:
        model, child = self._model, self._model.child
        if child is None:
            return
        born = self.tr("Born {day}").format(day=day_words(child.date_of_birth))
        self._who.setText(full_name(child))
        marks = "\n".join(chip.spoken for chip in child_chips(child))
        self._marks.setText(marks)
        self._marks.setVisible(bool(marks))
        why = said(REASONS, model.text("reason"))
        end = said(ENDS, model.text("disposition"))
        self._about.setText("\n".join((JOINT.join((grade_words(child), born)), JOINT.join((why, end)))))
        warnings = "\n".join(fault.sentence for fault in model.faults if not fault.blocks)
        self._warnings.setText(warnings)
        self._warnings.setVisible(bool(warnings))
        self._told.setText(
            self.tr("It can be corrected afterwards; what stood before stays readable.")
            if model.text("disposition")
            else self.tr("The child is still in the clinic: the visit stays open, on every workstation of this school.")
        )
        self.save_sheet.open()

    @Slot()
    def _on_save_confirmed(self) -> None:
        self.save_sheet.finish()
        self._model.sign()

    @Slot()
    def _on_discard_confirmed(self) -> None:
        self.discard_sheet.finish()
        self._model.discard()

    @Slot(Qt.ApplicationState)
    def _on_application_state_changed(self, state: Qt.ApplicationState) -> None:
        if state is not Qt.ApplicationState.ApplicationActive:
            self._model.save()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        super().keyPressEvent(event)
