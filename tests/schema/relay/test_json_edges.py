"""Edges that are written from columns equal those that the stock executor makes from rows, byte for byte."""

import itertools
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
import orjson
import pytest
from sqlalchemy import text, update

from core import ids
from core.jobs import Mode
from core.licence import LicenceClass
from resolvers.access.context import Services
from schema.execution import EncodedJson
from storage.postgres.database import Database
from storage.tables import LibraryEntry, LibrarySource
from tests.support import factories
from tests.support.graphql import executors
from tests.support.graphql.client import data
from tests.support.users import Cast, Person

TEXTS: Final = (
    None,
    "",
    "Night Desk",
    "it's",
    "$1 $2::text %s {} || NULL",
    'quotes " and \\ and / and \x7f',
    "".join(map(chr, range(1, 32))),
    "Zoë 🎷 夜の机 \u2028 \u2029 \ufeff \ufffe",
    "\U0010ffff" * 3,
    "</script>&amp;",
    "é" * 300,
)
FLOATS: Final = (
    *(None, 2.0, 120.4, 0.1 + 0.2, 1 / 3, 1e6, 123456789.0, 1e14, 999999999999999.9, 0.0001, 2.0**40 + 0.5),
    *(1e15, 1e16, 1.5e300, 1e-5, 5e-324),
)
SIGNED: Final = (-14.1, -0.0, 0.0, -1e14, -0.5, None)
MOMENTS: Final = (
    datetime(2026, 1, 1, tzinfo=UTC),
    datetime(2026, 6, 28, 10, 30, 59, 999_999, UTC),
    datetime(1970, 1, 1, 0, 0, 0, 1, UTC),
    datetime(2400, 2, 29, 12, 0, 0, 500_000, UTC),
)
SEEDS: Final = (0, 1, -1, 2**31 - 1, -(2**31))
TAGS: Final[tuple[list[str], ...]] = ([], ["calm"], ["b", "a", "b"], [str(text) for text in TEXTS])
LICENCES: Final = ((LicenceClass.COMMERCIAL_CLEARED, True), (LicenceClass.PERSONAL_ONLY, False))

ENTRY_FIELDS: Final = ("id", "source", "tags", "isFavourite", "savedAt", "shareLinkId", "__typename")
TRACK_FIELDS: Final = (
    *("id", "title", "engine", "engineVersion", "mode", "instrumental", "measuredDurationSeconds", "tempoBpm", "key"),
    *("metre", "style", "loudnessLufs", "truePeakDbtp", "seed", "palette", "createdAt", "__typename"),
)
ORDERS: Final = [
    f"sort: {sort}, direction: {direction}"
    for sort in ("SAVED_AT", "CREATED_AT", "TITLE", "DURATION")
    for direction in ("ASC", "DESC")
]


async def put_entries(database: Database, person: Person) -> None:
    """Save tracks with every value of every column, two of each time."""
    for number in range(2 * len(TEXTS)):
        licence_class, is_commercial = LICENCES[number % 2]
        await put_entry(
            database,
            person,
            number,
            title=TEXTS[number % len(TEXTS)],
            key=TEXTS[-number % len(TEXTS)],
            measured_duration_seconds=FLOATS[number % len(FLOATS)],
            tempo_bpm=FLOATS[-number % len(FLOATS)],
            loudness_lufs=SIGNED[number % len(SIGNED)],
            true_peak_dbtp=SIGNED[-number % len(SIGNED)],
            seed=SEEDS[number % len(SEEDS)],
            palette=["#112233"] * (number % 3),
            mode=tuple(Mode)[number % len(Mode)],
            instrumental=number % 3 == 0,
            licence_class=licence_class,
            commercial_use=is_commercial,
            created_at=MOMENTS[number % len(MOMENTS)],
        )


