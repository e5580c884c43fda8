"""Checks before a server or a worker starts: settings, the schema of the database, and the keys of other processes."""

import asyncio
import logging
from typing import Final

from core import logs
from core.errors import Unavailable
from core.settings import COMMAND, Settings
from resolvers.signing import keyring
from server.cli import console
from server.embedded.errors import StartupError
from storage import migrations
from storage.postgres import failures
from storage.postgres.database import open_database
from storage.redis import key_registry

log = logging.getLogger(__name__)

_KEY_SETTINGS: Final = {
    "urls": ("MUSIC_STUDIO_SIGNING_KEYS", "signing-keys new-key"),
    "receipts": ("MUSIC_STUDIO_RECEIPTS__KEY", "receipts new-key"),
}
"""The setting of each kind of key, and the command that prints a new one."""


def load_settings(**server_overrides: str | int | None) -> Settings:
    """Load the settings, configure logging, and exit if a service URL is missing."""
    settings = console.override(console.load_settings(), server=server_overrides)
    urls = {"DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url}
    missing = [name for name, url in urls.items() if url is None]
    if missing:
        console.fail(f"{' and '.join(missing)} must be set; `studio up` runs its own Postgres and Valkey.")
    logs.configure(settings.log_level, settings.log_format)
    return settings


def check_database(settings: Settings) -> None:
    """Raise StartupError for a database without the current schema, or one that rejects the connection.

    A database that does not respond may still be starting: the process starts and waits for it.
    """

    async def load_revision() -> str | None:
        database = open_database(settings, pooled=False)
        try:
            return await migrations.current(database)
        finally:
            await database.close()

    try:
        revision = asyncio.run(load_revision())
    except Exception as error:
        if failures.is_permanent(error):
            raise StartupError(f"DATABASE_URL cannot be used: {failures.reason(error)}.") from error
        if failures.refusal(error) is None:
            raise
        log.warning("database does not respond yet", extra={"reason": failures.reason(error)})
        return
    if migrations.is_outdated(revision):
        raise StartupError(
            f"The database schema is {f'at revision {revision}' if revision else 'empty'}, and this version needs "
            f"{migrations.head()}: run {COMMAND} migrate, then start again."
        )


def check_keys(settings: Settings, *, signs_urls: bool) -> None:
    """Raise StartupError if other processes would not accept what this one signs with keys of its own data folder."""
    address, is_set = str(settings.redis_url), {"urls": settings.signing_keys, "receipts": settings.receipts.key}
    try:
        use = keyring.key_use(settings, signs_urls=signs_urls)
    except ValueError as error:
        raise StartupError(f"The keys cannot be read: {error}.") from error
    try:
        others = asyncio.run(key_registry.register(address, use))
    except Unavailable:
        log.warning("Redis does not respond yet; keys of other servers not compared")
        return
    for other in others:
        name = use.find_conflict(other)
        if name and is_set[name]:
            log.warning("another process uses other keys", extra={"keys": name, "origin": other.origin})
        elif name:
            asyncio.run(key_registry.unregister(address, use))
            variable, command = _KEY_SETTINGS[name]
            raise StartupError(
                f"A process on another machine or data folder ({other.origin}) has another key: set {variable} to the "
                f"same value for all servers and workers. {COMMAND} {command} prints a new one."
            )
