"""People: accounts with password and second factor, and the schools they work at."""

import os
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import typer

from wc_contract.model.apply import WireValue
from wc_contract.model.ids import DistrictId, SchoolId, UserId, new_uuid
from wc_contract.model.instants import Instant
from wc_contract.model.kinds import SCHOOL_ASSIGNMENT, USER
from wc_contract.model.values import Role
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.auth.bcrypt_hashes import require_bcrypt
from wc_sync_server.auth.sign_in import normal_email, secret_cell
from wc_sync_server.auth.totp import enrolment_uri, new_secret
from wc_sync_server.cli.console import CommandRefused, out, secret_from_stdin, spoken, table, workshop
from wc_sync_server.cli.district import DistrictOption
from wc_sync_server.cli.records import district_named, school_named, schools_of, system, wire_row
from wc_sync_server.db.directory import District
from wc_sync_server.db.repositories.people_access import END_SESSIONS
from wc_sync_server.db.repositories.wire_sql import wire_object
from wc_sync_server.db.unit_of_work import UnitOfWork
from wc_sync_server.wiring import Workshop

people = typer.Typer(
    no_args_is_help=True, help="People: add, assign to a school, disable, enable, list; their sessions."
)

_PASSWORD_VARIABLE = "WC_PASSWORD"  # noqa: S105  # a variable's name
_BY_EMAIL = f"""
SELECT {wire_object(USER.name, "u")} FROM users u WHERE u.district_id = %(district)s AND u.email = %(key)s
"""  # noqa: S608  # names of our own declaration
HAS_CREDENTIALS = "SELECT 1 FROM user_credentials WHERE district_id = %(district)s AND id = %(user)s"
_ADD_CREDENTIALS = """
INSERT INTO user_credentials (district_id, id, password_hash, totp_secret, password_changed_at, created_at, updated_at)
VALUES (%(district)s, %(user)s, %(hash)s, %(secret)s, %(at)s, %(at)s, %(at)s)
"""
_MFA_ON = "UPDATE users SET mfa_enabled = true WHERE district_id = %(district)s AND id = %(user)s"
_REVOKE = """
UPDATE users SET revoked_at = %(at)s, generation = generation + 1
WHERE district_id = %(district)s AND id = %(user)s
"""
# The generation stays: what the person's password opened at workstations before does not open again.
_LET_BACK = "UPDATE users SET revoked_at = NULL WHERE district_id = %(district)s AND id = %(user)s"
_IS_REVOKED = "SELECT revoked_at IS NOT NULL FROM users WHERE district_id = %(district)s AND id = %(user)s"
_LIST = """
SELECT u.last_name || ', ' || u.first_name, u.email, u.role, u.is_active,
       EXISTS (SELECT 1 FROM user_credentials c WHERE c.district_id = %(district)s AND c.id = u.id),
       (SELECT string_agg(s.name, ', ') FROM school_assignments a
          JOIN schools s ON s.district_id = a.district_id AND s.id = a.school_id
        WHERE a.district_id = %(district)s AND a.user_id = u.id AND a.deleted_at IS NULL
          AND (a.assigned_to IS NULL OR a.assigned_to >= %(at)s::date))
FROM users u WHERE u.district_id = %(district)s AND u.deleted_at IS NULL ORDER BY 1
"""

