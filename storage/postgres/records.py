"""Immutable rows without the ORM, with the attributes of their table.

Creating one costs about as much as creating a tuple; JSON and enums are parsed when they are accessed.
"""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, Generic, TypeVar, cast

import orjson
from sqlalchemy import Column, inspect
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import SQLModel

from storage.tables.columns import EnumText

Row = TypeVar("Row", bound=SQLModel)


class RowType(Generic[Row]):
    """Row class for some or all columns of a table. Access to another column raises AttributeError.

    Select ``columns``; ``start`` is their offset in a statement that selects other columns before them.
    """

    def __init__(self, table: type[Row], *names: str, start: int = 0) -> None:
        all_columns = _columns(table)
        selected = {name: all_columns[name] for name in names or all_columns}
        self.columns = [getattr(table, name) for name in selected]
        self.start, self.end = start, start + len(selected)
        self.build = cast("Callable[[Sequence[Any]], Row]", _row_class(table.__name__, selected, start))
        """Build a row from all values of a result row."""

    def build_or_none(self, values: Sequence[Any]) -> Row | None:
        """Build a row; None if an outer join has no match, which is when the first column is NULL."""
        return None if values[self.start] is None else self.build(values)


def _columns(table: type[SQLModel]) -> dict[str, Column[Any]]:
    """Return the columns that the ORM maps, by attribute name."""
    return {attribute.key: attribute.columns[0] for attribute in inspect(table).column_attrs}


def _row_class(name: str, columns: dict[str, Column[Any]], start: int) -> type[tuple[Any, ...]]:
    """Create a tuple class for all values of a result row, with attributes for the table's columns."""
    accessors = {key: _accessor(at, column) for at, (key, column) in enumerate(columns.items(), start)}

    def representation(row: object) -> str:
        return f"{name}({', '.join(f'{key}={getattr(row, key)!r}' for key in columns)})"

    return type(name, (tuple,), {"__slots__": (), "__repr__": representation, **accessors})


def _accessor(at: int, column: Column[Any]) -> property:
    if isinstance(column.type, JSONB):
        return property(lambda row: None if row[at] is None else orjson.loads(row[at]))
    if isinstance(column.type, EnumText):
        members = _members_by_value(column.type)
        return property(lambda row: members[row[at]])
    return property(itemgetter(at))


def _members_by_value(kind: EnumText) -> dict[str | None, Any]:
    return {None: None, **{member.value: member for member in kind.members}}
