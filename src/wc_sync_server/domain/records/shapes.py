"""What leaves the server, field by field: an allow-list each. A field that no shape names cannot be answered.

The columns a statement selects, the model of the answer, OpenAPI and the PHI names in the audit are made from it.
"""

from dataclasses import dataclass

from wc_contract.model.kinds import Field, FieldType, RecordKind, Scope

ID = Field(name="id", type=FieldType.UUID, required=True)
ROW_VERSION = Field(name="row_version", type=FieldType.INTEGER, required=True)
SCHOOL_ID = Field(name="school_id", type=FieldType.UUID, required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One kind of answer: the record's own fields, and joined ones, which the statement gives by name."""

    name: str
    entity: str  # as the audit calls the record
    own: tuple[Field, ...]
    joined: tuple[Field, ...] = ()

    @property
    def fields(self) -> tuple[Field, ...]:
        """Every field, in order."""
        return (*self.own, *self.joined)

    @property
    def phi(self) -> tuple[str, ...]:
        """Names of the fields that tell something of a child."""
        return tuple(field.name for field in self.fields if field.phi)


def shape_of(name: str, kind: RecordKind, names: str, *joined: Field) -> Shape:
    """Return the shape of a declared kind of record with these fields of it. Raises KeyError for one it has not."""
    school = (SCHOOL_ID,) if kind.scope is Scope.SCHOOL else ()
    own = (ID, ROW_VERSION, *school, *(kind.field(each) for each in names.split()))
    return Shape(name=name, entity=kind.name, own=own, joined=joined)


def renamed(field: Field, name: str) -> Field:
    """Return a field of another record as it is called where it is joined."""
    return Field(name=name, type=field.type, phi=field.phi, values=field.values)
