"""Notifications to all servers by Postgres LISTEN and NOTIFY, delivered when the transaction commits."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core import asyncio_cancel
from core.errors import Unavailable
from core.settings import Settings
from storage.postgres.connector import Connector

CREDENTIALS_CHANNEL: Final = "music_studio_credentials"
"""Notified when credentials have been revoked."""

_UNREACHABLE: Final = (OSError, TimeoutError, Unavailable, asyncpg.PostgresError, asyncpg.InterfaceError)
_RETRY_SECONDS: Final = 1.0
_CHECK_SECONDS: Final = 30.0
_RESPONSE_SECONDS: Final = 5.0


def listening_connector(settings: Settings, connector: Connector) -> Connector | None:
    """Return the connector for notifications; None behind a pooler in transaction mode, which delivers none."""
    if settings.database.direct_url is not None:
        return Connector(settings.database.direct_url)
    return None if connector.has_transaction_pooler else connector


async def notify(session: AsyncSession, channel: str) -> None:
    """Notify all listeners of the channel when this transaction commits."""
    await session.execute(text("SELECT pg_notify(:channel, '')"), {"channel": channel})


async def listen_forever(connector: Connector, channel: str, callback: Callable[[], None]) -> None:
    """Call ``callback`` after each notification and each reconnection, until cancelled."""
    while not asyncio_cancel.is_cancelling():
        with suppress(*_UNREACHABLE):
            await _listen(connector, channel, callback)
        await asyncio.sleep(_RETRY_SECONDS)


async def _listen(connector: Connector, channel: str, callback: Callable[[], None]) -> None:
    is_closed = asyncio.Event()
    connection = await connector.connect()
    try:
        connection.add_termination_listener(lambda _: is_closed.set())
        await connection.add_listener(channel, lambda *_: callback())
        callback()
        while not is_closed.is_set():
            # a lost connection may stay silent
            async with asyncio.timeout(_RESPONSE_SECONDS):
                await connection.execute("SELECT 1")
            with suppress(TimeoutError):
                async with asyncio.timeout(_CHECK_SECONDS):
                    await is_closed.wait()
    finally:
        connection.terminate()
