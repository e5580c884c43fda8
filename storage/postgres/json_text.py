"""SQL expressions that write column values as JSON, byte for byte as orjson writes the values that Python reads.

SQL NULL is written as ``null``. An expression returns NULL for a value that SQL does not write in the same way.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Select, and_, case, cast, func, select, type_coerce
from sqlalchemy import literal_column as literal
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import BigInteger, Boolean, DateTime, Float, Integer, Text, TypeEngine

Expression = ColumnElement[Any]

_QUOTED_ISO: Final[Expression] = literal("""'\\"YYYY-MM-DD"T"HH24:MI:SS"Z"\\"'""")

_SMALLEST: Final[Expression] = literal("'1e-4'::float8")
_LARGEST: Final[Expression] = literal("'1e15'::float8")
"""Magnitudes between which Postgres writes floats without an exponent."""


def write(value: Expression) -> Expression:
    """Write a value of one of the ``COLUMN_TYPES``."""
    return _or_null(value, _WRITERS[type(value.type)](value))


def write_enum(value: Expression, names: Mapping[str, str]) -> Expression:
    """Write the name of an enum member, from names by stored value. Both are identifiers."""
    cases = [(type_coerce(value, Text) == _text(stored), _text(f'"{name}"')) for stored, name in names.items()]
    return _or_null(value, case(*cases))


def write_moment(value: Expression) -> Expression:
    """Write a time as the list of its whole seconds since 1970 and its microsecond."""
    # the float of date_part, that of datetime.timestamp, costs less than the numeric of EXTRACT
    seconds = cast(func.trunc(func.date_part(literal("'epoch'"), value)), BigInteger)
    microsecond = func.mod(cast(func.date_part(literal("'microseconds'"), value), BigInteger), literal("1000000"))
    return _text("[") + cast(seconds, Text) + _text(",") + cast(microsecond, Text) + _text("]")


def write_text_list(value: Expression) -> Expression:
    """Write a JSON column that has a list of texts."""
    items = func.jsonb_array_elements(value).table_valued("value", with_ordinality="position").render_derived("items")
    item = type_coerce(items.c.value, JSONB)
    texts = func.string_agg(cast(item, Text), literal("',' ORDER BY items.position"))
    is_text = func.bool_and(func.jsonb_typeof(item) == literal("'string'"))
    listed: Select[Any] = select(case((is_text, _text("[") + texts + _text("]")))).select_from(items)
    return case((value == literal("'[]'::jsonb"), _text("[]")), else_=listed.scalar_subquery())


def write_float(value: Expression) -> Expression:
    """Write a float, unless it is not finite or its shortest form may have an exponent."""
    magnitude = func.abs(value)
    is_whole = and_(value == func.trunc(value), magnitude < _LARGEST)
    is_fraction = and_(magnitude >= _SMALLEST, magnitude < _LARGEST)
    return case((is_whole, cast(value, Text) + _text(".0")), (is_fraction, cast(value, Text)))


def _write_text(value: Expression) -> Expression:
    return cast(func.to_json(value), Text)


def _write_boolean(value: Expression) -> Expression:
    return case((value, _text("true")), else_=_text("false"))


def _write_integer(value: Expression) -> Expression:
    """Write an integer of 32 bits, the largest that GraphQL has."""
    return case((value.between(literal("-2147483648"), literal("2147483647")), cast(value, Text)))


def _write_time(value: Expression) -> Expression:
    """Write a time in UTC and whole seconds, as ``core.clock.iso``."""
    return func.to_char(func.timezone(literal("'UTC'"), value), _QUOTED_ISO, type_=Text)


_WRITERS: Final[Mapping[type[TypeEngine[Any]], Callable[[Expression], Expression]]] = {
    Text: _write_text,
    Boolean: _write_boolean,
    Integer: _write_integer,
    BigInteger: _write_integer,
    Float: write_float,
    DateTime: _write_time,
    JSONB: write_text_list,
}


COLUMN_TYPES: Final[Mapping[type | None, tuple[type[TypeEngine[Any]], ...]]] = {
    str: (Text,),
    bool: (Boolean,),
    int: (Integer, BigInteger),
    float: (Float,),
    datetime: (DateTime,),
    list: (JSONB,),
}
"""The column types that ``write`` takes, by the type of their values. A list has texts only."""


def _or_null(value: Expression, text: Expression) -> Expression:
    if isinstance(value, Column) and not value.nullable:
        return text
    return case((value.is_(None), _text("null")), else_=text)


def _text(constant: str) -> Expression:
    """Return a constant without a single quote as SQL text."""
    return literal(f"'{constant}'", Text)
