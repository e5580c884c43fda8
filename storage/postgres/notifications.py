"""Notifications to all servers by Postgres LISTEN and NOTIFY, delivered when the transaction commits."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

CREDENTIALS_CHANNEL: Final = "music_studio_credentials"
"""Notified when credentials have been revoked."""

_UNREACHABLE: Final = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)
_RETRY_SECONDS: Final = 1.0


async def notify(session: AsyncSession, channel: str) -> None:
    """Notify all listeners of the channel when this transaction commits."""
    await session.execute(text("SELECT pg_notify(:channel, '')"), {"channel": channel})


async def listen_forever(address: str, channel: str, callback: Callable[[], None]) -> None:
    """Call ``callback`` after each notification and each reconnection, until cancelled."""
    while True:
        with suppress(*_UNREACHABLE):
            await _listen(address.replace("+asyncpg", "", 1), channel, callback)
        await asyncio.sleep(_RETRY_SECONDS)


async def _listen(address: str, channel: str, callback: Callable[[], None]) -> None:
    is_closed = asyncio.Event()
    connection = await asyncpg.connect(address, timeout=5, server_settings={"application_name": "music-studio notices"})
    try:
        connection.add_termination_listener(lambda _: is_closed.set())
        await connection.add_listener(channel, lambda *_: callback())
        callback()
        await is_closed.wait()
    finally:
        connection.terminate()
