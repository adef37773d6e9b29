"""Values in queries and bodies, bounded so that no arithmetic of ours or of PostgreSQL's leaves its range."""

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

Day = Annotated[date, Field(ge=date(1900, 1, 1), lt=date(3000, 1, 1))]
Moment = Annotated[AwareDatetime, Field(ge=datetime(1900, 1, 1, tzinfo=UTC), lt=datetime(3000, 1, 1, tzinfo=UTC))]
# PostgreSQL keeps no NUL in a text, and says so by an error.
Word = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]
# A text that something is known by: never empty.
Named = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Written = Annotated[str, Field(min_length=1, max_length=200_000, pattern=r"^[^\x00]*$")]
