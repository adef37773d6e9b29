"""What helps when an authenticator is lost or a password forgotten: codes made beforehand, and new ones of either."""

from typing import Annotated
from uuid import UUID

import typer

from wc_contract.model.ids import DistrictId, UserId, new_uuid
from wc_sync_server.auth.recovery import new_recovery_codes, recovery_hash
from wc_sync_server.auth.sign_in import normal_email, secret_cell
from wc_sync_server.auth.totp import enrolment_uri, new_secret
from wc_sync_server.cli.console import CommandRefused, out, spoken, workshop
from wc_sync_server.cli.district import DistrictOption
from wc_sync_server.cli.people import (
    HAS_CREDENTIALS,
    Added,
    PasswordFromInput,
    asked_password,
    known_person,
    person_event,
    show_authenticator,
)
from wc_sync_server.cli.records import district_named, system
from wc_sync_server.db.directory import District
from wc_sync_server.db.repositories.people_access import END_SESSIONS
from wc_sync_server.db.unit_of_work import UnitOfWork
from wc_sync_server.wiring import Workshop

_END_RECOVERY_CODES = """
UPDATE recovery_codes SET used_at = %(at)s, updated_at = %(at)s
WHERE district_id = %(district)s AND user_id = %(user)s AND used_at IS NULL
"""
_ADD_RECOVERY_CODE = """
INSERT INTO recovery_codes (district_id, id, user_id, code_hash, issued_at, created_at, updated_at)
VALUES (%(district)s, %(id)s, %(user)s, %(hash)s, %(at)s, %(at)s, %(at)s)
"""
_REPLACE = """
UPDATE user_credentials SET totp_secret = %(secret)s, totp_last_step = NULL, updated_at = %(at)s
WHERE district_id = %(district)s AND id = %(user)s
"""
_CHANGE_HASH = """
UPDATE user_credentials SET password_hash = %(hash)s, password_changed_at = %(at)s, updated_at = %(at)s
WHERE district_id = %(district)s AND id = %(user)s
"""
_RETIRE_SLOTS = "UPDATE users SET generation = generation + 1 WHERE district_id = %(district)s AND id = %(user)s"


def issue_recovery_codes(parts: Workshop, district: DistrictId, email: str) -> tuple[str, ...]:
    """Return new codes that stand in for somebody's authenticator; those from before end. Raises CommandRefused."""
    codes = new_recovery_codes(parts.chance)
    with system(parts, district) as uow:
        user, parameters = _account(uow, district, email)
        uow.connection.execute(_END_RECOVERY_CODES, parameters)
        rows = [
            {**parameters, "id": new_uuid(uow.at, parts.chance), "hash": recovery_hash(user, code)} for code in codes
        ]
        with uow.connection.cursor() as cursor:
            cursor.executemany(_ADD_RECOVERY_CODE, rows)
        uow.audit([person_event("RECOVERY_CODES_ISSUED", user, uow.at)])
        uow.commit()
    return codes


def replace_authenticator(parts: Workshop, district: District, email: str) -> Added:
    """Give somebody a new secret for their authenticator; the old one and its sessions end. Raises CommandRefused."""
    secret = new_secret(parts.chance)
    with system(parts, district.id) as uow:
        user, parameters = _account(uow, district.id, email)
        sealed = parts.cipher.seal(secret, secret_cell(district.id, user))
        uow.connection.execute(_REPLACE, {**parameters, "secret": sealed})
        uow.connection.execute(END_SESSIONS, {**parameters, "session": None, "reason": "authenticator_replaced"})
        uow.audit([person_event("AUTHENTICATOR_REPLACED", user, uow.at)])
        uow.commit()
    address = enrolment_uri(secret, account=normal_email(email), district=district.name)
    return Added(id=user, totp_secret=secret, totp_uri=address)


def replace_password(parts: Workshop, district: DistrictId, email: str, password: str, *, everywhere: bool) -> None:
    """Give somebody a new password and end the sessions of the old one.

    Everywhere ends what the old one opens at workstations, too, from their next contact. Raises CommandRefused,
    PasswordTooWeak.
    """
    hashed = parts.passwords().hash(password)
    with system(parts, district) as uow:
        uow.lock_streams(district)
        user, parameters = _account(uow, district, email)
        uow.connection.execute(_CHANGE_HASH, {**parameters, "hash": hashed})
        uow.connection.execute(END_SESSIONS, {**parameters, "session": None, "reason": "password_replaced"})
        if everywhere:
            uow.connection.execute(_RETIRE_SLOTS, parameters)
        uow.audit([person_event("PASSWORD_REPLACED", user, uow.at)])
        uow.commit()


@spoken
def new_password(
    email: Annotated[str, typer.Argument(help="Whose.")],
    *,
    everywhere: Annotated[
        bool,
        typer.Option(
            "--everywhere",
            help="Somebody else may know the old one: it opens no workstation any more, either, from its next contact;"
            " a colleague adds the person there again.",
        ),
    ] = False,
    password_stdin: PasswordFromInput = False,
    district: DistrictOption = None,
) -> None:
    """Give somebody a new password for signing in. A workstation where they work keeps opening with the old one."""
    with workshop() as parts:
        found = district_named(parts, district).id
        replace_password(parts, found, email, asked_password(from_stdin=password_stdin), everywhere=everywhere)
        out.print(f"{email} signs in with the new password from now on; sessions of the old one have ended.")
        if everywhere:
            out.print("The old one opens no workstation once that was in contact. A colleague adds them there again.")
        else:
            out.print("Workstations still open with the old one; where it is forgotten, a colleague adds them again.")


@spoken
def recovery_codes(email: Annotated[str, typer.Argument(help="Whose.")], district: DistrictOption = None) -> None:
    """Make ten codes for when somebody's authenticator is lost. Shown once; earlier ones end."""
    with workshop() as parts:
        codes = issue_recovery_codes(parts, district_named(parts, district).id, email)
        out.print("Each counts once, in place of the six digits. Keep them on paper; they are not shown again:")
        for code in codes:
            out.print(code, highlight=False)


@spoken
def new_authenticator(email: Annotated[str, typer.Argument(help="Whose.")], district: DistrictOption = None) -> None:
    """Give somebody a new secret for their authenticator app. It is shown once, here; the old one ends."""
    with workshop() as parts:
        show_authenticator(replace_authenticator(parts, district_named(parts, district), email))


def _account(uow: UnitOfWork, district: DistrictId, email: str) -> tuple[UserId, dict[str, object]]:
    user = UserId(UUID(known_person(uow, email)["id"]))
    parameters: dict[str, object] = {"district": district, "user": user, "at": uow.at}
    if uow.connection.execute(HAS_CREDENTIALS, parameters).fetchone() is None:
        raise CommandRefused("That person has no account: give them one with `wc-sync-server people add`.")
    return user, parameters
