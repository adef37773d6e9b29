"""How the records API says no: stable codes, names of fields, never what was in them."""

from enum import StrEnum

from wc_contract.model.errors import Refused


class RecordsProblem(StrEnum):
    """RFC 9457 problems of the records API; the type is urn:whitecross:problem:<code>."""

    INVALID = "invalid"
    NOT_SIGNED_IN = "not_signed_in"
    NOT_ALLOWED = "not_allowed"
    NO_RECORD = "no_record"
    STALE = "stale"
    VERSION_NEEDED = "version_needed"
    TAKEN = "taken"
    NOT_FREE = "not_free"
    NOT_IN_STOCK = "not_in_stock"
    OVER_BUDGET = "over_budget"
    OVER_DELIVERED = "over_delivered"
    ANOTHER_PERSON = "another_person"
    BAD_CURSOR = "bad_cursor"
    WRONG_STATE = "wrong_state"


class RecordRefused(Refused):
    """A request for records is refused. fields names what was wrong; row_version is the record's present one."""

    def __init__(
        self, problem: RecordsProblem, *, fields: tuple[str, ...] = (), row_version: int | None = None
    ) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.code = problem.value
        self.fields = fields
        self.row_version = row_version
