"""Which program this is, and under which terms it and what it uses are given."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.views.reading_sheet import ReadingSheet
from wc_desktop.ui.widgets.fact_list import Fact, FactList
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel

_NOTICE_HEIGHT: Final = 190


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A program of others that runs within this one, as it says of itself."""

    name: str
    version: str
    licence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the sheet tells. python: the version that runs it."""

    version: str
    licence: str
    python: str
    works: Sequence[Work]
    notice: str


class AboutSheet(ReadingSheet):
    """Tab reaches the notice, which scrolls."""

    def __init__(self, about: About, parent: QWidget) -> None:
        super().__init__(self.tr("About White Cross"), parent, width=620)
        facts = FactList(self)
        facts.set_facts(
            (
                Fact(label=self.tr("Version"), value=about.version, strong=True),
                Fact(label=self.tr("Licence"), value=about.licence),
                Fact(label="Python", value=about.python),
            )
        )
        self.works = FactList(self)
        self.works.set_facts(
            [
                Fact(label=f"{work.name} {work.version}", value=work.licence or self.tr("see the package"))
                for work in about.works
            ]
        )
        self.notice = QPlainTextEdit(about.notice, self)
        self.notice.setReadOnly(True)
        self.notice.setTabChangesFocus(True)
        self.notice.setAccessibleName(self.tr("Notice"))
        self.notice.setFixedHeight(current_scale().px(_NOTICE_HEIGHT))
        self.body.addWidget(facts)
        self.body.addWidget(TextLabel(self.tr("Notice"), LabelStyle.EYEBROW, self))
        self.body.addWidget(self.notice)
        self.body.addWidget(TextLabel(self.tr("What it uses, and under which licence"), LabelStyle.EYEBROW, self))
        self.body.addWidget(self.works)
        self.body.addStretch(1)
