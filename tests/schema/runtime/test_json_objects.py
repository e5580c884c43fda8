"""Generations that are written from columns equal those that the stock executor makes from rows, byte for byte."""

import asyncio
import itertools
import random
from typing import Any, Final

import pytest
from sqlmodel import col, update

from core import clock
from core.jobs import Mode, Status
from resolvers.access.context import Services
from schema.execution import EncodedJson
from storage.postgres.database import Database
from storage.tables import Generation, Track
from tests.support import factories
from tests.support.graphql import executors
from tests.support.users import Cast, Person

TEXTS: Final = ("", "it's", "$1 $2::text %s {} || NULL", 'quotes " and \\ and \x7f', "Zoë 🎷 \u2028 \ufeff", "é" * 300)
FIELDS: Final = (
    *("id", "status", "progress", "stage", "sequence", "engine", "mode", "prompt", "durationSeconds", "instrumental"),
    *("seed", "styleTags", "title", "loop", "createdAt", "startedAt", "finishedAt", "errorMessage", "__typename"),
)
TRACK_FIELDS: Final = ("id", "title", "mode", "instrumental", "measuredDurationSeconds", "tempoBpm", "__typename")
ALL: Final = f"{' '.join(FIELDS)} track {{ {' '.join(TRACK_FIELDS)} }}"


def document(fields: str) -> str:
    declared = "$id: ID!, $job: ID!, $yes: Boolean = true"
    used = "__typename @include(if: $yes)"
    return f"query({declared}) {{ {used} organization(id: $id) {{ generation(id: $job) {{ {fields} }} }} }}"


async def compare(services: Services, person: Person, fields: str, job: str, *, is_json: bool = True) -> None:
    """Assert that both executors give the same response, the compiled one with or without JSON."""
    actual = await executors.compare(services, person, document(fields), job=job)
    value = actual["organization"]["generation"]
    assert value is None or isinstance(value, EncodedJson) is is_json, fields


async def put_generation(database: Database, person: Person, status: Status, /, **columns: object) -> str:
    job = await factories.put_generation(database, person, status)
    if columns:
        async with database.transaction() as session:
            await session.execute(update(Generation).where(col(Generation.id) == job).values(**columns))
    return job


async def put_status(database: Database, job: str, status: Status) -> None:
    message, progress = ("no", 40) if status is Status.FAILED else (None, 100)
    values = {"status": status, "error_message": message, "progress": progress}
    async with database.transaction() as session:
        await session.execute(update(Generation).where(col(Generation.id) == job).values(values))


async def change_track(database: Database, job: str, **columns: object) -> None:
    async with database.transaction() as session:
        await session.execute(update(Track).where(col(Track.generation_id) == job).values(**columns))


@pytest.mark.parametrize("status", Status)
async def test_all_columns_have_equal_json_in_every_state(
    services: Services, database: Database, cast: Cast, status: Status
) -> None:
    for number, text in enumerate(TEXTS):
        columns: dict[str, Any] = {
            "prompt": text,
            "title": TEXTS[-number] or None,
            "stage": text or None,
            "style_tags": [*TEXTS[:number]],
            "error_message": text if status is Status.FAILED else None,
            "mode": tuple(Mode)[number % len(Mode)],
            "started_at": clock.now() if number % 2 else None,
        }
        job = await put_generation(database, cast.ada, status, **columns)
        await compare(services, cast.ada, ALL, job)


async def test_a_generation_without_a_track_or_with_a_deleted_one_has_equal_json(
    services: Services, database: Database, cast: Cast
) -> None:
    deleted = await put_generation(database, cast.ada, Status.SUCCEEDED)
    await change_track(database, deleted, deleted_at=clock.now())
    missing = await put_generation(database, cast.ada, Status.FAILED)
    await put_status(database, missing, Status.SUCCEEDED)
    # a state that should not be: a track of a generation that has not succeeded
    failed = await put_generation(database, cast.ada, Status.SUCCEEDED)
    await put_status(database, failed, Status.FAILED)
    for job in (deleted, missing, failed):
        await compare(services, cast.ada, ALL, job)


