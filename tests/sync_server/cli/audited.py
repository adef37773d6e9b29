"""What the tests of the audit's commands share."""

from datetime import datetime, timedelta

import pytest
from tests.sync_server.cli.commanded import Ended
from tests.sync_server.house import House

from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.db.audit_sealer import AuditSealer
from wc_sync_server.db.context import SYSTEM, Context
from wc_sync_server.db.unit_of_work import scoped


@pytest.fixture(autouse=True)
def no_margin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seal up to now: nobody writes beside these tests."""
    monkeypatch.setattr(AuditSealer.__init__, "__kwdefaults__", {"margin": timedelta(0), "most": 10_000})


def write_at(house: House, at: datetime, lines: int) -> None:
    for number in range(lines):
        context = Context(district=house.district, role=SYSTEM, schools=(house.north, house.south))
        with scoped(house.parts.cells.home, context, at=at + timedelta(milliseconds=number)) as uow:
            uow.audit([AuditEvent(action="VIEW", entity_type="student", entity_id="x", at=at, school_id=house.north)])
            uow.commit()


def said(ended: Ended) -> str:
    return " ".join((ended.stdout + ended.stderr).split())
