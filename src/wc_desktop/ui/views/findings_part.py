"""What the rules say on a sheet: each finding as a banner, what is only information as small words; said aloud once."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from wc_contract.rules.findings import Severity
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.viewmodels.dose_confirm import FindingWords
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.announce import announce
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel

_SPACING: Final = 12
_TONES: Final[Mapping[Severity, Tone]] = {
    Severity.BLOCK: Tone.DANGER,
    Severity.REVIEW: Tone.WARNING,
    Severity.WARN: Tone.WARNING,
    Severity.INFO: Tone.MUTED,
}


class FindingsPart(QWidget):
    """Shows findings in the order given; hidden while there are none."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("area", "clear")
        self._said: tuple[str, ...] = ()
        self._banners: list[AlertBanner] = []
        self._notes = TextLabel("", LabelStyle.SMALL, self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(current_scale().px(_SPACING))
        self._column.addWidget(self._notes)
        self.hide()

    def begin(self) -> None:
        """Say everything again: the sheet opens on another dose."""
        self._said = ()

    def show_findings(self, findings: tuple[FindingWords, ...]) -> None:
        """Show these; what was not said yet is announced."""
        loud = [finding for finding in findings if finding.severity is not Severity.INFO]
        while len(self._banners) < len(loud):
            banner = AlertBanner(Tone.WARNING, "", self)
            self._column.insertWidget(len(self._banners), banner)
            self._banners.append(banner)
        for banner, finding in zip(self._banners, loud, strict=False):
            banner.set_alert(_TONES[finding.severity], finding.words)
        for number, banner in enumerate(self._banners):
            banner.setVisible(number < len(loud))
        quiet = "\n".join(finding.words for finding in findings if finding.severity is Severity.INFO)
        self._notes.setText(quiet)
        self._notes.setVisible(bool(quiet))
        self.setVisible(bool(findings))
        said = tuple(finding.words for finding in loud)
        if said and said != self._said:
            announce(self, " ".join(said), urgent=True)
        self._said = said
