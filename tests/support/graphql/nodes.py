"""A library with a node of every kind."""

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core import clock, ids
from core import sharing as tokens
from core.jobs import Status
from core.sharing import Target, Visibility
from storage.postgres.database import Database
from storage.queries import share_links, tracks
from storage.tables import AccessOutcome, Collection, CollectionTrack, LibraryEntry, ShareLink
from tests.support.factories import put_generation, put_track
from tests.support.users import Person

_CONTINUE = text(
    "UPDATE generations SET seed_track_id = :seed FROM tracks"
    " WHERE generation_id = generations.id AND tracks.id = :later"
)


async def populate_library(database: Database, person: Person, number: int) -> list[str]:
    """Insert queued jobs and tracks that are continued, saved, tagged, collected and shared.

    Return the ids of nodes of each kind.
    """
    nodes = []
    for _ in range(number):
        seed_id, track_id, derived_id = [await put_track(database, person, stems=["bass"]) for _ in range(3)]
        queued_id = await put_generation(database, person, Status.QUEUED, age=timedelta())
        async with database.transaction() as session:
            await session.execute(_CONTINUE, {"seed": seed_id, "later": track_id})
            await session.execute(_CONTINUE, {"seed": track_id, "later": derived_id})
            nodes += [track_id, queued_id, *await _save_and_share(session, person, track_id, seed_id)]
    return nodes


async def _save_and_share(session: AsyncSession, person: Person, track_id: str, seed_id: str) -> list[str]:
    entry = LibraryEntry(
        id=ids.new(ids.Kind.LIBRARY_ENTRY),
        organization_id=person.organization_id,
        user_id=person.user_id,
        track_id=track_id,
        tags=["calm", "late"],
    )
    await tracks.save_to_library(session, entry)
    collection_id = await _add_collection(session, person, [seed_id, track_id])
    to_track, to_collection = _link(person, track_id=track_id), _link(person, collection_id=collection_id)
    session.add_all([to_track, to_collection])
    await session.flush()
    share_links.record_access(
        session, clock.now(), "192.0.2.1", to_track.token_digest, AccessOutcome.RESOLVED, to_track
    )
    return [collection_id, to_track.id]


async def _add_collection(session: AsyncSession, person: Person, members: list[str]) -> str:
    collection = Collection(
        id=ids.new(ids.Kind.COLLECTION),
        organization_id=person.organization_id,
        user_id=person.user_id,
        name="Mix",
        cover_track_id=members[-1],
    )
    session.add(collection)
    await session.flush()
    session.add_all(
        CollectionTrack(collection_id=collection.id, track_id=member, position=position)
        for position, member in enumerate(members)
    )
    return collection.id


def _link(
    person: Person, token: str | None = None, *, track_id: str | None = None, collection_id: str | None = None
) -> ShareLink:
    return ShareLink(
        id=ids.new(ids.Kind.SHARE_LINK),
        organization_id=person.organization_id,
        user_id=person.user_id,
        target_type=Target.TRACK if track_id else Target.COLLECTION,
        track_id=track_id,
        collection_id=collection_id,
        visibility=Visibility.LINK_ONLY,
        token_digest=tokens.digest(token or tokens.new_token()),
    )
