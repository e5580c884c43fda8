"""Wait until transactions of a database wait for locks, to test what happens in that moment."""

from sqlalchemy import text

from storage.postgres.database import Database
from tests.support.polling import wait_for

_WAITING = """
    SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE NOT granted AND datname = current_database() AND
"""


async def wait_until_blocked(database: Database, transactions: int = 1, *, table: str | None = None) -> None:
    """Wait until this number of transactions wait for locks of rows, or for the lock of a table."""
    lock = "locktype IN ('transactionid', 'tuple')" if table is None else f"relation = '{table}'::regclass"

    async def is_blocked() -> bool | None:
        async with database.transaction() as session:
            return await session.scalar(text(f"{_WAITING} {lock}")) == transactions or None

    await wait_for(is_blocked)
