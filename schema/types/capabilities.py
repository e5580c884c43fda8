"""What an engine does with the fields of a request."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Final, Self

import strawberry

from engines import capabilities
from engines.capabilities import RequestField, Support
from schema.limits.field_costs import Cost, ListSize
from schema.runtime.row_types import RowBacked, row_backed

FIELDS: Final = [ListSize(assumed_size=len(RequestField))]

_declared = partial(strawberry.field, directives=[Cost(weight="0")])
"""A field of a declaration in memory: only the objects count, or a list of engines would cost several tokens."""


@strawberry.type(description="The bounds of a number, inclusive. A bound is null if only the rules of the field apply.")
class NumberRange:
    minimum: float | None = _declared(description="The lowest value, in the unit of the field.")
    maximum: float | None = _declared(description="The highest value, in the unit of the field.")

    @classmethod
    def from_capability(cls, capability: capabilities.Capability) -> Self | None:
        if capability.minimum is None and capability.maximum is None:
            return None
        return cls(minimum=capability.minimum, maximum=capability.maximum)


@strawberry.type(description="What an engine does with a field of a request.")
class Capability:
    field: RequestField = _declared(description="The field.")
    support: Support = _declared(description="What the engine does with it.")
    range: NumberRange | None = _declared(
        description="The values of a number that it accepts, or null if only the rules of the field apply."
    )
    values: list[str] = strawberry.field(
        directives=[Cost(weight="0"), ListSize(assumed_size=20)],
        description="The texts that it accepts, for the key its modes. Empty if it accepts any text.",
    )
    note: str | None = _declared(description="A sentence about exceptions or the reason, or null.")

    @classmethod
    def from_engine(cls, declared: capabilities.Capabilities) -> list[Self]:
        return [
            cls(
                field=field,
                support=each.support,
                range=NumberRange.from_capability(each),
                values=list(each.values),
                note=each.note or None,
            )
            for field, each in declared
        ]


@row_backed(note=lambda support: support.row.note or None)
@strawberry.type(description="What the engine does with a field that a request has.")
class FieldSupport(RowBacked[capabilities.FieldSupport]):
    field: RequestField = strawberry.field(description="The field.")
    support: Support = strawberry.field(description="What the engine does with it.")
    note: str | None = strawberry.field(description="A sentence about exceptions or the reason, or null.")

    @classmethod
    def from_rows(cls, rows: Iterable[capabilities.FieldSupport]) -> list[Self]:
        return [cls.from_row(row) for row in rows]

    @classmethod
    def from_report(cls, stored: Iterable[Mapping[str, Any]]) -> list[Self]:
        """Read the support of fields in a stored report."""
        return cls.from_rows(
            capabilities.FieldSupport(RequestField(each["field"]), Support(each["support"]), each["note"])
            for each in stored
        )
