"""A thousand workstations refresh their tokens over a bad line, with thieves among them; two processes race.

python -m tests.proofs.refresh     (prints a table; exits 1 when anybody was logged out or any thief was served)
"""

import argparse
import base64
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from uuid import UUID

import httpx
from nacl.signing import SigningKey
from rich.console import Console
from tests.proofs.rotation import Fact, show
from tests.sync_server.house import House, furnished
from tests.sync_server.in_process import in_process
from tests.sync_server.serving import Served
from tests.sync_server.workstation import Workstation, enrol

from wc_contract.model.ids import DeviceId, new_uuid
from wc_contract.wire.messages import Refresh, Tokens
from wc_contract.wire.proof import proof_text
from wc_sync_server.api.services import Services
from wc_sync_server.auth.sessions import Sessions
from wc_sync_server.db import migrate
from wc_sync_server.db.provision import Passwords, provision
from wc_sync_server.domain.access import Principal
from wc_sync_server.domain.problems import ProblemRaised
from wc_sync_server.domain.registration import NewDevice
from wc_sync_server.domain.requests import SignedRequest
from wc_sync_server.embedded import EmbeddedPostgres
from wc_sync_server.wiring import build_server

REFRESH: Final = "/v1/token"
TITLE: Final = "Tokens refreshed over a bad line, with thieves"
_GREET: Final = "/v1/hello"
_ROWS = "SELECT count(*) FROM sessions WHERE device_id = ANY(%s)"
_TWO_SUCCESSORS = """
SELECT count(*) FROM (
  SELECT device_id, generation FROM sessions WHERE device_id = ANY(%s) GROUP BY 1, 2 HAVING count(*) > 1) AS doubled
"""


@dataclass(slots=True, kw_only=True)
class Device:
    """A workstation that only refreshes, and what it has been through."""

    key: SigningKey
    id: DeviceId
    tokens: Tokens
    logged_out: bool = False


@dataclass(slots=True, kw_only=True)
class Tally:
    """What happened, counted by one thread."""

    counts: Counter[str] = field(default_factory=Counter)
    served_thieves: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """How bad the line is, and how many thieves listen: shares of all tries and of all rounds."""

    lost: float
    thieves: float


def prove(house: House, *, devices: int, rounds: int, line: Line, seed: int, jobs: int) -> list[Fact]:
    """Let devices refresh so many times, and return what was found."""
    began = time.monotonic()
    with in_process(build_server(house.parts.settings)) as server:
        services: Services = server.app.state.services
        made = [_begun(house, services) for _ in range(devices)]
        shares = [made[job::jobs] for job in range(jobs)]
        with ThreadPoolExecutor(jobs) as pool:
            tallies = list(
                pool.map(
                    lambda job: _rounds(services, shares[job], rounds, line, random.Random(f"{seed}.{job}")),
                    range(jobs),
                )
            )
        admitted = sum(_admitted(services, device) for device in made)
    seconds = time.monotonic() - began
    counted: Counter[str] = sum((tally.counts for tally in tallies), Counter())
    served = [way for tally in tallies for way in tally.served_thieves]
    out = sum(device.logged_out for device in made)
    ids = [device.id for device in made]
    rows, doubled = house.one(_ROWS, ids), house.one(_TWO_SUCCESSORS, ids)
    stolen = {what.removeprefix("thief: "): count for what, count in counted.items() if what.startswith("thief: ")}
    return [
        Fact(what="devices x rounds", found=f"{devices:,} x {rounds:,}"),
        Fact(
            what="refreshes answered", found=f"{counted['answered']:,}", holds=counted["answered"] == devices * rounds
        ),
        Fact(what="requests lost on the way", found=f"{counted['request lost']:,}", holds=counted["request lost"] > 0),
        Fact(what="answers lost on the way", found=f"{counted['answer lost']:,}", holds=counted["answer lost"] > 0),
        Fact(what="devices logged out", found=str(out), holds=out == 0),
        Fact(what="access tokens that work at the end", found=f"{admitted:,}", holds=admitted == devices),
        Fact(what="successors made, one each", found=f"{rows - devices:,}", holds=rows == devices * (rounds + 1)),
        Fact(what="generations with two tokens", found=str(doubled), holds=doubled == 0),
        *(Fact(what=f"thief, {way}", found=f"{count:,} tries") for way, count in sorted(stolen.items())),
        Fact(
            what="thieves served",
            found=f"{len(served)} of {sum(stolen.values()):,}",
            holds=not served and bool(stolen),
        ),
        Fact(what="seconds", found=f"{seconds:.1f} ({devices * rounds / seconds:,.0f} refreshes a second)"),
    ]


