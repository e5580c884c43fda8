"""Reference audio: declarations of rights, uploads with limits, and access of other users."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any, Final

import httpx
import numpy as np
import pytest
import soundfile

from core.network import tls
from core.settings import Settings
from server import bootstrap
from server.embedded import ports
from storage.blobs import factory
from storage.postgres.database import Database
from storage.tables import ReferenceAudio
from tests.support.processes.servers import serving
from tests.support.reference_audios import declare, send_file, upload
from tests.support.remote.tone_files import tone_wav
from tests.support.rest.client import Contract
from tests.support.rest.problems import problems
from tests.support.users import Cast

SAMPLE_RATE: Final = 44_100


def encoded(container: str, subtype: str, channels: int = 1, rate: int = SAMPLE_RATE) -> bytes:
    file = BytesIO()
    noise = np.random.default_rng(0).normal(0, 0.1, (rate, channels))
    soundfile.write(file, noise, rate, format=container, subtype=subtype)
    return file.getvalue()


async def load(database: Database, row_id: str) -> ReferenceAudio:
    async with database.transaction() as session:
        return await session.get_one(ReferenceAudio, row_id)


async def test_a_declaration_is_dated_and_followed_by_its_file(
    rest: Contract, cast: Cast, database: Database, settings: Settings
) -> None:
    body = {
        "name": " Kitchen demo ",
        "basis": "licensed",
        "statement": "CC BY-SA 4.0, by Bob",
        "licence_class": "personal_only",
        "attribution": "Bob",
    }
    answer = await rest.call("create-reference-audio", cast.ada, json=body)
    declared = answer.json()
    assert answer.status_code == 201
    path = f"/v1/music/{cast.ada.organization_id}/reference-audios/{declared['id']}/file"
    assert declared["upload_url"] == f"{settings.public_url}{path}"
    assert (declared["name"], declared["sha256"], declared["duration_seconds"]) == ("Kitchen demo", None, None)
    wav = tone_wav(1.5)
    url = rest.url("upload-reference-audio", cast.ada, reference_audio_id=declared["id"])
    answer = await rest.send("PUT", url, headers={**cast.ada.headers, "Content-Type": "audio/wav"}, content=wav)
    stored = answer.json()
    assert answer.status_code == 200
    assert (stored["sha256"], stored["size_bytes"]) == (hashlib.sha256(wav).hexdigest(), len(wav))
    assert (stored["duration_seconds"], stored["upload_url"]) == (1.5, None)
    assert {name: stored[name] for name in body if name != "name"} == {
        name: value for name, value in body.items() if name != "name"
    }
    got = await rest.call("get-reference-audio", cast.ada, path={"reference_audio_id": declared["id"]})
    listed = await rest.call("list-reference-audios", cast.ada)
    assert got.json() == stored
    assert listed.json() == {"items": [stored], "limit": 50, "offset": 0}
    row = await load(database, declared["id"])
    assert row.user_id == cast.ada.user_id
    # what is kept has the samples of the file, and none of its metadata
    blobs = factory.create(settings, bootstrap.build_url_signer(settings))
    kept = b"".join([block async for block in blobs.read(str(row.blob_key))])
    await blobs.close()
    assert kept[:4] == b"fLaC"
    samples, rate = soundfile.read(BytesIO(kept), dtype="int16")
    assert rate == SAMPLE_RATE
    assert np.array_equal(samples, soundfile.read(BytesIO(wav), dtype="int16")[0])


@pytest.mark.parametrize(
    ("container", "subtype", "channels", "rate"),
    [
        ("MP3", "MPEG_LAYER_III", 2, 22_050),
        ("FLAC", "PCM_16", 1, SAMPLE_RATE),
        ("OGG", "VORBIS", 2, SAMPLE_RATE),
        ("WAV", "FLOAT", 1, SAMPLE_RATE),
    ],
)
async def test_the_usual_formats_are_accepted(
    client: httpx.AsyncClient, cast: Cast, container: str, subtype: str, channels: int, rate: int
) -> None:
    declared = await declare(client, cast.ada)
    answer = await send_file(client, cast.ada, declared["id"], encoded(container, subtype, channels, rate))
    assert answer.status_code == 200, answer.text
    assert answer.json()["duration_seconds"] == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, ["basis", "name"]),
        ({"name": "x"}, ["basis"]),
        ({"name": "x", "basis": "borrowed"}, ["basis"]),
        ({"name": "x", "basis": "licensed"}, ["statement"]),
        ({"name": "x", "basis": "licensed", "statement": "  "}, ["statement"]),
        ({"name": "x", "basis": "own_work", "licence_class": "personal_only"}, ["licence_class"]),
        ({"name": "x", "basis": "own_work", "rights": True}, ["rights"]),
    ],
)
async def test_an_incomplete_declaration_is_refused(
    rest: Contract, cast: Cast, body: dict[str, Any], expected: list[str]
) -> None:
    answer = await rest.call("create-reference-audio", cast.ada, json=body)
    assert [field for field, _ in problems(answer)] == expected


async def test_a_file_without_a_declaration_has_no_place(client: httpx.AsyncClient, cast: Cast) -> None:
    answer = await send_file(client, cast.ada, "mref_00000000000000000000dead", tone_wav(1))
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "RESOURCE_NOT_FOUND")


HOSTILE: Final = {
    "empty": (b"", "The file is empty."),
    "text": (b"GIF89a" + b"\x00" * 500, "The file is not audio in MP3, FLAC, WAV or Ogg."),
    "cut-off": (tone_wav(1)[:30], "The file is not audio in MP3, FLAC, WAV or Ogg."),
    "aiff": (encoded("AIFF", "PCM_16"), "The format AIFF is not accepted."),
    "six-channels": (encoded("WAV", "PCM_16", 6), "6 channels at 44100 Hz are not accepted."),
    "low-rate": (encoded("WAV", "PCM_16", 1, 4_000), "1 channels at 4000 Hz are not accepted."),
    # a header that states two hours over a second of samples
    "false-header": (tone_wav(1)[:4] + b"\xff\xff\xff\x7f" + tone_wav(1)[8:40] + b"\xf0\xff\xff\x7f", "no audio"),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_file_is_refused_and_leaves_nothing(
    client: httpx.AsyncClient, cast: Cast, database: Database, name: str
) -> None:
    content, message = HOSTILE[name]
    declared = await declare(client, cast.ada)
    [(field, shown)] = problems(await send_file(client, cast.ada, declared["id"], content))
    assert field == "file"
    assert message in shown
    row = await load(database, declared["id"])
    assert (row.blob_key, row.uploaded_at) == (None, None)
    # a better file is accepted afterwards
    assert (await send_file(client, cast.ada, declared["id"], tone_wav(1))).status_code == 200


async def test_samples_that_are_not_numbers_are_refused(client: httpx.AsyncClient, cast: Cast) -> None:
    file = BytesIO()
    soundfile.write(file, np.full((SAMPLE_RATE, 2), np.nan, dtype=np.float32), SAMPLE_RATE, "FLOAT", format="WAV")
    declared = await declare(client, cast.ada)
    answer = await send_file(client, cast.ada, declared["id"], file.getvalue())
    assert problems(answer) == [("file", "The file contains samples that are not numbers.")]


async def test_the_same_file_again_has_no_effect_and_another_conflicts(client: httpx.AsyncClient, cast: Cast) -> None:
    stored = await upload(client, cast.ada, 1.0)
    again = await send_file(client, cast.ada, stored["id"], tone_wav(1.0))
    assert (again.status_code, again.json()) == (200, stored)
    other = await send_file(client, cast.ada, stored["id"], tone_wav(1.0, 330))
    assert (other.status_code, other.json()["error"]["code"]) == (409, "CONFLICT")


async def test_concurrent_uploads_store_one_file(client: httpx.AsyncClient, cast: Cast) -> None:
    declared = await declare(client, cast.ada)
    answers = await asyncio.gather(
        *(send_file(client, cast.ada, declared["id"], tone_wav(0.5, hertz)) for hertz in (220, 440, 220, 880))
    )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses.count(200) in {1, 2}
    assert set(statuses) == {200, 409}
    assert len({answer.json()["sha256"] for answer in answers if answer.is_success}) == 1


@pytest.mark.parametrize("person", ["bea", "cid"])
async def test_other_users_cannot_see_fill_or_delete_it(
    client: httpx.AsyncClient, cast: Cast, database: Database, person: str
) -> None:
    declared = await declare(client, cast.ada)
    other = getattr(cast, person)
    base = f"/v1/music/{other.organization_id}/reference-audios"
    assert (await send_file(client, other, declared["id"], tone_wav(1))).status_code == 404
    assert (await client.get(f"{base}/{declared['id']}", headers=other.headers)).status_code == 404
    assert (await client.delete(f"{base}/{declared['id']}", headers=other.headers)).status_code == 404
    assert (await client.get(base, headers=other.headers)).json()["items"] == []
    row = await load(database, declared["id"])
    assert (row.uploaded_at, row.deleted_at) == (None, None)


async def test_another_organization_is_denied(client: httpx.AsyncClient, cast: Cast) -> None:
    declared = await declare(client, cast.ada)
    url = f"/v1/music/{cast.ada.organization_id}/reference-audios/{declared['id']}/file"
    answer = await client.put(url, content=tone_wav(1), headers=cast.cid.headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "ORGANIZATION_ACCESS_DENIED")


async def test_a_deleted_one_is_gone(rest: Contract, cast: Cast, database: Database) -> None:
    stored = await upload(rest.client, cast.ada, 1.0)
    path = {"reference_audio_id": stored["id"]}
    answer = await rest.call("delete-reference-audio", cast.ada, path=path)
    assert answer.json() == {"success": True, "id": stored["id"], "detail": "Reference audio deleted."}
    assert (await rest.call("delete-reference-audio", cast.ada, path=path)).status_code == 404
    assert (await rest.call("get-reference-audio", cast.ada, path=path)).status_code == 404
    assert (await send_file(rest.client, cast.ada, stored["id"], tone_wav(1.0))).status_code == 404
    row = await load(database, stored["id"])
    assert (row.blob_key, row.basis, row.user_id) == (None, "own_work", cast.ada.user_id)


async def test_size_length_and_number_are_limited(settings: Settings, database: Database, cast: Cast) -> None:
    limits = settings.reference_audio.model_copy(
        update={"max_file_bytes": 1_500_000, "max_seconds": 3, "max_per_user": 2}
    )
    server = settings.server.model_copy(update={"port": ports.find_free()})
    with serving(settings.model_copy(update={"server": server, "reference_audio": limits})) as url:
        async with httpx.AsyncClient(base_url=url, timeout=60, verify=tls.default_context()) as client:
            declared = await declare(client, cast.ada)
            file_url = f"/v1/music/{cast.ada.organization_id}/reference-audios/{declared['id']}/file"

            async def blocks(count: int) -> AsyncIterator[bytes]:
                for _ in range(count):
                    yield b"x" * 100_000

            async def put(content: Any) -> httpx.Response:  # noqa: ANN401  httpx's
                return await client.put(file_url, content=content, headers=cast.ada.headers)

            # more than other bodies may have
            assert problems(await put(blocks(14))) == [("file", HOSTILE["text"][1])]
            assert (await put(blocks(16))).status_code == 413
            assert (await put(b"x" * 1_500_001)).status_code == 413
            answer = await send_file(client, cast.ada, declared["id"], tone_wav(3.1))
            assert problems(answer) == [("file", "The file is longer than 3 s.")]
            assert (await send_file(client, cast.ada, declared["id"], tone_wav(3))).status_code == 200
            # also of other paths below
            other = await client.put(f"{file_url}/more", content=b"x" * 1_100_000, headers=cast.ada.headers)
            assert other.status_code == 413
            await declare(client, cast.ada)
            body = {"name": "Third", "basis": "own_work"}
            base = f"/v1/music/{cast.ada.organization_id}/reference-audios"
            answer = await client.post(base, json=body, headers=cast.ada.headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONFLICT")
            assert "which is the limit" in answer.json()["error"]["system_message"]
            await client.delete(f"{base}/{declared['id']}", headers=cast.ada.headers)
            assert (await client.post(base, json=body, headers=cast.ada.headers)).status_code == 201
