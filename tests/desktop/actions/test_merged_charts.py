"""Two charts of one child were made one: the screens read both, and no record says anything else than it did."""

from collections.abc import Callable
from datetime import timedelta

from tests.desktop.clinic import NOON, Rows, dose_row, row, small_school, uid
from tests.pictures import picture

from wc_contract.model.blobs import place_of
from wc_contract.model.ids import StudentId
from wc_contract.wire.entries import entry_from_body
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.students import documents_again, open_chart, read_again
from wc_desktop.app.parts import opened_of
from wc_desktop.domain.blob_views import facts_of

KEPT, GONE = StudentId(uid("sofia")), StudentId(uid("sonia"))


def merged(kind: str = "MERGED_NUMBER") -> Rows:
    """Return a school in which Sonia's chart went on in Sofia's; each had a dose of her own."""
    rows = small_school()
    for days, name in ((1, "sofia"), (2, "sonia"), (3, "sofia")):
        at = NOON - timedelta(days=days)
        rows["dose"].append(dose_row(rows, f"{name} {days}", order="sofia-mph", student=name, at=at))
    alias = row("student_alias", 9_100, id=str(GONE), student_id=str(KEPT), kind=kind, value="1002")
    return {**rows, "student_alias": [alias]}


def test_a_chart_shows_the_doses_of_both_newest_first(open_desk: Callable[[Rows | None], Desk]) -> None:
    chart = open_chart(open_desk(merged()), KEPT)
    assert [dose.administered_at for dose in chart.doses] == [NOON - timedelta(days=days) for days in (1, 2, 3)]


def test_the_chart_that_went_opens_the_one_that_goes_on_and_that_is_on_record(
    open_desk: Callable[[Rows | None], Desk],
) -> None:
    desk = open_desk(merged())
    assert open_chart(desk, GONE).student.id == KEPT
    assert read_again(desk, GONE).student.id == KEPT
    newest = "SELECT body FROM entries ORDER BY number DESC LIMIT 1"
    (body,) = opened_of(desk).journal._connection.execute(newest).fetchone()
    (look,) = entry_from_body(body).changes
    assert look.entity_id == str(KEPT)  # type: ignore[union-attr]


def test_the_documents_of_both_are_looked_through_again(open_desk: Callable[[Rows | None], Desk]) -> None:
    rows = merged()
    for number, student in enumerate((KEPT, GONE)):
        facts = facts_of(picture(900, seed=number), 1_000)
        document = {
            "id": str(uid(f"document {number}")), "student_id": str(student), "kind": "OTHER",
            "media_type": facts.media_type, "size_bytes": facts.size, "sha256": facts.sha256,
            "blob_ref": place_of(facts.sha256), "is_confidential": False,
        }  # fmt: skip
        rows["document"].append(row("document", 9_200 + number, **document))
    desk = open_desk(rows)
    listed = open_chart(desk, KEPT).documents
    assert len(listed) == 2
    assert documents_again(desk, KEPT) == listed


def test_another_alias_is_no_merge(open_desk: Callable[[Rows | None], Desk]) -> None:
    desk = open_desk(merged("KNOWN_AS"))
    assert len(open_chart(desk, KEPT).doses) == 2
    assert open_chart(desk, GONE).student.id == GONE
