"""Cursors: the sort values of an item as opaque text, bound to the order that they belong to."""

import base64
import binascii
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from core.errors import InvalidInput, Problem

_URLSAFE: Final = bytes.maketrans(b"+/", b"-_")


def encode(key: Sequence[object]) -> str:
    """Any key that JSON can hold, as text."""
    return binascii.b2a_base64(orjson.dumps(key), newline=False).translate(_URLSAFE, b"=").decode()


def decode(text: str) -> Any:  # noqa: ANN401  whatever the cursor holds
    """What ``encode`` was given. Raises InvalidInput."""
    try:
        return orjson.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError) as error:
        raise invalid_cursor() from error


def encode_sort_key(order: str, key: datetime | float | str, item_id: str) -> str:
    """The cursor of an item in a list that can be in several orders."""
    return encode([order, datetime_key(key) if isinstance(key, datetime) else key, item_id])


def decode_sort_key(after: str | None, order: str, kind: type) -> tuple[Any, str] | None:
    """The sort value and the id in a cursor of this order. Raises InvalidInput for any other text."""
    if after is None:
        return None
    try:
        told, key, item_id = decode(after)
        value = datetime_from_key(*key) if kind is datetime else key
        is_ours = told == order and _is_sound(value, kind)
        found = value, checked_id(item_id)
    except (ValueError, TypeError, OverflowError, OSError) as error:
        raise invalid_cursor() from error
    if not is_ours:
        raise invalid_cursor()
    return found


def datetime_key(at: datetime) -> list[int]:
    """A moment without loss."""
    return [int(at.timestamp()), at.microsecond]


def datetime_from_key(seconds: int, microsecond: int) -> datetime:
    """The moment of a key. Raises ValueError, TypeError, OverflowError, OSError."""
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=microsecond)


def checked_id(item_id: Any) -> str:  # noqa: ANN401  whatever the cursor held
    """An id as we make them. Raises ValueError."""
    if not isinstance(item_id, str) or not item_id.isascii() or "\x00" in item_id:
        raise ValueError("not an id")
    return item_id


def invalid_cursor() -> InvalidInput:
    """What to raise for a cursor of another list, or none at all."""
    return InvalidInput([Problem(("after",), "Must be a cursor of this list.")])


def _is_sound(value: object, kind: type) -> bool:
    if isinstance(value, str):
        return kind is str and "\x00" not in value
    if isinstance(value, bool):
        return False
    return isinstance(value, kind) and (not isinstance(value, float) or math.isfinite(value))
