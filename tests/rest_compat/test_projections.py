"""Records that are read without the ORM are serialized exactly like rows of the tables."""

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

import httpx
import pytest

from core import clock, ids
from core.jobs import Mode, Status
from core.licence import LicenceClass
from resolvers.access.context import Caller, Context, Services
from resolvers.generations import generations
from resolvers.library import track_urls, tracks
from rest_compat.generations import job as job_body
from rest_compat.responses import JsonResponse
from rest_compat.tracks import track as track_body
from storage.postgres.database import Database
from storage.queries import by_id, libraries, library_pages
from storage.queries.libraries import NEWEST_FIRST, Direction, Filter, Order, Sort
from storage.queries.library_pages import Columns
from storage.tables import LibraryEntry, LibrarySource, Role, Track
from tests.support import factories
from tests.support.graphql.cost import services
from tests.support.users import Cast, Person

__all__ = ["services"]

TITLES: Final = (
    None,
    "",
    "Night Desk",
    'quotes " and \\ and / and \x7f',
    "".join(map(chr, range(1, 32))),
    "Zoë 🎷 夜の机 \u2028 \u2029 \ufeff",
    "\U0010ffff" * 3,
    "</script>&amp;",
)
SECONDS: Final = (None, 2.0, 120.4, 0.1 + 0.2, 1 / 3, 600.0, 1e6, 123456789.0, 1e14, 0.0001, 5e-324, 2.0**40 + 0.5)
MOMENTS: Final = (
    datetime(2026, 1, 1, tzinfo=UTC),
    datetime(2026, 6, 28, 10, 30, 59, 999_999, UTC),
    datetime(1999, 12, 31, 23, 59, 59, 1, UTC),
    datetime(2400, 2, 29, 12, 0, 0, 500_000, UTC),
)
KINDS: Final = (
    (LicenceClass.COMMERCIAL_CLEARED, True),
    (LicenceClass.PERSONAL_ONLY, False),
    (LicenceClass.UNCLEAR, False),
)

COLUMNS: Final = (
    library_pages.PUBLIC_COLUMNS,
    Columns(("id", "created_at"), library_pages.TRACK_COLUMNS_WITHOUT_JSON),
    Columns(("id",), ("id", "title")),
    Columns(("tags", "source", "is_favourite"), ("created_at",)),
)


async def furnish(database: Database, person: Person) -> list[str]:
    """Create and save tracks of every kind."""
    made = []
    for number, (title, seconds) in enumerate([(t, 2.0) for t in TITLES] + [("x", s) for s in SECONDS]):
        licence_class, is_commercial = KINDS[number % len(KINDS)]
        made.append(
            await factories.put_track(
                database,
                person,
                title=title,
                measured_duration_seconds=seconds,
                mode=(Mode.CREATION, Mode.FOCUS)[number % 2],
                instrumental=number % 3 == 0,
                licence_class=licence_class,
                commercial_use=is_commercial,
                requires_attribution=number % 2 == 1,
                created_at=MOMENTS[number % len(MOMENTS)],
            )
        )
    await save(database, person, made)
    return made