def race(house: House, first: Served, second: Served, rounds: int) -> list[Fact]:
    """Let two processes of the server be asked for the successor of one token in the same moment, again and again."""
    differing = failed = 0
    with httpx.Client(base_url=first.url, timeout=60) as one, httpx.Client(base_url=second.url, timeout=60) as other:
        office = enrol(house, one)
        # The same workstation, by another process: its own connection and its own nonce.
        twin = replace(office, client=other, nonce="")
        with ThreadPoolExecutor(2) as pool:
            for _ in range(rounds):
                together = threading.Barrier(2)
                asked = [pool.submit(_raced, each, office.refresh, together) for each in (office, twin)]
                answers = [each.result() for each in asked]
                failed += sum(answer.status_code != httpx.codes.OK for answer in answers)
                found = {answer.json().get("refresh_token") for answer in answers}
                differing += len(found) != 1
                office.refresh = answers[0].json()["refresh_token"]
        rows = house.one(_ROWS, [UUID(office.device)])
    return [
        Fact(what="races of two processes", found=f"{rounds:,}"),
        Fact(what="races lost by a device", found=str(failed), holds=failed == 0),
        Fact(what="races with two successors", found=str(differing), holds=differing == 0),
        Fact(what="tokens made in them, one each", found=f"{rows - 1:,}", holds=rows == rounds + 1),
    ]


def _raced(office: Workstation, token: str, together: threading.Barrier) -> httpx.Response:
    together.wait(60)
    return office.request(REFRESH, {"protocol": 1, "refresh_token": token}, token=token)


def _begun(house: House, services: Services) -> Device:
    key, at = SigningKey.generate(), house.parts.clock.now()
    device = DeviceId(new_uuid(at, house.parts.chance))
    principal = Principal(
        district=house.district,
        school=house.north,
        device=device,
        user=house.nurses["ann"].id,
        session=new_uuid(at, house.parts.chance),
    )
    registration = NewDevice(
        id=device,
        school=house.north,
        name="Office",
        sign_key=bytes(key.verify_key),
        seal_key=bytes(key.verify_key),
        app_version="0.1.0",
        enrolled_by=principal.user,
        at=at,
    )
    sessions = services.sessions
    assert isinstance(sessions, Sessions)
    with sessions.stores.open(house.district, house.north) as store:
        store.add_device(registration)
        tokens = sessions.begin(store, principal)
        store.commit()
    return Device(key=key, id=device, tokens=tokens)


def _rounds(services: Services, devices: list[Device], rounds: int, line: Line, chance: random.Random) -> Tally:
    tally = Tally()
    for _ in range(rounds):
        for device in devices:
            if not device.logged_out:
                _refresh(services, device, line.lost, chance, tally.counts)
            if chance.random() < line.thieves:
                _steal(services, device, tally)
    return tally


def _refresh(services: Services, device: Device, lost: float, chance: random.Random, counts: Counter[str]) -> None:
    """Ask until an answer arrives."""
    while True:
        request = signed(services, device.key, REFRESH, device.tokens.refresh_token)
        if chance.random() < lost:
            counts["request lost"] += 1
            continue
        try:
            tokens = services.sessions.carry_on(request, Refresh(protocol=1, refresh_token=request.token))
        except ProblemRaised:
            device.logged_out = True
            return
        if chance.random() < lost:
            counts["answer lost"] += 1
            continue
        device.tokens = tokens
        counts["answered"] += 1
        return


