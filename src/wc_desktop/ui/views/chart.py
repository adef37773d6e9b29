"""A chart: banner, child facts, and everything on record in tabs."""

from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QImage, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from wc_contract.model.ids import DoseId, IncidentId
from wc_desktop.domain.screens import Chart, DoseCorrection
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.viewmodels.attaching import AttachModel, AttachTo
from wc_desktop.ui.viewmodels.chart import ChartModel
from wc_desktop.ui.viewmodels.correction import CORRECTIONS
from wc_desktop.ui.viewmodels.session import Place, Session
from wc_desktop.ui.viewmodels.tall_man import tall_man
from wc_desktop.ui.viewmodels.words import local
from wc_desktop.ui.views.attach_sheet import AttachSheet
from wc_desktop.ui.views.chart_tables import (
    ailments_table,
    contacts_table,
    doses_table,
    orders_table,
    vaccinations_table,
)
from wc_desktop.ui.views.correction_sheet import CorrectionSheet
from wc_desktop.ui.views.document_table import DocumentsPart
from wc_desktop.ui.views.incident_table import incidents_table
from wc_desktop.ui.views.prn_sheet import PrnSheet
from wc_desktop.ui.views.visit_table import visits_table
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.buttons import QuietButton, SecondaryButton
from wc_desktop.ui.widgets.empty_state import EmptyState
from wc_desktop.ui.widgets.key_hints import KeyHint
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.picture import Picture
from wc_desktop.ui.widgets.picture_reader import read_square
from wc_desktop.ui.widgets.record_table import RecordTable
from wc_desktop.ui.widgets.scroller import Scroller
from wc_desktop.ui.widgets.state_tabs import StateTabs, TabSpec

_FIRST: Final = "orders"
_DOCUMENTS: Final = "documents"
_LEAST_TABLE: Final = 200


