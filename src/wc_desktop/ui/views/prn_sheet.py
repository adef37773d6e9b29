"""Giving as needed: the child, her orders with what is left of their limits, why, what the rules say, one save."""

from datetime import datetime
from typing import Final

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from wc_contract.model.ids import StudentId
from wc_desktop.domain.as_needed import PrnOrder
from wc_desktop.domain.screens import StudentRow
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.viewmodels.prn import REAL, PrnModel, PrnTyped, PrnVerbs
from wc_desktop.ui.viewmodels.prn_words import order_facts, order_line, reasons_for
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.words import JOINT, drug_words, full_name, local
from wc_desktop.ui.views.child_picker import ChildPicker
from wc_desktop.ui.views.findings_part import FindingsPart
from wc_desktop.ui.views.typed_moment import MomentField
from wc_desktop.ui.views.window_sheet import WindowSheet
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.choice_fields import Choice, ChoiceList
from wc_desktop.ui.widgets.fact_list import Fact, FactList
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.text_fields import TextField

_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class PrnSheet(WindowSheet):
    """`ask` opens it. Esc sets it aside with everything typed; it closes by itself when the dose is saved."""

    def __init__(self, session: Session, parent: QWidget, verbs: PrnVerbs = REAL) -> None:
        super().__init__(self.tr("Give as needed"), self.tr("&Give dose"), parent, leave=self.tr("&Back"), width=640)
        self._session = session
        self._filling = False  # the fields change because the model did, not because somebody types
        self.model = PrnModel(session, verbs, self)
        self.picker = ChildPicker(session, parent=self)
        self._alike = AlertBanner(Tone.WARNING, "", self, icon=Icon.USERS)
        self._allergies = AlertBanner(Tone.DANGER, "", self)
        self._none = TextLabel(self.tr("No order as needed is on record for this child."), LabelStyle.BODY, self)
        self.orders = ChoiceList(self.tr("&Medicine"), (), most_lines=4)
        self._facts = FactList(self)
        self._findings = FindingsPart(self)
        self.amount = TextField(self.tr("&Amount"))
        self.why = ChoiceList(self.tr("&Why"), (), most_lines=4)
        self.signs = TextField(self.tr("&Signs and symptoms"))
        self.aloud = TextField(
            self.tr("Whom did you as&k aloud?"),
            hint=self.tr("Ask at the other workstation whether it was given already."),
        )
        self.override = TextField(self.tr("Why you go on all th&e same"))
        self.moment = MomentField(self.tr("When, if no&t now"), self._now)
        self._failure = AlertBanner(Tone.DANGER, "", self)
        for part in (
            self.picker, self._alike, self._allergies, self._none, self.orders, self._facts, self._findings,
            self.override, self.aloud, self.why, self.signs, self.amount, self.moment, self._failure,
        ):  # fmt: skip
            self.body.addWidget(part)
        self.body.addStretch(1)
        self._bind()
        self._show_child()

    def _bind(self) -> None:
        model = self.model
        self.picker.child_chosen.connect(self._on_child_chosen)
        self.picker.left.connect(self.reject)
        self.orders.changed.connect(self._on_order_chosen)
        for field in (self.amount, self.why, self.signs, self.aloud, self.override, self.moment):
            field.changed.connect(self._on_typed)
        self.completed.connect(model.save)
        self.lock_wanted.connect(model.ask_lock)
        model.child_changed.connect(self._on_child_changed)
        model.listed.connect(self._on_listed)
        model.order_changed.connect(self._on_order_changed)
        model.changed.connect(self._on_changed)
        model.saved.connect(self._on_saved)

    def ask(self, student: StudentId | None = None) -> None:
        """Open for a child, or to find one."""
        self._findings.begin()
        self.model.begin(student)
        self._on_changed()
        self.open()
        self._take_focus()
        self.fit_soon()

    # Showing.

    @Slot()
    def _on_child_changed(self) -> None:
        self._show_child()
        self._on_listed()
        self._on_order_changed()
        self._take_focus()

    def _show_child(self) -> None:
        child = self.model.child
        self.picker.show_child(child)
        self._show_marks(child)

    def _show_marks(self, child: StudentRow | None) -> None:
        allergies = "" if child is None else ", ".join(child.allergies)
        alike = "" if child is None else "; ".join(child.name_alike)
        self._allergies.set_alert(Tone.DANGER, self.tr("Allergies: {names}").format(names=allergies))
        self._allergies.setVisible(bool(allergies))
        self._alike.set_alert(Tone.WARNING, self.tr("Similar name: {names}. Check the birth date.").format(names=alike))
        self._alike.setVisible(bool(alike))

    @Slot()
    def _on_listed(self) -> None:
        model, now, zone = self.model, self._session.now(), self._session.zone
        self._filling = True
        choices = tuple(Choice(key=str(one.id), words=order_line(one, now, zone)) for one in model.orders)
        self.orders.set_choices(choices)
        self.orders.choose(None if model.chosen is None else str(model.chosen.id))
        self._filling = False
        self._show_order(model.chosen)
        self._on_changed()

    @Slot()
    def _on_order_changed(self) -> None:
        order = self.model.chosen
        self._findings.begin()
        self._filling = True
        self.orders.choose(None if order is None else str(order.id))
        reasons = () if order is None else reasons_for(order)
        typed = self.model.typed
        self.why.set_choices(tuple(Choice(key=words, words=words) for words in reasons))
        self.why.choose(typed.why or None)
        self.amount.set_text(typed.amount)
        self.amount.set_hint("" if order is None else self.tr("In {unit}").format(unit=order.dose.unit))
        for field, text in ((self.signs, typed.signs), (self.aloud, typed.aloud), (self.override, typed.override)):
            field.set_text(text)
        self.moment.set_value(typed.moment)
        self._filling = False
        self._show_order(order)

    def _show_order(self, order: PrnOrder | None) -> None:
        # Above what scrolls: the right child and drug stay in view. The window's own title names nobody.
        child = self.model.child
        right = "" if child is None else full_name(child)
        drug = "" if order is None else drug_words(order.medication)[0]
        self.heading.setText(
            ": ".join((self.windowTitle(), JOINT.join(filter(None, (right, drug))))).removesuffix(": ")
        )
        facts = () if order is None else order_facts(order, self._session.now(), self._session.zone)
        self._facts.set_facts(tuple(Fact(label=label, value=value) for label, value in facts))

    @Slot()
    def _on_changed(self) -> None:
        model = self.model
        chosen = model.chosen is not None
        for part, shown in (
            (self._none, model.has_none),
            (self.orders, bool(model.orders)),
            (self._facts, chosen),
            (self.amount, chosen),
            (self.why, chosen),
            (self.signs, chosen),
            (self.moment, chosen),
            (self.aloud, chosen and model.asks_aloud),
            (self.override, chosen and model.is_override),
        ):
            part.setVisible(shown)
        self._findings.show_findings(model.findings)
        self._failure.set_alert(Tone.DANGER, model.failure)
        self._failure.setVisible(bool(model.failure))
        self.say_step(model.next_step)
        self.set_ready(ready=model.can_save)
        self.fit_soon()

    def _take_focus(self) -> None:
        # The orders first, even one alone: with them the child and what is left of the limits are in view.
        first: QWidget = self.picker.search if self.model.child is None else self.orders.editor
        self.set_first_focus(first)
        if self.isVisible():
            first.setFocus()

    def _now(self) -> datetime:
        return local(self._session.now(), self._session.zone)

    # What the nurse does.

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # A held Enter completes nothing: each dose is a press of its own.
        if event.key() in _ENTER and event.isAutoRepeat():
            event.accept()
            return
        super().keyPressEvent(event)

    @Slot(object)
    def _on_child_chosen(self, child: StudentRow | None) -> None:
        self.model.choose_child(child)

    @Slot()
    def _on_order_chosen(self) -> None:
        if not self._filling:
            self.model.choose_order(self.orders.key)

    @Slot()
    def _on_typed(self) -> None:
        if self._filling:
            return
        self.model.type(
            PrnTyped(
                amount=self.amount.text,
                why=self.why.key or "",
                signs=self.signs.text,
                aloud=self.aloud.text,
                override=self.override.text,
                moment=self.moment.value,
            )
        )

    @Slot(object)
    def _on_saved(self, _saved: object) -> None:
        self.finish()
        self._on_child_changed()
