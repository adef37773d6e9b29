"""The district's office for tests: people of every role, signed in, at a server in this process."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from tests import factories as make
from tests.central_database import PASSWORDS
from tests.recording import Recorder
from tests.sync_server.house import FIRST_DAY, PASSWORD, House, Nurse, furnished
from tests.sync_server.in_process import InProcess, in_process

from wc_contract.model.apply import apply_entry
from wc_contract.model.ids import SchoolId, new_uuid
from wc_contract.model.kinds import RecordKind
from wc_contract.model.values import Role
from wc_sync_server.cli.people import NewPerson, add_person, assign_person
from wc_sync_server.cli.records import district_named, system
from wc_sync_server.db.provision import provision
from wc_sync_server.embedded import EmbeddedPostgres
from wc_sync_server.wiring import build_server

MARKER = make.MARKER


@dataclass(slots=True, kw_only=True)
class Office:
    """A server, and people who can sign in."""

    house: House
    client: InProcess
    people: dict[str, Nurse]
    _tokens: dict[str, str] = field(default_factory=dict)

    def sign_in(self, name: str, **changes: str) -> Any:
        person = self.people[name]
        typed = {
            "district": "testville",
            "email": person.email,
            "password": PASSWORD,
            "totp": person.code(self.house.parts.clock.now()),
        }
        return self.client.post("/v1/people/token", json=typed | changes)

    def client_of(self, name: str) -> "Asker":
        """Return a client that bears the token of somebody."""
        if name not in self._tokens:
            self.house.done("DELETE FROM login_attempts")
            self.house.forget_codes(self.people[name])
            answer = self.sign_in(name)
            assert answer.status_code == 200, answer.text
            self._tokens[name] = answer.json()["access_token"]
        return Asker(self.client, self._tokens[name])

    def remember(self, name: str) -> None:
        """Let the server know for good who this is, so that a question costs only its own statements."""
        self.client_of(name).get("people/me")
        remembered = self.client.app.state.services.records.people._remembered
        remembered.update({session: (math.inf, person) for session, (_, person) in remembered.items()})

    def forget_tokens(self) -> None:
        """Sign everybody in anew when they ask next."""
        self._tokens.clear()

    def new_id(self) -> str:
        return str(new_uuid(self.house.parts.clock.now(), self.house.parts.chance))

    def put(self, school: SchoolId, kind: RecordKind, *rows: dict[str, Any]) -> None:
        """Write records past the API, as the system."""
        with system(self.house.parts, self.house.district, (school,)) as uow:
            uow.lock_streams(school)
            uow.write_rows(kind, school, rows)
            uow.commit()

    def delete(self, school: SchoolId, kind: RecordKind, *ids: UUID | str) -> None:
        with system(self.house.parts, self.house.district, (school,)) as uow:
            uow.lock_streams(school)
            uow.remove_rows(kind, school, [UUID(str(each)) for each in ids], "deleted")
            uow.commit()

    def audited(self, entity: object, action: str = "VIEW") -> list[dict[str, Any]]:
        """Return the lines of the audit about one record, as the superuser sees them."""
        rows = self.house.asked(
            "SELECT user_id, role, fields, detail, school_id FROM audit_logs WHERE entity_id = %s AND action = %s"
            " ORDER BY received_at, id",
            str(entity),
            action,
        )
        names = ("user", "role", "fields", "detail", "school")
        return [dict(zip(names, row, strict=True)) for row in rows]


class Asker:
    """Somebody who asks with a token."""

    def __init__(self, client: InProcess, token: str) -> None:
        self._client = client
        self.token = token

    def __call__(self, method: str, path: str, *, version: int | None = None, **more: Any) -> Any:
        headers = {"authorization": f"Bearer {self.token}"} | more.pop("headers", {})
        if version is not None:
            headers["if-match"] = f'"{version}"'
        return self._client.request(method, f"/v1/{path}", headers=headers, **more)

    def get(self, path: str, **query: Any) -> Any:
        """Return the answer, which must be a success."""
        answer = self("GET", path, params={name: value for name, value in query.items() if value is not None})
        assert answer.status_code == 200, answer.text
        return answer.json()


@contextmanager
def house_named(name: str, server: EmbeddedPostgres, template: str, keys: Path) -> Iterator[House]:
    """Give a district in a database of that name, and drop it at the end."""
    superuser = server.create_database(name, template)
    dsns = provision(superuser.conninfo(), superuser.database, PASSWORDS)
    with furnished(dsns, superuser, keys) as made:
        yield made
    server.drop_database(name)


@contextmanager
def open_office(house: House) -> Iterator[Office]:
    people = dict(house.nurses)
    for name, role in (
        ("sue", Role.SUPERVISOR),
        ("abe", Role.ADMIN),
        ("rob", Role.READ_ONLY),
        ("una", Role.UNLICENSED),
        ("tess", Role.SUBSTITUTE),
    ):
        people[name] = add_colleague(house, name, role)
    for name in ("rob", "una", "tess"):
        assign_person(house.parts, house.district, people[name].email, house.north, FIRST_DAY, None)
    with in_process(build_server(house.parts.settings)) as client:
        yield Office(house=house, client=client, people=people)


def add_colleague(house: House, name: str, role: Role) -> Nurse:
    """Make somebody who can sign in."""
    email = f"{name}@testville.example"
    new = NewPerson(email=email, first_name=name.title(), last_name="Invented", role=role, password=PASSWORD)
    added = add_person(house.parts, district_named(house.parts, "testville"), new)
    return Nurse(added.id, email, added.totp_secret)


_NOBODYS = ("DISCARD", "CLOSE ALL", "ROLLBACK", "SELECT PG_NOTIFY")


def costs_of(office: Office, recorder: Recorder, name: str, asked: Sequence[Callable[[], object]]) -> list[int]:
    """Return how many statements each question cost, apart from knowing who asks and cleaning connections.

    Hints to those who listen are sent by a thread of their own, whenever it comes to it: they are nobody's cost.
    """
    costs = []
    for ask in asked:
        office.remember(name)
        before = len(recorder.statements)
        ask()
        said = [each.text.strip().upper() for each in recorder.statements[before:]]
        costs.append(sum(not text.startswith(_NOBODYS) for text in said))
    return costs


def incident_of(office: Office, student: str, **values: Any) -> dict[str, Any]:
    """Return a signed report about a child, as a workstation would send it."""
    entry = make.entry_of(make.incident_signed(narrative=MARKER), author_id=office.people["ann"].id)
    (write,) = apply_entry(entry)
    return {**write.values, "id": office.new_id(), "student_id": student, **values}
