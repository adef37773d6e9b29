"""The files of this repository, as the architecture tests see them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "src"
_NOT_OURS = {
    ".git", ".venv", ".demo", "dist", "build", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache",
    ".import_linter_cache", ".hypothesis",
}  # fmt: skip


def text_files() -> Iterator[tuple[Path, str]]:
    """Yield every text file of the tree with its text, by its path from the root."""
    pending = [ROOT]
    while pending:
        for path in pending.pop().iterdir():
            if path.name in _NOT_OURS or path.name.startswith(".coverage") or path.is_symlink():
                continue
            if path.is_dir():
                pending.append(path)
            elif (text := _text(path)) is not None:
                yield path.relative_to(ROOT), text


@cache
def modules() -> dict[Path, ast.Module]:
    """Return the parsed modules of all three packages, by their path from src."""
    return {
        path.relative_to(SOURCES): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(SOURCES.rglob("*.py"))
    }


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
