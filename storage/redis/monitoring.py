"""Watch whether Redis responds."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager

import redis.asyncio as redis

from core.network import availability
from core.network.availability import Availability


async def monitor(address: str, state: Availability) -> None:
    """Report to ``state`` whether Redis responds, until cancelled."""

    @asynccontextmanager
    async def connect() -> AsyncIterator[Callable[[], Awaitable[object]]]:
        client: redis.Redis = redis.from_url(
            address, socket_connect_timeout=2, socket_timeout=None, single_connection_client=True
        )
        async with aclosing(client):
            await client.ping()
            yield client.ping

    await availability.monitor(state, connect)
