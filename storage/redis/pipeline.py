"""Commands to Redis that are sent and answered together, without a client's objects for each of them."""

from collections.abc import Sequence
from typing import Any

import redis.asyncio as redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError


class CommandPipeline:
    """A connection to Redis, which is opened on demand. Calls must not overlap, and each needs a deadline."""

    def __init__(self, address: str) -> None:
        # without a timeout: redis-py uses asyncio.wait_for, which loses cancellations in Python 3.11
        pool = redis.ConnectionPool.from_url(address, socket_connect_timeout=2, socket_timeout=None)
        self._connection: redis.Connection = pool.make_connection()  # type: ignore[no-untyped-call]

    async def run(self, commands: Sequence[Sequence[bytes]]) -> list[Any]:
        """Return the replies; that of a command that Redis refuses is a ResponseError.

        All commands are sent again if the connection was lost since the last call. Raises RedisError, OSError.
        """
        data, was_connected = b"".join(map(_pack, commands)), self._connection.is_connected
        try:
            return await self._send(data, len(commands))
        except RedisConnectionError:
            if not was_connected:
                raise
            return await self._send(data, len(commands))

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.disconnect()

    async def _send(self, data: bytes, count: int) -> list[Any]:
        await self._connection.send_packed_command(data, check_health=False)
        return [await self._read() for _ in range(count)]

    async def _read(self) -> Any:  # noqa: ANN401  any reply
        try:
            return await self._connection.read_response()
        except ResponseError as error:
            return error


def _pack(command: Sequence[bytes]) -> bytes:
    """Write a command in the Redis serialization protocol (RESP)."""
    return b"*%d\r\n%b" % (len(command), b"".join([b"$%d\r\n%b\r\n" % (len(part), part) for part in command]))
