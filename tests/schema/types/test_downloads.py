"""Downloads as a frontend sees them."""

from typing import Any

import httpx

from core import ids
from storage.postgres.database import Database
from storage.tables import Conversion
from tests.support.factories import every, put_track
from tests.support.graphql_client import data
from tests.support.users import Cast

DOWNLOADS = """
query($id: ID!) { node(id: $id) { ... on Track { downloads { format part mimeType fileName sizeBytes isReady url } } } }
"""
PREPARE = """
mutation($input: PrepareDownloadInput!) { prepareDownload(input: $input) {
  __typename ... on Error { code } ... on PrepareDownloadPayload { download { format isReady url } }
} }
"""
ENGINES = "query($id: ID!) { organization(id: $id) { engines { key digitalSourceType } } }"


async def test_a_track_lists_what_can_be_had_and_what_is_ready(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    track_id = await put_track(database, cast.ada, stems=["bass"], papers={"title": "Night Desk"}, engine_version="0")
    found = (await data(client, cast.ada, DOWNLOADS, id=track_id))["node"]["downloads"]
    assert [(one["format"], one["part"], one["fileName"], one["isReady"]) for one in found] == [
        ("MP3", None, "Night Desk.mp3", True),
        ("STEMS", None, "Night Desk - stems.zip", False),
        ("STEM", "bass", "Night Desk - bass.flac", True),
    ]
    assert [one["url"] is not None for one in found] == [True, False, True]
    assert [one["sizeBytes"] for one in found] == [1, None, 1]
    assert await every(database, Conversion) == []


async def test_what_is_asked_for_waits_for_a_worker(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    track_id = await put_track(database, cast.ada, stems=["bass"])
    for _ in range(2):
        answer = await data(client, cast.ada, PREPARE, input={"id": track_id, "format": "STEMS"})
        assert answer["prepareDownload"] == {
            "__typename": "PrepareDownloadPayload",
            "download": {"format": "STEMS", "isReady": False, "url": None},
        }
    [row] = await every(database, Conversion)
    assert (row.track_id, row.format, row.user_id) == (track_id, "stems", cast.ada.user_id)


async def test_what_cannot_be_had_is_not_found(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    track_id = await put_track(database, cast.ada)
    wishes: list[dict[str, Any]] = [
        {"id": track_id, "format": "STEMS"},
        {"id": track_id, "format": "STEM"},
        {"id": track_id, "format": "MP3", "part": "bass"},
        {"id": ids.new(ids.Kind.TRACK), "format": "MP3"},
    ]
    for wish in wishes:
        answer = (await data(client, cast.ada, PREPARE, input=wish))["prepareDownload"]
        assert answer == {"__typename": "NotFoundError", "code": "RESOURCE_NOT_FOUND"}
    assert await every(database, Conversion) == []


async def test_an_engine_says_how_its_sound_comes_to_be(client: httpx.AsyncClient, cast: Cast) -> None:
    seen = await data(client, cast.ada, ENGINES, id=cast.ada.organization_id)
    assert seen["organization"]["engines"] == [{"key": "studio", "digitalSourceType": "ALGORITHMIC_MEDIA"}]
