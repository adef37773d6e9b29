"""The inventory over real files: received, moved, counted by two, witnessed, looked at. By keyboard."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot
from tests.desktop.clinic import NURSE, SECOND_NURSE, HandClock, Rows, row, small_school, uid
from tests.desktop.ui.access_keys import doubled_keys
from tests.desktop.ui.dressed import bring_up, dressed
from tests.fakes.pages_seam import ImmediateJobs

from wc_contract.model.changes import AccessRecorded, Entry, RecordAdded, RecordChanged
from wc_contract.model.ids import UserId
from wc_contract.model.office_values import LedgerEvent
from wc_contract.model.values import Role
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.incidents import drafts
from wc_desktop.actions.stock import list_stock, open_ledger
from wc_desktop.actions.stock_moves import count, move, receive
from wc_desktop.actions.trips import bring_back, send_on_trip
from wc_desktop.app.desktop import MainWindow
from wc_desktop.app.pages import page_specs
from wc_desktop.app.parts import opened_of
from wc_desktop.domain.failures import (
    CountsDiffer,
    FieldsWrong,
    NotAllowed,
    NotFound,
    SecondPersonMissing,
    WrongPassword,
)
from wc_desktop.domain.screens import PersonRow
from wc_desktop.domain.stock_views import Movement, Receipt, SecondPerson, StockRow, TripDraft, TripReturn, TwoCounts
from wc_desktop.security.station import Station
from wc_desktop.ui.theme.scheme import SchemeChoice
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.views.frame import Frame
from wc_desktop.ui.views.inventory import InventoryPage

THEIRS = "battery staple horse"
Opener = Callable[[Rows | None], Desk]


def with_bottle(
    rows: Rows | None = None, name: str = "bottle", *, drug: str = "methylphenidate", amount: str = "18", **values: Any
) -> Rows:
    """Add a bottle of a child's medicine that was received an hour ago."""
    rows = small_school() if rows is None else rows
    version = 9_000 + sum(len(held) for held in rows.values())
    said: dict[str, Any] = {
        "student_id": str(uid("sofia")), "medication_id": str(uid(drug)), "status": "IN_USE", "unit": "mg",
        "is_controlled": drug == "methylphenidate", "received_on": "2026-11-23", "received_by": str(NURSE),
        "lot": "A1", "expires_on": "2027-09-01",
    }  # fmt: skip
    rows["medication_container"].append(row("medication_container", version, id=str(uid(name)), **(said | values)))
    line = {"id": str(uid(f"{name} came")), "container_id": str(uid(name)), "event": "RECEIVED", "quantity": amount}
    at = "2026-11-23T16:50:00+00:00"
    rows["ledger_entry"].append(row("ledger_entry", version + 1, **line, occurred_at=at, actor_id=str(NURSE)))
    return rows


def with_a_colleague(desk: Desk, role: Role = Role.NURSE) -> SecondPerson:
    station = desk.station
    assert isinstance(station, Station)
    colleague = PersonRow(id=UserId(SECOND_NURSE), first_name="Bo", last_name="Lind", role=role)
    station.put_slot(colleague, THEIRS, opened_of(desk).keys)
    return SecondPerson(id=UserId(SECOND_NURSE), password=THEIRS)


def as_role(desk: Desk, role: Role) -> None:
    desk.person = PersonRow(id=desk.person.id, first_name="Ana", last_name="Reyes", role=role)


def shown(desk: Desk, qtbot: QtBot) -> InventoryPage:
    page = InventoryPage(Session(desk, ImmediateJobs()))
    qtbot.addWidget(page)
    page.resize(1230, 650)
    with qtbot.waitExposed(page):
        page.show()
    page.activate()
    return page


def newest(desk: Desk) -> Entry:
    entry = desk.journal.entry(desk.journal.newest(1)[0].id)
    assert entry is not None
    return entry


def said_in(entry: Entry) -> list[tuple[object, ...]]:
    return [
        (change.values["event"], change.values["quantity"], change.values.get("witness_id"))
        for change in entry.changes
        if isinstance(change, RecordAdded) and change.kind == "ledger_entry"
    ]


def is_whole(button: QPushButton) -> bool:
    return button.width() >= button.sizeHint().width()


