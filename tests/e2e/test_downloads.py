"""Downloads over REST and GraphQL with a real worker: tagged files, and formats that the worker converts."""

import asyncio
import io
import zipfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import soundfile
from tinytag import TinyTag

from tests.support.audio.tagged_files import ffprobe, mediainfo
from tests.support.graphql.client import data
from tests.support.polling import wait_for
from tests.support.rest.generations import finished, submit
from tests.support.users import Cast, Person

pytestmark = pytest.mark.usefixtures("worker")

DOWNLOADS = """
query($id: ID!) { node(id: $id) { ... on Track { downloads { format part mimeType fileName sizeBytes isReady url } } } }
"""
PREPARE = """
mutation($input: PrepareDownloadInput!) { prepareDownload(input: $input) {
  __typename ... on Error { code } ... on PrepareDownloadPayload { download { format isReady url sizeBytes } }
} }
"""


def poll_download(
    client: httpx.AsyncClient, person: Person, track_id: str, file_format: str
) -> Callable[[], Awaitable[httpx.Response | None]]:
    """Return a poll function that respects Retry-After until the file is ready."""

    async def poll() -> httpx.Response | None:
        answer = await download(client, person, track_id, format=file_format)
        if answer.status_code == 202:
            assert answer.headers["Retry-After"] == "2"
            assert answer.json()["url"] is None
            return None
        return answer

    return poll


async def download(client: httpx.AsyncClient, person: Person, track_id: str, **query: str) -> httpx.Response:
    path = f"/v1/music/{person.organization_id}/tracks/{track_id}/download"
    return await client.get(path, params=query, headers=person.headers)


async def fetched(client: httpx.AsyncClient, answer: httpx.Response, path: Path) -> httpx.Response:
    """Follow the redirect and save the file."""
    assert answer.status_code == 302
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Location"] == answer.json()["url"]
    file = await client.get(answer.headers["Location"])
    assert file.status_code == 200
    assert len(file.content) == answer.json()["size_bytes"]
    await asyncio.to_thread(path.write_bytes, file.content)
    return file


async def offered(client: httpx.AsyncClient, person: Person, track_id: str) -> dict[str, Any]:
    """Return the downloads of GraphQL by format; of several stems the last."""
    listed = await data(client, person, DOWNLOADS, id=track_id)
    return {one["format"]: one for one in listed["node"]["downloads"]}


async def test_a_track_can_be_downloaded_in_every_format_until_it_is_deleted(
    client: httpx.AsyncClient, cast: Cast, tmp_path: Path
) -> None:
    base = f"/v1/music/{cast.ada.organization_id}"
    job_id = await submit(client, cast.ada, "warm lofi beat at 82 bpm with rhodes", 2)
    job = await wait_for(finished(client, cast.ada, f"{base}/generations/{job_id}"))
    track = job["track"]

    # the master is ready at once and has a file name
    mp3 = await fetched(client, await download(client, cast.ada, track["id"]), tmp_path / "x.mp3")
    assert mp3.headers["Content-Disposition"].startswith(
        f'attachment; filename="{track["title"]}.mp3"; filename*=UTF-8'
    )
    tags = TinyTag.get(tmp_path / "x.mp3", image=True)
    assert (tags.title, tags.artist) == (track["title"], "First")
    assert tags.images.front_cover is not None
    flac = await fetched(client, await download(client, cast.ada, track["id"], format="flac"), tmp_path / "x.flac")
    assert flac.headers["Content-Type"] == "audio/flac"

    # WAV is converted by a worker
    wav = await wait_for(poll_download(client, cast.ada, track["id"], "wav"))
    await fetched(client, wav, tmp_path / "x.wav")
    pcm = [soundfile.read(tmp_path / name, dtype="int32")[0].tobytes() for name in ("x.wav", "x.flac")]
    assert pcm[0] == pcm[1]

    # the same over GraphQL
    answer = (await data(client, cast.ada, PREPARE, input={"id": track["id"], "format": "STEMS"}))["prepareDownload"]
    assert answer["__typename"] == "PrepareDownloadPayload"

    async def stems() -> dict[str, Any] | None:
        ready = (await offered(client, cast.ada, track["id"]))["STEMS"]
        return ready if ready["isReady"] else None

    ready = await wait_for(stems)
    with zipfile.ZipFile(io.BytesIO((await client.get(ready["url"])).content)) as archive:
        parts = archive.namelist()
    every = await offered(client, cast.ada, track["id"])
    assert list(every) == ["MP3", "FLAC", "WAV", "STEMS", "STEM", "MIDI", "MUSICXML", "WAVEFORM", "COVER"]
    assert all(one["isReady"] and one["sizeBytes"] > 0 and one["url"] for one in every.values())
    assert f"{every['STEM']['part']}.flac" in parts

    # other users get no file, and the owner gets none after the deletion
    for other_user, status in ((cast.bea, 404), (cast.cid, 403)):
        path = f"{base}/tracks/{track['id']}/download"
        assert (await client.get(path, headers=other_user.headers)).status_code == status
        refused = await data(client, other_user, PREPARE, input={"id": track["id"], "format": "WAV"})
        assert refused["prepareDownload"] == {"__typename": "NotFoundError", "code": "RESOURCE_NOT_FOUND"}
    assert (await client.delete(f"{base}/tracks/{track['id']}", headers=cast.ada.headers)).status_code == 200
    assert (await download(client, cast.ada, track["id"])).status_code == 404
    for deleted_url in (wav.headers["Location"], ready["url"], every["FLAC"]["url"]):
        assert (await client.get(deleted_url)).status_code == 404

    # last, because both programs may be missing
    assert ffprobe(tmp_path / "x.mp3")["tags"]["TITLE"] == track["title"]
    assert mediainfo(tmp_path / "x.flac")["TRACK_ID"] == track["id"]
