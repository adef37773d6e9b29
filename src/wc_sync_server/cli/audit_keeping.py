"""How long the audit stays and where: archive, legal holds, retention rules; and disclosures, kept apart from it."""

from contextlib import AbstractContextManager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from wc_contract.model.ids import DistrictId, StudentId, UserId
from wc_contract.model.kinds import BY_NAME
from wc_sync_server.audit.retention import Hold, Rule
from wc_sync_server.cli.archiving import Archiving, month_named
from wc_sync_server.cli.auditing import reader_of
from wc_sync_server.cli.console import CommandRefused, out, spoken, table, workshop
from wc_sync_server.cli.district import DistrictOption
from wc_sync_server.cli.importing import DryRun, bars
from wc_sync_server.cli.people import known_person
from wc_sync_server.cli.records import district_named, every_school, system
from wc_sync_server.db.repositories.compliance import Compliance, Disclosure, SetRule
from wc_sync_server.db.tables.compliance import DisclosureBasis, RecipientKind, RecordClass, RetentionBasis
from wc_sync_server.db.unit_of_work import UnitOfWork
from wc_sync_server.wiring import Workshop

holds = typer.Typer(no_args_is_help=True, help="Legal holds: add, release, list.")
retention = typer.Typer(no_args_is_help=True, help="How long records are kept: list, set.")

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day, e.g. 2026-08-20.")]
Student = Annotated[str, typer.Argument(help="Id or number of the pupil.")]
_PUPIL = """
SELECT s.id, s.school_id FROM students AS s
WHERE s.district_id = %(district)s AND (s.student_number = %(said)s OR s.id::text = %(said)s)
"""


@spoken
def archive(
    before: Annotated[str, typer.Option(help="Archive the months before this one, e.g. 2025-01.")],
    to: Annotated[Path, typer.Option(help="Folder that the archive is in; it grows.")],
    *,
    dry_run: DryRun = False,
) -> None:
    """Take old months out of the database: written, read back, put on record, then dropped. Obeys holds and rules."""
    with workshop() as parts, reader_of(parts) as reader, bars() as progress:
        run = Archiving(parts=parts, reader=reader, folder=to.absolute(), progress=progress)
        done = run.run(month_named(before), dry_run=dry_run)
    table(
        "Would be archived" if dry_run else "Archived",
        ("month", "lines", "keep the archive until"),
        ((one.name, one.lines, one.keep_until) for one in done),
    )


@holds.command("add")
@spoken
def add_hold(
    matter: Annotated[str, typer.Argument(help="What it is about, as counsel calls it.")],
    *,
    student: Annotated[
        str | None, typer.Option(help="Id or number of the pupil; everybody's records if not given.")
    ] = None,
    first: Day = None,
    last: Day = None,
    district: DistrictOption = None,
) -> None:
    """Place a legal hold: what it covers is neither archived nor dropped until it is released."""
    with workshop() as parts:
        found = district_named(parts, district).id
        with _office(parts, found) as uow:
            pupil = None if student is None else _pupil(uow, student)
            hold = Hold(first=_day(first), last=_day(last))
            id_ = Compliance(uow, parts.chance).place_hold(matter, hold, pupil)
            uow.commit()
    out.print(f"Held. The hold is {id_}.", highlight=False)


@holds.command("release")
@spoken
def release_hold(
    hold: Annotated[str, typer.Argument(help="Id of the hold; see `audit hold list`.")], district: DistrictOption = None
) -> None:
    """End a legal hold."""
    with workshop() as parts, _office(parts, district_named(parts, district).id) as uow:
        Compliance(uow, parts.chance).release_hold(_id(hold))
        uow.commit()
    out.print("Released.")


@holds.command("list")
@spoken
def list_holds(district: DistrictOption = None) -> None:
    """List legal holds, released ones too."""
    with workshop() as parts, _office(parts, district_named(parts, district).id) as uow:
        every = Compliance(uow, parts.chance).holds()
    rows = (
        (one.id, one.matter, one.student, one.hold.first, one.hold.last, one.placed_at, one.released_at)
        for one in every
    )
    table("Legal holds", ("id", "matter", "pupil", "from", "to", "placed", "released"), rows)