class ChartView(QWidget):
    """Shows the chart that the model holds. `back_wanted` by Esc, Alt+Left or the button."""

    back_wanted = Signal()
    document_wanted = Signal(object)  # DocumentRow

    def __init__(self, session: Session, model: ChartModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("area", "clear")
        self._session = session
        self._model = model
        self._build_head()
        self._build_tables()
        self._lay_out()
        self._model.refreshed.connect(self._on_refreshed)
        back = QShortcut(QKeySequence("Alt+Left"), self)
        back.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        back.activated.connect(self.back_wanted)
        as_needed = QShortcut(QKeySequence("P"), self)
        as_needed.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        as_needed.activated.connect(self._on_as_needed)

    def _build_head(self) -> None:
        self._back = QuietButton(self.tr("&Back"), self, icon=Icon.CHEVRON_LEFT)
        self._back.clicked.connect(self.back_wanted)
        self._photo: bytes | None = None
        self.photo = Picture(self.tr("Photo of the child"), self)
        self._facts = TextLabel("", LabelStyle.BODY, self)
        self._incident = SecondaryButton(self.tr("New &incident"), self, icon=Icon.CLIPBOARD_LIST)
        self._incident.setAccessibleDescription(self.tr("Key: Ctrl+I"))
        self._incident.clicked.connect(self._on_incident_wanted)
        self.as_needed = SecondaryButton(self.tr("Give as n&eeded…"), self, icon=Icon.PILL)
        self.as_needed.setAccessibleDescription(self.tr("Key: P"))
        self.as_needed.clicked.connect(self._on_as_needed)
        self._prn: PrnSheet | None = None
        self._allergies = AlertBanner(Tone.DANGER, "", self)
        self._captured = AlertBanner(Tone.WARNING, "", self, icon=Icon.NOTEBOOK_PEN)
        self._alike = AlertBanner(Tone.WARNING, "", self, icon=Icon.USERS)
        self._conditions = AlertBanner(Tone.INFO, "", self, icon=Icon.HEART_PULSE)

    def _build_tables(self) -> None:
        zone = self._session.zone
        self.orders = orders_table(self)
        self.doses = doses_table(zone, self)
        self.incidents = incidents_table(zone, self, with_child=False)
        self.visits = visits_table(zone, self._session.now, self, with_child=False)
        self.vaccinations = vaccinations_table(self)
        self.ailments = ailments_table(self)
        self.contacts = contacts_table(self)
        self.documents = DocumentsPart(zone, self)
        self.tables = {
            "orders": RecordTable(self.tr("Orders"), self.orders, self),
            "doses": RecordTable(self.tr("Dose history"), self.doses, self),
            "incidents": RecordTable(self.tr("Incidents"), self.incidents, self),
            "visits": RecordTable(self.tr("Clinic visits"), self.visits, self),
            "vaccinations": RecordTable(self.tr("Vaccinations"), self.vaccinations, self),
            "ailments": RecordTable(self.tr("Allergies and conditions"), self.ailments, self),
            "contacts": RecordTable(self.tr("Contacts"), self.contacts, self),
            "documents": self.documents.table,
        }
        self.tables["incidents"].row_activated.connect(self._on_incident_opened)
        self.tables["visits"].row_activated.connect(self._on_visit_opened)
        self.tables["doses"].row_activated.connect(self._on_dose_opened)
        self.documents.table.row_activated.connect(self._on_document_opened)
        self.documents.add_wanted.connect(self._on_document_added)
        self.attaching = AttachModel(self._session, self)
        self.attach = AttachSheet(self.attaching, self)
        self.attach.lock_wanted.connect(self._session.lock_wanted)
        self.attach.kept.connect(self._on_attached)
        self.correction = CorrectionSheet(self._now, self, CORRECTIONS)
        self._correcting: DoseId | None = None
        self.correction.save_wanted.connect(self._on_correction_wanted)
        self.correction.lock_wanted.connect(self._session.lock_wanted)
        self._model.corrected.connect(self._on_corrected)
        self._model.not_corrected.connect(self.correction.say_failure)
        self.tabs = StateTabs(
            self.tr("Parts of the chart"),
            (
                TabSpec(key="orders", title=self.tr("&Orders")),
                TabSpec(key="doses", title=self.tr("&Dose history")),
                TabSpec(key="incidents", title=self.tr("I&ncidents")),
                TabSpec(key="visits", title=self.tr("Vi&sits")),
                TabSpec(key="vaccinations", title=self.tr("&Vaccinations")),
                TabSpec(key="ailments", title=self.tr("&Allergies and conditions")),
                TabSpec(key="contacts", title=self.tr("&Contacts")),
                TabSpec(key="documents", title=self.tr("&Photos and documents")),
            ),
            self,
        )
        self.tabs.tab_chosen.connect(self._on_tab_chosen)
        self._empty = EmptyState(Icon.FILE_TEXT, self.tr("Nothing on record"), parent=self)

    def _lay_out(self) -> None:
        scale = current_scale()
        head = QHBoxLayout()
        head.setSpacing(scale.px(12))
        head.addWidget(self._back)
        head.addWidget(self.photo)
        head.addWidget(self._facts, 1)
        # One above the other: with large text the facts of the child need the width.
        begin = QVBoxLayout()
        begin.setSpacing(scale.px(6))
        begin.addWidget(self.as_needed)
        begin.addWidget(self._incident)
        head.addLayout(begin)
        holder = QWidget(self)
        holder.setProperty("area", "clear")
        self._parts = QStackedLayout(holder)
        self._parts.setContentsMargins(0, 0, 0, 0)
        for key, table in self.tables.items():
            self._parts.addWidget(self.documents if key == _DOCUMENTS else table)
        self._parts.addWidget(self._empty)
        # With large text on a small screen the marks stay whole and the chart scrolls.
        holder.setMinimumHeight(scale.px(_LEAST_TABLE))
        scroller = Scroller(self.tr("Chart"), self)
        column = scroller.body
        column.setSpacing(scale.px(8))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scroller)
        column.addLayout(head)
        for banner in (self._allergies, self._captured, self._alike, self._conditions):
            column.addWidget(banner)
        column.addWidget(self.tabs)
        column.addWidget(holder, 1)

    # -- showing -------------------------------------------------------------------------------------------

    def show_child(self, part: str = "") -> None:
        """Show another child's chart from its first tab, or from the one named."""
        self.tabs.choose(part if part in self.tables else _FIRST)
        self._fill()

    def key_hints(self) -> tuple[KeyHint, ...]:
        """Return the keys that work on a chart."""
        return (
            KeyHint(keys=("←", "→"), words=self.tr("tabs")),
            KeyHint(keys=("↑", "↓"), words=self.tr("choose")),
            KeyHint(keys=("Enter",), words=self.tr("open; correct a dose")),
            KeyHint(keys=("P",), words=self.tr("give as needed")),
            KeyHint(keys=("Esc",), words=self.tr("back")),
        )

    def put_away(self) -> None:
        """Hide what stands over the chart; what was typed is kept."""
        self.correction.hide()
        self.attach.hide()
        if self._prn is not None:
            self._prn.hide()

    def take_focus(self) -> None:
        """Go to the tabs, from where everything is an arrow or a Tab away."""
        self.tabs.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_refreshed(self) -> None:
        self._fill()

    def _fill(self) -> None:
        chart = self._model.chart
        if chart is None:
            return
        self._fill_head(chart)
        self.orders.update_rows(chart.orders)
        self.doses.update_rows(chart.doses)
        self.incidents.update_rows(chart.incidents)
        self.visits.update_rows(chart.visits)
        self.vaccinations.update_rows(chart.vaccinations)
        self.ailments.update_rows((*chart.allergies, *chart.conditions))
        self.contacts.update_rows(chart.contacts)
        self.documents.show_rows(chart.documents, self._why_none_is_added(chart))
        self.tabs.set_counts({key: table.view.model().rowCount() for key, table in self.tables.items()})
        self._show_part()

    def _fill_head(self, chart: Chart) -> None:
        model = self._model
        self._show_photo(chart.photo)
        self.as_needed.setEnabled(chart.student.is_active)
        none = "" if chart.allergies else self.tr("No allergy on record")
        self._facts.setText(" · ".join(part for part in (model.facts, none) if part))
        for banner, tone, words in (
            (self._allergies, Tone.DANGER, model.allergy_alert),
            (self._captured, Tone.WARNING, model.capture_note),
            (self._alike, Tone.WARNING, model.name_alert),
            (self._conditions, Tone.INFO, model.condition_note),
        ):
            banner.set_alert(tone, words)
            banner.setVisible(bool(words))

    @Slot(str)
    def _on_tab_chosen(self, _key: str) -> None:
        self._show_part()

    def _show_part(self) -> None:
        key = self.tabs.current_key
        table = self.tables[key]
        if key == _DOCUMENTS:
            self._parts.setCurrentWidget(self.documents)
        else:
            self._parts.setCurrentWidget(table if table.view.model().rowCount() else self._empty)

    def _show_photo(self, octets: bytes | None) -> None:
        if octets == self._photo:
            return
        self._photo = octets
        # Until it is read there is none: the face of the child before must not stand beside this one's name.
        self.photo.show_image(None)
        if octets is not None:
            read = partial(read_square, octets, self.photo.points)
            self._session.run_beside(read, done=partial(self._on_photo_read, octets))

    def _on_photo_read(self, octets: bytes, image: QImage | None) -> None:
        if octets is self._photo:
            self.photo.show_image(image)

    # -- going ---------------------------------------------------------------------------------------------

    @Slot()
    def _on_incident_wanted(self) -> None:
        if self._model.chart is not None:
            self._session.new_incident(self._model.chart.student.id)

    @Slot(object)
    def _on_incident_opened(self, incident: IncidentId) -> None:
        self._session.open_incident(incident)

    @Slot(object)
    def _on_visit_opened(self, visit: UUID) -> None:
        self._session.go(Place(section="visits", visit=visit))

    # -- giving as needed ----------------------------------------------------------------------------------

    @Slot()
    def _on_as_needed(self) -> None:
        chart = self._model.chart
        if chart is None or not chart.student.is_active:
            return
        if self._prn is None:
            self._prn = PrnSheet(self._session, self)
            self._prn.finished.connect(self._on_prn_closed)
        self._prn.ask(chart.student.id)

    @Slot()
    def _on_prn_closed(self) -> None:
        self.take_focus()

    # -- photos and documents ------------------------------------------------------------------------------

    def _why_none_is_added(self, chart: Chart) -> str:
        if not self.attaching.may_add:
            return self.tr("Your role does not add photos or documents; a nurse does.")
        return "" if chart.student.is_active else self.tr("No longer enrolled: read only")

    @Slot(object)
    def _on_document_opened(self, document: UUID) -> None:
        row = self._model.document(document)
        if row is not None:
            self.document_wanted.emit(row)

    @Slot()
    def _on_document_added(self) -> None:
        if self._model.chart is not None:
            self.attach.ask(AttachTo(child=self._model.chart.student))

    @Slot()
    def _on_attached(self) -> None:
        self.tabs.choose(_DOCUMENTS)
        self.documents.add_button.setFocus()

    # -- correcting ----------------------------------------------------------------------------------------

    def _now(self) -> datetime:
        return local(self._session.now(), self._session.zone)

    @Slot(object)
    def _on_dose_opened(self, dose: DoseId) -> None:
        view = self._model.dose(dose)
        if view is None:
            self._session.tell(self.tr("This entry was corrected already, or counts no more. It stays readable."))
            return
        self._correcting = dose
        about = " · ".join(part for part in (self._model.title, tall_man(view.medication_name)) if part)
        self.correction.ask(
            self.tr("Correct a dose"),
            self.tr("&Save correction"),
            about,
            self.tr("The entry as it is stays readable. What you save here counts from now on."),
            DoseCorrection(
                status=view.status, administered_at=view.administered_at, quantity=view.quantity, reason=view.reason
            ),
            "" if view.quantity is None else view.quantity.unit,
        )

    @Slot(object)
    def _on_correction_wanted(self, correction: DoseCorrection) -> None:
        if self._correcting is not None:
            self._model.correct_dose(self._correcting, correction)

    @Slot()
    def _on_corrected(self) -> None:
        self._correcting = None
        self.correction.finish()
        self.tables["doses"].setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.back_wanted.emit()
            return
        super().keyPressEvent(event)
