"""Types that show a row: a plain field is read from it when an answer asks for it, and not before.

A page makes many objects of which an answer shows a few fields. An object made here holds its row and nothing else.
"""

import dataclasses
from collections.abc import Callable
from typing import Any, TypeVar

from strawberry.types.field import StrawberryField

from schema.execution import DelegatedProperty

Type = TypeVar("Type", bound=type)
Shown = TypeVar("Shown")


def row_backed(**made: Callable[[Any], Any]) -> Callable[[Type], Type]:
    """Decorates a type: its plain fields are the attributes of these names of its ``row``, or what ``made`` makes."""

    def decorate(of: Type) -> Type:
        for field in dataclasses.fields(of):
            if isinstance(field, StrawberryField) and field.is_basic_field and field.name != "row":
                make = made.get(field.name)
                setattr(of, field.name, property(make) if make else DelegatedProperty("row", field.name))
        return of

    return decorate


def build(of: type[Shown], **private: object) -> Shown:
    """An object of a decorated type, of its private fields alone."""
    made = object.__new__(of)
    made.__dict__ = private
    return made
