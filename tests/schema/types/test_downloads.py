"""Downloads in the GraphQL API."""

from typing import Any

import httpx

from core import ids
from storage.postgres.database import Database
from storage.tables import Conversion
from tests.support.factories import load_all, put_track
from tests.support.graphql.client import data
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


async def test_a_track_lists_its_download_formats_and_which_are_ready(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    track_id = await put_track(database, cast.ada, stems=["bass"], papers={"title": "Night Desk"}, engine_version="0")
    listed = (await data(client, cast.ada, DOWNLOADS, id=track_id))["node"]["downloads"]
    assert [
        (download["format"], download["part"], download["fileName"], download["isReady"]) for download in listed
    ] == [
        ("MP3", None, "Night Desk.mp3", True),
        ("STEMS", None, "Night Desk - stems.zip", False),
        ("STEM", "bass", "Night Desk - bass.flac", True),
    ]
    assert [download["url"] is not None for download in listed] == [True, False, True]
    assert [download["sizeBytes"] for download in listed] == [1, None, 1]
    assert await load_all(database, Conversion) == []


async def test_prepare_download_queues_a_conversion(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    track_id = await put_track(database, cast.ada, stems=["bass"])
    for _ in range(2):
        answer = await data(client, cast.ada, PREPARE, input={"id": track_id, "format": "STEMS"})
        assert answer["prepareDownload"] == {
            "__typename": "PrepareDownloadPayload",
            "download": {"format": "STEMS", "isReady": False, "url": None},
        }
    [row] = await load_all(database, Conversion)
    assert (row.track_id, row.format, row.user_id) == (track_id, "stems", cast.ada.user_id)


async def test_preparing_an_unavailable_download_is_not_found(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    track_id = await put_track(database, cast.ada)
    inputs: list[dict[str, Any]] = [
        {"id": track_id, "format": "STEMS"},
        {"id": track_id, "format": "STEM"},
        {"id": track_id, "format": "MP3", "part": "bass"},
        {"id": ids.new(ids.Kind.TRACK), "format": "MP3"},
    ]
    for input_ in inputs:
        answer = (await data(client, cast.ada, PREPARE, input=input_))["prepareDownload"]
        assert answer == {"__typename": "NotFoundError", "code": "RESOURCE_NOT_FOUND"}
    assert await load_all(database, Conversion) == []


async def test_an_engine_has_a_digital_source_type(client: httpx.AsyncClient, cast: Cast) -> None:
    response = await data(client, cast.ada, ENGINES, id=cast.ada.organization_id)
    assert response["organization"]["engines"] == [{"key": "studio", "digitalSourceType": "ALGORITHMIC_MEDIA"}]
