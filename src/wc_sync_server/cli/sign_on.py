"""Who of the district's single sign-on is who here. An operator says it: to exist there lets nobody in."""

from typing import Annotated
from uuid import UUID

import psycopg
import typer

from wc_contract.model.ids import UserId
from wc_sync_server.auth.sign_on_file import read_providers
from wc_sync_server.cli.console import CommandRefused, out, spoken, workshop
from wc_sync_server.cli.district import DistrictOption
from wc_sync_server.cli.people import HAS_CREDENTIALS, known_person, person_event
from wc_sync_server.cli.records import district_named, system
from wc_sync_server.db.directory import District
from wc_sync_server.wiring import Workshop

_MOST_OF_A_NAME = 255
_LINK = """
UPDATE user_credentials SET sign_on_issuer = %(issuer)s, sign_on_name = %(name)s, updated_at = %(at)s
WHERE district_id = %(district)s AND id = %(user)s
"""


def link_person(parts: Workshop, district: District, email: str, name: str | None) -> None:
    """Let the district's single sign-on vouch for somebody by that name; None ends it. Raises CommandRefused."""
    provider = read_providers(parts.settings.sign_on).get(district.code)
    if provider is None and name is not None:
        raise CommandRefused("This district has no single sign-on: see WC_SIGN_ON in docs/operating.md.")
    if name is not None and not (0 < len(name) <= _MOST_OF_A_NAME and name.isprintable()):
        raise CommandRefused("A name there has 1 to 255 signs. Copy it from the provider's own list of people.")
    issuer = None if name is None or provider is None else provider.issuer
    with system(parts, district.id) as uow:
        uow.lock_streams(district.id)
        user = UserId(UUID(known_person(uow, email)["id"]))
        parameters = {"district": district.id, "user": user, "at": uow.at, "issuer": issuer, "name": name}
        if uow.connection.execute(HAS_CREDENTIALS, parameters).fetchone() is None:
            raise CommandRefused("This person has no account yet: `wc-sync-server people add` gives one.")
        try:
            uow.connection.execute(_LINK, parameters)
        except psycopg.errors.UniqueViolation:
            raise CommandRefused("Somebody else of the district is linked to that name.") from None
        uow.audit([person_event("SIGN_ON_UNLINKED" if name is None else "SIGN_ON_LINKED", user, uow.at)])
        uow.commit()


@spoken
def link(
    email: Annotated[str, typer.Argument(help="Who, by the e-mail address of the account here.")],
    name: Annotated[str, typer.Argument(help="The name there: the value of the claim that WC_SIGN_ON says.")],
    district: DistrictOption = None,
) -> None:
    """Let the district's single sign-on vouch for somebody."""
    with workshop() as parts:
        link_person(parts, district_named(parts, district), email, name)
        out.print(f"{email} can sign in through the district's single sign-on.")


@spoken
def unlink(
    email: Annotated[str, typer.Argument(help="Who, by the e-mail address of the account here.")],
    district: DistrictOption = None,
) -> None:
    """Let the single sign-on vouch for somebody no longer. Their account and their sessions stay as they are."""
    with workshop() as parts:
        link_person(parts, district_named(parts, district), email, None)
        out.print(f"{email} signs in with password and second factor only.")
