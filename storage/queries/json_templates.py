"""Templates of JSON objects: constant texts, with places for the values of columns."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement
from sqlalchemy.types import DateTime, Text

from storage.postgres import json_columns
from storage.postgres.json_columns import JsonType
from storage.queries.libraries import SORT_KEYS, Sort
from storage.tables import metadata
from storage.tables.columns import EnumText


class JsonColumn(NamedTuple):
    """The place of a column's value in a template."""

    table: str
    name: str
    enum_names: tuple[tuple[str, str], ...] = ()
    """For an enum, the stored values and the names to write for them; without names, stored values are written."""


class JsonSortKey(NamedTuple):
    """The place of an item's sort key: a text, a number, or whole seconds since 1970 and the microsecond of a time."""

    sort: Sort


class JsonCursor(NamedTuple):
    """The place of the cursor of an item of a page."""


class JsonJoined(NamedTuple):
    """The place of an object made from an outer-joined row; null if there is no such row."""

    table: str
    parts: "Parts"


Value = JsonColumn | JsonSortKey
Part = str | Value | JsonCursor | JsonJoined
Parts = tuple["Part", ...]
"""JSON text with places for values."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The columns that templates need. Compared by identity, so that their statement is found quickly."""

    values: tuple[Value, ...]
    types: tuple[JsonType, ...]
    checks: tuple[tuple[int, Callable[[Any], bool]], ...]
    """Pairs of a column's number and the check of its aggregate."""

    def expressions(self) -> list[ColumnElement[Any]]:
        """Return the SQL expressions of the columns."""
        return [
            SORT_KEYS[value.sort] if isinstance(value, JsonSortKey) else metadata.tables[value.table].c[value.name]
            for value in self.values
        ]

    def aggregates(self, expressions: Sequence[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
        """Return the SQL aggregates of ``expressions()``, or of the columns of a subquery that selects them."""
        return [kind.aggregate(column) for kind, column in zip(self.types, expressions, strict=True)]

    def write(self, aggregates: Sequence[Any]) -> list[list[str]]:
        """Return the JSON of each value, by column. Raises ValueError for a value that has none."""
        return [kind.write(found) for kind, found in zip(self.types, aggregates, strict=True)]

    def write_valid(self, aggregates: Sequence[Any], count: int) -> list[list[str]] | None:
        """Return the JSON of each of ``count`` values, by column; None if GraphQL does not accept all of them."""
        try:
            if all(are_valid(aggregates[number]) for number, are_valid in self.checks):
                written = self.write(aggregates)
                return written if all(len(column) == count for column in written) else None
        except ValueError:
            # a time in a year that Python does not have, or a number that is too large for JSON
            pass
        return None


class Layout:
    """The texts of an item with empty places for its values; fills those of many items at once."""

    def __init__(self, parts: Parts, numbers: Mapping[Value, int], separator: str) -> None:
        """``numbers`` has the number of each value's column in ``fill``. Each item ends with the separator."""
        self._texts: list[str] = []
        # places as indexes of texts: with the number of a column; from and up to, with that of the row's id; alone
        self._values: list[tuple[int, int]] = []
        self._joined: list[tuple[int, int, int]] = []
        self._cursors: list[int] = []
        self._add((*parts, separator), numbers)
        self._width = len(self._texts)

    def _add(self, parts: Parts, numbers: Mapping[Value, int]) -> None:
        for part in parts:
            start = len(self._texts)
            if isinstance(part, JsonJoined):
                self._add(part.parts, numbers)
                self._joined.append((start, len(self._texts), numbers[JsonColumn(part.table, "id")]))
                continue
            self._texts.append(part if isinstance(part, str) else "")
            if isinstance(part, JsonCursor):
                self._cursors.append(start)
            elif not isinstance(part, str):
                self._values.append((start, numbers[part]))

    def fill(self, written: Sequence[list[str]], count: int) -> list[str]:
        """Return the texts of ``count`` items, one after the other, with the JSON of their values.

        The places of cursors stay empty.
        """
        texts = self._texts * count
        for start, number in self._values:
            texts[start :: self._width] = written[number]
        for start, end, number in self._joined:
            for item, key in enumerate(written[number]):
                if key == "null":
                    at = item * self._width
                    texts[at + start : at + end] = ["null", *[""] * (end - start - 1)]
        return texts

    def insert_cursors(self, texts: Sequence[str], cursors: Sequence[str]) -> list[str]:
        """Return the texts of items with the cursor of each."""
        inserted = list(texts)
        for start in self._cursors:
            inserted[start :: self._width] = cursors
        return inserted

    def split(self, texts: list[str]) -> list[str]:
        """Return each item, without its separator."""
        return ["".join(texts[start : start + self._width - 1]) for start in range(0, len(texts), self._width)]


class Template:
    """An item with places for its values, prepared for repeated use; and the JSON of its cursor, if it has one."""

    def __init__(self, parts: Parts, cursor: Parts = ()) -> None:
        values = tuple(dict.fromkeys((*_values(parts), *_values(cursor))))
        numbers = {value: number for number, value in enumerate(values)}
        self.columns: Final = _interned(values)
        self.items: Final = Layout(parts, numbers, ",")
        # JSON without indentation has no line ends
        self.keys: Final = Layout(cursor, numbers, "\n")


def find_column(table: str, name: str, value_type: type | None, *, is_nullable: bool) -> JsonColumn | None:
    """Return the place of a column with values of this type; None without such a column, or if it may be NULL."""
    column = metadata.tables[table].c.get(name)
    if column is None or type(column.type) not in json_columns.COLUMN_TYPES.get(value_type, ()):
        return None
    return JsonColumn(table, name) if is_nullable or not column.nullable else None


def find_enum(table: str, name: str, names: Mapping[Any, str | None], *, is_nullable: bool) -> JsonColumn | None:
    """Return the place of an enum column, from the names of its members; None in the cases of ``find_column``."""
    column = metadata.tables[table].c.get(name)
    if column is None or not isinstance(column.type, EnumText) or (column.nullable and not is_nullable):
        return None
    return JsonColumn(table, name, tuple((member.value, str(names[member])) for member in column.type.members))


@lru_cache(maxsize=256)
def _interned(values: tuple[Value, ...]) -> Columns:
    """Return the same object for equal values."""
    types = tuple(map(_json_type, values))
    checks = ((number, kind.are_valid) for number, kind in enumerate(types) if kind.are_valid)
    return Columns(values, types, tuple(checks))


def _json_type(value: Value) -> JsonType:
    if isinstance(value, JsonSortKey):
        kind = SORT_KEYS[value.sort].type
        return json_columns.MOMENT if isinstance(kind, DateTime) else json_columns.TYPES[type(kind)]
    if value.enum_names:
        return json_columns.enum_type(dict(value.enum_names))
    kind = metadata.tables[value.table].c[value.name].type
    return json_columns.TYPES[Text if isinstance(kind, EnumText) else type(kind)]


def _values(parts: Parts) -> Iterator[Value]:
    for part in parts:
        if isinstance(part, JsonJoined):
            yield JsonColumn(part.table, "id")
            yield from _values(part.parts)
        elif isinstance(part, JsonColumn | JsonSortKey):
            yield part
