"""Enrolling this workstation: one form, errors beside the fields, then the first download."""

from itertools import pairwise
from typing import Final

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFileDialog, QGridLayout, QVBoxLayout, QWidget

from wc_desktop.domain.enrolment import FirstSync
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.viewmodels.enrol import FIELDS, EnrolModel, EnrolTyped
from wc_desktop.ui.viewmodels.first_sync import progress_words
from wc_desktop.ui.views.gate import Gate
from wc_desktop.ui.views.notices import Notice
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.announce import announce
from wc_desktop.ui.widgets.buttons import PrimaryButton, QuietButton
from wc_desktop.ui.widgets.progress_panel import ProgressPanel
from wc_desktop.ui.widgets.text_fields import PasswordField, TextField

_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class EnrolPage(Gate):
    """Everything the administrator handed over, and the nurse's own sign-in. Failures keep all that was typed."""

    def __init__(
        self,
        model: EnrolModel,
        *,
        server: str = "",
        notices: tuple[Notice, ...] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("", "", notices, width=640, parent=parent)
        self.heading.setText(self.tr("Enrol this workstation"))
        self.words.setText(self.tr("Your administrator gives you the address, the district code and a one-time code."))
        self.model = model
        self._build()
        self._bind()
        self.server.set_text(server)
        self.begin_at(self.district if server else self.server)

    def help_words(self) -> str:
        return self.tr(
            "Enrolling makes this computer a workstation of your school. It needs the network once: it signs you in "
            "and gets the school's records. A download that breaks off goes on where it stopped."
        )

    def _build(self) -> None:
        scale = current_scale()
        self.server = TextField(self.tr("&Server address"), placeholder="https://", parent=self)
        self.district = TextField(self.tr("&District code"), parent=self)
        self.code = TextField(self.tr("&One-time code"), hint=self.tr("Good for fifteen minutes."), parent=self)
        self.device = TextField(
            self.tr("&Name of this workstation"), placeholder=self.tr("Nurse's office"), parent=self
        )
        self.email = TextField(self.tr("Your &e-mail"), parent=self)
        self.password = PasswordField(self.tr("Your &password"), parent=self)
        self.totp = TextField(
            self.tr("Six-digit &code"), hint=self.tr("From your authenticator app, or a recovery code."), parent=self
        )
        self.ca_file = TextField(
            self.tr("C&A file (optional)"),
            hint=self.tr("Only when the district signs its own certificates."),
            parent=self,
        )
        self.browse = QuietButton(self.tr("&Browse…"), self, icon=Icon.FILE_TEXT)
        self.browse.setAutoDefault(False)
        grid = QGridLayout()
        grid.setHorizontalSpacing(scale.px(16))
        grid.setVerticalSpacing(scale.px(12))
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        places: tuple[tuple[QWidget, int, int, int], ...] = (
            (self.server, 0, 0, 2),
            (self.district, 1, 0, 1),
            (self.code, 1, 1, 1),
            (self.device, 2, 0, 2),
            (self.email, 3, 0, 1),
            (self.password, 3, 1, 1),
            (self.totp, 4, 0, 1),
            (self.ca_file, 4, 1, 1),
        )
        for field, row, column, width in places:
            # A stretch, not an alignment: aligned items lose their height for width, and faults their second line.
            cell = QVBoxLayout()
            cell.addWidget(field)
            cell.addStretch(1)
            grid.addLayout(cell, row, column, 1, width)
        grid.addWidget(self.browse, 5, 1, Qt.AlignmentFlag.AlignLeft)
        self.fault = AlertBanner(Tone.DANGER, "", self)
        self.fault.hide()
        self.progress = ProgressPanel(self.tr("Enrolling"), self)
        self.progress.hide()
        self.button = PrimaryButton(self.tr("Enrol &this workstation"), self)
        self.card.body.addLayout(grid)
        for part in (self.fault, self.progress, self.button):
            self.card.body.addWidget(part)
        self._fields = {name: getattr(self, name) for name in FIELDS}
        order = [*(self._fields[name].editor for name in FIELDS), self.browse, self.button]
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)

    def _bind(self) -> None:
        self.button.clicked.connect(self._on_submit)
        self.browse.clicked.connect(self._on_browse)
        self.progress.cancel_asked.connect(self.model.cancel)
        for field in self._fields.values():
            field.editor.returnPressed.connect(self._on_submit)
        self.model.changed.connect(self._on_changed)
        self.model.progressed.connect(self._on_progressed)

    @property
    def typed(self) -> EnrolTyped:
        """The form as it stands."""
        return EnrolTyped(
            server=self.server.text,
            district=self.district.text,
            code=self.code.text,
            device=self.device.text,
            email=self.email.text,
            password=self.password.secret,
            totp=self.totp.text,
            ca_file=self.ca_file.text,
        )

    @Slot()
    def _on_submit(self) -> None:
        self.model.submit(self.typed)

    @Slot()
    def _on_browse(self) -> None:
        dialog = QFileDialog(self, self.tr("The district's CA file"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.ca_file.set_text)
        dialog.open()

    @Slot()
    def _on_changed(self) -> None:
        model = self.model
        for name, field in self._fields.items():
            field.set_fault(model.fault(name))
            field.setEnabled(not model.busy)
        self.button.setEnabled(not model.busy)
        self.browse.setEnabled(not model.busy)
        self.progress.setVisible(model.busy)
        general = model.general_fault
        if general:
            self.fault.set_alert(Tone.DANGER, general)
            announce(self, general, urgent=True)
        self.fault.setVisible(bool(general))
        if not model.busy and model.first_fault:
            self._fields[model.first_fault].setFocus()

    @Slot(object)
    def _on_progressed(self, progress: FirstSync) -> None:
        self.progress.show_progress(progress.done, progress.total_about or None, progress_words(progress))
        self.area.ensureWidgetVisible(self.progress)
