"""Finding children as one types: every word is the beginning of a name, a number or a grade."""

import re

from wc_contract.model.kinds import STUDENT
from wc_desktop.cipher.engine import Connection
from wc_desktop.ports import Row
from wc_desktop.replica.rows import read_rows

_WORD = re.compile(r"\w+")
_ORDER = "ORDER BY r.is_active DESC, r.last_name COLLATE NOCASE, r.first_name COLLATE NOCASE, r.id LIMIT ?"


def search_students(connection: Connection, text: str, limit: int) -> list[Row]:
    """Return at most limit children, active ones first, by name; all of them for a text without words.

    Accents and case do not matter on either side; words may come in any order.
    """
    words = _WORD.findall(text)
    if not words:
        return read_rows(connection, STUDENT, f"1 {_ORDER}", (limit,))
    # Quoted, so that no letter a nurse can type is search syntax.
    query = " ".join(f'"{word}"*' for word in words)
    condition = f"r.rowid IN (SELECT rowid FROM students_search WHERE students_search MATCH ?) {_ORDER}"  # noqa: S608
    return read_rows(connection, STUDENT, condition, (query, limit))
