"""A dozen pupils with a dose at noon, and a nurse whose authenticator is fresh."""

from tests import factories as make
from tests.sync_server.house import House, _nurse

from wc_contract.model.ids import OrderId, order_version_id
from wc_contract.model.kinds import ORDER, ORDER_VERSION, STUDENT
from wc_sync_server.cli.records import system

SURNAMES = (
    "Abara", "Bergström", "Castellanos", "Dubois", "Eriksen", "Fontaine",
    "Gutiérrez", "Haddad", "Ivanova", "Jansen", "Kowalczyk", "Lindqvist",
)  # fmt: skip


def enough_pupils(house: House) -> None:
    """Put them into the northern school."""
    house.nurses["noel"] = _nurse(house.parts, "noel", house.district, house.north)
    with system(house.parts, house.district, (house.north,)) as uow:
        uow.lock_streams(house.district, house.north)
        for number, surname in enumerate(SURNAMES):
            student, order = make.named(f"pupil {surname}"), OrderId(make.named(f"order of {surname}"))
            uow.write_rows(
                STUDENT,
                house.north,
                [
                    make.student_row(
                        id=str(student), student_number=f"7{number:02}", first_name="Robin", last_name=surname
                    )
                ],
            )
            uow.write_rows(
                ORDER,
                house.north,
                [make.order_row(id=str(order), student_id=str(student), verified_by=str(house.nurses["ann"].id))],
            )
            uow.write_rows(
                ORDER_VERSION,
                house.north,
                [make.version_row(id=str(order_version_id(order, 1)), order_id=str(order), student_id=str(student))],
            )
        uow.commit()
