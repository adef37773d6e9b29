"""What every message obeys: frozen, strict, nothing unknown."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class WireModel(BaseModel):
    """A message or a part of one. Unknown fields and wrong types are refused, never guessed at."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)


Short = Annotated[str, Field(max_length=200)]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Note = Annotated[str, Field(max_length=20_000)]
DecimalText = Annotated[str, Field(pattern=r"^\d{1,9}(\.\d{1,6})?$")]
Hex64 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Base64 = Annotated[str, Field(pattern=r"^[A-Za-z0-9_\-+/]*={0,2}$", max_length=4096)]
