"""Limit the size of request bodies, and require a least rate."""

import asyncio
import math
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

from server.asgi_server.http_protocol import BODY_RECEIVED

_MAX_LENGTH_DIGITS: Final = 15
_BODY_HEADERS: Final = frozenset({b"content-length", b"transfer-encoding"})
"""An HTTP/1.1 request with neither header has no body."""


class BodyLimit:
    """Rejects a body that exceeds the limit (413) or arrives too slowly (408).

    In each period of ``period_seconds`` that the application waits for the body, the body must end, or this long times
    ``min_bytes_per_second`` must arrive. ``limits_by_path`` are the larger limits of paths that match a pattern.
    """

    def __init__(
        self,
        max_body_bytes: int,
        period_seconds: float,
        min_bytes_per_second: int,
        limits_by_path: Sequence[tuple[re.Pattern[str], int]],
    ) -> None:
        self._max_body_bytes = max_body_bytes
        self._period_seconds = period_seconds
        self._min_period_bytes = period_seconds * min_bytes_per_second
        self._limits_by_path = limits_by_path

    def wrap(self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive) -> Receive:
        """Return a limited receive channel for the body of a request. Raises HTTPException for a declared size.

        A body of declared size that has arrived already, as small ones do with their head, needs no counter or timer.
        """
        if headers.keys().isdisjoint(_BODY_HEADERS):
            return receive
        path = scope["path"]
        limit = next((each for pattern, each in self._limits_by_path if pattern.fullmatch(path)), self._max_body_bytes)
        declared = headers.get(b"content-length", b"0")
        if len(declared) > _MAX_LENGTH_DIGITS or (declared.isdigit() and int(declared) > limit):
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if BODY_RECEIVED in scope and b"transfer-encoding" not in headers:
            return receive
        return _BodyReader(receive, limit, self._period_seconds, self._min_period_bytes)


class _BodyReader:
    """A receive channel that counts the bytes of the body and the time that is spent waiting for them."""

    def __init__(self, receive: Receive, limit: int, period_seconds: float, min_period_bytes: float) -> None:
        self._receive = receive
        self._limit = limit
        self._period_seconds = period_seconds
        self._min_period_bytes = min_period_bytes
        self._size = 0
        self._seconds_left = period_seconds
        self._bytes_due = min_period_bytes

    async def __call__(self) -> Message:
        clock = asyncio.get_running_loop().time
        started = clock()
        try:
            async with asyncio.timeout_at(started + self._seconds_left):
                message = await self._receive()
        except TimeoutError:
            rate = f"{self._min_period_bytes / self._period_seconds:g} bytes per second"
            shown = f"Body is incomplete after {self._period_seconds:g} s at less than the least rate of {rate}"
            raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, shown, {"Connection": "close"}) from None
        self._count(len(message.get("body", b"")), clock() - started)
        if not message.get("more_body", False):
            # a later call waits for the client to disconnect
            self._seconds_left = math.inf
        return message

    def _count(self, size: int, seconds: float) -> None:
        self._size += size
        self._bytes_due -= size
        self._seconds_left -= seconds
        if self._size > self._limit:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if self._bytes_due <= 0:
            self._bytes_due, self._seconds_left = self._min_period_bytes, self._period_seconds