def _steal(services: Services, device: Device, tally: Tally) -> None:
    """Try everything that somebody can who read the tokens, and one whole greeting, from a log."""
    thief, tokens = SigningKey.generate(), device.tokens
    greeting = signed(services, device.key, _GREET, tokens.access_token)
    renewing = signed(services, thief, REFRESH, tokens.refresh_token)
    asking = signed(services, thief, _GREET, tokens.access_token)
    refreshes = {
        "refresh under a key of his own": renewing,
        "refresh without a proof": replace(renewing, proof=""),
        "refresh under a proof of another request": replace(renewing, nonce=greeting.nonce, proof=greeting.proof),
    }
    for way, request in refreshes.items():
        tally.counts[f"thief: {way}"] += 1
        try:
            services.sessions.carry_on(request, Refresh(protocol=1, refresh_token=tokens.refresh_token))
        except ProblemRaised:
            continue
        tally.served_thieves.append(way)
    requests = {
        "request under a key of his own": asking,
        "request without a proof": replace(asking, proof=""),
        "another body under a proof that was seen": replace(greeting, body=b'{"protocol":1}'),
        "refresh token as an access token": signed(services, thief, _GREET, tokens.refresh_token),
    }
    for way, request in requests.items():
        tally.counts[f"thief: {way}"] += 1
        if _is_admitted(services, request):
            tally.served_thieves.append(way)


def _admitted(services: Services, device: Device) -> bool:
    return _is_admitted(services, signed(services, device.key, _GREET, device.tokens.access_token))


def _is_admitted(services: Services, request: SignedRequest) -> bool:
    try:
        services.gate.admit(request)
    except ProblemRaised:
        return False
    return True


def signed(services: Services, key: SigningKey, path: str, token: str) -> SignedRequest:
    """Return a request with a nonce of now, signed by key."""
    nonce, body = services.nonces.fresh(), b"{}"
    text = proof_text(method="POST", path=path, body=body, nonce=nonce, token=token)
    return SignedRequest(
        method="POST",
        path=path,
        body=body,
        nonce=nonce,
        proof=base64.b64encode(key.sign(text).signature).decode("ascii"),
        token=token,
        device=None,
        address="127.0.0.1",
    )


@contextmanager
def _two_servers(house: House, place: Path) -> Iterator[tuple[Served, Served]]:
    with ExitStack() as stopping:
        served = Served(house, place / "first.log"), Served(house, place / "second.log")
        for each in served:
            each.start()
            stopping.callback(each.stop)
        yield served


def main() -> int:
    """Prove it on a database of its own."""
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.refresh", description=main.__doc__)
    parser.add_argument("--devices", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument(
        "--lost", type=float, default=0.03, help="share of requests, and again of answers, that is lost"
    )
    parser.add_argument("--thieves", type=float, default=0.05, help="in which share of rounds a device is stolen from")
    parser.add_argument("--races", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        place.chmod(0o755)
        server = EmbeddedPostgres(place / "postgres")
        server.start()
        try:
            passwords = Passwords(migrate="m", app="a", audit_reader="r", backup="b")
            dsns = provision(server.superuser_dsn("postgres").conninfo(), "proof", passwords)
            migrate.upgrade(dsns.migrate)
            with furnished(dsns, server.superuser_dsn("proof"), place / "keys") as house:
                line = Line(lost=asked.lost, thieves=asked.thieves)
                facts = prove(
                    house, devices=asked.devices, rounds=asked.rounds, line=line, seed=asked.seed, jobs=asked.jobs
                )
                with _two_servers(house, place) as (first, second):
                    facts += race(house, first, second, asked.races)
        finally:
            server.erase()
    return 0 if show(facts, Console(), TITLE) else 1


if __name__ == "__main__":
    raise SystemExit(main())
