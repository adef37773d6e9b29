"""What is joined to a record to make it readable: whose it is, of which medicine, by whom."""

from wc_contract.model import kinds
from wc_sync_server.db.repositories.records.living import living


def student(column: str) -> str:
    """Return the join of the child that a column names."""
    return f"LEFT JOIN {living(kinds.STUDENT, 's')} ON s.district_id = t.district_id AND s.id = {column}"


STUDENT = student("t.student_id")
STUDENT_NAMES = {
    "student_number": "s.student_number",
    "student_first_name": "s.first_name",
    "student_last_name": "s.last_name",
}
MEDICINE = f"LEFT JOIN {living(kinds.MEDICATION, 'm')} ON m.district_id = t.district_id AND m.id = t.medication_id"
MEDICINE_NAMES = {"medication_name": "m.name", "strength": "m.strength"}
VERSION = (
    f"LEFT JOIN {living(kinds.ORDER_VERSION, 'v')}"
    " ON v.district_id = t.district_id AND v.order_id = t.id AND v.version = t.version"
)


def person(column: str, name: str) -> dict[str, str]:
    """Return the name of whoever a column names, as it is answered.

    It is looked up for each row of the page: joined, the whole staff of the district would be read for fifty rows.
    """
    staff = living(kinds.USER, "p")
    named = f"SELECT p.last_name || ', ' || p.first_name FROM {staff} WHERE p.id = t.{column}"  # noqa: S608  # names of our own
    return {name: f"({named})"}
