"""What every message obeys: frozen, strict, nothing unknown, nothing printed."""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer

from wc_contract.model.instants import instant_to_text


class WireModel(BaseModel):
    """A message or a part of one. Unknown fields and wrong types are refused, never guessed at.

    Its repr shows ids, numbers and codes only: a message in a log or a traceback tells nothing of a child.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)

    def __repr_args__(self) -> Iterable[tuple[str | None, object]]:
        """Yield what may be printed."""
        return ((name, value) for name, value in self if isinstance(value, UUID | int | Enum))


def is_none(value: object) -> bool:
    """Whether a field that came later may be left out of the text: as if it had never come."""
    return value is None


# No NUL in any text: PostgreSQL cannot store one, and an entry it cannot store would block those behind it.
Short = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Note = Annotated[str, Field(max_length=20_000, pattern=r"^[^\x00]*$")]
# [0-9], not \d, which also matches the digits of other scripts.
DecimalText = Annotated[str, Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?$")]
Hex64 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Base64 = Annotated[str, Field(pattern=r"^[A-Za-z0-9_\-+/]*={0,2}$", max_length=4096)]
# Wide enough for any wrong clock (law 8), narrow enough that no time zone carries it past what can be stored.
WireInstant = Annotated[
    AwareDatetime,
    Field(ge=datetime(1900, 1, 1, tzinfo=UTC), lt=datetime(3000, 1, 1, tzinfo=UTC)),
    PlainSerializer(instant_to_text, return_type=str, when_used="json"),
]
