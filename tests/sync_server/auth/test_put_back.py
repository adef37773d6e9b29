"""Many workstations find out at once that the server was put back: one epoch begins, and none waits for the others."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from tests import factories as make
from tests.sync_server.house import House
from tests.sync_server.in_house import Office, office_of

from wc_contract.wire.messages import Hello, HelloAnswer
from wc_sync_server.auth.contact import Contacts
from wc_sync_server.auth.leases import Leases
from wc_sync_server.db.repositories.access import PostgresAccess
from wc_sync_server.db.repositories.epochs import Epochs
from wc_sync_server.domain.access import Admission, Device, DeviceStatus, Principal
from wc_sync_server.domain.checkpoints import Checkpoint, Checkpoints, scope_of
from wc_sync_server.wiring import open_workshop

pytestmark = [pytest.mark.postgres, pytest.mark.logs_warnings]

_AT_ONCE = 4


def test_those_who_greet_at_once_begin_one_epoch_over_few_connections(house: House) -> None:
    offices = [office_of(house) for _ in range(_AT_ONCE)]
    parts = open_workshop(replace(house.parts.settings, pool_size=_AT_ONCE))
    checkpoints = Checkpoints(b"k" * 32)
    contacts = Contacts(
        stores=PostgresAccess(parts.cells, Epochs(parts.cells, parts.clock), parts.chance),
        leases=Leases(keys=parts.keys.district, clock=parts.clock, chance=parts.chance, lifetime=parts.settings.lease),
        checkpoints=checkpoints,
        clock=parts.clock,
        chance=parts.chance,
        min_app_version="0.1.0",
    )
    epoch = offices[0].epoch
    further = Checkpoint(
        epoch=epoch, district_head=10**9, school_head=10**9, scope=scope_of(house.north, confidential=True)
    )
    told = "SELECT count(*) FROM audit_logs WHERE action = 'SERVER_WENT_BACK' AND device_id = ANY(%s)"
    epochs = house.one("SELECT count(*) FROM server_epochs")
    together = Barrier(_AT_ONCE)

    def greet(office: Office) -> HelloAnswer:
        principal = Principal(
            district=house.district,
            school=house.north,
            device=office.device,
            user=house.nurses["ann"].id,
            session=make.named("session"),
        )
        device = Device(
            id=office.device, school=house.north, sign_key=b"k" * 32, status=DeviceStatus.ACTIVE, last_number=0
        )
        message = Hello(
            protocol=1,
            app_version="0.1.0",
            checkpoint=checkpoints.write(further),
            last_number=0,
            waiting=0,
            oldest_waiting=None,
            device_time=parts.clock.now(),
        )
        together.wait(10)
        return contacts.hello(principal, Admission(device=device, session_ended=False, anyone_valid=True), message)

    try:
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            answers = list(threads.map(greet, offices))
    finally:
        parts.close()
    (begun,) = {answer.epoch for answer in answers}
    assert begun != epoch
    assert house.one("SELECT count(*) FROM server_epochs") == epochs + 1
    assert house.one(told, [office.device for office in offices]) == 1
