"""Schema migrations: named by date, forward only, expand before contract."""

import asyncio
import logging
import re
from collections.abc import Callable, KeysView, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from core.settings import Settings
from storage.migrations import library_search
from storage.postgres.database import Database, open_direct_database, translated_errors
from storage.postgres.failures import is_lock_conflict

if TYPE_CHECKING:
    from alembic.config import Config

log = logging.getLogger(__name__)

_FOLDER: Final = Path(__file__).parent
_ATTEMPTS: Final = 5
_REVISION: Final = re.compile(r'^revision = "(.+)"\ndown_revision = (?:"(.+)"|None)$', re.MULTILINE)
_LOCK: Final = 7_305_114_811  # serialises the migrations of one database

VERSION_TABLE: Final = "alembic_version"
"""Alembic's table with the revision of the database."""


def config(connection: Connection | None = None) -> "Config":
    """Return Alembic's configuration, which has no ini file."""
    from alembic.config import Config  # noqa: PLC0415  a server and a worker migrate nothing

    settings = Config()
    settings.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    settings.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    settings.attributes["connection"] = connection
    return settings


def revisions() -> KeysView[str]:
    """Return the revisions of this code."""
    return _parents().keys()


@cache
def head() -> str:
    """Return the newest revision of this code."""
    (newest,) = revisions() - set(_parents().values())
    return newest


@cache
def _parents() -> Mapping[str, str]:
    """Return the revision before each, empty for the first one, read from the source of the migrations."""
    sources = (path.read_text(encoding="utf-8") for path in (_FOLDER / "versions").glob("*.py"))
    return {revision: parent for source in sources for revision, parent in _REVISION.findall(source)}


async def upgrade(database: Database) -> None:
    """Upgrade the database to the newest revision; concurrent upgrades wait for each other. Raises Unavailable.

    Then index library entries of earlier versions for search, in small transactions: servers may run meanwhile.
    """
    with translated_errors():
        if await current(database) != head():
            from alembic import command  # noqa: PLC0415  as in `config`

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
    return revision in revisions()


def upgrade_now(settings: Settings) -> None:
    """Upgrade the database from synchronous code. Raises Unavailable."""

    async def run() -> None:
        database = open_direct_database(settings)
        try:
            await upgrade(database)
        finally:
            await database.close()

    asyncio.run(run())
