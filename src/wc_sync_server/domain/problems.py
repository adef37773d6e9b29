"""How the server says no to a request: a stable code, and never what was in the request."""

from wc_contract.model.errors import WhiteCrossError
from wc_contract.wire.codes import ProblemCode


class ProblemRaised(WhiteCrossError):
    """A request is answered with a problem (RFC 9457).

    retry_after is in seconds, where waiting helps; expected is the number of the entry the server wants next, or the
    byte at which the next piece begins.
    """

    def __init__(self, problem: ProblemCode, *, retry_after: int | None = None, expected: int | None = None) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.code = problem.value
        self.retry_after = retry_after
        self.expected = expected
