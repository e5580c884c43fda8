"""Rows without an ORM: they read like rows of their table, and cannot be changed, added to a session or lazily loaded.

Making one costs about what a tuple costs; JSON and closed sets are read when they are looked at.
"""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, Generic, TypeVar, cast

import orjson
from sqlalchemy import Column
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import SQLModel

from storage.tables.columns import EnumText

Row = TypeVar("Row", bound=SQLModel)


class RowType(Generic[Row]):
    """Rows of a table with these columns, or with all of them; who looks at a column that was left out gets an error.

    ``columns`` are what to select, ``start`` tells where they begin in a statement that selects others before.
    """

    def __init__(self, table: type[Row], *names: str, start: int = 0) -> None:
        every = {attribute.key: attribute.columns[0] for attribute in table.__mapper__.column_attrs}  # type: ignore[attr-defined]
        chosen = {name: every[name] for name in names or every}
        self.columns = [getattr(table, name) for name in chosen]
        self.start, self.end = start, start + len(chosen)
        self.build = cast("Callable[[Sequence[Any]], Row]", _row_class(table.__name__, chosen, start))
        """The row among the values of a statement."""

    def build_or_none(self, values: Sequence[Any]) -> Row | None:
        """As ``row``; None where an outer join has found none, which the first column tells."""
        return None if values[self.start] is None else self.build(values)


def columns_without_json(table: type[SQLModel]) -> tuple[str, ...]:
    """The columns of a table that are never long: all but JSON."""
    return tuple(
        attribute.key
        for attribute in table.__mapper__.column_attrs  # type: ignore[attr-defined]
        if not isinstance(attribute.columns[0].type, JSONB)
    )


def _row_class(name: str, columns: dict[str, Column[Any]], start: int) -> type[tuple[Any, ...]]:
    """All values of a statement, of which the attributes show those of the table."""
    shown = {key: _accessor(at, column) for at, (key, column) in enumerate(columns.items(), start)}

    def described(row: object) -> str:
        return f"{name}({', '.join(f'{key}={getattr(row, key)!r}' for key in columns)})"

    return type(name, (tuple,), {"__slots__": (), "__repr__": described, **shown})


def _accessor(at: int, column: Column[Any]) -> property:
    if isinstance(column.type, JSONB):
        return property(lambda row: None if row[at] is None else orjson.loads(row[at]))
    if isinstance(column.type, EnumText):
        members = _members_by_value(column.type)
        return property(lambda row: members[row[at]])
    return property(itemgetter(at))


def _members_by_value(kind: EnumText) -> dict[str | None, Any]:
    """Members by their values, and null by itself."""
    return {None: None, **{member.value: member for member in kind.members}}
