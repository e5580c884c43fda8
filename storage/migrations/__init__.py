"""Schema changes: date-named, forward only, expand before contract."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from storage.postgres.database import Database, is_lock_conflict

log = logging.getLogger(__name__)

_FOLDER: Final = Path(__file__).parent
_ATTEMPTS: Final = 5
_LOCK: Final = 7_305_114_811  # any number nobody else uses; serialises migrations of one database


def config(connection: Connection | None = None) -> Config:
    """Alembic's settings, without an ini file."""
    settings = Config()
    settings.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    settings.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    settings.attributes["connection"] = connection
    return settings


def head() -> str:
    """The newest revision that this code knows."""
    revision = ScriptDirectory.from_config(config()).get_current_head()
    if revision is None:
        raise RuntimeError("there are no migrations")
    return revision


async def upgrade(database: Database) -> None:
    """Bring the database to this code's schema; waits for anybody else who is doing the same."""
    await apply(database, lambda connection: command.upgrade(config(connection), "head"))


async def apply(database: Database, change: Callable[[Connection], object]) -> None:
    """Change the schema, all or nothing. Servers and workers are at it meanwhile: who is in their way comes again."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            async with database.engine.begin() as connection:
                await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
                await connection.execute(text("SET LOCAL lock_timeout = '10s'"))
                await connection.run_sync(change)
        except DBAPIError as error:
            if attempt == _ATTEMPTS or not is_lock_conflict(error):
                raise
            log.warning("schema is in use; trying again", extra={"attempt": attempt})
        else:
            return


async def current(database: Database) -> str | None:
    """The revision the database is at; None when it is empty."""
    async with database.engine.connect() as connection:
        exists = await connection.scalar(text("SELECT to_regclass('alembic_version')"))
        return await connection.scalar(text("SELECT version_num FROM alembic_version")) if exists else None


def upgrade_now(address: str) -> None:
    """Upgrade from synchronous code."""

    async def run() -> None:
        database = Database(address, pooled=False)
        try:
            await upgrade(database)
        finally:
            await database.close()

    asyncio.run(run())
