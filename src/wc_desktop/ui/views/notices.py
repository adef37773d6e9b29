"""Standing facts about this workstation that must be seen: a demonstration clock, an insecure keystore."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QHBoxLayout, QWidget

from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.widgets.icon_label import IconMark
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One fact in a few words, and the whole of it for the tool tip and the ear."""

    words: str
    fuller: str
    grave: bool = False


class NoticeBar(QWidget):
    """The facts side by side, calm, on one line."""

    def __init__(self, notices: Sequence[Notice], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("area", "clear")
        scale = current_scale()
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(scale.px(8))
        for notice in notices:
            tone = Tone.WARNING if notice.grave else Tone.INFO
            mark = IconMark(Icon.KEY_ROUND if notice.grave else Icon.CLOCK_ALERT, tone, self, size=14)
            label = TextLabel(notice.words, LabelStyle.SMALL, self, tone=tone, wraps=False)
            label.setToolTip(notice.fuller)
            label.setAccessibleName(notice.fuller)
            line.addWidget(mark)
            line.addWidget(label)
            if notice is not notices[-1]:
                line.addSpacing(scale.px(12))