def stock(desk: Desk) -> list[StockRow]:
    return list(list_stock(desk, desk.clock.now()).rows)


def marks(row_: StockRow) -> list[str]:
    return [mark.code for mark in row_.marks]


def test_a_list_says_whose_it_is_how_much_and_what_to_see_to(open_desk: Opener, qtbot: QtBot) -> None:
    rows = with_bottle(amount="12")
    with_bottle(rows, "old", drug="amoxicillin", student_id=str(uid("omar")), expires_on="2026-11-01", unit="mL")
    with_bottle(rows, "pens", drug="albuterol", student_id=None, lot=None, expires_on=None, amount="2")
    page = shown(open_desk(rows), qtbot)
    texts = [page._rows.index(at, 0).data(Qt.ItemDataRole.AccessibleTextRole) for at in range(3)]
    assert [text.split(", ")[-1] for text in texts] == ["18 mL", "12 mg", "2 mg"]
    assert texts[2].startswith("School's own stock")
    assert "Expired" in texts[0]
    see_to = [page._rows.index(at, 3).data(Qt.ItemDataRole.AccessibleTextRole) for at in range(3)]
    assert see_to[2] == "Nothing to see to"
    assert see_to[0].startswith("The medicine expired on 1 Nov 2026.")
    page.search.setText("amox")
    page.model.search("amox")
    assert page._rows.rowCount() == 1
    page.model.search("")
    page._on_tab_chosen("controlled")
    assert [words.row.is_controlled for words in page.model.rows] == [True]
    page._on_tab_chosen("ended")
    assert page.empty.isVisible()


def test_an_empty_school_says_what_to_do(open_desk: Opener, qtbot: QtBot) -> None:
    page = shown(open_desk(None), qtbot)
    assert page.empty.isVisible()
    assert page.empty._title.text() == "No medicine is on record here"


