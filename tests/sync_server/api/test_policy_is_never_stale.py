"""Two server processes judge by the policy that is in force when they judge, whoever changed it (db/cache.py)."""

from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import orjson
import pytest
from tests import factories as make
from tests.redis_server import RedisServer, redis_server
from tests.sync_server.house import House
from tests.sync_server.serving import Served
from tests.sync_server.workstation import Workstation, enrol

from wc_contract.model.kinds import DISTRICT
from wc_sync_server.cli.records import system

__all__ = ["redis_server"]
pytestmark = pytest.mark.postgres

FLIPS = 12
OFF = 5 * 60  # seconds that the workstation's clock is wrong in every entry
STRICT, MILD = OFF - 60, OFF + 60


def decide(house: House, seconds: int) -> None:
    """Let the district decide from how many seconds on a clock is suspect. It holds when this returns."""
    row = {
        "id": str(house.district),
        "name": "Testville Schools",
        "state": "MN",
        "policy": orjson.dumps({"clock_suspect_seconds": seconds}).decode(),
    }
    with system(house.parts, house.district) as uow:
        uow.lock_streams(house.district)
        uow.write_rows(DISTRICT, house.district, [row])
        uow.commit()


def judged_by(house: House, office: Workstation) -> int:
    """Return which policy a server judged by."""
    pupil = house.pupils["ned"]
    dose = make.dose_logged(student_id=pupil.id, order_id=pupil.order, slot=None)
    (receipt,) = office.push(office.entry(dose, clock_offset_ms=OFF * 1000))
    return STRICT if "clock_suspect" in receipt["findings"] else MILD


@pytest.fixture(params=["memory", "redis"])
def two_servers(
    request: pytest.FixtureRequest, house: House, redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Workstation]]:
    """Give a workstation at each of two server processes on one database."""
    settings = {"WC_REDIS_URL": redis_server.url} if request.param == "redis" else {}
    with ExitStack() as stack:
        redis = stack.enter_context(redis_server.client())
        redis.flushall()
        offices = []
        for nurse in ("ann", "bea"):
            server = Served(house, tmp_path_factory.mktemp("log") / "server.log")
            server.start(**settings)
            stack.callback(server.stop)
            client = stack.enter_context(httpx.Client(base_url=server.url, timeout=30))
            offices.append(enrol(house, client, nurse))
        yield offices
        assert bool(redis.dbsize()) is (request.param == "redis"), "what was remembered stands where it was not told to"


def test_no_process_judges_by_a_policy_that_was_changed(house: House, two_servers: list[Workstation]) -> None:
    decided, judged = [], []
    for flip in range(FLIPS):
        policy = STRICT if flip % 2 else MILD
        decide(house, policy)
        decided += [policy] * 4
        judged += [judged_by(house, office) for _ in range(2) for office in two_servers]
    assert judged == decided
