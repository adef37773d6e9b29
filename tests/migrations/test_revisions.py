"""Every revision says what it is, and goes back or says why it cannot."""

import ast
import inspect
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from wc_sync_server.db import migrate
from wc_sync_server.db.backfill import Backfill
from wc_sync_server.db.revisions import (
    DatabaseNewer,
    Kind,
    Revision,
    RevisionMalformed,
    after,
    all_revisions,
    config_of,
    leading_expands,
)

EXAMPLE = (Path(__file__).parent / "example",)
A_REASON = 20  # characters; shorter is no reason


def does_nothing(source: str) -> bool:
    """Whether a function is a docstring and no more."""
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    return all(isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) for line in function.body)


def scripts() -> list[object]:
    return [script.module for script in ScriptDirectory.from_config(config_of(EXAMPLE)).walk_revisions()]


@pytest.mark.parametrize("module", scripts(), ids=lambda module: module.revision)
def test_a_revision_goes_back_or_says_why_not(module: object) -> None:
    reason = getattr(module, "irreversible", None)
    if reason is not None:
        assert len(reason) >= A_REASON
        return
    goes_back = getattr(module, "downgrade", None)
    assert goes_back is not None
    if does_nothing(inspect.getsource(goes_back)):
        # Allowed where going back loses nothing that was there before; it has to be said.
        assert len(inspect.getdoc(goes_back) or "") >= A_REASON


def test_every_revision_has_a_kind_and_they_stand_in_order() -> None:
    found = all_revisions(EXAMPLE)
    assert [each.id for each in found] == sorted(each.id for each in found)
    assert [each.kind for each in found[-6:]] == [
        Kind.EXPAND,
        Kind.EXPAND,
        Kind.BACKFILL,
        Kind.CONTRACT,
        Kind.CONTRACT,
        Kind.CONTRACT,
    ]


def revision(number: int, kind: Kind) -> Revision:
    return Revision(id=str(number), kind=kind, title="")


def test_expanding_stops_before_whatever_the_running_version_would_notice() -> None:
    steps = [revision(1, Kind.EXPAND), revision(2, Kind.EXPAND), revision(3, Kind.BACKFILL), revision(4, Kind.EXPAND)]
    assert leading_expands(steps) == tuple(steps[:2])
    assert leading_expands(after("2", steps)) == ()
    assert after(None, steps) == tuple(steps)
    assert after("4", steps) == ()
    with pytest.raises(DatabaseNewer, match="newer program"):
        after("5", steps)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("", "does not say its kind"),
        ('kind = "sideways"', "does not say its kind"),
        ('kind = "backfill"', "has a BACKFILL"),
        ('kind = "expand"\nBACKFILL = Backfill(name="a", table="b", missing="c", change="d")', "has a BACKFILL"),
    ],
)
def test_a_revision_that_does_not_say_what_it_is_stops_everything(tmp_path: Path, lines: str, said: str) -> None:
    (tmp_path / "20270101_000000_strange.py").write_text(
        "from wc_sync_server.db.backfill import Backfill\nfrom wc_sync_server.db.migrate import head\n"
        f'revision = "20270101_000000"\ndown_revision = head()\n{lines}\n'
    )
    with pytest.raises(RevisionMalformed, match=said):
        all_revisions((tmp_path,))


def test_a_way_back_that_is_none_is_refused_before_anything_is_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = (revision(1, Kind.EXPAND), replace(revision(2, Kind.CONTRACT), irreversible="the old column is gone"))
    monkeypatch.setattr(migrate, "all_revisions", _always(steps))
    monkeypatch.setattr(migrate, "current", _always("2"))
    with pytest.raises(migrate.NoWayBack, match=r"2.*the old column is gone"):
        migrate.downgrade("host=nowhere.invalid", "1")


def _always(answer: object) -> Callable[..., object]:
    def say(*_arguments: object) -> object:
        return answer

    return say


def test_a_backfill_writes_what_it_found_and_waits_for_nobody() -> None:
    statement = Backfill(name="n", table="students", missing="t.grade IS NULL", change="grade = ''").batch
    assert "SKIP LOCKED" in statement
    assert statement.count("t.district_id = %(district)s") == 2
    assert "row_version" not in statement
