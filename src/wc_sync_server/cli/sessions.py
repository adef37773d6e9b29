"""Where somebody is signed in, and the end of it."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import typer

from wc_contract.model.ids import DistrictId, UserId
from wc_contract.model.instants import Instant
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.cli.console import CommandRefused, out, spoken, table, workshop
from wc_sync_server.cli.district import DistrictOption
from wc_sync_server.cli.people import known_person
from wc_sync_server.cli.records import district_named, system
from wc_sync_server.db.repositories.people_access import END_SESSIONS, open_sessions
from wc_sync_server.domain.records.person import OpenSession
from wc_sync_server.wiring import Workshop


def sessions_of(parts: Workshop, district: DistrictId, email: str) -> Sequence[OpenSession]:
    """Return somebody's sessions that go on. Raises CommandRefused."""
    with system(parts, district, read_only=True) as uow:
        return open_sessions(uow, UserId(UUID(known_person(uow, email)["id"])), uow.at)


def end_sessions_of(parts: Workshop, district: DistrictId, email: str, session: UUID | None) -> int:
    """End one of somebody's sessions, or all, without a workstation; return how many. Raises CommandRefused."""
    with system(parts, district) as uow:
        user = UserId(UUID(known_person(uow, email)["id"]))
        parameters = {
            "district": district,
            "user": user,
            "session": session,
            "at": uow.at,
            "reason": "ended_by_operator",
        }
        ended = [row[0] for row in uow.connection.execute(END_SESSIONS, parameters).fetchall()]
        if session is not None and not ended:
            raise CommandRefused(
                "That person has no such session that could be ended here: see `wc-sync-server people sessions`. "
                "That of a workstation ends with the workstation: `wc-sync-server device lost` or `device retire`."
            )
        uow.audit([_ended(user, each, uow.at) for each in ended])
        uow.commit()
    return len(ended)


@spoken
def sessions(email: Annotated[str, typer.Argument(help="Whose.")], district: DistrictOption = None) -> None:
    """List where somebody is signed in: over the records API, and by workstations that they enrolled."""
    with workshop() as parts:
        found = sessions_of(parts, district_named(parts, district).id, email)
    rows = [(each.id, _place(each), *map(_said, (each.since, each.until, each.used_at))) for each in found]
    table("Sessions (UTC)", ("id", "of", "since", "until", "last used"), rows)


@spoken
def end_sessions(
    email: Annotated[str, typer.Argument(help="Whose.")],
    session: Annotated[UUID | None, typer.Option(help="This one only; see `people sessions`.")] = None,
    district: DistrictOption = None,
) -> None:
    """End somebody's sessions over the records API, within seconds. They may sign in again; workstations go on."""
    with workshop() as parts:
        ended = end_sessions_of(parts, district_named(parts, district).id, email, session)
        out.print(f"{ended} sessions have ended.")


def _place(session: OpenSession) -> str:
    return "the person" if session.device is None else f"workstation {session.workstation} ({session.device})"


def _said(at: Instant | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M}"


def _ended(user: UserId, session: UUID, at: Instant) -> AuditEvent:
    return AuditEvent(
        action="SESSION_ENDED",
        entity_type="session",
        entity_id=str(session),
        at=at,
        role="SYSTEM",
        detail={"of": str(user)},
    )
