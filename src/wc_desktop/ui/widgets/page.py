"""The ground of a screen, with the margins that all screens share."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from wc_desktop.ui.theme.type_scale import current_scale


class Page(QWidget):
    """Put the header first, the content next with stretch 1, the key hints last, into `body`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("area", "page")
        scale = current_scale()
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(scale.px(22), scale.px(16), scale.px(22), scale.px(10))
        self.body.setSpacing(scale.px(10))
