"""Libraries of thousands of tracks, inserted by statements because the interfaces would take minutes."""

from typing import Final

from sqlalchemy import text

from storage.postgres.database import Database
from tests.support.factories import put_track
from tests.support.users import Person

_COPIES: Final = (
    """INSERT INTO generations SELECT (jsonb_populate_record(model, jsonb_build_object('id', 'mgen_' || suffix))).*
    FROM generations model JOIN tracks ON tracks.generation_id = model.id, keys WHERE tracks.id = :track""",
    """INSERT INTO tracks SELECT (jsonb_populate_record(model, jsonb_build_object(
      'id', 'mtrack_' || suffix, 'generation_id', 'mgen_' || suffix, 'title', 'Track ' || number))).*
    FROM tracks model, keys WHERE model.id = :track""",
    """INSERT INTO library_entries
      (id, organization_id, user_id, track_id, source, tags, is_favourite, about, created_at)
    SELECT 'mlib_' || suffix, organization_id, user_id, 'mtrack_' || suffix, 'own', '[]', false, '',
      now() - number * interval '1 minute' FROM tracks, keys WHERE id = :track""",
)
_KEYS: Final = "WITH keys AS (SELECT number, md5(:track || number) AS suffix FROM generate_series(1, :count) number) "


async def fill(database: Database, person: Person, count: int) -> None:
    """Add this many new tracks to a library, "Track 1" as the latest. They have no files."""
    values = {"track": await put_track(database, person), "count": count}
    async with database.transaction() as session:
        for statement in _COPIES:
            await session.execute(text(_KEYS + statement), values)
