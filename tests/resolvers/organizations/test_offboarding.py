"""Erasing the data of a user while others use it."""

import asyncio
from typing import Any

from core import ids
from resolvers.organizations import offboarding
from storage.postgres.database import Database
from storage.queries import collections, tracks
from storage.tables import Collection, CollectionTrack, LibraryEntry, LibrarySource
from tests.support import factories
from tests.support.storage.lock_waits import wait_until_blocked
from tests.support.users import Cast


async def test_a_track_that_is_saved_while_its_creator_is_erased_is_in_no_library_and_no_collection(
    database: Database, cast: Cast
) -> None:
    track_id = await factories.put_track(database, cast.ada)
    owner: dict[str, Any] = {"organization_id": cast.bea.organization_id, "user_id": cast.bea.user_id}
    async with database.transaction() as session:
        await tracks.lock_shared(session, track_id)
        entry_id, collection_id = ids.new(ids.Kind.LIBRARY_ENTRY), ids.new(ids.Kind.COLLECTION)
        entry = LibraryEntry(id=entry_id, track_id=track_id, source=LibrarySource.SHARED, **owner)
        await tracks.save_to_library(session, entry)
        session.add(Collection(id=collection_id, name="Mix", **owner))
        await session.flush()
        await collections.append(session, collection_id, track_id, 0)
        erasure = asyncio.create_task(offboarding.erase(database, cast.ada.user_id))
        await wait_until_blocked(database)
    await erasure
    assert [await factories.load_all(database, table) for table in (LibraryEntry, CollectionTrack)] == [[], []]