async def save(database: Database, person: Person, track_ids: Sequence[str]) -> None:
    async with database.transaction() as session:
        for number, track_id in enumerate(track_ids):
            session.add(
                LibraryEntry(
                    id=ids.new(ids.Kind.LIBRARY_ENTRY),
                    organization_id=person.organization_id,
                    user_id=person.user_id,
                    track_id=track_id,
                    is_favourite=number % 4 == 0,
                    # pairs with equal times
                    created_at=MOMENTS[0] + timedelta(seconds=number // 2),
                )
            )


def context(services: Services, person: Person) -> Context:
    return Context(services, Caller(person.user_id, {person.organization_id: Role.MEMBER}))


@pytest.mark.parametrize(
    "query", ["", "?mode=focus", "?engine=studio&limit=7&offset=3", "?engine=other", "?offset=500"]
)
async def test_a_library_is_serialized_like_its_rows(
    client: httpx.AsyncClient, database: Database, cast: Cast, query: str
) -> None:
    await furnish(database, cast.ada)
    await furnish(database, cast.bea)
    url = f"/v1/music/{cast.ada.organization_id}/tracks{query}"
    answer = await client.get(url, headers=cast.ada.headers)
    params = httpx.URL(url).params
    only = Filter(mode=Mode(params["mode"]) if "mode" in params else None, engine=params.get("engine"))
    limit, offset = int(params.get("limit", 50)), int(params.get("offset", 0))
    async with database.transaction() as session:
        page = await libraries.page(
            session, cast.ada.organization_id, cast.ada.user_id, only, limit=limit, offset=offset
        )
    items = [track_body(row.track, None, None) for row in page]
    assert answer.content == JsonResponse({"items": items, "limit": limit, "offset": offset}).body
    assert answer.headers["content-type"] == "application/json"


async def test_an_infinite_duration_is_null(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    track_id = await factories.put_track(database, cast.ada, measured_duration_seconds=float("inf"))
    await save(database, cast.ada, [track_id])
    answer = await client.get(f"/v1/music/{cast.ada.organization_id}/tracks", headers=cast.ada.headers)
    assert answer.json()["items"][0]["measured_duration_seconds"] is None


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("is_deleted", [False, True])
async def test_a_job_is_serialized_like_its_rows(
    services: Services, database: Database, cast: Cast, status: Status, *, is_deleted: bool
) -> None:
    job_id = await factories.put_generation(database, cast.ada, status)
    ctx = context(services, cast.ada)
    made = (await tracks.find_by_generations(ctx, [job_id])).get(job_id)
    if is_deleted and made is not None:
        made = await tracks.delete(ctx, made.id)
        made = (await tracks.find_by_generations(ctx, [job_id]))[job_id]
    row = await generations.get(ctx, job_id)
    url = await track_urls.sign_playback_url(ctx, made) if made else None
    found = await generations.get_with_playback_url(ctx, job_id, cast.ada.organization_id)
    assert plain(job_body(*found)) == plain(job_body(row, made, url))


def plain(content: object) -> bytes:
    """Serialize without the expiry and signature of URLs, which change every second."""
    return re.sub(rb"expires=\d+&signature=[0-9a-f]+", b"", bytes(JsonResponse(content).body))


def attributes(row: object, names: set[str]) -> dict[str, object]:
    return {name: getattr(row, name) for name in names}


@pytest.mark.parametrize(
    "order", [NEWEST_FIRST, Order(Sort.TITLE, Direction.ASC), Order(Sort.DURATION), Order(Sort.CREATED_AT)]
)
async def test_records_equal_the_rows_of_the_tables_on_every_page(database: Database, cast: Cast, order: Order) -> None:
    await furnish(database, cast.ada)
    organization_id, user_id = cast.ada.organization_id, cast.ada.user_id
    for only in (
        Filter(),
        Filter(mode=Mode.FOCUS),
        Filter(is_favourite=True),
        Filter(is_favourite=False, engine="studio"),
        Filter(style="lofi", source=LibrarySource.OWN),
    ):
        after: Any = None
        for _ in range(6):
            async with database.transaction() as session:
                wanted = await libraries.page(session, organization_id, user_id, only, order, limit=4, after=after)
            for columns in COLUMNS:
                of_entry, of_track = set(columns.entry), set(columns.track or Track.model_fields)
                found = await library_pages.load(
                    database, organization_id, user_id, only, order, limit=4, after=after, columns=columns
                )
                assert [row.key for row in found] == [row.key for row in wanted]
                for read, row in zip(found, wanted, strict=True):
                    assert attributes(read.entry, of_entry) == row.entry.model_dump(include=of_entry)
                    assert attributes(read.track, of_track) == row.track.model_dump(include=of_track)
            after = (wanted[-1].key, wanted[-1].entry.id) if wanted else after


async def test_records_are_immutable(database: Database, cast: Cast) -> None:
    track_id = await factories.put_track(database, cast.ada)
    found = await by_id.load_track_with_files(database, track_id, cast.ada.user_id, [cast.ada.organization_id])
    assert found is not None
    with pytest.raises(AttributeError):
        found[0].title = "Another"


async def test_concurrent_callers_are_authenticated_separately(client: httpx.AsyncClient, cast: Cast) -> None:
    callers = [cast.ada, cast.cid, cast.bea, Person("", "", "ak_" + "0" * 38)] * 10
    requests = [
        client.get(f"/v1/music/{cast.ada.organization_id}/tracks", headers=caller.headers) for caller in callers
    ]
    statuses = [answer.status_code for answer in await asyncio.gather(*requests)]
    assert statuses == [200, 403, 200, 401] * 10


async def test_concurrent_job_lookups_return_own_jobs_only(
    client: httpx.AsyncClient, cast: Cast, database: Database
) -> None:
    owners = [cast.ada, cast.bea] * 5
    made = [await factories.put_generation(database, owner, Status.QUEUED) for owner in owners]
    path = f"/v1/music/{cast.ada.organization_id}/generations"
    pairs = [(job, owner, asker) for job, owner in zip(made, owners, strict=True) for asker in (cast.ada, cast.bea)]
    answers = await asyncio.gather(*(client.get(f"{path}/{job}", headers=asker.headers) for job, _, asker in pairs))
    for (job, owner, asker), answer in zip(pairs, answers, strict=True):
        assert answer.status_code == (200 if asker is owner else 404)
        assert asker is not owner or answer.json()["id"] == job


async def test_a_job_is_loaded_for_its_owner_in_its_organization_only(database: Database, cast: Cast) -> None:
    job, here, ada = (
        await factories.put_generation(database, cast.ada, Status.QUEUED),
        cast.ada.organization_id,
        cast.ada.user_id,
    )
    keys = [(ada, here), (ada, cast.cid.organization_id), (cast.bea.user_id, here), (ada, "")]
    found = await asyncio.gather(*(by_id.WHOLE_GENERATION.load(database, job, *key) for key in keys))
    assert [loaded and loaded.generation.id for loaded in found] == [job, None, None, None]


async def test_times_are_formatted_in_utc_without_fractions() -> None:
    assert clock.iso(MOMENTS[1]) == "2026-06-28T10:30:59Z"
    assert clock.iso(datetime(2026, 6, 28, 12, 30, 59, 1, timezone(timedelta(hours=2)))) == "2026-06-28T10:30:59Z"
