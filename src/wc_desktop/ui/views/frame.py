"""The unlocked window: rail, heading, connection strip, the page, and the keys that work everywhere."""

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from wc_desktop.domain.link_views import LinkState
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.viewmodels.frame import FrameModel, StripWords
from wc_desktop.ui.viewmodels.session import Note, Place, Session
from wc_desktop.ui.views.ground import Ground
from wc_desktop.ui.views.help_words import ScreenHelp, section_help
from wc_desktop.ui.views.notices import Notice, NoticeBar
from wc_desktop.ui.views.page import Page, PageSpec
from wc_desktop.ui.widgets.connection_strip import ConnectionStrip, StripLook, StripState
from wc_desktop.ui.widgets.key_hints import KeyHint, KeyHints
from wc_desktop.ui.widgets.navigation_rail import NavigationRail
from wc_desktop.ui.widgets.page_header import PageHeader
from wc_desktop.ui.widgets.rail_painter import RailItem
from wc_desktop.ui.widgets.toast import Toast

_LOW: Final = 560
_STRIP: Final[Mapping[LinkState, StripState]] = {
    LinkState.ONLINE: StripState.ONLINE,
    LinkState.SYNCING: StripState.SYNCING,
    LinkState.OFFLINE: StripState.OFFLINE,
    LinkState.ATTENTION: StripState.ATTENTION,
}


class Frame(Ground):
    """Holds the pages of one unlock. `lock_wanted` asks for the end of it; destroying the frame ends what is shown."""

    page_shown = Signal(str)

    def __init__(
        self,
        session: Session,
        specs: Sequence[PageSpec],
        notices: Sequence[Notice] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._specs = {spec.key: spec for spec in specs}
        self._pages: dict[str, Page] = {}
        self.model = FrameModel(session, self)
        self._build(tuple(specs), tuple(notices))
        self._bind()

    def _build(self, specs: tuple[PageSpec, ...], notices: tuple[Notice, ...]) -> None:
        scale = current_scale()
        self.setProperty("area", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        items = tuple(RailItem(key=spec.key, title=spec.title, icon=spec.icon) for spec in specs)
        self.rail = NavigationRail(
            self.tr("Sections"), items, foot=RailItem(key="lock", title=self.tr("Lock"), icon=Icon.LOCK), parent=self
        )
        self.header = PageHeader("", self.model.subtitle, self)
        self.strip = ConnectionStrip(_strip_look(self.model.strip), self)
        self.header.set_strip(self.strip)
        self._stack = QStackedWidget(self)
        self.hints = KeyHints((), self)
        column = QVBoxLayout()
        column.setContentsMargins(scale.px(22), scale.px(14), scale.px(22), scale.px(10))
        column.setSpacing(scale.px(12))
        column.addWidget(self.header)
        column.addWidget(self._stack, 1)
        foot = QHBoxLayout()
        foot.setSpacing(scale.px(16))
        foot.addWidget(self.hints, 1)
        if notices:
            foot.addWidget(NoticeBar(notices, self), 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(foot)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        line.addWidget(self.rail)
        line.addLayout(column, 1)
        self.toast = Toast(self, self.hints)

    def _bind(self) -> None:
        self.rail.section_chosen.connect(self._on_section_chosen)
        self.rail.foot_pressed.connect(self.lock_wanted)
        self._session.lock_wanted.connect(self.lock_wanted)
        self.strip.clicked.connect(self._on_strip_clicked)
        self.model.head_changed.connect(self._on_head_changed)
        self.model.strip_changed.connect(self._on_strip_changed)
        self.model.counts_changed.connect(self.rail.set_badges)
        self._session.place_wanted.connect(self._on_place_wanted)
        self._session.note_wanted.connect(self._on_note_wanted)
        for sequence, slot in (
            ("F5", self._on_sync_asked),
            ("Ctrl+I", self._on_incident_asked),
            ("/", self._on_search_asked),
        ):
            shortcut = QShortcut(QKeySequence(sequence), self)
            shortcut.activated.connect(slot)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.hints.set_one_line(one_line=self.height() < current_scale().px(_LOW))

    @property
    def page(self) -> Page | None:
        """The page that is shown."""
        current = self._stack.currentWidget()
        return current if isinstance(current, Page) else None

    @property
    def section(self) -> str:
        """The key of the section that is shown."""
        return self.rail.current_key or ""

    def start(self, section: str) -> None:
        """Show the first page and begin to tick."""
        self.rail.set_current(section if section in self._specs else next(iter(self._specs)))
        self.model.start()

    def put_away(self) -> None:
        """Let the page queue what is unsaved: the desk is about to be locked."""
        if self.page is not None:
            self.page.deactivate()

    def _show_section(self, key: str) -> Page:
        page = self._pages.get(key)
        if page is None:
            page = self._specs[key].make(self._session)
            page.head_changed.connect(self._on_head_changed)
            self._pages[key] = page
            self._stack.addWidget(page)
        before = self.page
        if before is not None and before is not page:
            before.deactivate()
        self._stack.setCurrentWidget(page)
        self._on_head_changed()
        page.activate()
        self.page_shown.emit(key)
        return page

    @Slot(str)
    def _on_section_chosen(self, key: str) -> None:
        self._show_section(key)

    @Slot(object)
    def _on_place_wanted(self, place: Place) -> None:
        if place.section not in self._specs:
            return
        before = self.section
        if before == place.section:
            self._show_section(place.section)
        else:
            self.rail.set_current(place.section)
        page = self.page
        if page is not None:
            page.came_from = "" if before == place.section else before
            page.open_place(place)
            self._on_head_changed()

    @Slot()
    def _on_head_changed(self) -> None:
        page = self.page
        if page is None:
            return
        self.header.set_title(page.title())
        self.header.set_subtitle(page.subtitle() or self.model.subtitle)
        self.hints.set_hints((*page.key_hints(), *self._own_hints()))

    def _own_hints(self) -> tuple[KeyHint, ...]:
        return (
            KeyHint(keys=("/",), words=self.tr("find")),
            KeyHint(keys=("Ctrl+I",), words=self.tr("incident")),
            KeyHint(keys=("Ctrl+L",), words=self.tr("lock")),
            KeyHint(keys=("F1",), words=self.tr("help")),
        )

    @Slot(object)
    def _on_strip_changed(self, words: StripWords) -> None:
        self.strip.set_look(_strip_look(words))

    @Slot(object)
    def _on_note_wanted(self, note: Note) -> None:
        self.toast.show_words(note.words, Tone.WARNING if note.urgent else Tone.OK, urgent=note.urgent)

    @Slot()
    def _on_strip_clicked(self) -> None:
        self._on_place_wanted(Place(section="sync"))

    @Slot()
    def _on_sync_asked(self) -> None:
        self._session.sync_now_wanted.emit()
        self._session.tell(self.tr("Looking for the server now"))

    @Slot()
    def _on_incident_asked(self) -> None:
        page = self.page
        self._session.new_incident(page.child_in_view() if page else None)

    @Slot()
    def _on_search_asked(self) -> None:
        page = self.page
        if page is None or not page.focus_search():
            self._on_place_wanted(Place(section="students"))
            if self.page is not None:
                self.page.focus_search()

    def screen_help(self) -> ScreenHelp:
        page = self.page
        return ScreenHelp(
            title=page.title() if page else "",
            words=section_help(self.section),
            hints=page.key_hints() if page else (),
        )


def _strip_look(words: StripWords) -> StripLook:
    return StripLook(state=_STRIP[words.state], parts=words.parts)