async def put_entry(database: Database, person: Person, number: int, **track: Any) -> None:  # noqa: ANN401  columns
    track_id = await factories.put_track(database, person, **track)
    async with database.transaction() as session:
        session.add(
            LibraryEntry(
                id=ids.new(ids.Kind.LIBRARY_ENTRY),
                organization_id=person.organization_id,
                user_id=person.user_id,
                track_id=track_id,
                source=tuple(LibrarySource)[number % len(LibrarySource)],
                tags=TAGS[number % len(TAGS)],
                is_favourite=number % 4 == 0,
                created_at=MOMENTS[number % len(MOMENTS)] + timedelta(microseconds=number // 2),
            )
        )


def document(edges: str, arguments: str = "first: 100", others: str = "") -> str:
    return (
        f"query($id: ID!, $after: String, $yes: Boolean = true) {{ organization(id: $id) {{ library({arguments}, "
        f"after: $after) {{ {edges} "
        f"pageInfo @include(if: $yes) {{ hasNextPage hasPreviousPage startCursor endCursor }} {others} }} }} }}"
    )


def edges_of(seed: int) -> str:
    """Return a selection of edges: fields in any order, some of them renamed, twice, or in fragments."""
    chance, numbers = random.Random(seed), itertools.count()  # noqa: S311  no secret

    def selection(fields: tuple[str, ...], more: Iterator[str]) -> str:
        chosen = [*chance.choices(fields, k=chance.randint(1, 6)), *more]
        chance.shuffle(chosen)
        named = [field if chance.random() < 0.5 else f"f{next(numbers)}: {field}" for field in chosen]
        return " ".join(field if chance.random() < 0.7 else f"... @include(if: $yes) {{ {field} }}" for field in named)

    tracks = (f"track {{ {selection(TRACK_FIELDS, iter(()))} }}" for _ in range(chance.randint(0, 2)))
    nodes = (f"node {{ {selection(ENTRY_FIELDS, tracks)} }}" for _ in range(chance.randint(0, 2)))
    return f"edges {{ {selection(('cursor', '__typename'), nodes)} }}"


async def compare(services: Services, person: Person, query: str, *, is_json: bool = True, **variables: object) -> Any:  # noqa: ANN401
    """Assert that both executors give the same response, the compiled one with or without JSON; return it decoded."""
    actual = await executors.compare(services, person, query, **variables)
    library = actual["organization"]["library"]
    if library is not None:
        assert any(isinstance(value, EncodedJson) for value in library.values()) is is_json, query
    return orjson.loads(orjson.dumps(actual))["organization"]["library"]


@pytest.mark.parametrize("order", ORDERS)
async def test_all_columns_have_equal_json_on_every_page_of_every_order(
    services: Services, database: Database, cast: Cast, order: str
) -> None:
    await put_entries(database, cast.ada)
    node = f"node {{ {' '.join(ENTRY_FIELDS)} track {{ {' '.join(TRACK_FIELDS)} }} }}"
    query, seen, after = document(f"edges {{ cursor {node} }}", f"first: 7, {order}", "totalCount"), 0, None
    while True:
        page = await compare(services, cast.ada, query, after=after)
        seen, after = seen + len(page["edges"]), page["pageInfo"]["endCursor"]
        assert page["totalCount"] == 2 * len(TEXTS)
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == 2 * len(TEXTS)


async def test_any_selection_of_columns_has_equal_json(services: Services, database: Database, cast: Cast) -> None:
    await put_entries(database, cast.ada)
    for seed in range(100):
        await compare(services, cast.ada, document(edges_of(seed), f"first: 100, {ORDERS[seed % len(ORDERS)]}"))


@pytest.mark.parametrize(
    "edges",
    [
        "edges { node { track { playbackUrl } } }",
        "edges { node { track { licence { class } } } }",
        "edges { node { track { id sections { name } } } }",
        "edges { node { id } } more: edges { cursor }",
        "__typename",
    ],
)
async def test_other_selections_are_executed_from_rows(
    services: Services, database: Database, cast: Cast, edges: str
) -> None:
    await put_entry(database, cast.ada, 1)
    await compare(services, cast.ada, document(edges), is_json=False)


@pytest.mark.parametrize(
    "column",
    [
        {"seed": 2**31},
        {"measured_duration_seconds": float("inf")},
        {"measured_duration_seconds": float("nan")},
        {"palette": [1, None, "#112233"]},
        {"palette": None},
        {"created_at": datetime.max.replace(tzinfo=UTC)},
    ],
)
async def test_a_page_with_an_unusual_value_is_executed_from_rows(
    services: Services, database: Database, cast: Cast, column: dict[str, Any]
) -> None:
    for number in range(3):
        await put_entry(database, cast.ada, number)
    await put_entry(database, cast.ada, 3, **column)
    query = document("edges { node { track { seed measuredDurationSeconds tempoBpm palette createdAt } } }")
    await compare(services, cast.ada, query, is_json=False)
    await compare(services, cast.ada, document("edges { cursor node { track { title } } }"))


async def test_a_page_with_an_infinite_time_is_executed_from_rows(
    services: Services, database: Database, cast: Cast
) -> None:
    await put_entry(database, cast.ada, 1)
    async with database.transaction() as session:
        await session.execute(update(LibraryEntry).values(created_at=datetime.max.replace(tzinfo=UTC)))
    for edges in ("edges { cursor }", "edges { node { savedAt } }"):
        await compare(services, cast.ada, document(edges), is_json=False)


async def test_a_number_that_is_too_large_for_json_fails_its_track_only(
    services: Services, database: Database, cast: Cast
) -> None:
    await put_entry(database, cast.ada, 1)
    async with database.transaction() as session:
        await session.execute(text("UPDATE tracks SET palette = '[1e400]'"))
    edges = "edges { node { id track { palette } } }"
    library = await compare(services, cast.ada, document(edges), is_json=False)
    assert [edge["node"]["track"] for edge in library["edges"]] == [None]


@pytest.mark.parametrize("arguments", ["first: 0", "first: 1", "first: 2", "first: 3", "first: 101", "first: -1", ""])
async def test_pages_of_every_size_are_equal(
    services: Services, database: Database, cast: Cast, arguments: str
) -> None:
    query = document("edges { cursor node { id } }", arguments)
    await compare(services, cast.ada, query)
    for number in range(2):
        await put_entry(database, cast.ada, number)
    await compare(services, cast.ada, query)


async def test_filtered_pages_are_equal(services: Services, database: Database, cast: Cast) -> None:
    for number in range(6):
        await put_entry(database, cast.ada, number, mode=tuple(Mode)[number % len(Mode)])
    for only in ("mode: FOCUS", "isFavourite: false, source: SHARED", 'engine: "studio", style: "lofi"'):
        await compare(services, cast.ada, document("edges { node { id } }", f"filter: {{ {only} }}"))
    for only in ('tags: ["calm"]', 'collectionId: "mcoll_ffffffffffff"'):
        await compare(services, cast.ada, document("edges { node { id } }", f"filter: {{ {only} }}"), is_json=False)
    await compare(services, cast.ada, document("edges { node { id } }", 'query: "lofi"'), is_json=False)


async def test_a_response_over_http_contains_the_json(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    await put_entry(database, cast.ada, 1, title="Zoë 🎷")
    query = document("edges { cursor node { savedAt track { title } } }")
    first, second = [await data(client, cast.ada, query, id=cast.ada.organization_id) for _ in range(2)]
    assert first == second
    assert first["organization"]["library"]["edges"][0]["node"]["track"] == {"title": "Zoë 🎷"}


async def test_objects_without_fields_are_equal(services: Services, database: Database, cast: Cast) -> None:
    await put_entry(database, cast.ada, 1)
    for edges in ("edges { cursor @skip(if: $yes) }", "edges { node { id @skip(if: $yes) } cursor }"):
        await compare(services, cast.ada, document(edges))
