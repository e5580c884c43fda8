"""Sort keys of library entries: triggers keep them equal to those of their tracks."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, Final

import pytest
from sqlalchemy import delete, text, update
from sqlmodel import col

from core import clock
from storage import migrations
from storage.postgres.database import Database
from storage.queries import libraries, library_pages, tracks
from storage.queries.libraries import Direction, Filter, Order, Sort
from storage.tables import LibraryEntry, LibrarySource, Organization, Track, User
from tests.support.factories import put_track
from tests.support.storage import derived_rows
from tests.support.storage.lock_waits import wait_until_blocked
from tests.support.storage.temporary_database import older_database
from tests.support.users import Cast, Person

pytestmark = pytest.mark.usefixtures("no_server")

STORED: Final = """
SELECT entry_id, organization_id, user_id, track_created_at, title, duration_seconds FROM library_sort_keys ORDER BY 1
"""
COMPUTED: Final = """
SELECT e.id, e.organization_id, e.user_id, t.created_at, lower(coalesce(t.title, '')),
    coalesce(t.measured_duration_seconds, 0)
FROM library_entries e JOIN tracks t ON t.id = e.track_id ORDER BY 1
"""
TITLES: Final = ("Zebra", "apple", "Äpfel", "ÉTUDE", "", None, "apple", "Zürich", "1984")


def build_entry(person: Person, track_id: str, number: int = 0) -> LibraryEntry:
    return LibraryEntry(
        id=f"mlib_{person.user_id[-6:]}{track_id[-18:]}",
        organization_id=person.organization_id,
        user_id=person.user_id,
        track_id=track_id,
        source=LibrarySource.OWN,
        created_at=clock.now() - timedelta(minutes=number),
    )


async def save(database: Database, person: Person, track_id: str, number: int = 0) -> str:
    """Save a track in a library and return the id of the entry."""
    entry = build_entry(person, track_id, number)
    async with database.transaction() as session:
        assert await tracks.save_to_library(session, entry)
    return entry.id


async def load_keys(database: Database) -> list[tuple[Any, ...]]:
    """Return all rows, after a comparison with the tracks."""
    return await derived_rows.load_equal(database, STORED, COMPUTED)


async def test_keys_follow_the_entry_and_its_track(database: Database, cast: Cast) -> None:
    created_at = clock.now() - timedelta(days=2)
    track_id = await put_track(database, cast.ada, title="Night DESK", created_at=created_at)
    assert await load_keys(database) == []
    mine, others = await save(database, cast.ada, track_id), await save(database, cast.cid, track_id)
    async with database.transaction() as session:
        track = await session.get(Track, track_id)
        assert track is not None
        duration = track.measured_duration_seconds or 0.0
    keys = {row[0]: row[1:] for row in await load_keys(database)}
    assert keys == {
        mine: (cast.ada.organization_id, cast.ada.user_id, created_at, "night desk", duration),
        others: (cast.cid.organization_id, cast.cid.user_id, created_at, "night desk", duration),
    }
    async with database.transaction() as session:
        await session.execute(update(Track).values(title="ÜBER", measured_duration_seconds=7.5))
    assert [row[4:] for row in await load_keys(database)] == [("über", 7.5)] * 2
    async with database.transaction() as session:
        await session.execute(update(LibraryEntry).where(col(LibraryEntry.id) == mine).values(is_favourite=True))
        await session.execute(delete(LibraryEntry).where(col(LibraryEntry.id) == others))
        await session.execute(update(Track).values(title=None, measured_duration_seconds=None))
    assert [(row[0], *row[4:]) for row in await load_keys(database)] == [(mine, "", 0.0)]
    async with database.transaction() as session:
        await session.execute(update(LibraryEntry).values(organization_id=cast.cid.organization_id))
    assert [row[1] for row in await load_keys(database)] == [cast.cid.organization_id]


async def test_titles_that_change_while_entries_are_saved_and_removed(database: Database, cast: Cast) -> None:
    track_id = await put_track(database, cast.ada, title="first")

    async def rename(number: int) -> None:
        async with database.transaction() as session:
            await session.execute(update(Track).where(col(Track.id) == track_id).values(title=f"Title {number}"))
            await libraries.update_search_text(session, track_id)

    async def come_and_go(person: Person) -> None:
        for _ in range(5):
            entry_id = await save(database, person, track_id)
            async with database.transaction() as session:
                await session.execute(delete(LibraryEntry).where(col(LibraryEntry.id) == entry_id))
        await save(database, person, track_id)

    people = (cast.ada, cast.bea, cast.cid)
    await asyncio.gather(*map(rename, range(12)), *map(come_and_go, people))
    assert len(await load_keys(database)) == len(people)


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("direction", Direction)
async def test_pages_have_the_order_of_the_tracks(
    sort: Sort, direction: Direction, database: Database, cast: Cast
) -> None:
    chosen = random.Random(5)  # noqa: S311  no secret
    now = clock.now()
    expected = []
    for number, title in enumerate(TITLES):
        created_at, duration = now - timedelta(hours=chosen.randint(0, 4)), chosen.choice([None, 2.5, 60.0])
        track_id = await put_track(
            database, cast.ada, title=title, created_at=created_at, measured_duration_seconds=duration
        )
        saved = await save(database, cast.ada, track_id, number)
        key = {
            Sort.SAVED_AT: -number,
            Sort.CREATED_AT: created_at,
            Sort.TITLE: (title or "").lower(),
            Sort.DURATION: duration or 0.0,
        }[sort]
        expected.append((key, saved))
    await save(database, cast.bea, track_id)
    order, owner = Order(sort, direction), (cast.ada.organization_id, cast.ada.user_id)
    found: list[str] = []
    after = None
    while page := await library_pages.load(database, *owner, Filter(), order, limit=2, after=after):
        found += [saved.entry.id for saved in page]
        after = (page[-1].key, page[-1].entry.id)
    expected.sort(reverse=direction is Direction.DESC)
    assert found == [entry_id for _, entry_id in expected]
    async with database.transaction() as session:
        whole = await libraries.page(session, *owner, Filter(), order, limit=20)
    assert [saved.entry.id for saved in whole] == found


@pytest.fixture
async def older(service_urls: tuple[str, str], worker_id: str, cast: Cast) -> AsyncIterator[Database]:
    """Return a database with the schema of the earlier version, two users and their organization."""
    async with older_database(service_urls[0], f"unsorted_{worker_id}", "2026_12_11_spends") as database:
        async with database.transaction() as session:
            session.add(Organization(id=cast.ada.organization_id, name="Studio"))
            session.add_all(User(id=person.user_id, name="Member") for person in (cast.ada, cast.bea))
        yield database


async def test_entries_of_an_earlier_version_have_keys(older: Database, cast: Cast) -> None:
    track_id = await put_track(older, cast.ada, title="Old TITLE")
    await save(older, cast.ada, track_id)
    await save(older, cast.bea, track_id)
    await migrations.upgrade(older)
    assert [row[4] for row in await load_keys(older)] == ["old title"] * 2


async def test_a_track_that_is_changed_and_saved_during_the_migration_has_keys(older: Database, cast: Cast) -> None:
    track_id = await put_track(older, cast.ada, title="Old")
    await save(older, cast.ada, track_id)

    async with older.transaction() as session:
        # of two transactions that wait for each other, this one would fail
        await session.execute(text("SET LOCAL deadlock_timeout = '1ms'"))
        await session.execute(update(Track).values(title="New"))
        upgrade = asyncio.create_task(migrations.upgrade(older))
        await wait_until_blocked(older, table="tracks")
        assert await tracks.save_to_library(session, build_entry(cast.bea, track_id))
    await upgrade
    assert [row[4] for row in await load_keys(older)] == ["new"] * 2
