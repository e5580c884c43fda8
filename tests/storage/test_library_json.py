"""Concurrent pages of libraries share queries, and each has the rows of its own user, position and order."""

import asyncio
import itertools
import logging
from functools import partial
from typing import Final

import orjson
import pytest

from benchmarks.api import dataset
from core.jobs import Mode
from rest_compat.tracks import TRACK_FIELDS
from storage.postgres.database import Database
from storage.queries import libraries, library_json
from storage.queries.json_templates import JsonColumn, JsonCursor, JsonSortKey, Template
from storage.queries.libraries import Direction, Filter, Order, Sort

EVERYTHING: Final = Filter()


def make_template(sort: Sort, item: str, cursor: str) -> Template:
    """Return the template of items with an id and a cursor, whose fields have these names."""
    parts = (f'{{"{item}":', JsonColumn("library_entries", "id"), f',"{cursor}":"', JsonCursor(), '"}')
    return Template(parts, ("[", JsonSortKey(sort), f',"{item}"]'))


def count_queries(caplog: pytest.LogCaptureFixture) -> int:
    return sum("library_entries" in record.getMessage() for record in caplog.records)


async def test_concurrent_pages_are_those_of_single_calls(
    database: Database, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    data = await dataset.create_dataset(database_url, 200, 6)
    pages = ((EVERYTHING, 3), (EVERYTHING, 8), (Filter(is_favourite=False), 3))
    cases = list(itertools.product(data.users, Sort, Direction, pages, (False, True)))
    expected, calls = [], []
    for user, sort, direction, (only, size), has_position in cases:
        order, owner = Order(sort, direction), (user.organization_id, user.user_id)
        async with database.transaction() as session:
            rows = await libraries.page(session, *owner, only, order, limit=size + 2)
        after = (rows[1].key, rows[1].entry.id) if has_position else None
        # pages that differ in the texts of their templates share queries, too
        for names in (("id", "cursor"), ("entry", "at")):
            template = make_template(sort, *names)
            load = partial(library_json.load_page, database, *owner, only, order)
            call = partial(load, template, size=size, after=after)
            page = await call()
            assert page is not None
            start = 2 if has_position else 0
            ids = [row.entry.id for row in rows[start : start + size]]
            cursors = [f"cursor {number}" for number in range(len(ids))]
            items = orjson.loads(f"[{page.insert_cursors(cursors)}]")
            assert items == [dict(zip(names, values, strict=True)) for values in zip(ids, cursors, strict=True)]
            expected.append(page)
            calls.append(call)
    caplog.set_level(logging.DEBUG, "storage.postgres.database")
    assert await asyncio.gather(*(call() for call in calls)) == expected
    filtered = len(calls) / len(pages)
    assert filtered < count_queries(caplog) <= filtered + (len(calls) - filtered) / 3


async def test_concurrent_tracks_of_rest_share_queries_without_filters_and_offsets(
    database: Database, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    data = await dataset.create_dataset(database_url, 400, 10)
    filters = (EVERYTHING, Filter(mode=Mode.CREATION), Filter(mode=Mode.FOCUS))
    cases = list(itertools.product(data.users, filters, (3, 8), (0, 5)))

    async def read(user: dataset.ApiUser, only: Filter, limit: int, offset: int) -> list[str]:
        owner = (user.organization_id, user.user_id)
        text = await library_json.load_tracks(database, *owner, only, TRACK_FIELDS, limit=limit, offset=offset)
        return [track["id"] for track in orjson.loads(f"[{text}]")]

    expected = []
    for user, only, limit, offset in cases:
        async with database.transaction() as session:
            owner = (user.organization_id, user.user_id)
            rows = await libraries.page(session, *owner, only, limit=limit, offset=offset)
        expected.append([row.track.id for row in rows])
    caplog.set_level(logging.DEBUG, "storage.postgres.database")
    assert await asyncio.gather(*(read(*case) for case in cases)) == expected
    alone = sum(only is not EVERYTHING or offset > 0 for _, only, _, offset in cases)
    assert alone < count_queries(caplog) <= alone + (len(cases) - alone) / 2