def test_medicine_is_received_by_keyboard_counted_with_who_brought_it(open_desk: Opener, qtbot: QtBot) -> None:
    """C2."""
    desk = open_desk(None)
    page = shown(desk, qtbot)
    page._on_receive()
    sheet = page.receiving
    assert sheet.step.text() == "Choose the child."
    QTest.keyClicks(sheet.picker.search, "sof")
    qtbot.waitUntil(sheet.picker.table.isVisible)
    QTest.keyClick(sheet.picker.search, Qt.Key.Key_Return)
    QTest.keyClick(sheet.picker.table.view, Qt.Key.Key_Return)
    assert doubled_keys(sheet) == []
    assert sheet.medicine.key == "0", "the child has one order"
    for field, text in ((sheet.brought_by, "Mrs. Martinez"), (sheet.amount, "30"), (sheet.their_count, "29")):
        QTest.keyClicks(field.editor, text)
    assert sheet.step.text() == "The two counts differ. Count again, together."
    sheet.their_count.set_text("30")
    QTest.keyClicks(sheet.lot.editor, "B7")
    QTest.keyClicks(sheet.expires.editor, "1 Sep 2027")
    QTest.keyClick(sheet, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert sheet.isHidden()
    container, line = newest(desk).changes
    assert isinstance(container, RecordAdded)
    assert isinstance(line, RecordAdded)
    values = container.values
    assert (values["received_from"], values["lot"], values["unit"]) == ("Mrs. Martinez", "B7", "{tbl}")
    assert (values["is_controlled"], values["expires_on"]) == (True, "2027-09-01")
    assert said_in(newest(desk)) == [("RECEIVED", "30", None)]
    [received] = stock(desk)
    assert (received.balance, marks(received)) == (30, [])
    assert page.model.chosen is not None


def test_nobody_receives_what_was_counted_differently_or_came_from_nobody(open_desk: Opener) -> None:
    desk = open_desk(None)
    receipt: dict[str, Any] = {
        "student": uid("sofia"), "order_id": uid("order-sofia"), "medication": uid("methylphenidate"), "unit": "mg",
        "amount": Decimal(30), "counted_by_them": Decimal(30), "brought_by": "A Parent", "lot": "", "expires_on": None,
        "location": "",
    }  # fmt: skip
    for wrong, failure in (
        ({"counted_by_them": Decimal(29)}, CountsDiffer),
        ({"counted_by_them": None}, FieldsWrong),
        ({"brought_by": " "}, FieldsWrong),
        ({"amount": Decimal(0), "counted_by_them": Decimal(0)}, FieldsWrong),
    ):
        with pytest.raises(failure):
            receive(desk, Receipt(**(receipt | wrong)))
    as_role(desk, Role.UNLICENSED)
    with pytest.raises(NotAllowed):
        receive(desk, Receipt(**receipt))
    assert stock(desk) == []


def test_what_goes_back_to_the_family_ends_the_container(open_desk: Opener, qtbot: QtBot) -> None:
    desk = open_desk(with_bottle(drug="amoxicillin"))
    page = shown(desk, qtbot)
    QTest.keyClick(page.table.view, Qt.Key.Key_T)
    sheet = page.moving
    assert sheet.isVisible()
    assert doubled_keys(sheet) == []
    assert not sheet.second.isVisible()
    QTest.keyClicks(sheet.amount.editor, "20")
    assert "below zero" in sheet._after.text()
    sheet.amount.set_text("18")
    assert sheet._after.text() == "Then there are: 0 mg"
    QTest.keyClicks(sheet.reason.editor, "Course is over; to Mrs. Martinez")
    QTest.keyClick(sheet, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert sheet.isHidden()
    assert said_in(newest(desk)) == [("RETURNED", "-18", None)]
    assert isinstance(newest(desk).changes[1], RecordChanged)
    assert [one.status.value for one in stock(desk)] == ["RETURNED"]
    assert page.empty.isVisible()


def test_more_than_there_is_is_saved_and_flagged(open_desk: Opener) -> None:
    """C6."""
    desk = open_desk(with_bottle(drug="amoxicillin", amount="1"))
    out = Movement(container=uid("bottle"), event=LedgerEvent.RETURNED, amount=Decimal("1.5"), reason="To the family")
    left = move(desk, out)
    assert (left.balance, "stock_negative" in marks(left)) == (Decimal("-0.5"), True)


def test_only_a_supervisor_adjusts(open_desk: Opener, qtbot: QtBot) -> None:
    """C4."""
    desk = open_desk(with_bottle())
    second = with_a_colleague(desk)
    page = shown(desk, qtbot)
    assert "adjust" not in page.model.verbs
    adjustment = Movement(
        container=uid("bottle"), event=LedgerEvent.ADJUSTED, amount=Decimal(-1), reason="Looked into", second=second
    )
    with pytest.raises(NotAllowed):
        move(desk, adjustment)
    as_role(desk, Role.SUPERVISOR)
    assert "adjust" in page.model.verbs
    assert move(desk, adjustment).balance == 17
    assert said_in(newest(desk)) == [("ADJUSTED", "-1", str(SECOND_NURSE))]


def test_two_people_count_blind_a_difference_is_recounted_and_then_reported(open_desk: Opener, qtbot: QtBot) -> None:
    """C2, C4."""
    desk = open_desk(with_bottle())
    with_a_colleague(desk)
    page = shown(desk, qtbot)
    went: list[Any] = []
    page.session.place_wanted.connect(went.append)
    QTest.keyClick(page.table.view, Qt.Key.Key_K)
    sheet = page.counting
    assert page._rows.index(0, 2).data(Qt.ItemDataRole.AccessibleTextRole) == "Hidden while it is counted"
    assert page.pane._balance.text() == "Hidden while it is counted"

    def both_find(first: str, second: str) -> None:
        QTest.keyClicks(sheet.count.editor, first)
        QTest.keyClick(sheet, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        assert not sheet.count.isVisible(), "the second person does not see the first count"
        QTest.keyClicks(sheet.their_count.editor, second)
        if sheet.second.person.key is None:
            QTest.keyClick(sheet.second.person.editor, Qt.Key.Key_Down)
        QTest.keyClicks(sheet.second.password.editor, THEIRS)
        QTest.keyClick(sheet, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)

    both_find("17", "18")
    assert sheet._failure.text.startswith("The two counts differ.")
    assert sheet.count.isVisible()
    assert sheet.count.text == ""
    both_find("17", "17")
    assert sheet._failure.text.startswith("What you both found is not what the record says.")
    assert "18" not in sheet._failure.text, "the balance stays hidden"
    assert newest(desk).changes[0].__class__ is not RecordAdded, "nothing was written"
    both_find("17", "17")
    assert sheet.isHidden()
    assert said_in(newest(desk)) == [("COUNTED", "17", str(SECOND_NURSE))]
    [counted] = stock(desk)
    assert (counted.balance, "count_differs" in marks(counted)) == (18, True), "only a supervisor adjusts"
    [draft] = drafts(desk)
    assert went[0].incident == draft.id
    kept = desk.journal.draft(draft.id)
    assert kept is not None
    assert "says 18 mg; they found 17 mg" in str(kept.fields["narrative"])
    assert page.pane._balance.text() == "18 mg"


def test_what_was_hidden_for_a_count_is_told_again_however_the_count_ends(open_desk: Opener, qtbot: QtBot) -> None:
    page = shown(open_desk(with_bottle()), qtbot)
    page._on_key_count()
    assert page.pane._balance.text() == "Hidden while it is counted"
    page.deactivate()
    assert page.pane._balance.text() == "18 mg"
    page._on_key_count()
    assert page.counting.count.text == ""
    QTest.keyClick(page.counting, Qt.Key.Key_Escape)
    assert page.pane._balance.text() == "18 mg"


def test_a_wrong_password_proves_nothing_and_nobody_is_their_own_second_person(open_desk: Opener) -> None:
    """C2."""
    desk = open_desk(with_bottle())
    second = with_a_colleague(desk)
    counts: dict[str, Any] = {"container": uid("bottle"), "found": Decimal(18), "witness_found": Decimal(18)}
    with pytest.raises(SecondPersonMissing):
        count(desk, TwoCounts(**counts, second=None), "")
    with pytest.raises(SecondPersonMissing):
        count(desk, TwoCounts(**counts, second=SecondPerson(id=desk.user, password="x")), "")
    with pytest.raises(WrongPassword):
        count(desk, TwoCounts(**counts, second=SecondPerson(id=second.id, password="not theirs")), "")
    assert {entry.verb for entry in desk.journal.newest(5)} == {"access.record"}, "the unlock alone"
    assert count(desk, TwoCounts(**counts, second=second), "").row.balance == 18


def test_waste_without_a_witness_waits_and_is_witnessed_later(open_desk: Opener, qtbot: QtBot) -> None:
    """C5."""
    desk = open_desk(with_bottle())
    with_a_colleague(desk)
    page = shown(desk, qtbot)
    QTest.keyClick(page.table.view, Qt.Key.Key_W)
    sheet = page.moving
    QTest.keyClicks(sheet.amount.editor, "1")
    QTest.keyClicks(sheet.reason.editor, "Fell into the sink")
    assert sheet.step.text() == "Choose the second person."
    sheet.alone.setChecked(True)
    QTest.keyClick(sheet, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert sheet.isHidden()
    assert [(one.balance, marks(one)) for one in stock(desk)] == [(17, ["witness_pending"])]
    clock = desk.clock
    assert isinstance(clock, HandClock)
    clock.forward(timedelta(hours=24))
    assert [marks(one) for one in stock(desk)] == [["witness_overdue"]]
    page.model.load()
    QTest.keyClick(page.table.view, Qt.Key.Key_S)
    assert sheet.isVisible()
    assert not sheet.amount.isVisible()
    QTest.keyClick(sheet.second.person.editor, Qt.Key.Key_Down)
    QTest.keyClicks(sheet.second.password.editor, THEIRS)
    QTest.keyClick(sheet, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert sheet.isHidden()
    assert said_in(newest(desk)) == [("WASTED", "1", str(SECOND_NURSE)), ("WASTED", "-1", str(SECOND_NURSE))]
    assert [(one.balance, marks(one)) for one in stock(desk)] == [(17, [])]


def test_disposal_of_a_controlled_medicine_takes_two(open_desk: Opener) -> None:
    """C2."""
    desk = open_desk(with_bottle())
    second = with_a_colleague(desk)
    out: dict[str, Any] = {"container": uid("bottle"), "event": LedgerEvent.DESTROYED, "reason": "Drug buster"}
    with pytest.raises(SecondPersonMissing):
        move(desk, Movement(**out, amount=Decimal(18)))
    gone = move(desk, Movement(**out, amount=Decimal(18), second=second))
    assert (gone.balance, gone.status.value) == (0, "DESTROYED")


def test_a_trip_takes_an_envelope_and_signs_it_back(open_desk: Opener, qtbot: QtBot) -> None:
    """C8."""
    desk = open_desk(with_bottle())
    with_a_colleague(desk)
    page = shown(desk, qtbot)
    QTest.keyClick(page.table.view, Qt.Key.Key_P)
    sheet = page.trip
    assert doubled_keys(sheet) == []
    for typed, step in (
        ((sheet.trip, "Museum"), "Choose who carries it."),
        ((sheet.amount, "2"), "Choose who carries it."),
    ):
        QTest.keyClicks(typed[0].editor, typed[1])
        assert sheet.step.text() == step
    QTest.keyClick(sheet.carrier.editor, Qt.Key.Key_Down)
    assert sheet.step.text() == "Choose the second person."
    QTest.keyClick(sheet.second.person.editor, Qt.Key.Key_Down)
    QTest.keyClicks(sheet.second.password.editor, THEIRS)
    QTest.keyClick(sheet, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert sheet.isHidden()
    assert said_in(newest(desk)) == [("SENT_OUT", "-2", str(SECOND_NURSE))]
    [away] = stock(desk)
    assert (away.balance, away.trips[0].trip, away.trips[0].carrier) == (16, "Museum", "Bo Lind")
    QTest.keyClick(page.table.view, Qt.Key.Key_F)
    QTest.keyClicks(sheet.amount.editor, "3")
    assert sheet.step.text() == "No more comes back than went."
    sheet.amount.set_text("1")
    QTest.keyClick(sheet.second.person.editor, Qt.Key.Key_Down)
    QTest.keyClicks(sheet.second.password.editor, THEIRS)
    QTest.keyClick(sheet, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert sheet.isHidden()
    assert said_in(newest(desk)) == [("BROUGHT_BACK", "1", str(SECOND_NURSE))]
    [home] = stock(desk)
    assert (home.balance, home.trips) == (17, ())


def test_an_expired_lot_does_not_go_on_a_trip_and_no_more_comes_back_than_went(open_desk: Opener) -> None:
    """C7, C8."""
    desk = open_desk(with_bottle(with_bottle(drug="amoxicillin"), "old", drug="amoxicillin", expires_on="2026-11-22"))
    out: dict[str, Any] = {"carrier": UserId(SECOND_NURSE), "trip": "Zoo", "amount": Decimal(2)}
    with pytest.raises(NotAllowed):
        send_on_trip(desk, TripDraft(container=uid("old"), **out))
    with pytest.raises(FieldsWrong):
        send_on_trip(desk, TripDraft(container=uid("bottle"), **(out | {"trip": " "})))
    [trip] = send_on_trip(desk, TripDraft(container=uid("bottle"), **out)).trips
    with pytest.raises(FieldsWrong):
        bring_back(desk, TripReturn(trip=trip.id, amount=Decimal("2.5")))
    assert bring_back(desk, TripReturn(trip=trip.id, amount=Decimal(0))).balance == 16
    with pytest.raises(NotFound):
        bring_back(desk, TripReturn(trip=trip.id, amount=Decimal(1)))


def test_a_ledger_is_read_line_by_line_and_the_look_is_on_record(open_desk: Opener, qtbot: QtBot) -> None:
    desk = open_desk(with_bottle(drug="amoxicillin"))
    move(desk, Movement(container=uid("bottle"), event=LedgerEvent.WASTED, amount=Decimal("0.5"), reason="Spilled"))
    page = shown(desk, qtbot)
    QTest.keyClick(page.table.view, Qt.Key.Key_Return)
    assert page.shows_ledger
    assert page.title() == "Ledger"
    looked = newest(desk).changes[0]
    assert isinstance(looked, AccessRecorded)
    assert (looked.entity_type, looked.entity_id) == ("medication_container", str(uid("bottle")))
    spoken = [page.ledger._rows.index(at, 0).data(Qt.ItemDataRole.AccessibleTextRole) for at in range(2)]
    assert spoken[0].startswith("Wasted, -0.5 mg, 17.5 mg")
    assert spoken[1].startswith("Received, +18 mg, 18 mg")
    QTest.keyClick(page.ledger.table.view, Qt.Key.Key_Escape)
    assert not page.shows_ledger
    ledger = open_ledger(desk, uid("bottle"), desk.clock.now())
    assert [line.waiting for line in ledger.lines] == [True, False]


def test_who_may_not_move_medicine_only_looks(open_desk: Opener, qtbot: QtBot) -> None:
    desk = open_desk(with_bottle())
    as_role(desk, Role.UNLICENSED)
    page = shown(desk, qtbot)
    assert not page.new_button.isVisible()
    assert page.model.verbs == ()
    QTest.keyClick(page.table.view, Qt.Key.Key_K)
    QTest.keyClick(page.table.view, Qt.Key.Key_N)
    assert not page.counting.isVisible()
    assert not page.receiving.isVisible()


def test_a_count_is_due_after_a_week(open_desk: Opener) -> None:
    """C3."""
    desk = open_desk(with_bottle())
    assert marks(stock(desk)[0]) == []
    clock = desk.clock
    assert isinstance(clock, HandClock)
    clock.forward(timedelta(days=6, hours=23))
    assert marks(stock(desk)[0]) == ["count_due"]


def test_a_count_is_due_after_a_substitute_had_the_keys(open_desk: Opener) -> None:
    """C3."""
    rows = with_bottle()
    for person in rows["user"]:
        if str(SECOND_NURSE) in person:
            person[person.index("NURSE")] = "SUBSTITUTE"
    given = {"container_id": str(uid("bottle")), "event": "GIVEN", "quantity": "-1", "actor_id": str(SECOND_NURSE)}
    at = "2026-11-23T17:00:00+00:00"
    rows["ledger_entry"].append(row("ledger_entry", 9_900, id=str(uid("by her")), occurred_at=at, **given))
    [bottle] = stock(open_desk(rows))
    assert (bottle.balance, marks(bottle)) == (17, ["count_due"])


def test_no_two_access_keys_are_alike_on_the_page(open_desk: Opener, qtbot: QtBot) -> None:
    desk = open_desk(with_bottle())
    as_role(desk, Role.SUPERVISOR)
    page = shown(desk, qtbot)
    assert doubled_keys(page) == []


@pytest.mark.parametrize(("scheme", "factor"), [(SchemeChoice.LIGHT, 2.0), (SchemeChoice.DARK, 1.0)])
def test_the_sheets_are_whole_at_double_size(
    open_desk: Opener, qtbot: QtBot, scheme: SchemeChoice, factor: float
) -> None:
    desk = open_desk(with_bottle())
    with_a_colleague(desk)
    with dressed(scheme, factor):
        page = shown(desk, qtbot)
        for key, sheet in ((Qt.Key.Key_K, page.counting), (Qt.Key.Key_W, page.moving), (Qt.Key.Key_N, page.receiving)):
            QTest.keyClick(page.table.view, key)
            for button in (sheet.leave_button, sheet.action_button):
                qtbot.waitUntil(partial(is_whole, button))
            sheet.hide()


def test_the_chosen_container_shows_child_medicine_balance_and_marks_whole_at_double_size(
    open_desk: Opener, qtbot: QtBot
) -> None:
    rows = with_bottle(amount="12")
    with_bottle(rows, "old", drug="amoxicillin", student_id=str(uid("omar")), expires_on="2026-11-01", unit="mL")
    with_bottle(rows, "pens", drug="albuterol", student_id=None, lot=None, expires_on=None, amount="2")
    desk = open_desk(rows)
    with dressed(SchemeChoice.LIGHT, 2.0):
        window = MainWindow()
        qtbot.addWidget(window)
        window.resize(1366, 768)
        frame = Frame(Session(desk, ImmediateJobs()), page_specs())
        window.show_only(frame)
        bring_up(window)
        frame.start("inventory")
        page = frame.page
        assert isinstance(page, InventoryPage)
        view = page.table.view
        QTest.keyClick(view, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
        for at in range(3):
            assert view.currentIndex().row() == at
            QApplication.processEvents()
            room = view.viewport().rect()
            for column in range(4):
                index = page._rows.index(at, column)
                assert room.contains(view.visualRect(index)), (at, column)
            QTest.keyClick(view, Qt.Key.Key_Down)
