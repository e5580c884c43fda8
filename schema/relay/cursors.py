"""Opaque pagination cursors: the sort key of an item as URL-safe base64 of JSON."""

import base64
import binascii
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

import orjson

from core.errors import InvalidInput, Problem
from storage.queries.json_templates import JsonColumn, JsonSortKey, Parts
from storage.queries.libraries import Sort

Position = tuple[datetime, str]
"""The sort key of a list ordered by (created_at, id)."""

_MAX_OFFSET: Final = 2**31 - 1
_MAX_CHARACTERS: Final = 4_096
"""More than the cursor of the longest title has; a longer one is not decoded."""


def encode_position(position: Position) -> str:
    created_at, item_id = position
    return _encode([*_encode_datetime(created_at), item_id])


def decode_position(cursor: str | None) -> Position | None:
    """Raise InvalidInput for a malformed cursor."""
    if not (cursor and cursor.strip()):
        return None
    with _invalid_cursor():
        seconds, microsecond, item_id = _decode(cursor)
        return _decode_datetime(seconds, microsecond), _checked_id(item_id)


def encode_sort_key(order: str, value: datetime | float | str, item_id: str) -> str:
    """Encode the sort value and ID of an item; ``order`` binds the cursor to one sort and direction."""
    return _encode([order, _encode_datetime(value) if isinstance(value, datetime) else value, item_id])


@lru_cache(maxsize=16)
def sort_key_parts(order: str, sort: Sort) -> Parts:
    """Return the parts of the JSON that ``encode_sort_key`` encodes."""
    prefix = orjson.dumps([order]).decode().removesuffix("]")
    return f"{prefix},", JsonSortKey(sort), ",", JsonColumn("library_entries", "id"), "]"


def encode_keys(keys: Iterable[bytes]) -> list[str]:
    """Encode the JSON of each key."""
    # each encoded key ends a line; replace is faster than translate here, because few characters match
    lines = b"".join([binascii.b2a_base64(key) for key in keys])
    return lines.replace(b"+", b"-").replace(b"/", b"_").replace(b"=", b"").decode().splitlines()


def decode_sort_key(cursor: str | None, order: str, value_type: type) -> tuple[Any, str] | None:
    """Return sort value and ID. Raise InvalidInput for a malformed cursor and for a cursor of another order."""
    if not (cursor and cursor.strip()):
        return None
    with _invalid_cursor():
        cursor_order, key, item_id = _decode(cursor)
        value = _decode_datetime(*key) if value_type is datetime else key
        if cursor_order != order or not _is_valid(value, value_type):
            raise ValueError(cursor)
        return value, _checked_id(item_id)


def encode_offset(offset: int) -> str:
    return _encode([offset])


def decode_offset(cursor: str | None) -> int:
    """Return the offset of the item after the cursor. Raise InvalidInput for a malformed cursor."""
    if not (cursor and cursor.strip()):
        return 0
    with _invalid_cursor():
        [offset] = _decode(cursor)
        if not isinstance(offset, int) or not 0 <= offset < _MAX_OFFSET:
            raise ValueError(offset)
        return offset + 1


def _encode(key: Sequence[object]) -> str:
    return encode_keys([orjson.dumps(key)])[0]


def _decode(cursor: str) -> Any:  # noqa: ANN401  any JSON
    if len(cursor) > _MAX_CHARACTERS:
        raise ValueError("too long")
    return orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))


@contextmanager
def _invalid_cursor() -> Iterator[None]:
    """Convert the exceptions that decoding a malformed cursor can raise to InvalidInput."""
    try:
        yield
    except (ValueError, TypeError, OverflowError, OSError) as error:
        raise InvalidInput([Problem(("after",), "Must be a cursor of this list.")]) from error


def _encode_datetime(at: datetime) -> list[int]:
    return [math.floor(at.timestamp()), at.microsecond]


def _decode_datetime(seconds: int, microsecond: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=microsecond)


def _checked_id(item_id: Any) -> str:  # noqa: ANN401  any JSON
    if not isinstance(item_id, str) or not item_id.isascii() or "\x00" in item_id:
        raise ValueError(item_id)
    return item_id


def _is_valid(value: object, value_type: type) -> bool:
    if isinstance(value, str):
        return value_type is str and "\x00" not in value
    if isinstance(value, bool):
        return False
    return isinstance(value, value_type) and (not isinstance(value, float) or math.isfinite(value))
