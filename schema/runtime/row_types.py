"""GraphQL types backed by a database row.

Plain fields are read from the row when a response needs them. A page creates many objects of which a response contains
a few fields, so an object holds its row and nothing else.
"""

import dataclasses
from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar

from strawberry.types.field import StrawberryField

from schema.execution import DelegatedProperty

Type = TypeVar("Type", bound=type)
Row = TypeVar("Row")
Instance = TypeVar("Instance")


class RowBacked(Generic[Row]):
    """Base class of types that need nothing but their row. Decorate the subclass with ``row_backed``."""

    row: Row

    @classmethod
    def from_row(cls, row: Row) -> Self:
        return build(cls, row=row)

    @classmethod
    def from_optional(cls, row: Row | None) -> Self | None:
        return None if row is None else cls.from_row(row)


class NestedProperty(property):
    """A property that returns an object of another row-backed type, from the row in the attribute ``target``."""

    def __init__(self, nested_type: type[RowBacked[Any]], target: str) -> None:
        super().__init__(lambda source: build(nested_type, row=getattr(source, target)))
        self.target = target


def row_backed(target: str = "row", /, **sources: str | property | Callable[[Any], Any]) -> Callable[[Type], Type]:
    """Make each plain field of a type a property: the attribute of this name of ``target``.

    ``sources`` has the other fields: the path of an attribute, a property, or a function of the object.
    """

    def decorate(cls: Type) -> Type:
        for field in dataclasses.fields(cls):
            if isinstance(field, StrawberryField) and field.is_basic_field and field.name != "row":
                source = sources.get(field.name, f"{target}.{field.name}")
                setattr(cls, field.name, _property(source))
        return cls

    return decorate


def _property(source: str | property | Callable[[Any], Any]) -> property:
    if isinstance(source, str):
        return DelegatedProperty(source)
    return source if isinstance(source, property) else property(source)


def build(cls: type[Instance], **private: object) -> Instance:
    """Build an instance of a row-backed type from its private fields, without the cost of ``__init__``."""
    instance = object.__new__(cls)
    instance.__dict__ = private
    return instance
