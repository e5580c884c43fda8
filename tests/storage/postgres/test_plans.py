"""Statements with a generic plan use indexes for all of their rows, however many rows a user has."""

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any, Final

import asyncpg
import pytest

from benchmarks.api import dataset
from rest_compat.tracks import TRACK_FIELDS
from storage.postgres.compiled import Statement
from storage.queries import accounts, by_id, generation_json, library_json, library_pages
from storage.queries.json_templates import JsonColumn, JsonJoined, JsonSortKey, Template
from storage.queries.libraries import NEWEST_FIRST, Direction, Order, Sort

ENTRIES: Final = "ix_library_entries_page"
SORTED: Final = {
    Sort.SAVED_AT: {ENTRIES},
    Sort.CREATED_AT: {"ix_library_sort_keys_track_created_at", "pk_library_entries"},
    Sort.TITLE: {"ix_library_sort_keys_title", "pk_library_entries"},
    Sort.DURATION: {"ix_library_sort_keys_duration_seconds", "pk_library_entries"},
}
TRACKS: Final = library_json._track_template(TRACK_FIELDS).columns

JOB: Final = Template((JsonColumn("generations", "id"), JsonJoined("tracks", (JsonColumn("tracks", "title"),)))).columns


def statements() -> Iterator[tuple[str, Statement, set[str]]]:
    """Yield statements with the indexes that they must use."""
    job = {"pk_generations", "uq_tracks_generation_id", "pk_track_files"}
    yield "key", accounts._KEY_HOLDERS, {"uq_api_keys_digest", "ix_memberships_user_id"}
    yield "status", by_id.GENERATION_STATUS._statement, job
    yield "generation", by_id.WHOLE_GENERATION._statement, job
    yield "generation as JSON", generation_json._statement(JOB), {"pk_generations", "uq_tracks_generation_id"}
    yield "tracks", library_json._statement(TRACKS, (), NEWEST_FIRST, has_position=False), {ENTRIES, "pk_tracks"}
    for sort, direction, has_position in itertools.product(Sort, Direction, (False, True)):
        order = Order(sort, direction)
        rows = library_pages._statement(library_pages.PUBLIC_COLUMNS, (), order, has_position=has_position)
        columns = Template((JsonColumn("tracks", "title"),), (JsonSortKey(sort),)).columns
        edges = library_json._statement(columns, (), order, has_position=has_position)
        for kind, statement in (("rows", rows), ("edges", edges)):
            yield f"{kind} {sort} {direction} {has_position}", statement, {*SORTED[sort], "pk_tracks"}


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from nodes(each)


@pytest.mark.usefixtures("database")
async def test_generic_plans_use_the_indexes_of_their_tables(database_url: str) -> None:
    # of few keys, a scan of the table would cost less
    await dataset.create_dataset(database_url, 5_000, 1_000)
    connection = await asyncpg.connect(database_url)
    try:
        await _check_plans(connection)
    finally:
        await connection.close()


async def _check_plans(connection: asyncpg.Connection) -> None:
    await connection.execute("SET plan_cache_mode = force_generic_plan")
    for name, statement, indexes in statements():
        assert statement.has_generic_plan, name
        await connection.execute(f"PREPARE measured AS {statement.text}")
        values = ", ".join(["NULL"] * len(set(re.findall(r"\$\d+", statement.text))))
        [row] = await connection.fetch(f"EXPLAIN (FORMAT JSON) EXECUTE measured ({values})")
        await connection.execute("DEALLOCATE measured")
        used = list(nodes(json.loads(row[0])[0]["Plan"]))
        assert {node["Index Name"] for node in used if "Index Name" in node} == indexes, name
        kinds = {node["Node Type"] for node in used}
        assert "Seq Scan" not in kinds, name
        # the memberships of a key are few; the rows of a page come in the order of the index
        assert ("Sort" in kinds) is (name == "key"), name
