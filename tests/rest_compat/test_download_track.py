"""The extension download-track."""

import pytest
from sqlalchemy import update

from storage.postgres.database import Database
from storage.tables import Conversion, FileRole, Track, TrackFile
from tests.support.factories import load_all, put_track
from tests.support.rest.client import Contract
from tests.support.users import Cast, Person

BLOB = f"sha256/ab/{'ab' * 32}"


async def put(database: Database, person: Person) -> str:
    """Create a track with metadata but without stored files, which signed URLs do not require."""
    track_id = await put_track(database, person, stems=["bass"], papers={"title": "Night Desk"}, engine_version="0")
    more = ((FileRole.LOSSLESS, "", ".flac", "audio/flac"), (FileRole.SCORE, "", ".mid", "audio/midi"))
    async with database.transaction() as session:
        for role, name, suffix, kind in more:
            key = BLOB + suffix
            file = TrackFile(track_id=track_id, role=role, name=name, blob_key=key, media_type=kind, size_bytes=7)
            session.add(file)
    return track_id


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({}, "Night Desk.mp3"),
        ({"format": "mp3"}, "Night Desk.mp3"),
        ({"format": "flac"}, "Night Desk.flac"),
        ({"format": "stem", "part": "bass"}, "Night Desk - bass.flac"),
        ({"format": "midi"}, "Night Desk.mid"),
    ],
    ids=lambda value: "-".join(value.values()) or "none" if isinstance(value, dict) else "",
)
async def test_an_existing_file_returns_a_redirect(
    rest: Contract, database: Database, cast: Cast, query: dict[str, str], name: str
) -> None:
    path = {"track_id": await put(database, cast.ada)}
    answer = await rest.call("download-track", cast.ada, path=path, params=query)
    assert answer.status_code == 302
    assert answer.json()["file_name"] == name
    assert answer.headers["Location"].startswith(rest.document["servers"][0]["url"])
    url = rest.url("download-track", cast.ada, **path)
    head = await rest.send("HEAD", url, params=query, headers=cast.ada.headers)
    assert (head.status_code, head.content) == (302, b"")
    assert await load_all(database, Conversion) == []


async def test_a_missing_file_returns_202_and_is_converted_once(rest: Contract, database: Database, cast: Cast) -> None:
    path = {"track_id": await put(database, cast.ada)}
    for _ in range(2):
        answer = await rest.call("download-track", cast.ada, path=path, params={"format": "wav"})
        assert answer.status_code == 202
        assert answer.json() == {
            "format": "wav",
            "part": None,
            "url": None,
            "mime_type": "audio/wav",
            "file_name": "Night Desk.wav",
            "size_bytes": None,
            "is_ready": False,
        }
    [row] = await load_all(database, Conversion)
    assert (row.track_id, row.format, row.title, row.attempts) == (path["track_id"], "wav", "Night Desk", 0)


async def test_a_new_title_converts_the_files_again(rest: Contract, database: Database, cast: Cast) -> None:
    path = {"track_id": await put(database, cast.ada)}
    async with database.transaction() as session:
        await session.execute(update(Track).values(title="Day Desk"))
    answer = await rest.call("download-track", cast.ada, path=path)
    assert (answer.status_code, answer.json()["file_name"]) == (202, "Day Desk.mp3")


@pytest.mark.parametrize(
    "query",
    [{"format": "cover"}, {"format": "stem"}, {"format": "stem", "part": "kazoo"}, {"format": "wav", "part": "bass"}],
    ids=["not-made", "nameless", "no-such-part", "named"],
)
async def test_an_unavailable_format_returns_404(
    rest: Contract, database: Database, cast: Cast, query: dict[str, str]
) -> None:
    path = {"track_id": await put(database, cast.ada)}
    answer = await rest.call("download-track", cast.ada, path=path, params=query)
    assert answer.status_code == 404
    assert answer.json()["error"]["system_message"] == "File of the music track not found"
    assert await load_all(database, Conversion) == []


@pytest.mark.parametrize(
    "query",
    [{"format": "ogg"}, {"format": ""}, {"part": ""}],
    ids=["other", "empty", "blank"],
)
async def test_invalid_query_values_return_422(
    rest: Contract, database: Database, cast: Cast, query: dict[str, str]
) -> None:
    path = {"track_id": await put(database, cast.ada)}
    answer = await rest.call("download-track", cast.ada, path=path, params=query)
    assert answer.status_code == 422
    assert await load_all(database, Conversion) == []
