"""What the frame asks of a screen, and what a screen may leave out."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from wc_contract.model.ids import StudentId
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.viewmodels.session import Place, Session
from wc_desktop.ui.widgets.key_hints import KeyHint


class Page(QWidget):
    """One section of the rail. Built once per unlock, on first visit; destroyed by the lock.

    Build everything in `__init__(session)`; ask for data in `activate`. Emit `head_changed` when title, subtitle or
    key hints changed. Connect to `session.records_changed` and `session.minute_passed` in your view model.
    """

    head_changed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        # The section from which a place was asked for; Esc leads back there. The frame writes it.
        self.came_from = ""
        self.setProperty("area", "clear")

    def title(self) -> str:
        """Return the heading. It may name a child; the window's own title never does."""
        raise NotImplementedError

    def subtitle(self) -> str:
        """Return the line under the heading; '' for the frame's own: date, time, school, nurse."""
        return ""

    def key_hints(self) -> tuple[KeyHint, ...]:
        """Return the keys that work here now; the frame adds its own."""
        return ()

    def activate(self) -> None:
        """Put the focus where work begins and look again at what may have changed: the page is shown now."""

    def deactivate(self) -> None:
        """Queue the saving of what is unsaved: another page is about to be shown, or the desk to be locked."""

    def open_place(self, place: Place) -> None:
        """Show what place names. Called after `activate`, each time someone wants to go there."""

    def child_in_view(self) -> StudentId | None:
        """Return the child that the page is about, for an incident report begun by key."""
        return None

    def focus_search(self) -> bool:
        """Put the focus into this page's search field. False when it has none: `/` then goes to the students."""
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSpec:
    """How the frame learns of a page. `key` is the section's name in `Place`."""

    key: str
    title: str
    icon: Icon
    make: Callable[[Session], Page]