async def test_any_selection_of_columns_has_equal_json(services: Services, database: Database, cast: Cast) -> None:
    job = await put_generation(database, cast.ada, Status.SUCCEEDED)
    for seed in range(60):
        chance, numbers = random.Random(seed), itertools.count()  # noqa: S311  no secret

        def selection(fields: tuple[str, ...], *more: str, chance: random.Random = chance) -> str:
            chosen = [*chance.choices(fields, k=chance.randint(1, 6)), *more]
            chance.shuffle(chosen)
            named = [each if chance.random() < 0.5 else f"f{next(numbers)}: {each}" for each in chosen]  # noqa: B023
            return " ".join(each if chance.random() < 0.7 else f"... @skip(if: $yes) {{ {each} }}" for each in named)

        tracks = [f"track {{ {selection(TRACK_FIELDS)} }}" for _ in range(chance.randint(0, 2))]
        await compare(services, cast.ada, selection(FIELDS, *tracks), job)


async def test_the_variables_of_each_request_choose_the_fields_of_a_document(
    services: Services, database: Database, cast: Cast
) -> None:
    job = await put_generation(database, cast.ada, Status.SUCCEEDED)
    query = """
        query($id: ID!, $job: ID!, $yes: Boolean!) { organization(id: $id) {
            first: generation(id: $job) { id @include(if: $yes) x: prompt @skip(if: $yes) ...Job }
            second: generation(id: $job) { ...Job track @skip(if: $yes) { ... on Node { id __typename } } }
            missing: generation(id: $id) { ...Job }
        } }
        fragment Job on Generation { status mode @include(if: $yes) track { style key: title @skip(if: $yes) } }
    """

    async def run(*, is_included: bool) -> None:
        actual = await executors.compare(services, cast.ada, query, job=job, yes=is_included)
        assert [type(each) for each in actual["organization"].values()] == [EncodedJson, EncodedJson, type(None)]

    for is_included in (True, False, True):
        await run(is_included=is_included)
    # lookups at the same moment share statements
    await asyncio.gather(*(run(is_included=number % 2 == 0) for number in range(12)))


async def test_objects_without_fields_are_equal(services: Services, database: Database, cast: Cast) -> None:
    job = await put_generation(database, cast.ada, Status.SUCCEEDED)
    await compare(services, cast.ada, "id @skip(if: $yes)", job)
    await compare(services, cast.ada, "track { id @skip(if: $yes) }", job)


@pytest.mark.parametrize(
    "fields",
    ["resultTrackId", "id controls { tempoBpm }", "costChf", "track { playbackUrl }", "track { id licence { class } }"],
)
async def test_other_selections_are_executed_from_rows(
    services: Services, database: Database, cast: Cast, fields: str
) -> None:
    job = await put_generation(database, cast.ada, Status.SUCCEEDED)
    await compare(services, cast.ada, fields, job, is_json=False)


async def test_an_unusual_value_is_executed_from_rows(services: Services, database: Database, cast: Cast) -> None:
    job = await put_generation(database, cast.ada, Status.SUCCEEDED)
    other = await put_generation(database, cast.ada, Status.SUCCEEDED)
    await change_track(database, job, tempo_bpm=float("inf"))
    query = "id track { title tempoBpm }"
    await compare(services, cast.ada, query, job, is_json=False)
    await compare(services, cast.ada, query, other)
    await compare(services, cast.ada, "id track { title }", job)
    # lookups at the same moment share statements
    every = [executors.compare(services, cast.ada, document(query), job=one) for one in (job, other, job, other)]
    await asyncio.gather(*every)


async def test_many_aliases_have_equal_json(services: Services, database: Database, cast: Cast) -> None:
    job = await put_generation(database, cast.ada, Status.SUCCEEDED)
    await compare(services, cast.ada, " ".join(f"f{number}: prompt" for number in range(200)), job)


async def test_a_generation_is_for_its_owner_in_its_organization_only(
    services: Services, database: Database, cast: Cast
) -> None:
    job = await put_generation(database, cast.ada, Status.SUCCEEDED)
    for person, found in ((cast.ada, True), (cast.bea, False), (cast.cid, False)):
        actual = await executors.compare(services, person, document("id"), job=job)
        assert (actual["organization"]["generation"] is not None) is found
    for unknown in ("", "mgen_ffffffffffff", "nonsense"):
        await compare(services, cast.ada, "id", unknown)
