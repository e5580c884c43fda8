"""Rows without an ORM: they read like rows of their table, and cannot be changed, added to a session or lazily loaded.

Making one costs about what a tuple costs; JSON is read when it is looked at.
"""

from collections import namedtuple
from collections.abc import Sequence
from typing import Any, Generic, TypeVar, cast

import orjson
from sqlalchemy import Column
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import SQLModel

from storage.tables.columns import Member

Row = TypeVar("Row", bound=SQLModel)


class Kind(Generic[Row]):
    """Rows of a table with these columns, or with all of them; who looks at a column that was left out gets an error.

    ``columns`` are what to select, ``start`` tells where they begin in a statement that selects others before.
    """

    def __init__(self, table: type[Row], *names: str, start: int = 0) -> None:
        every = {attribute.key: attribute.columns[0] for attribute in table.__mapper__.column_attrs}  # type: ignore[attr-defined]
        chosen = {name: every[name] for name in names or every}
        self.columns = [getattr(table, name) for name in chosen]
        self.start, self.end = start, start + len(chosen)
        self._make = _tuple(table.__name__, chosen)
        sets = {at: column.type for at, column in enumerate(chosen.values()) if isinstance(column.type, Member)}
        self._members = [(at, _by_value(kind)) for at, kind in sets.items()]

    def row(self, values: Sequence[Any]) -> Row:
        """The row among the values of a statement."""
        held = list(values[self.start : self.end])
        for at, members in self._members:
            held[at] = members[held[at]]
        return cast("Row", self._make(held))

    def row_or_none(self, values: Sequence[Any]) -> Row | None:
        """As ``row``; None where an outer join has found none, which the first column tells."""
        return None if values[self.start] is None else self.row(values)


def _tuple(name: str, columns: dict[str, Column[Any]]) -> Any:  # noqa: ANN401  made of what the table is
    plain = namedtuple(name, list(columns))  # type: ignore[misc]  # noqa: PYI024  its fields are known here, not in the text
    lazy = {key: _lazy(at) for at, (key, column) in enumerate(columns.items()) if isinstance(column.type, JSONB)}
    return type(name, (plain,), {"__slots__": (), **lazy})._make  # type: ignore[attr-defined]


def _lazy(at: int) -> property:
    def parsed(row: Sequence[Any]) -> Any:  # noqa: ANN401  whatever the JSON holds
        return None if row[at] is None else orjson.loads(row[at])

    return property(parsed)


def _by_value(kind: Member) -> dict[str | None, Any]:
    """Members by their values, and null by itself."""
    return {None: None, **{member.value: member for member in kind.members}}
