"""Fields for choosing among written options: one of them, or any of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QListWidgetItem, QWidget

from wc_desktop.ui.widgets.field import FormField
from wc_desktop.ui.widgets.option_list import OptionList

_KEY = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One option: a key for the program, words for the nurse."""

    key: str
    words: str


class ChoiceList(FormField):
    """One of several. Nothing is chosen until the nurse does; arrows and first letters choose."""

    def __init__(
        self,
        label: str,
        choices: Sequence[Choice],
        *,
        hint: str = "",
        most_lines: int = 8,
        parent: QWidget | None = None,
    ) -> None:
        self._list = OptionList(many=False, most_lines=most_lines)
        super().__init__(label, self._list, hint=hint, parent=parent)
        self.set_choices(choices)
        self._list.itemSelectionChanged.connect(self.changed)

    @property
    def key(self) -> str | None:
        """The chosen option's key."""
        chosen = self._list.selectedItems()
        return str(chosen[0].data(_KEY)) if chosen else None

    def set_choices(self, choices: Sequence[Choice]) -> None:
        """Offer these; what was chosen stays chosen when it is still offered."""
        before = self.key
        self._list.clear()
        for choice in choices:
            item = QListWidgetItem(choice.words, self._list)
            item.setData(_KEY, choice.key)
        self._list.fit()
        if before is not None:
            self.choose(before)

    def choose(self, key: str | None) -> None:
        """Choose the option with this key; None, or a key that is not offered, chooses nothing."""
        rows = [row for row in range(self._list.count()) if self._list.item(row).data(_KEY) == key]
        if rows:
            self._list.setCurrentRow(rows[0])
        else:
            self._list.setCurrentRow(-1)
            self._list.clearSelection()


class CheckList(FormField):
    """Any of several. Space or a click marks an option."""

    def __init__(
        self,
        label: str,
        choices: Sequence[Choice],
        *,
        hint: str = "",
        most_lines: int = 10,
        parent: QWidget | None = None,
    ) -> None:
        self._list = OptionList(many=True, most_lines=most_lines)
        super().__init__(label, self._list, hint=hint, parent=parent)
        for choice in choices:
            item = QListWidgetItem(choice.words, self._list)
            item.setData(_KEY, choice.key)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Unchecked)
        self._list.fit()
        self._list.itemChanged.connect(self._on_item_changed)

    @property
    def keys(self) -> frozenset[str]:
        """The marked options' keys."""
        items = (self._list.item(row) for row in range(self._list.count()))
        return frozenset(str(item.data(_KEY)) for item in items if item.checkState() is Qt.CheckState.Checked)

    def mark(self, keys: Iterable[str]) -> None:
        """Mark these options and no others."""
        wanted = set(keys)
        for row in range(self._list.count()):
            item = self._list.item(row)
            marked = item.data(_KEY) in wanted
            item.setCheckState(Qt.CheckState.Checked if marked else Qt.CheckState.Unchecked)

    @Slot(QListWidgetItem)
    def _on_item_changed(self) -> None:
        self.changed.emit()
