"""Answers as pydantic models, made from the shapes: an answer has the fields of its shape and can have no other."""

from datetime import date
from decimal import Decimal
from functools import cache
from types import GenericAlias
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, JsonValue, PlainSerializer, create_model

from wc_contract.model.instants import instant_to_text
from wc_contract.model.kinds import Field as Declared
from wc_contract.model.kinds import FieldType
from wc_contract.model.quantity import plain
from wc_contract.wire.base import WireModel
from wc_sync_server.domain.records.shapes import Shape

_TYPES: dict[FieldType, Any] = {
    FieldType.UUID: UUID,
    FieldType.TEXT: str,
    FieldType.INTEGER: int,
    FieldType.BOOLEAN: bool,
    FieldType.DATE: date,
    FieldType.INSTANT: Annotated[AwareDatetime, PlainSerializer(instant_to_text, return_type=str, when_used="json")],
    FieldType.DECIMAL: Annotated[Decimal, PlainSerializer(plain, return_type=str, when_used="json")],
    FieldType.JSON: JsonValue,
}


class Meta(WireModel):
    """Where a page stands. next leads on to the following page, None at the end."""

    page: int
    limit: int
    total: int
    pages: int
    next: str | None


@cache
def model_of(shape: Shape) -> type[WireModel]:
    """Return the model of an answer of that shape."""
    fields: dict[str, Any] = {field.name: (_type(field), _described(field)) for field in shape.fields}
    return create_model(shape.name, __base__=WireModel, __doc__=f"A record: {shape.entity}.", **fields)


@cache
def page_model(shape: Shape) -> type[WireModel]:
    """Return the model of a page of such answers."""
    rows: Any = GenericAlias(tuple, (model_of(shape), ...))
    return create_model(f"{shape.name}Page", __base__=WireModel, data=(rows, ...), meta=(Meta, ...))


@cache
def list_model(shape: Shape) -> type[WireModel]:
    """Return the model of a short list of such answers, whole."""
    rows: Any = GenericAlias(tuple, (model_of(shape), ...))
    return create_model(f"{shape.name}List", __base__=WireModel, data=(rows, ...))


def whole_model(name: str, head: str, shape: Shape, parts: dict[str, Shape]) -> type[WireModel]:
    """Return the model of a record together with lists of what belongs to it."""
    lists: dict[str, Any] = {part: (GenericAlias(tuple, (model_of(of), ...)), ...) for part, of in parts.items()}
    fields: dict[str, Any] = {head: (model_of(shape), ...), **lists}
    return create_model(name, __base__=WireModel, **fields)


def _type(field: Declared) -> Any:  # noqa: ANN401  # a type that pydantic is to read
    type_ = Literal[field.values] if field.values else _TYPES[field.type]
    return type_ if field.required else type_ | None


def _described(field: Declared) -> Any:  # noqa: ANN401  # what pydantic.Field returns
    return Field(json_schema_extra={"x-phi": True}) if field.phi else Field()
