"""Schema migrations: named by date, forward only, expand before contract."""

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

from core.settings import Settings
from storage.migrations import library_search
from storage.postgres.database import Database, open_direct_database, translated_errors
from storage.postgres.failures import is_lock_conflict

log = logging.getLogger(__name__)

_FOLDER: Final = Path(__file__).parent
_ATTEMPTS: Final = 5
_LOCK: Final = 7_305_114_811  # serialises the migrations of one database

VERSION_TABLE: Final = "alembic_version"
"""Alembic's table with the revision of the database."""


def config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration, which has no ini file."""
    settings = Config()
    settings.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    settings.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    settings.attributes["connection"] = connection
    return settings


def head() -> str:
    """Return the newest revision of this code."""
    revision = ScriptDirectory.from_config(config()).get_current_head()
    if revision is None:
        raise RuntimeError("No migrations found")
    return revision


async def upgrade(database: Database) -> None:
    """Upgrade the database to the newest revision; concurrent upgrades wait for each other. Raises Unavailable.

    Then index library entries of earlier versions for search, in small transactions: servers may run meanwhile.
    """
    with translated_errors():
        await apply(database, lambda connection: command.upgrade(config(connection), "head"))
        await library_search.index_entries(database)


async def apply(database: Database, change: Callable[[Connection], object]) -> None:
    """Change the schema in one transaction. Retry if it conflicts with the locks of running servers and workers."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            async with database.engine.begin() as connection:
                await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
                await connection.execute(text("SET LOCAL lock_timeout = '10s'"))
                await connection.run_sync(change)
        except DBAPIError as error:
            if attempt == _ATTEMPTS or not is_lock_conflict(error):
                raise
            log.warning("schema is locked; retrying", extra={"attempt": attempt})
        else:
            return


async def current(database: Database) -> str | None:
    """Return the revision of the database; None if it is empty. Raises the errors of the driver."""
    async with database.engine.connect() as connection:
        exists = await connection.scalar(text("SELECT to_regclass('alembic_version')"))
        return await connection.scalar(text("SELECT version_num FROM alembic_version")) if exists else None


def is_outdated(revision: str | None) -> bool:
    """Return whether a database at this revision needs a migration.

    A revision that this code does not know is newer; this code works with it, because migrations expand first.
    """
    return revision is None or (is_known(revision) and revision != head())


def is_known(revision: str) -> bool:
    """Return whether this code has the revision. One that it does not have is newer."""
    return revision in {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}


def upgrade_now(settings: Settings) -> None:
    """Upgrade the database from synchronous code. Raises Unavailable."""

    async def run() -> None:
        database = open_direct_database(settings)
        try:
            await upgrade(database)
        finally:
            await database.close()

    asyncio.run(run())
