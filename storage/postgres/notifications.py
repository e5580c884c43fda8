"""Notices to all servers through Postgres: told with the transaction that they are about, heard when it commits."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

CREDENTIALS_CHANNEL: Final = "music_studio_credentials"
"""Something that opened the door does so no more."""

_UNREACHABLE: Final = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)
_RETRY_SECONDS: Final = 1.0


async def notify(session: AsyncSession, channel: str) -> None:
    """Wake everybody who listens, when this transaction commits."""
    await session.execute(text("SELECT pg_notify(:channel, '')"), {"channel": channel})


async def listen_forever(address: str, channel: str, callback: Callable[[], None]) -> None:
    """Call ``hear`` at each notice, and after each time that none could be heard; until cancelled."""
    while True:
        with suppress(*_UNREACHABLE):
            await _listen(address.replace("+asyncpg", "", 1), channel, callback)
        await asyncio.sleep(_RETRY_SECONDS)


async def _listen(address: str, channel: str, callback: Callable[[], None]) -> None:
    gone = asyncio.Event()
    connection = await asyncpg.connect(address, timeout=5, server_settings={"application_name": "music-studio notices"})
    try:
        connection.add_termination_listener(lambda _: gone.set())
        await connection.add_listener(channel, lambda *_: callback())
        callback()
        await gone.wait()
    finally:
        connection.terminate()
