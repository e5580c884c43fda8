"""Waveform, chords, sections, report and lineage of tracks."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import text

from core import clock, ids
from resolvers.access.context import Services
from resolvers.library import waveforms
from storage.postgres.database import Database
from storage.tables import FileRole, LibraryEntry, LibrarySource, TrackFile
from tests.support.factories import put_track
from tests.support.graphql.client import data, execute
from tests.support.users import Cast

WAVEFORM = "query($id: ID!, $points: Int! = 800) { node(id: $id) { ... on Track { waveform(points: $points) } } }"
FACTS = """
query($id: ID!) { node(id: $id) { ... on Track {
  chords { startMs endMs symbol }
  sections { startMs endMs name }
  requested { tempoBpm durationSeconds loudnessLufs key metre }
  measured { tempoBpm durationSeconds loudnessLufs key metre }
} } }
"""
LINEAGE = """
query($id: ID!, $first: Int! = 20, $after: String) { node(id: $id) { ... on Track { lineage {
  seedTrack { id }
  derivedTracks(first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } edges { node { id } }
  }
} } } }
"""
REPORT = {
    "tempo_bpm": {"requested": 90.0, "delivered": 90.0, "measured": 89.9},
    "duration_seconds": {"requested": 30.0, "delivered": 30.0, "measured": 30.0},
    "loudness_lufs": {"requested": None, "delivered": -14.0, "measured": -14.1},
    "key": {"requested": "A minor", "delivered": "A minor", "measured": None},
    "metre": {"requested": None, "delivered": "4/4", "measured": None},
    "words_used": [],
    "words_approximated": [],
    "words_ignored": [],
    "notes": [],
}


async def attach_waveform(services: Services, folder: Path, track_id: str, extremes: list[int]) -> str:
    """Store a waveform file as workers do; return its key."""
    path = folder / "waveform.json"
    path.write_bytes(orjson.dumps({"version": 2, "bits": 8, "length": len(extremes) // 2, "data": extremes}))
    blob = await services.blobs.put(path, ".json")
    file = TrackFile(
        track_id=track_id,
        role=FileRole.WAVEFORM,
        blob_key=blob.key,
        media_type="application/json",
        size_bytes=blob.size_bytes,
    )
    async with services.database.transaction() as session:
        session.add(file)
    return blob.key


@pytest.mark.parametrize(
    ("extremes", "points", "peaks"),
    [
        ([-127, 64, -1, 0], 2, [1.0, 0.008]),
        ([-127, 64, -1, 0], 1, [1.0]),
        ([-128, 127], 3, [1.0, 1.0, 1.0]),
        ([0, 0, -10, 20, -30, 5, 0, 1, 0, 0], 2, [0.157, 0.236]),
        ([], 2, [0.0, 0.0]),
    ],
)
def test_a_waveform_point_is_the_peak_of_its_part(extremes: list[int], points: int, peaks: list[float]) -> None:
    assert waveforms.reduce_peaks(extremes, points) == peaks


async def test_the_waveform_has_the_requested_number_of_points(
    client: httpx.AsyncClient, database: Database, services: Services, cast: Cast, tmp_path: Path
) -> None:
    track_id = await put_track(database, cast.ada)
    assert (await data(client, cast.ada, WAVEFORM, id=track_id))["node"] == {"waveform": None}
    await attach_waveform(services, tmp_path, track_id, [-64, 64] * 600 + [-127, 127] * 600)
    for points in (1, 2, 800, 2000):
        [*peaks] = (await data(client, cast.ada, WAVEFORM, id=track_id, points=points))["node"]["waveform"]
        assert len(peaks) == points
        assert set(peaks) <= {0.504, 1.0}
        assert peaks[-1] == 1.0


@pytest.mark.parametrize("points", [0, -1, 2001])
async def test_a_number_of_points_out_of_range_is_rejected(
    client: httpx.AsyncClient, database: Database, cast: Cast, points: int
) -> None:
    track_id = await put_track(database, cast.ada)
    body = await execute(client, cast.ada, WAVEFORM, id=track_id, points=points)
    assert body["data"]["node"] == {"waveform": None}
    assert body["errors"][0]["extensions"]["errors"] == [{"field": "points", "message": "Must be 1 to 2000."}]


async def test_a_missing_waveform_file_is_null(
    client: httpx.AsyncClient, database: Database, services: Services, cast: Cast, tmp_path: Path
) -> None:
    track_id = await put_track(database, cast.ada)
    key = await attach_waveform(services, tmp_path, track_id, [-1, 1, -2, 2])
    await services.blobs.delete(key)
    assert (await data(client, cast.ada, WAVEFORM, id=track_id))["node"] == {"waveform": None}


async def test_chords_sections_and_both_sides_of_the_report(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    chords = [{"start_ms": 0, "end_ms": 1000, "symbol": "Am7"}, {"start_ms": 1000, "end_ms": 2000, "symbol": "F/C"}]
    sections = [{"start_ms": 0, "end_ms": 2000, "name": "intro"}]
    track_id = await put_track(database, cast.ada, chords=chords, sections=sections, report=REPORT)
    assert (await data(client, cast.ada, FACTS, id=track_id))["node"] == {
        "chords": [
            {"startMs": 0, "endMs": 1000, "symbol": "Am7"},
            {"startMs": 1000, "endMs": 2000, "symbol": "F/C"},
        ],
        "sections": [{"startMs": 0, "endMs": 2000, "name": "intro"}],
        "requested": {
            "tempoBpm": 90.0,
            "durationSeconds": 30.0,
            "loudnessLufs": None,
            "key": "A minor",
            "metre": None,
        },
        "measured": {
            "tempoBpm": 89.9,
            "durationSeconds": 30.0,
            "loudnessLufs": -14.1,
            "key": None,
            "metre": None,
        },
    }
    without_report = await put_track(database, cast.ada)
    assert (await data(client, cast.ada, FACTS, id=without_report))["node"] == {
        "chords": [],
        "sections": [],
        "requested": None,
        "measured": None,
    }


async def test_the_report_lists_the_instruments_if_its_engine_reported_them(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    uses = [{"name": "Electric bass", "stem": "bass", "starts_at": 8250, "share": 0.75}]
    older = await put_track(database, cast.ada, report=REPORT)
    newer = await put_track(database, cast.ada, report={**REPORT, "instruments": uses})
    query = """query($ids: [ID!]!) { nodes(ids: $ids) { ... on Track { report { instruments {
        name stem startsAtSeconds share
    } } } } }"""
    assert (await data(client, cast.ada, query, ids=[older, newer]))["nodes"] == [
        {"report": {"instruments": None}},
        {
            "report": {
                "instruments": [{"name": "Electric bass", "stem": "bass", "startsAtSeconds": 8.25, "share": 0.75}]
            }
        },
    ]


async def set_seed_track(database: Database, later: str, seed: str) -> None:
    statement = "UPDATE generations SET seed_track_id = :seed FROM tracks WHERE generation_id = generations.id"
    async with database.transaction() as session:
        await session.execute(text(f"{statement} AND tracks.id = :later"), {"seed": seed, "later": later})


async def test_derived_tracks_are_paginated_newest_first(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    now = clock.now()
    seed = await put_track(database, cast.ada)
    later = [await put_track(database, cast.ada, created_at=now + timedelta(seconds=age)) for age in range(3)]
    for track_id in later:
        await set_seed_track(database, track_id, seed)

    async def lineage(track_id: str, **arguments: object) -> Any:  # noqa: ANN401
        return (await data(client, cast.ada, LINEAGE, id=track_id, **arguments))["node"]["lineage"]

    complete = await lineage(seed)
    assert complete["seedTrack"] is None
    assert complete["derivedTracks"]["totalCount"] == 3
    assert [edge["node"]["id"] for edge in complete["derivedTracks"]["edges"]] == later[::-1]
    first = (await lineage(seed, first=2))["derivedTracks"]
    assert first["pageInfo"]["hasNextPage"] is True
    rest = (await lineage(seed, first=2, after=first["pageInfo"]["endCursor"]))["derivedTracks"]
    assert [edge["node"]["id"] for edge in rest["edges"]] == later[:1]
    assert rest["pageInfo"]["hasNextPage"] is False
    assert (await lineage(later[0]))["seedTrack"] == {"id": seed}
    assert (await lineage(later[0]))["derivedTracks"] == {
        "totalCount": 0,
        "pageInfo": {"hasNextPage": False, "endCursor": None},
        "edges": [],
    }


async def test_unreadable_tracks_are_not_part_of_the_lineage(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    seed, own, deleted = [await put_track(database, cast.ada) for _ in range(3)]
    foreign = await put_track(database, cast.bea)
    for track_id in (own, deleted, foreign):
        await set_seed_track(database, track_id, seed)
    await data(client, cast.ada, "mutation($id: ID!) { deleteTrack(input: { id: $id }) { __typename } }", id=deleted)
    derived = (await data(client, cast.ada, LINEAGE, id=seed))["node"]["lineage"]["derivedTracks"]
    assert derived["totalCount"] == 1
    assert [edge["node"]["id"] for edge in derived["edges"]] == [own]
    assert (await data(client, cast.bea, LINEAGE, id=foreign))["node"]["lineage"]["seedTrack"] is None


async def test_a_track_has_its_request_and_library_entry_for_the_viewer(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    track_id = await put_track(database, cast.ada)
    query = """
    query($id: ID!) { node(id: $id) { ... on Track {
      id generation { prompt saveToLibrary track { id } } libraryEntry { source track { id } }
    } } }
    """
    found = (await data(client, cast.ada, query, id=track_id))["node"]
    assert found["libraryEntry"] is None
    assert found["generation"]["saveToLibrary"] is False
    assert found["generation"]["track"] == {"id": track_id}
    async with database.transaction() as session:
        entry = LibraryEntry(
            id=ids.new(ids.Kind.LIBRARY_ENTRY),
            organization_id=cast.bea.organization_id,
            user_id=cast.bea.user_id,
            track_id=track_id,
            source=LibrarySource.SHARED,
        )
        session.add(entry)
    assert (await data(client, cast.bea, query, id=track_id))["node"] == {
        "id": track_id,
        "generation": None,
        "libraryEntry": {"source": "SHARED", "track": {"id": track_id}},
    }
