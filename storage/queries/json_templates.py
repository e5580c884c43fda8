"""Templates of JSON that Postgres writes: text of a client's document with places for the values of columns."""

import operator
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, bindparam, case
from sqlalchemy import literal_column as literal
from sqlalchemy.types import DateTime, Text

from storage.postgres import json_text
from storage.tables import metadata
from storage.tables.columns import EnumText


class JsonColumn(NamedTuple):
    """The place of a column's value in a template."""

    table: str
    name: str
    enum_names: tuple[tuple[str, str], ...] = ()
    """For an enum, the stored values and the names to write for them."""


class JsonSortKey(NamedTuple):
    """The place of the sort key: a text, a number, or for a time its whole seconds since 1970 and its microsecond."""


class JsonCursor(NamedTuple):
    """The place of the cursor of an item of a page."""


class JsonJoined(NamedTuple):
    """The place of an object of a row that an outer join adds; null without a row."""

    table: str
    parts: "Parts"


Part = str | JsonColumn | JsonSortKey | JsonCursor | JsonJoined
Parts = tuple["Part", ...]
"""JSON text with places for values."""

CURSOR_MARK: Final = "\t"
"""What is written in the place of a cursor. JSON text has escapes in place of control characters."""


class Template:
    """The text of an item with places for its values, prepared for many pages.

    ``cursor`` has the parts of the JSON that is encoded as the cursor of an item. The texts, which may come from a
    client, are parameters of the statement. Templates that differ in nothing else share it.
    """

    def __init__(self, parts: Parts, cursor: Parts = ()) -> None:
        self.places: Final = _interned(_without_texts(parts), _without_texts(cursor))
        self.texts = {f"text_{number}": text for number, text in enumerate(_texts((*parts, *cursor)))}
        self.cursor_places = sum(isinstance(part, JsonCursor) for part in parts)


def find_column(table: str, name: str, value_type: type | None, *, is_nullable: bool) -> JsonColumn | None:
    """Return the place of a column with values of this type; None without such a column, or if it may be NULL."""
    column = metadata.tables[table].c.get(name)
    if column is None or type(column.type) not in json_text.COLUMN_TYPES.get(value_type, ()):
        return None
    return JsonColumn(table, name) if is_nullable or not column.nullable else None


def find_enum(table: str, name: str, names: Mapping[Any, str | None], *, is_nullable: bool) -> JsonColumn | None:
    """Return the place of a column with members of an enum, from their names; None as ``find_column``."""
    column = metadata.tables[table].c.get(name)
    if column is None or not isinstance(column.type, EnumText) or (column.nullable and not is_nullable):
        return None
    return JsonColumn(table, name, tuple((member.value, str(names[member])) for member in column.type.members))


class ItemWriter:
    """Writes the expressions of a template, the item first; its texts are the parameters text_0, text_1 and so on."""

    def __init__(self, key: ColumnElement[Any] | None = None) -> None:
        """``key`` is the sort key, for templates with a place for it."""
        self._key, self._texts = key, 0

    def write(self, parts: Parts) -> ColumnElement[Any]:
        """Write an item as text; NULL if it has a value that Postgres writes in another way than orjson."""
        # the concatenation with NULL is NULL: an item is written as a whole or not at all
        return reduce(operator.add, map(self._part, parts))

    def _part(self, part: Part) -> ColumnElement[Any]:
        match part:
            case str():
                self._texts += 1
                return bindparam(f"text_{self._texts - 1}", type_=Text)
            case JsonSortKey():
                assert self._key is not None  # noqa: S101  only templates of lists have this place
                is_time = isinstance(self._key.type, DateTime)
                return json_text.write_moment(self._key) if is_time else json_text.write(self._key)
            case JsonCursor():
                return literal("E'\\t'", Text)
            case JsonJoined(table, parts):
                is_missing = metadata.tables[table].c.id.is_(None)
                return case((is_missing, literal("'null'", Text)), else_=self.write(parts))
            case JsonColumn(table, name, enum_names):
                column = metadata.tables[table].c[name]
                return json_text.write_enum(column, dict(enum_names)) if enum_names else json_text.write(column)


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Parts without texts; compared by identity, because they are the key of each lookup of a statement."""

    parts: Parts
    cursor: Parts


@lru_cache(maxsize=256)
def _interned(parts: Parts, cursor: Parts) -> Places:
    return Places(parts, cursor)


def _texts(parts: Parts) -> Iterator[str]:
    for part in parts:
        if isinstance(part, str):
            yield part
        elif isinstance(part, JsonJoined):
            yield from _texts(part.parts)


def _without_texts(parts: Parts) -> Parts:
    return tuple(
        ""
        if isinstance(part, str)
        else part._replace(parts=_without_texts(part.parts))
        if isinstance(part, JsonJoined)
        else part
        for part in parts
    )
