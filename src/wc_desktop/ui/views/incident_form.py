"""The incident form on the screen: fields that scroll, a foot that stays, a signature that is asked for once."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.viewmodels.attaching import AttachModel, AttachTo, incident_title
from wc_desktop.ui.viewmodels.incident_form import IncidentForm
from wc_desktop.ui.viewmodels.incident_words import TYPES, said
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.student_search import SearchVerbs
from wc_desktop.ui.viewmodels.words import JOINT, full_name
from wc_desktop.ui.views.attach_sheet import AttachSheet
from wc_desktop.ui.views.incident_fields import IncidentFields
from wc_desktop.ui.views.window_sheet import WindowSheet
from wc_desktop.ui.widgets.announce import announce
from wc_desktop.ui.widgets.buttons import DangerButton, PrimaryButton, SecondaryButton
from wc_desktop.ui.widgets.card import Card
from wc_desktop.ui.widgets.key_hints import KeyHint
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.scroller import Scroller


class IncidentFormView(QWidget):
    """Shows the draft that the model holds. `left`: Esc or Close; the text is kept as a draft."""

    left = Signal()

    def __init__(
        self, session: Session, model: IncidentForm, verbs: SearchVerbs, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("area", "clear")
        self._model = model
        self._session = session
        self.fields = IncidentFields(session, model, verbs, self)
        self._build()
        self._bind()

    def _build(self) -> None:
        scale = current_scale()
        card = Card(self, margin=16)
        self._scroller = Scroller(self.tr("Incident report"), card)
        self._scroller.body.addWidget(self.fields)
        self._build_attaching()
        card.body.addWidget(self._scroller)
        self.problems = TextLabel("", LabelStyle.STRONG, self, tone=Tone.DANGER)
        self.problems.hide()
        self.saved = TextLabel("", LabelStyle.MUTED, self)
        self.discard_button = DangerButton(self.tr("Discard draft"), self, icon=Icon.TRASH_2)
        self.close_button = SecondaryButton(self.tr("C&lose"), self)
        self.close_button.setAccessibleDescription(self.tr("The text is kept as a draft. Key: Esc"))
        self.sign_button = PrimaryButton(self.tr("S&ign report"), self, icon=Icon.PENCIL)
        self.sign_button.setAccessibleDescription(self.tr("Key: Ctrl+Enter"))
        words = QVBoxLayout()
        words.setSpacing(scale.px(2))
        words.addWidget(self.problems)
        words.addWidget(self.saved)
        foot = QHBoxLayout()
        foot.setSpacing(scale.px(10))
        foot.addLayout(words, 1)
        for button in (self.discard_button, self.close_button, self.sign_button):
            foot.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(scale.px(10))
        column.addWidget(card, 1)
        column.addLayout(foot)
        self._build_sheets()

    def _build_attaching(self) -> None:
        self.attaching = AttachModel(self._session, self)
        self.attach = AttachSheet(self.attaching, self)
        self.add_button = SecondaryButton(self.tr("&Add a photo or document"), self, icon=Icon.PLUS)
        self._add_note = TextLabel("", LabelStyle.SMALL, self)
        self._scroller.body.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._scroller.body.addWidget(self._add_note)

    def _build_sheets(self) -> None:
        self.sign_sheet = WindowSheet(self.tr("Sign this report?"), self.tr("Sign"), self, leave=self.tr("Not yet"))
        self._about = TextLabel("", LabelStyle.STRONG, self.sign_sheet)
        self._warnings = TextLabel("", LabelStyle.BODY, self.sign_sheet, tone=Tone.WARNING)
        told = TextLabel(
            self.tr(
                "After signing, the report changes only by an addendum. "
                "It is saved on this workstation at once and sent to the district at the next contact."
            ),
            LabelStyle.BODY,
            self.sign_sheet,
        )
        for part in (self._about, self._warnings, told):
            self.sign_sheet.body.addWidget(part)
        self.sign_sheet.set_first_focus(self.sign_sheet.action_button)
        self.discard_sheet = WindowSheet(
            self.tr("Discard this draft?"),
            self.tr("Discard"),
            self,
            leave=self.tr("Keep it"),
            danger=True,
        )
        self.discard_sheet.body.addWidget(
            TextLabel(self.tr("What was typed is lost for good."), LabelStyle.BODY, self.discard_sheet)
        )
        self.discard_sheet.set_first_focus(self.discard_sheet.leave_button)

    def _bind(self) -> None:
        model = self._model
        model.opened.connect(self._on_opened)
        model.saved_line_changed.connect(self.saved.setText)
        model.faults_changed.connect(self._on_faults_changed)
        model.ready_to_sign.connect(self._on_ready_to_sign)
        self.sign_button.clicked.connect(model.ask_to_sign)
        self.close_button.clicked.connect(self.left)
        self.discard_button.clicked.connect(self.discard_sheet.open)
        self.sign_sheet.completed.connect(self._on_sign_confirmed)
        self.discard_sheet.completed.connect(self._on_discard_confirmed)
        self.fields.child.left.connect(self.left)
        model.child_changed.connect(self._show_attaching)
        self.add_button.clicked.connect(self._on_add)
        self.attach.lock_wanted.connect(self._session.lock_wanted)
        self.attach.kept.connect(self.add_button.setFocus)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(model.ask_to_sign)
        program = QGuiApplication.instance()
        if isinstance(program, QGuiApplication):
            program.applicationStateChanged.connect(self._on_application_state_changed)

    # -- showing -------------------------------------------------------------------------------------------

    def key_hints(self) -> tuple[KeyHint, ...]:
        """Return the keys that work in the form."""
        return (
            KeyHint(keys=("Tab",), words=self.tr("next field")),
            KeyHint(keys=("Ctrl+Enter",), words=self.tr("sign")),
            KeyHint(keys=("Esc",), words=self.tr("close, kept as draft")),
        )

    def take_focus(self) -> None:
        """Begin with the child, or with what follows when the child is known."""
        first = self.fields.when if self._model.child is not None else self.fields.child
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def put_away(self) -> None:
        """Close what stands over the form; the model saves."""
        self.sign_sheet.hide()
        self.discard_sheet.hide()
        self.attach.hide()
        self._model.save()

    @Slot()
    def _on_opened(self) -> None:
        self.fields.fill()
        self._show_attaching()
        self.saved.setText(self._model.saved_line)
        self._scroller.verticalScrollBar().setValue(0)

    @Slot()
    def _on_faults_changed(self) -> None:
        stops = self.fields.in_order(fault for fault in self._model.faults if fault.blocks)
        match len(stops):
            case 0:
                words = ""
            case 1:
                words = self.tr("1 thing to do before this can be signed")
            case count:
                words = self.tr("{count} things to do before this can be signed").format(count=count)
        self.problems.setText(words)
        self.problems.setVisible(bool(words))
        if not stops:
            return
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

    # -- photos and documents ------------------------------------------------------------------------------

    @Slot()
    def _show_attaching(self) -> None:
        child = self._model.child
        if not self.attaching.may_add:
            note = self.tr("Your role does not add photos or documents; a nurse does.")
        elif child is None:
            note = self.tr("Say first whom the report is about: a photo is kept on the child's chart.")
        else:
            note = self.tr("It is kept on the child's chart at once, also if this draft is discarded.")
        self._add_note.setText(note)
        self.add_button.setEnabled(self.attaching.may_add and child is not None)
        self.add_button.setAccessibleDescription(note)

    @Slot()
    def _on_add(self) -> None:
        child = self._model.child
        if child is not None:
            at = self._model.occurred_at
            title = incident_title(at, self._session.zone)
            self.attach.ask(AttachTo(child=child, of_incident=True, title=title))

    # -- signing and discarding ----------------------------------------------------------------------------

    @Slot()
    def _on_ready_to_sign(self) -> None:
        child = self._model.child
        named = self.tr("No child named") if child is None else full_name(child)
        when = self.fields.when.note
        self._about.setText(JOINT.join((named, said(TYPES, self._model.text("type")), when)))
        warnings = "\n".join(fault.sentence for fault in self._model.faults if not fault.blocks)
        self._warnings.setText(warnings)
        self._warnings.setVisible(bool(warnings))
        self.sign_sheet.open()

    @Slot()
    def _on_sign_confirmed(self) -> None:
        self.sign_sheet.finish()
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
