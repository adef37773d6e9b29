"""Sync: how the link stands, what waits, what was refused, and whether this copy is sound."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from wc_contract.model.ids import EntryId
from wc_contract.wire.codes import Outcome
from wc_desktop.domain.emergency import MAKES_EMERGENCY_CODE
from wc_desktop.domain.link_views import EntryText, JournalRow, LinkState, SyncState
from wc_desktop.domain.screens import DoseCorrection
from wc_desktop.ui.models.row_table import ColumnSpec, RowTableModel
from wc_desktop.ui.theme.cells import StatusCell, TextCell, Widths
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.viewmodels.add_person import AddPersonModel
from wc_desktop.ui.viewmodels.emergency_code import EmergencyCodeModel
from wc_desktop.ui.viewmodels.entry_words import answer_words, child_words, is_refused, why_words
from wc_desktop.ui.viewmodels.record_words import verb_words
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.sync_screen import REAL, SyncModel, SyncVerbs
from wc_desktop.ui.viewmodels.tall_man import tall_man
from wc_desktop.ui.viewmodels.words import local
from wc_desktop.ui.views.chart_tables import cell_words
from wc_desktop.ui.views.correction_sheet import CorrectionSheet
from wc_desktop.ui.views.emergency_code_sheet import EmergencyCodeSheet
from wc_desktop.ui.views.entry_sheet import EntrySheet
from wc_desktop.ui.views.page import Page
from wc_desktop.ui.views.record_sheet import RecordSheet
from wc_desktop.ui.views.side_by_side import SideBySide
from wc_desktop.ui.views.sign_in_sheet import SignInSheet
from wc_desktop.ui.views.window_sheet import WindowSheet
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.announce import announce
from wc_desktop.ui.widgets.buttons import PrimaryButton, SecondaryButton
from wc_desktop.ui.widgets.fact_list import Fact, FactList
from wc_desktop.ui.widgets.icon_label import IconMark
from wc_desktop.ui.widgets.key_hints import KeyHint
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.record_table import RecordTable
from wc_desktop.ui.widgets.scroller import Scroller
from wc_desktop.ui.widgets.side_pane import SidePane

_LEAST_TABLE = 200
_LEAST_PANE = 400
_LINK_SIGNS = {
    LinkState.ONLINE: (Icon.CLOUD_CHECK, Tone.OK),
    LinkState.SYNCING: (Icon.CLOUD_UPLOAD, Tone.INFO),
    LinkState.OFFLINE: (Icon.CLOUD_OFF, Tone.WARNING),
    LinkState.ATTENTION: (Icon.CLOUD_ALERT, Tone.WARNING),
}
_OUTCOME_SIGNS = {
    Outcome.APPLIED.value: (Icon.CIRCLE_CHECK, Tone.OK),
    Outcome.MERGED.value: (Icon.CIRCLE_CHECK, Tone.OK),
    Outcome.DUPLICATE.value: (Icon.CIRCLE_CHECK, Tone.OK),
    Outcome.CASE_OPENED.value: (Icon.CIRCLE_ALERT, Tone.WARNING),
    Outcome.WAITING.value: (Icon.CLOCK, Tone.INFO),
    Outcome.REFUSED.value: (Icon.CIRCLE_X, Tone.DANGER),
}


class JournalColumns:
    """The columns of the journal."""

    def __init__(self, model: SyncModel) -> None:
        self._model = model

    def number(self, row: JournalRow) -> TextCell:
        return TextCell(headline=str(row.number), figures=True, strong=False)

    def what(self, row: JournalRow) -> TextCell:
        return TextCell(headline=verb_words(row.what), detail=child_words(row))

    def time(self, row: JournalRow) -> TextCell:
        return TextCell(headline=self._model.moment(row.authored_at), detail=row.author, strong=False)

    def outcome(self, row: JournalRow) -> StatusCell:
        icon, tone = _OUTCOME_SIGNS.get(row.outcome or "", (Icon.CLOUD_UPLOAD, Tone.MUTED))
        if row.is_replaced:
            icon, tone = Icon.HISTORY, Tone.MUTED
        return StatusCell(word=answer_words(row), icon=icon, tone=tone)

    def why(self, row: JournalRow) -> TextCell:
        return TextCell(headline=why_words(row), strong=is_refused(row))

    def number_said(self, row: JournalRow) -> str:
        return ", ".join(
            part
            for part in (
                cell_words(self.outcome(row)),
                why_words(row),
                str(row.number),
                cell_words(self.what(row)),
            )
            if part
        )

    def what_said(self, row: JournalRow) -> str:
        return cell_words(self.what(row))

    def time_said(self, row: JournalRow) -> str:
        return cell_words(self.time(row))

    def outcome_said(self, row: JournalRow) -> str:
        return cell_words(self.outcome(row))

    def why_said(self, row: JournalRow) -> str:
        return why_words(row) or self._model.tr("Nothing to say")


def _key(row: JournalRow) -> EntryId:
    return row.id


def _edge(row: JournalRow) -> Tone | None:
    return Tone.DANGER if is_refused(row) else None


class SyncPage(Page):
    """The journal at the left, the link and this copy at the right."""

    def __init__(self, session: Session, verbs: SyncVerbs = REAL, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.model = SyncModel(session, verbs, self)
        self._rows = self._journal_table()
        self._build()
        self.entry = EntrySheet(self.model, self)
        self.correction = CorrectionSheet(self._now, self)
        self.records = RecordSheet(self.model, self._now, self)
        self.adding = AddPersonModel(session, verbs.introduce, self)
        self.person = SignInSheet(
            self.adding,
            self.tr("Let somebody unlock this workstation"),
            self.tr("&Sign in and add"),
            self,
            about=self.tr(
                "The person signs in here, once. From then on their password opens this workstation, also without "
                "the network. If it opened it before with an earlier password, that one ends."
            ),
        )
        self.emergency = EmergencyCodeSheet(EmergencyCodeModel(session, verbs.make_code, self), self)
        self._build_aside()
        self.sheets = (self.entry, self.correction, self.records, self.aside, self.person, self.emergency)
        self._mending: EntryText | None = None
        self._bind()

    def _now(self) -> datetime:
        return local(self.session.now(), self.session.zone)

    def _journal_table(self) -> RowTableModel[JournalRow]:
        make = JournalColumns(self.model)
        columns = (
            ColumnSpec(
                title=self.tr("No."), look=make.number, said=make.number_said, widths=Widths(least=48, usual=72)
            ),
            ColumnSpec(
                title=self.tr("What"), look=make.what, said=make.what_said, widths=Widths(least=110, usual=190, share=1)
            ),
            ColumnSpec(
                title=self.tr("Written"), look=make.time, said=make.time_said, widths=Widths(least=80, usual=150)
            ),
            ColumnSpec(
                title=self.tr("Outcome"), look=make.outcome, said=make.outcome_said, widths=Widths(least=110, usual=200)
            ),
            ColumnSpec(
                title=self.tr("Why"), look=make.why, said=make.why_said, widths=Widths(least=150, usual=200, share=3)
            ),
        )
        return RowTableModel(columns, _key, edge=_edge, parent=self)

    def _build(self) -> None:
        scale = current_scale()
        self.refused = AlertBanner(Tone.WARNING, "", self, icon=Icon.CIRCLE_X)
        self.refused.hide()
        self.table = RecordTable(self.tr("Newest entries of this workstation"), self._rows, self)
        self.sync_button = PrimaryButton(self.tr("&Sync now"), self, icon=Icon.REFRESH_CW)
        self.sync_button.setAccessibleDescription(self.tr("Key: F5"))
        self.verify_button = SecondaryButton(self.tr("&Verify this copy"), self, icon=Icon.SHIELD_CHECK)
        self.save_button = SecondaryButton(self.tr("Save what &waits to a file…"), self, icon=Icon.USB)
        self.save_button.setAccessibleDescription(
            self.tr("For a long outage: onto a USB stick, which is carried to the district")
        )
        self.person_button = SecondaryButton(self.tr("Let somebody &unlock it, too…"), self, icon=Icon.USERS)
        self.person_button.setAccessibleDescription(
            self.tr("A further nurse of this school signs in once, with the network, and can unlock this workstation")
        )
        self.code_button = SecondaryButton(self.tr("Code of the emer&gency cards…"), self, icon=Icon.HEART_PULSE)
        self.code_button.setAccessibleDescription(
            self.tr("Makes a new code for the principal's envelope; the one before opens nothing then")
        )
        self.code_button.setVisible(self.session.person.role in MAKES_EMERGENCY_CODE)
        self.saved = AlertBanner(Tone.INFO, "", self, icon=Icon.USB)
        self.saved.hide()
        self._mark = IconMark(Icon.CLOUD, Tone.MUTED, self, size=22)
        self._headline = TextLabel("", LabelStyle.HEADING, self)
        self._problem = AlertBanner(Tone.WARNING, "", self)
        self._problem.hide()
        self._facts = FactList(self)
        head = QHBoxLayout()
        head.setSpacing(scale.px(10))
        head.addWidget(self._mark)
        head.addWidget(self._headline, 1)
        self.pane = SidePane(self.tr("Link and copy"), self)
        self.pane.content.addLayout(head)
        self.pane.content.addWidget(self._problem)
        self.pane.content.addWidget(self._facts)
        self.pane.content.addStretch(1)
        self.pane.foot.addWidget(self.sync_button)
        self.pane.foot.addWidget(self.verify_button)
        self.pane.foot.addWidget(self.save_button)
        self.pane.foot.addWidget(self.person_button)
        self.pane.foot.addWidget(self.code_button)
        both = SideBySide(self.table, self.pane, self, first_share=7, second_share=3, least=900)
        self.table.setMinimumHeight(scale.px(_LEAST_TABLE))
        self.pane.setMinimumHeight(scale.px(_LEAST_PANE))
        scroller = Scroller(self.tr("Sync"), self)
        scroller.body.setSpacing(scale.px(10))
        scroller.body.addWidget(self.refused)
        scroller.body.addWidget(self.saved)
        scroller.body.addWidget(both, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scroller)

    def _build_aside(self) -> None:
        self.aside = WindowSheet(
            self.tr("Set this entry aside?"), self.tr("Set asi&de"), self, leave=self.tr("&Back"), danger=True
        )
        self._aside_about = TextLabel("", LabelStyle.HEADING, self.aside)
        told = TextLabel(
            self.tr(
                "It is not sent again, and what it says does not count: not here, and not at the district. It stays "
                "readable in this list. That you set it aside is put on record."
            ),
            LabelStyle.BODY,
            self.aside,
        )
        self.aside.body.addWidget(self._aside_about)
        self.aside.body.addWidget(told)
        self.aside.set_first_focus(self.aside.leave_button)

    def _bind(self) -> None:
        self.model.loaded.connect(self._on_loaded)
        self.model.verifying_changed.connect(self._on_verifying_changed)
        self.model.entry_read.connect(self.entry.show_entry)
        self.model.sent_again.connect(self._on_sent_again)
        self.model.not_sent_again.connect(self._on_not_sent_again)
        self.model.put_aside.connect(self._on_put_aside)
        self.entry.aside_wanted.connect(self._on_aside_wanted)
        self.aside.completed.connect(self._on_aside)
        self.records.send_wanted.connect(self._on_send_wanted)
        self.table.row_activated.connect(self.model.open_entry)
        self.entry.edit_wanted.connect(self._on_edit_wanted)
        self.correction.save_wanted.connect(self._on_save_wanted)
        for sheet in self.sheets:
            sheet.lock_wanted.connect(self.session.lock_wanted)
        self.sync_button.clicked.connect(self.model.sync_now)
        self.verify_button.clicked.connect(self.model.verify)
        self.save_button.clicked.connect(self._on_save)
        self.model.saved.connect(self._on_saved)
        self.person_button.clicked.connect(self.person.ask)
        self.adding.added.connect(self._on_person_added)
        self.code_button.clicked.connect(self.emergency.ask)

    def title(self) -> str:
        return self.tr("Sync")

    def key_hints(self) -> tuple[KeyHint, ...]:
        return (
            KeyHint(keys=("Enter",), words=self.tr("open a refused or waiting entry")),
            KeyHint(keys=("F5",), words=self.tr("sync now")),
        )

    def activate(self) -> None:
        self.model.show()
        self.table.setFocus()

    def deactivate(self) -> None:
        self.model.hide()
        self.saved.hide()
        for sheet in self.sheets:
            sheet.hide()

    @Slot(object)
    def _on_edit_wanted(self, entry: EntryText) -> None:
        self.entry.finish()
        if entry.incident is not None:
            self.model.edit_report(entry.row.id)
            return
        self._mending = entry
        if entry.records:
            self.records.ask(entry)
            return
        if entry.dose is None:
            return
        dose = entry.dose
        self.correction.ask(
            self.tr("Edit and send again"),
            self.tr("&Send again"),
            " · ".join(part for part in (child_words(entry.row), tall_man(dose.medication_name)) if part),
            why_words(entry.row),
            replace(dose.correction, why=self.tr("Sent again after the district refused it")),
            dose.unit or "",
        )

    @Slot(object)
    def _on_save_wanted(self, correction: DoseCorrection) -> None:
        if self._mending is not None:
            self.model.send_dose_again(self._mending.row.id, correction)

    @Slot(object)
    def _on_send_wanted(self, edited: dict[int, object]) -> None:
        entry = self._mending
        if entry is not None:
            self.model.send_records_again(entry.row.id, (record.kind for record in entry.records), edited)

    @Slot(str)
    def _on_not_sent_again(self, words: str) -> None:
        (self.records if self.records.isVisible() else self.correction).say_failure(words)

    @Slot(object)
    def _on_aside_wanted(self, entry: EntryText) -> None:
        self.entry.finish()
        self._mending = entry
        self._aside_about.setText(" · ".join((verb_words(entry.row.what), self.model.about(entry.row))))
        self.aside.open()

    @Slot()
    def _on_aside(self) -> None:
        if self._mending is not None:
            self.model.set_aside(self._mending)

    @Slot()
    def _on_put_aside(self) -> None:
        self._mending = None
        self.aside.finish()
        self.table.setFocus()

    @Slot()
    def _on_sent_again(self) -> None:
        self._mending = None
        self.correction.finish()
        self.records.finish()
        self.table.setFocus()

    @Slot(object)
    def _on_loaded(self, state: SyncState) -> None:
        self._rows.update_rows(self.model.journal())
        icon, tone = _LINK_SIGNS[state.link.state]
        self._mark.set_icon(icon, tone)
        self._headline.setText(self.model.headline())
        problem = self.model.problem()
        if problem:
            self._problem.set_alert(Tone.WARNING, problem)
        self._problem.setVisible(bool(problem))
        refused = self.model.refused_words()
        if refused:
            self.refused.set_alert(Tone.WARNING, refused)
        self.refused.setVisible(bool(refused))
        self._facts.set_facts(tuple(Fact(label=label, value=value) for label, value in self.model.facts()))

    @Slot()
    def _on_save(self) -> None:
        dialog = QFileDialog(self, self.tr("The folder or USB stick for the file"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self._on_folder)
        dialog.open()

    @Slot(str)
    def _on_folder(self, folder: str) -> None:
        self.model.save_waiting(Path(folder))

    @Slot(str, bool)
    def _on_saved(self, words: str, done: bool) -> None:  # noqa: FBT001 - Qt's signal
        self.saved.set_alert(Tone.OK if done else Tone.WARNING, words)
        self.saved.show()
        announce(self.saved, words)

    @Slot()
    def _on_person_added(self) -> None:
        self.person.finish()
        self.model.load()

    @Slot(bool)
    def _on_verifying_changed(self, busy: bool) -> None:  # noqa: FBT001 - Qt's signal
        self.verify_button.setEnabled(not busy)
        self.verify_button.setText(self.tr("Reading every page…") if busy else self.tr("&Verify this copy"))
