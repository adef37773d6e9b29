"""A dose as needed, from the child to the saved entry: what may be given now, what the rules say, what is missing."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import StudentId
from wc_contract.model.instants import Instant, instant_from_text
from wc_contract.model.kinds import ALLERGY, DOSE, MEDICATION, ORDER, ORDER_VERSION, REVIEW_CASE, STUDENT
from wc_contract.model.quantity import Quantity, plain
from wc_contract.rules.findings import Severity
from wc_desktop.actions import prn
from wc_desktop.actions.desk import Desk
from wc_desktop.domain.as_needed import PrnDraft, PrnList, PrnOrder, PrnPlan, PrnSaved
from wc_desktop.domain.screens import StudentRow
from wc_desktop.ui.messages.failures import failure_sentence
from wc_desktop.ui.viewmodels.dose_confirm import FindingWords, findings_in_words
from wc_desktop.ui.viewmodels.prn_words import saved_words
from wc_desktop.ui.viewmodels.review import number_found
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.words import say

_KINDS: Final = frozenset(kind.name for kind in (ALLERGY, DOSE, MEDICATION, ORDER, ORDER_VERSION, REVIEW_CASE, STUDENT))


@dataclass(frozen=True, slots=True, kw_only=True)
class PrnVerbs:
    """What the sheet can have done. open_prn writes that a child's orders were looked at; read_again does not."""

    open_prn: Callable[[Desk, StudentId], PrnList] = prn.open_prn
    read_again: Callable[[Desk, StudentId], PrnList] = prn.read_prn_again
    plan_prn: Callable[[Desk, PrnDraft], PrnPlan] = prn.plan_prn
    log_prn: Callable[[Desk, PrnDraft], PrnSaved] = prn.log_prn


REAL: Final = PrnVerbs()


@dataclass(frozen=True, slots=True, kw_only=True)
class PrnTyped:
    """The sheet as it stands, half-typed values included."""

    amount: str = field(default="", repr=False)
    why: str = field(default="", repr=False)  # chosen from the list
    signs: str = field(default="", repr=False)
    aloud: str = field(default="", repr=False)
    override: str = field(default="", repr=False)
    moment: str = ""  # when it was given, as an instant; '' for now


