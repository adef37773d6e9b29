"""Habits that no linter of ours checks, each looked for in the syntax tree."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.architecture.tree import modules

Finder = Callable[[Path, ast.Module], Iterator[int]]

# Where windows are made; everything else of the desktop works without QtWidgets.
WIDGET_ROOMS = (
    "wc_desktop/ui/views", "wc_desktop/ui/widgets", "wc_desktop/ui/theme", "wc_desktop/printing", "wc_desktop/app",
)  # fmt: skip


def calls(tree: ast.Module, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names:
            yield node


def lambdas_on_signals(_path: Path, tree: ast.Module) -> Iterator[int]:
    """Lambdas hold their owner alive and run in whichever thread emits."""
    for call in calls(tree, "connect"):
        if any(isinstance(part, ast.Lambda) for argument in call.args for part in ast.walk(argument)):
            yield call.lineno


def nested_event_loops(path: Path, tree: ast.Module) -> Iterator[int]:
    """A dialog's exec() runs a second event loop inside a slot; `open()` and signals do without."""
    if not path.is_relative_to("wc_desktop/app"):
        yield from (call.lineno for call in calls(tree, "exec", "exec_"))


def pumped_events(_path: Path, tree: ast.Module) -> Iterator[int]:
    """processEvents() lets the user click into a half-done slot."""
    yield from (call.lineno for call in calls(tree, "processEvents"))


def widgets_outside_their_rooms(path: Path, tree: ast.Module) -> Iterator[int]:
    """QtWidgets elsewhere would make view models and services need a window."""
    if any(path.is_relative_to(room) for room in WIDGET_ROOMS):
        return
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                named = {alias.name for alias in names}
            case ast.ImportFrom(module="PySide6", names=names):
                named = {f"PySide6.{alias.name}" for alias in names}
            case ast.ImportFrom(module=str(module)):
                named = {module}
            case _:
                continue
        if "PySide6.QtWidgets" in named:
            yield node.lineno


FINDERS: list[Finder] = [lambdas_on_signals, nested_event_loops, pumped_events, widgets_outside_their_rooms]


@pytest.mark.parametrize("find", FINDERS)
def test_no_source_has_the_habit(find: Finder) -> None:
    found = [f"{path}:{line}" for path, tree in modules().items() for line in find(path, tree)]
    assert not found, find.__doc__


@pytest.mark.parametrize(
    ("find", "bad"),
    [
        (lambdas_on_signals, "button.clicked.connect(lambda: self.save())"),
        (lambdas_on_signals, "button.clicked.connect(partial(run, lambda: 1), Qt.QueuedConnection)"),
        (nested_event_loops, "answer = QMessageBox(self).exec()"),
        (pumped_events, "QApplication.processEvents()"),
        (widgets_outside_their_rooms, "from PySide6.QtWidgets import QLabel"),
        (widgets_outside_their_rooms, "from PySide6 import QtCore, QtWidgets"),
        (widgets_outside_their_rooms, "import PySide6.QtWidgets"),
    ],
)
def test_the_habit_would_be_seen(find: Finder, bad: str) -> None:
    assert list(find(Path("wc_desktop/ui/viewmodels/sample.py"), ast.parse(bad))) == [1]


def test_the_programs_own_event_loop_is_allowed() -> None:
    assert not list(nested_event_loops(Path("wc_desktop/app/main.py"), ast.parse("code = application.exec()")))
