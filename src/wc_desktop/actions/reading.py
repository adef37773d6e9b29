"""What several actions read together: people, medicines, children with their alerts."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from functools import partial
from uuid import UUID

from wc_contract.model.care_values import AliasKind
from wc_contract.model.ids import DeviceId, StudentId
from wc_contract.model.instants import Instant
from wc_contract.model.kinds import ALLERGY, MEDICATION, ORDER, STUDENT, STUDENT_ALIAS, USER
from wc_contract.model.values import OrderStatus
from wc_desktop.actions.desk import Desk
from wc_desktop.domain.names import NamedChild, alike_names
from wc_desktop.domain.screens import DoseView, StudentRow
from wc_desktop.domain.views import dose_view, student_row, text, text_or_none
from wc_desktop.ports import Row


def people(desk: Desk) -> Mapping[str, Row]:
    """Return the district's staff by id."""
    return desk.remembered("people", (USER,), None, lambda: {text(r, "id"): r for r in desk.records.every(USER)})


def medications(desk: Desk) -> Mapping[str, Row]:
    """Return the catalogue by id."""
    return desk.remembered(
        "medications", (MEDICATION,), None, lambda: {text(r, "id"): r for r in desk.records.every(MEDICATION)}
    )


class DoseViewer:
    """Makes dose views and keeps them: an entry never changes, and a list shows the same ones again and again."""

    def __init__(self, staff: Mapping[str, Row], device: DeviceId) -> None:
        self._staff = staff
        self._device = device
        self._made: dict[tuple[object, object, object], DoseView] = {}

    def __call__(self, row: Row) -> DoseView:
        """Return the view of one dose row. Only its flags and whether it waits may differ from last time."""
        key = (row["id"], row["flags"], row["waiting"])
        view = self._made.get(key)
        if view is None:
            view = self._made[key] = dose_view(row, people=self._staff, device=self._device)
        return view


def dose_viewer(desk: Desk) -> DoseViewer:
    """Return the desk's maker of dose views."""
    day = desk.clock.now().astimezone(desk.zone).date()
    return desk.remembered("dose_views", (USER,), day, partial(_viewer, desk))


def _viewer(desk: Desk) -> DoseViewer:
    return DoseViewer(people(desk), desk.device_id)


def names_alike(desk: Desk) -> Mapping[str, tuple[str, ...]]:
    """Return, by child, whom they may be taken for in this school."""

    def make() -> Mapping[str, tuple[str, ...]]:
        takers = {r["student_id"] for r in desk.records.every(ORDER) if r["status"] == OrderStatus.ACTIVE.value}
        return alike_names(
            NamedChild(
                id=text(row, "id"),
                first=text(row, "first_name"),
                last=text(row, "last_name"),
                born=text(row, "date_of_birth"),
                grade=text(row, "grade"),
                homeroom=text_or_none(row, "homeroom"),
                takes_medicine=row["id"] in takers,
            )
            for row in desk.records.every(STUDENT)
            if row["is_active"]
        )

    return desk.remembered("names_alike", (STUDENT, ORDER), None, make)


def student_rows(desk: Desk, rows: Collection[Row]) -> tuple[StudentRow, ...]:
    """Return children as lists show them, with allergies and name alerts, in the order given."""
    ids = [text(row, "id") for row in rows]
    allergies: defaultdict[str, list[Row]] = defaultdict(list)
    for allergy in desk.records.where(ALLERGY, "student_id", ids):
        allergies[text(allergy, "student_id")].append(allergy)
    alike = names_alike(desk)
    return tuple(
        student_row(row, allergies=allergies[key], alike=alike.get(key, ())) for row, key in zip(rows, ids, strict=True)
    )


def students_by_id(desk: Desk, ids: Collection[str]) -> Mapping[str, StudentRow]:
    """Return children by id; one that is not in the replica is left out.

    One who has left this school is there as long as an entry about it waits to be answered, without allergies.
    """
    found = desk.records.where(STUDENT, "id", ids)
    here = {str(row.id): row for row in student_rows(desk, found)}
    left = json.loads(desk.records.kept("departed") or "{}")
    return {id_: student_row(left[id_]) for id_ in ids if id_ in left} | here


def last_days(desk: Desk, ids: Collection[str]) -> Mapping[StudentId, date]:
    """Return, of these children, the last day of each who has left the district."""
    return {
        StudentId(UUID(text(row, "id"))): date.fromisoformat(text(row, "withdrawn_on"))
        for row in desk.records.where(STUDENT, "id", ids)
        if row["withdrawn_on"] is not None and not row["is_active"]
    }


def charts_of(desk: Desk, student: str) -> tuple[str, ...]:
    """Return the ids under which things happened to a child: its own, and those of charts merged into its own."""
    aliases = desk.records.where(STUDENT_ALIAS, "student_id", [student])
    return (student, *sorted(text(row, "id") for row in aliases if row["kind"] == AliasKind.MERGED_NUMBER.value))


def chart_that_goes_on(desk: Desk, student: str) -> str:
    """Return the chart that a child's chart goes on in: mostly itself; another, when two were made one."""
    alias = desk.records.find(STUDENT_ALIAS, student)
    merged = alias is not None and alias["kind"] == AliasKind.MERGED_NUMBER.value
    return text(alias, "student_id") if alias is not None and merged else student


def newest_doses(
    desk: Desk, charts: Collection[str], *, since: Instant | None = None, limit: int | None = None
) -> list[Row]:
    """Return the doses of a child's charts, newest first: all, those since an instant, or the newest ones."""
    found = [row for chart in charts for row in desk.records.doses_of(chart, since=since, limit=limit)]
    if len(charts) > 1:
        found.sort(key=_administered, reverse=True)
    return found[:limit]


def _administered(row: Row) -> str:
    return text(row, "administered_at")
