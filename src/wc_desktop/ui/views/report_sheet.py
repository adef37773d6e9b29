"""The report of a run that ended unexpectedly, shown before anybody sends it anywhere."""

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.views.window_sheet import WindowSheet
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel

_HEIGHT = 260


class ReportSheet(WindowSheet):
    """Places in the program and kinds of errors; no names, no health text. It can be copied for the administrator."""

    def __init__(self, report: str, parent: QWidget) -> None:
        super().__init__(self.tr("What happened last time"), self.tr("&Copy"), parent, leave=self.tr("C&lose"))
        self._report = report
        words = self.tr(
            "White Cross ended unexpectedly. Everything that was saved is safe. This report holds no names and no "
            "health information; give it to your administrator."
        )
        self.body.addWidget(TextLabel(words, LabelStyle.BODY, self))
        text = QPlainTextEdit(report, self)
        text.setReadOnly(True)
        text.setTabChangesFocus(True)
        text.setAccessibleName(self.tr("Report"))
        text.setFixedHeight(current_scale().px(_HEIGHT))
        self.body.addWidget(text)
        self.set_first_focus(self.action_button)
        self.completed.connect(self._on_copy)

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report)
        self.finish()
