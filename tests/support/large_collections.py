"""Collections of thousands of tracks, inserted by statements because the interfaces would take minutes."""

from sqlalchemy import text

from storage.postgres.database import Database
from tests.support.factories import put_track
from tests.support.users import Person

_COPY = (
    """INSERT INTO generations SELECT (jsonb_populate_record(model, jsonb_build_object('id', 'mgen_' || suffix))).*
    FROM generations model JOIN tracks ON tracks.generation_id = model.id, keys WHERE tracks.id = :track""",
    """INSERT INTO tracks SELECT (jsonb_populate_record(model, jsonb_build_object(
      'id', 'mtrack_' || suffix, 'generation_id', 'mgen_' || suffix))).*
    FROM tracks model, keys WHERE model.id = :track""",
    """INSERT INTO track_files
    SELECT (jsonb_populate_record(model, jsonb_build_object('track_id', 'mtrack_' || suffix))).*
    FROM track_files model, keys WHERE model.track_id = :track""",
    """INSERT INTO collection_tracks (collection_id, track_id, position, added_at)
    SELECT :collection, 'mtrack_' || suffix, number - 1, now() FROM keys""",
)
_KEYS = "WITH keys AS (SELECT number, md5(:track || number) AS suffix FROM generate_series(1, :count) number) "


async def fill(database: Database, person: Person, collection_id: str, count: int) -> None:
    """Add this many new tracks to an empty collection."""
    values = {"track": await put_track(database, person), "collection": collection_id, "count": count}
    async with database.transaction() as session:
        for statement in _COPY:
            used = {name: value for name, value in values.items() if name != "collection" or ":collection" in statement}
            await session.execute(text(_KEYS + statement), used)