PasswordFromInput = Annotated[
    bool, typer.Option("--password-stdin", help=f"Read the password from standard input (or {_PASSWORD_VARIABLE}).")
]
HashFromInput = Annotated[
    bool,
    typer.Option(
        "--password-hash-stdin",
        help="Read from standard input, instead of a password, the hash that another program made of it by bcrypt"
        " ($2a$, $2b$ or $2y$): the person keeps the password, and their first sign-in replaces the hash by our own.",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """Somebody who is to get an account. hashed: password is not one, but what bcrypt made of one."""

    email: str
    first_name: str
    last_name: str
    role: Role
    password: str = field(repr=False)
    licence_type: str | None = None
    hashed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """An account, and the secret of its second factor, which is shown once and never again."""

    id: UserId
    totp_secret: str = field(repr=False)
    totp_uri: str = field(repr=False)


def add_person(parts: Workshop, district: District, new: NewPerson) -> Added:
    """Give somebody an account; whom a roster brought already gets credentials.

    Raises CommandRefused when there is one, PasswordTooWeak, HashNotReadable.
    """
    email, hashed = normal_email(new.email), new.password
    if new.hashed:
        require_bcrypt(hashed)
    else:
        hashed = parts.passwords().hash(new.password)
    secret = new_secret(parts.chance)
    with system(parts, district.id) as uow:
        uow.lock_streams(district.id)
        known = wire_row(uow, _BY_EMAIL, email)
        user = _write_user(uow, parts, new, email) if known is None else UserId(UUID(known["id"]))
        parameters = {"district": district.id, "user": user, "at": uow.at}
        if uow.connection.execute(HAS_CREDENTIALS, parameters).fetchone() is not None:
            raise CommandRefused("There is an account with that e-mail address already.")
        sealed = parts.cipher.seal(secret, secret_cell(district.id, user))
        uow.connection.execute(_ADD_CREDENTIALS, {**parameters, "hash": hashed, "secret": sealed})
        uow.connection.execute(_MFA_ON, parameters)
        uow.audit([person_event("USER_ADDED", user, uow.at)])
        uow.commit()
    return Added(id=user, totp_secret=secret, totp_uri=enrolment_uri(secret, account=email, district=district.name))


def assign_person(
    parts: Workshop, district: DistrictId, email: str, school: SchoolId, first: date | None, last: date | None
) -> None:
    """Let somebody work at a school, from first (today there) to last (open). Raises CommandRefused."""
    zone = ZoneInfo(schools_of(parts, district)[school]["timezone"])
    with system(parts, district, (school,)) as uow:
        uow.lock_streams(school)
        user = known_person(uow, email)["id"]
        begins = first or uow.at.astimezone(zone).date()
        if last is not None and last < begins:
            raise CommandRefused("The last day of an assignment cannot be before its first.")
        row: dict[str, WireValue] = {
            "id": str(new_uuid(uow.at, parts.chance)),
            "user_id": user,
            "assigned_from": begins.isoformat(),
            "assigned_to": None if last is None else last.isoformat(),
        }
        uow.write_rows(SCHOOL_ASSIGNMENT, school, [row])
        uow.audit([person_event("USER_ASSIGNED", UserId(UUID(user)), uow.at, school)])
        uow.commit()


def disable_person(parts: Workshop, district: DistrictId, email: str) -> None:
    """End somebody's access everywhere, within a minute; what they recorded before stands. Raises CommandRefused."""
    with system(parts, district) as uow:
        uow.lock_streams(district)
        row = known_person(uow, email)
        row.pop("row_version")
        uow.write_rows(USER, district, [{**row, "is_active": False, "email": normal_email(email)}])
        user = UserId(UUID(row["id"]))
        parameters = {"district": district, "user": user, "at": uow.at}
        uow.connection.execute(_REVOKE, parameters)
        uow.connection.execute(END_SESSIONS, {**parameters, "session": None, "reason": "disabled"})
        uow.audit([person_event("USER_DISABLED", user, uow.at)])
        uow.commit()


def enable_person(parts: Workshop, district: DistrictId, email: str) -> None:
    """Let somebody sign in again who was disabled; sessions and slots of before stay closed. Raises CommandRefused."""
    with system(parts, district) as uow:
        uow.lock_streams(district)
        row = known_person(uow, email)
        row.pop("row_version")
        user = UserId(UUID(row["id"]))
        parameters = {"district": district, "user": user}
        revoked = uow.connection.execute(_IS_REVOKED, parameters).fetchone() == (True,)
        if row["is_active"] and not revoked:
            raise CommandRefused("That person is not disabled. See `wc-sync-server people list`.")
        uow.write_rows(USER, district, [{**row, "is_active": True, "email": normal_email(email)}])
        uow.connection.execute(_LET_BACK, parameters)
        uow.audit([person_event("USER_ENABLED", user, uow.at)])
        uow.commit()


@people.command("add")
@spoken
def add(
    email: Annotated[str, typer.Argument(help="E-mail address, with which the person signs in.")],
    first_name: Annotated[str, typer.Option(prompt=True, help="First name.")],
    last_name: Annotated[str, typer.Option(prompt=True, help="Last name.")],
    role: Annotated[Role, typer.Option(help="What the person may do.")] = Role.NURSE,
    licence: Annotated[str | None, typer.Option(help="Licence, e.g. RN.")] = None,
    *,
    password_stdin: PasswordFromInput = False,
    password_hash_stdin: HashFromInput = False,
    district: DistrictOption = None,
) -> None:
    """Give somebody an account. The secret for their authenticator app is shown once, here."""
    with workshop() as parts:
        found = district_named(parts, district)
        new = NewPerson(
            email=email,
            first_name=first_name,
            last_name=last_name,
            role=role,
            licence_type=licence,
            password=asked_password(from_stdin=password_stdin or password_hash_stdin),
            hashed=password_hash_stdin,
        )
        added = add_person(parts, found, new)
        out.print(f"{email} is {added.id}.")
        show_authenticator(added)


def show_authenticator(added: Added) -> None:
    """Show the secret of somebody's second factor, once."""
    out.print("Put this into the authenticator app now; it is not shown again:")
    out.print(added.totp_uri, soft_wrap=True, highlight=False, markup=False)
    out.print(f"or type the secret: {added.totp_secret}", highlight=False)


@people.command("assign")
@spoken
def assign(
    email: Annotated[str, typer.Argument(help="Who.")],
    school: Annotated[str, typer.Argument(help="Where: name, sourced id or id of the school.")],
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day.")] = None,
    district: DistrictOption = None,
) -> None:
    """Let somebody work at a school. A workstation there accepts them from then on."""
    with workshop() as parts:
        found = district_named(parts, district).id
        place = school_named(parts, found, school)
        assign_person(parts, found, email, place, first and first.date(), last and last.date())
        out.print(f"{email} is assigned to {school}.")


@people.command("disable")
@spoken
def disable(email: Annotated[str, typer.Argument(help="Whose access ends.")], district: DistrictOption = None) -> None:
    """End somebody's access everywhere. What they recorded stands; what they record later is kept and reviewed."""
    with workshop() as parts:
        disable_person(parts, district_named(parts, district).id, email)
        out.print(f"{email} cannot sign in any more. Workstations learn it at their next contact.")


@people.command("enable")
@spoken
def enable(email: Annotated[str, typer.Argument(help="Who comes back.")], district: DistrictOption = None) -> None:
    """Let somebody sign in again who was disabled, with the password and authenticator they had."""
    with workshop() as parts:
        enable_person(parts, district_named(parts, district).id, email)
        out.print(
            f"{email} can sign in again. At a workstation that was in contact meanwhile a colleague adds them again."
        )


@people.command("list")
@spoken
def list_people(district: DistrictOption = None) -> None:
    """List people, their roles and their schools."""
    with workshop() as parts:
        found = district_named(parts, district).id
        everywhere = tuple(schools_of(parts, found))
        with system(parts, found, everywhere, read_only=True) as uow:
            rows = uow.connection.execute(_LIST, {"district": found, "at": uow.at}).fetchall()
        table("People", ("name", "e-mail", "role", "active", "can sign in", "schools"), rows)


def asked_password(*, from_stdin: bool) -> str:
    """Return a new password from standard input, the environment or a prompt that asks twice."""
    if from_stdin:
        return secret_from_stdin()
    given = os.environ.get(_PASSWORD_VARIABLE)
    if given:
        return given
    answer: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return answer


def _write_user(uow: UnitOfWork, parts: Workshop, new: NewPerson, email: str) -> UserId:
    user = UserId(new_uuid(uow.at, parts.chance))
    row: dict[str, WireValue] = {
        "id": str(user),
        "email": email,
        "first_name": new.first_name,
        "last_name": new.last_name,
        "role": new.role.value,
        "licence_type": new.licence_type,
        "licence_expires": None,
        "is_active": True,
    }
    uow.write_rows(USER, uow.context.district, [row])
    return user


def known_person(uow: UnitOfWork, email: str) -> dict[str, Any]:
    """Return the record of whoever has that address, in wire form. Raises CommandRefused."""
    row = wire_row(uow, _BY_EMAIL, normal_email(email))
    if row is None:
        raise CommandRefused("There is nobody with that e-mail address. See `wc-sync-server people list`.")
    return row


def person_event(action: str, user: UserId, at: Instant, school: SchoolId | None = None) -> AuditEvent:
    """Return the line that tells of something done to somebody's account."""
    return AuditEvent(action=action, entity_type="user", entity_id=str(user), at=at, role="SYSTEM", school_id=school)
