"""Empties the database between tests."""

from typing import Final

from core.errors import Unavailable
from storage.postgres.database import Database
from storage.tables import metadata

# one message for all statements; generations and tracks refer to each other
_DELETE_ALL_ROWS: Final = ";".join(
    [
        "SET LOCAL session_replication_role = replica",
        *(str(table.delete()) for table in metadata.tables.values()),
    ]
)


async def delete_all_rows(database: Database) -> None:
    """Delete all rows."""
    while not await _delete_all_rows(database):
        """Try again: the loops of a server lock rows in another order."""


async def _delete_all_rows(database: Database) -> bool:
    """Delete all rows; return False if Postgres aborts it because of a deadlock."""
    try:
        async with database.transaction() as session:
            connection = await (await session.connection()).get_raw_connection()
            assert connection.driver_connection is not None
            await connection.driver_connection.execute(_DELETE_ALL_ROWS)
    except Unavailable:
        return False
    return True