@retention.command("set")
@spoken
def set_rule(
    record_class: Annotated[RecordClass, typer.Argument(help="What is kept.")],
    years: Annotated[int, typer.Option(min=0, max=200, help="For how many years.")],
    citation: Annotated[str, typer.Option(help="Where the rule is written, e.g. 8 NYCRR 185.")],
    *,
    basis: Annotated[RetentionBasis, typer.Option(help="Whose rule it is.")] = RetentionBasis.STATE,
    until_age: Annotated[int | None, typer.Option(min=3, max=120, help="Or until the pupil has this age.")] = None,
    hot_months: Annotated[int | None, typer.Option(min=1, max=1200, help="Months in the database.")] = None,
    district: DistrictOption = None,
) -> None:
    """Set how long a class of records is kept. The longest of all rules holds, and never less than six years."""
    with workshop() as parts, _office(parts, district_named(parts, district).id) as uow:
        rule = Rule(keep_years=years, until_age=until_age, hot_months=hot_months, valid_from=uow.at.date())
        new = SetRule(record_class=record_class, basis=basis, citation=citation, rule=rule)
        Compliance(uow, parts.chance).set_rule(new)
        uow.commit()
    out.print("Set.")


@retention.command("list")
@spoken
def list_rules(district: DistrictOption = None) -> None:
    """List the rules, and what follows from them for the audit today."""
    with workshop() as parts, _office(parts, district_named(parts, district).id) as uow:
        compliance = Compliance(uow, parts.chance)
        rules, now = compliance.rules(), compliance.keeping(uow.at.date())
    rows = (
        (
            one.record_class, one.basis, one.citation, one.rule.keep_years, one.rule.until_age, one.rule.hot_months,
            one.rule.valid_from, one.rule.valid_to,
        )
        for one in rules
    )  # fmt: skip
    table("Retention", ("records", "basis", "citation", "years", "until age", "hot months", "from", "to"), rows)
    out.print(
        f"The audit stays {now.hot_months} months in the database and its archive {now.years} years after that month.",
        soft_wrap=True,
    )


@spoken
def disclose(
    student: Student,
    to: Annotated[str, typer.Option(help="Who got it: name, and the body they act for.")],
    purpose: Annotated[str, typer.Option(help="The interest they have in it.")],
    records: Annotated[list[str], typer.Option("--record", help="Kind of record, e.g. vaccination. May be repeated.")],
    *,
    kind: Annotated[RecipientKind, typer.Option(help="What they are.")] = RecipientKind.OTHER,
    basis: Annotated[DisclosureBasis, typer.Option(help="Why it was allowed.")] = DisclosureBasis.CONSENT,
    on: Day = None,
    by: Annotated[str | None, typer.Option(help="E-mail address of who gave it out.")] = None,
    district: DistrictOption = None,
) -> None:
    """Put on record that something of a pupil's record was given out (34 CFR 99.32). Kept as long as the record."""
    unknown = sorted(set(records) - BY_NAME.keys())
    if unknown:
        raise CommandRefused(f"There is no kind of record {', '.join(unknown)}. Kinds: {', '.join(sorted(BY_NAME))}.")
    with workshop() as parts, _office(parts, district_named(parts, district).id) as uow:
        made = Disclosure(
            student=_pupil(uow, student),
            on=_day(on) or uow.at.date(),
            to=to,
            kind=kind,
            basis=basis,
            purpose=purpose,
            records=tuple(records),
            by=None if by is None else UserId(UUID(known_person(uow, by)["id"])),
        )
        id_ = Compliance(uow, parts.chance).disclose(made)
        uow.commit()
    out.print(f"On record as {id_}.", highlight=False)


@spoken
def disclosures(student: Student, district: DistrictOption = None) -> None:
    """Show what of a pupil's record was given out, to whom and why: what a parent may ask to see."""
    with workshop() as parts, _office(parts, district_named(parts, district).id) as uow:
        rows = Compliance(uow, parts.chance).disclosures(_pupil(uow, student))
        uow.commit()
    table("Disclosures", ("id", "on", "to", "recipient", "basis", "purpose", "records", "corrects"), rows)


def _office(parts: Workshop, district: DistrictId) -> AbstractContextManager[UnitOfWork]:
    return system(parts, district, every_school(parts, district))


def _pupil(uow: UnitOfWork, said: str) -> StudentId:
    rows = uow.connection.execute(_PUPIL, {"district": uow.context.district, "said": said.strip()}).fetchall()
    if len(rows) != 1:
        raise CommandRefused("That is neither the id nor the number of one pupil of this district.")
    return StudentId(rows[0][0])


def _id(said: str) -> UUID:
    try:
        return UUID(said)
    except ValueError:
        raise CommandRefused("That is no id.") from None


def _day(said: datetime | None) -> date | None:
    return None if said is None else said.date()