class PrnModel(QObject):
    """One dose as needed at a time. Everything typed stays until it is saved or another child is chosen."""

    child_changed = Signal()
    listed = Signal()  # the orders, or what is left of their limits, came
    order_changed = Signal()
    changed = Signal()
    saved = Signal(object)  # PrnSaved

    def __init__(self, session: Session, verbs: PrnVerbs = REAL, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._verbs = verbs
        self._forget()
        session.records_changed.connect(self._on_records_changed)

    def _forget(self) -> None:
        self._student: StudentId | None = None
        self._child: StudentRow | None = None
        self._list: PrnList | None = None
        self._chosen: PrnOrder | None = None
        self._typed = PrnTyped()
        self._plan: PrnPlan | None = None
        self._saving = False
        self._failure = ""

    # What the sheet shows.

    @property
    def child(self) -> StudentRow | None:
        return self._child

    @property
    def orders(self) -> tuple[PrnOrder, ...]:
        return () if self._list is None else self._list.orders

    @property
    def has_none(self) -> bool:
        """Whether the orders were read and there is none as needed."""
        return self._list is not None and not self._list.orders

    @property
    def chosen(self) -> PrnOrder | None:
        return self._chosen

    @property
    def typed(self) -> PrnTyped:
        return self._typed

    @property
    def failure(self) -> str:
        """Why the last save did not happen."""
        return self._failure

    @property
    def findings(self) -> tuple[FindingWords, ...]:
        return () if self._plan is None else findings_in_words(self._plan.findings, self._session)

    @property
    def asks_aloud(self) -> bool:
        return self._plan is not None and self._plan.asks_aloud

    @property
    def is_forbidden(self) -> bool:
        """Whether a finding stands in the way that no reason overrides."""
        return any(stop is False for stop in self._stops)

    @property
    def is_override(self) -> bool:
        """Whether a hard stop may be gone past with a reason."""
        return any(self._stops)

    @property
    def _stops(self) -> tuple[bool, ...]:
        found = () if self._plan is None else self._plan.findings
        return tuple(stop.overridable for stop in found if stop.severity is Severity.BLOCK)

    @property
    def next_step(self) -> str:
        """What is missing, for the line above the buttons; '' when it can be saved."""
        if self._student is None:
            return say("Find the child.")
        if self._list is None:
            return "" if self._failure else say("Reading the orders")
        if not self._list.orders:
            return say("Without an order nothing can be given as needed.")
        return self._missing_of_order()

    def _missing_of_order(self) -> str:
        if self._chosen is None:
            return say("Choose the medicine.")
        if self._quantity is None:
            return say("Type the amount as a number, like 2.5.")
        if self._at is None:
            return say("Type when it was given.")
        if self._plan is None:
            return "" if self._failure else say("Checking the order")
        return self._missing_of_reasons(self._chosen)

    def _missing_of_reasons(self, order: PrnOrder) -> str:
        if self.is_forbidden:
            return say("This cannot be recorded in this way. Press Esc to go back.")
        # A child who cannot breathe does not wait for a typed reason.
        if not self._reason and not order.medication.is_emergency:
            return say("Choose why, or type the signs.")
        if self.asks_aloud and not self._typed.aloud.strip():
            return say("Ask aloud, and type whom you asked.")
        if self.is_override and not self._typed.override.strip():
            return say("Say why you go on all the same.")
        return ""

    @property
    def can_save(self) -> bool:
        return self._plan is not None and not self._saving and not self.next_step

    # What the nurse does.

    def begin(self, student: StudentId | None = None) -> None:
        """Open for a child, or with nobody chosen; what was typed for the same child is still there."""
        if student is None:
            if self._student is None:
                self.child_changed.emit()
            else:
                self._read(self._verbs.open_prn)
            return
        if student != self._student:
            self._forget()
            self._student = student
            self.child_changed.emit()
        self._read(self._verbs.open_prn)

    def choose_child(self, child: StudentRow | None) -> None:
        """Take this child; with None the search begins again and nothing typed is kept."""
        self._forget()
        if child is not None:
            self._student, self._child = child.id, child
            self._read(self._verbs.open_prn)
        self.child_changed.emit()

    def choose_order(self, key: str | None) -> None:
        """Take this order, with the amount that it says."""
        chosen = next((order for order in self.orders if str(order.id) == key), None)
        if (chosen and chosen.id) == (self._chosen and self._chosen.id):
            return
        self._chosen = chosen
        amount = "" if chosen is None else plain(chosen.dose.amount)
        self._typed = replace(self._typed, amount=amount, why="", override="")
        self._plan = None
        self._failure = ""
        self.order_changed.emit()
        self._ask_rules()

    def type(self, typed: PrnTyped) -> None:
        """Take what is typed; another amount or time is judged anew."""
        if typed == self._typed:
            return
        before = self._judged
        self._typed = typed
        if self._judged != before:
            self._plan = None
            self._ask_rules()
        self.changed.emit()

    def save(self) -> None:
        """Write it, once, ahead of everything else that waits."""
        draft = self._draft()
        if draft is None or not self.can_save:
            return
        self._saving = True
        self._failure = ""
        self.changed.emit()
        job = partial(self._verbs.log_prn, self._session.desk, draft)
        self._session.run(job, done=self._on_saved, failed=self._on_not_saved, urgent=True)

    def ask_lock(self) -> None:
        """Lock from here: the sheet keeps the window's own keys from the window."""
        self._session.lock_wanted.emit()

    # What comes back.

    def _read(self, verb: Callable[[Desk, StudentId], PrnList]) -> None:
        if self._student is not None:
            student = self._student
            job = partial(verb, self._session.desk, student)
            done, failed = partial(self._on_list, student), partial(self._on_failure, student)
            self._session.run(job, done=done, failed=failed, urgent=True)

    def _on_list(self, student: StudentId, found: PrnList) -> None:
        if student != self._student:
            return
        first = self._list is None
        self._list, self._child = found, found.student
        kept = None if self._chosen is None else str(self._chosen.id)
        self._chosen = next((order for order in found.orders if str(order.id) == kept), None)
        if first:
            self.child_changed.emit()
        self.listed.emit()
        if first and len(found.orders) == 1:
            self.choose_order(str(found.orders[0].id))
        elif self._chosen is not None:
            self._ask_rules()
        self.changed.emit()

    def _ask_rules(self) -> None:
        draft = self._draft()
        if draft is not None:
            job = partial(self._verbs.plan_prn, self._session.desk, draft)
            failed = partial(self._on_failure, draft.student)
            done = partial(self._on_plan, self._judged)
            self._session.run(job, done=done, failed=failed, urgent=True)
        self.changed.emit()

    def _on_plan(self, judged: tuple[object, ...], plan: PrnPlan) -> None:
        if judged == self._judged:
            self._plan = plan
            self.changed.emit()

    def _on_saved(self, saved: PrnSaved) -> None:
        self._forget()
        self.saved.emit(saved)
        self._session.tell(saved_words(saved, self._session.now(), self._session.zone))
        self._session.changed(DOSE.name)

    def _on_not_saved(self, failure: WhiteCrossError) -> None:
        self._saving = False
        self._failure = failure_sentence(failure)
        # Time went on, or another desk's entry came in: the rules may say something new.
        self._ask_rules()

    def _on_failure(self, student: StudentId, failure: WhiteCrossError) -> None:
        if student == self._student:
            self._failure = failure_sentence(failure)
            self.changed.emit()

    @Slot(object)
    def _on_records_changed(self, kinds: frozenset[str]) -> None:
        if self._list is not None and kinds & _KINDS:
            self._read(self._verbs.read_again)

    @property
    def _judged(self) -> tuple[object, ...]:
        """What the rules' answer depends on."""
        chosen = None if self._chosen is None else self._chosen.id
        return self._student, chosen, self._quantity, self._typed.moment

    @property
    def _at(self) -> Instant | None:
        moment = self._typed.moment.strip()
        try:
            return instant_from_text(moment) if moment else self._session.now()
        except ValueError:
            return None

    @property
    def _quantity(self) -> Quantity | None:
        amount = number_found(self._typed.amount)
        if self._chosen is None or amount is None or amount <= 0:
            return None
        return Quantity(amount=amount, unit=self._chosen.dose.unit)

    @property
    def _reason(self) -> str:
        return ": ".join(filter(None, (self._typed.why.strip(), self._typed.signs.strip())))

    def _draft(self) -> PrnDraft | None:
        quantity, at = self._quantity, self._at
        if self._student is None or self._chosen is None or quantity is None or at is None:
            return None
        return PrnDraft(
            student=self._student,
            order=self._chosen.id,
            administered_at=at,
            quantity=quantity,
            reason=self._reason,
            asked_aloud=self._typed.aloud.strip() if self.asks_aloud else "",
            override_reason=self._typed.override.strip() if self.is_override else "",
        )
