"""The pane beside a list: facts that scroll, actions that stay."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.widgets.card import Card
from wc_desktop.ui.widgets.scroller import Scroller


class SidePane(Card):
    """Put facts into `content`, which scrolls when the screen is small, and buttons into `foot`, which stays."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, margin=18, spacing=10)
        self.setAccessibleName(name)
        scale = current_scale()
        self._scroller = Scroller(name, self)
        self.content = self._scroller.body
        self.content.setSpacing(scale.px(8))
        self.foot = QVBoxLayout()
        self.foot.setSpacing(scale.px(10))
        self.body.addWidget(self._scroller, 1)
        self.body.addLayout(self.foot)
