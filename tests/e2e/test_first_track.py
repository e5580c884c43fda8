"""From a prompt to a playable file, with a real server and worker."""

import io

import httpx
import mido
import pytest
import soundfile

from core import ids
from tests.support.graphql.client import data
from tests.support.polling import wait_for
from tests.support.rest.generations import Json, finished, submit
from tests.support.users import Cast

pytestmark = pytest.mark.usefixtures("worker")

TRACK = """
query Track($id: ID!) {
  node(id: $id) { ... on Generation { status progress stage track {
    id title engine engineVersion mode instrumental measuredDurationSeconds tempoBpm key metre loudnessLufs truePeakDbtp
    playbackUrl waveformUrl stems { name url }
    score { midiUrl }
    chords { startMs endMs symbol }
    sections { startMs endMs }
    waveform(points: 50)
    requested { tempoBpm durationSeconds key }
    measured { tempoBpm durationSeconds loudnessLufs }
    lineage { seedTrack { id } derivedTracks { totalCount } }
    licence { class version commercialUse requiresAttribution }
  } } }
}
"""


async def test_a_rest_caller_gets_a_playable_file(client: httpx.AsyncClient, cast: Cast) -> None:
    job_id = await submit(client, cast.ada, "warm lofi beat at 82 bpm with rhodes", 4)
    job = await wait_for(finished(client, cast.ada, f"/v1/music/{cast.ada.organization_id}/generations/{job_id}"))

    assert job["status"] == "succeeded"
    assert job["progress"] == 100
    assert job["error_message"] is None
    track = job["track"]
    assert ids.is_a(ids.Kind.TRACK, track["id"])
    assert track["id"] == job["result_track_id"]
    assert track["measured_duration_seconds"] == 4.0
    assert track["licence_class"] == "commercial_cleared"
    assert track["playback_url"] == job["playback_url"]

    file = await client.get(job["playback_url"])
    assert file.status_code == 200
    assert file.headers["content-type"] == "audio/mpeg"
    samples, rate = soundfile.read(io.BytesIO(file.content))
    assert rate == 44_100
    assert samples.shape == (4 * 44_100, 2)
    assert abs(samples).max() <= 1.0


async def test_a_graphql_caller_gets_stems_score_waveform_and_licence(client: httpx.AsyncClient, cast: Cast) -> None:
    job_id = await submit(client, cast.ada, "deep house in A minor at 122 bpm", 6)

    async def poll() -> Json | None:
        node: Json = (await data(client, cast.ada, TRACK, id=job_id))["node"]
        return node if node["status"] not in {"QUEUED", "RUNNING"} else None

    node = await wait_for(poll)
    assert node["status"] == "SUCCEEDED"
    assert node["stage"] is None
    track = node["track"]
    assert track["tempoBpm"] == 122
    assert track["key"] == "A minor"
    assert track["licence"] == {
        "class": "COMMERCIAL_CLEARED",
        "version": "2026-11",
        "commercialUse": True,
        "requiresAttribution": False,
    }
    stems = {stem["name"]: await client.get(stem["url"]) for stem in track["stems"]}
    assert {"drums", "bass"} <= set(stems)
    for stem in stems.values():
        assert stem.headers["content-type"] == "audio/flac"
        assert soundfile.info(io.BytesIO(stem.content)).frames == 6 * 44_100

    midi = mido.MidiFile(file=io.BytesIO((await client.get(track["score"]["midiUrl"])).content))
    tempos = [mido.tempo2bpm(message.tempo) for message in midi.tracks[0] if message.type == "set_tempo"]
    assert round(tempos[0]) == 122
    assert track["sections"][0]["startMs"] == 0
    assert track["sections"][-1]["endMs"] == 6000

    assert track["requested"] == {"tempoBpm": 122, "durationSeconds": 6, "key": "A minor"}
    assert track["measured"]["durationSeconds"] == pytest.approx(6, abs=0.01)
    assert track["measured"]["loudnessLufs"] == pytest.approx(track["loudnessLufs"], abs=0.5)
    assert track["lineage"] == {"seedTrack": None, "derivedTracks": {"totalCount": 0}}
    assert len(track["waveform"]) == 50
    assert 0.1 < max(track["waveform"]) <= 1

    waveform = (await client.get(track["waveformUrl"])).json()
    assert waveform["version"] == 2
    assert waveform["length"] * 2 == len(waveform["data"])
    assert waveform["length"] == -(-6 * 44_100 // waveform["samples_per_pixel"])


async def test_a_generation_and_its_track_are_private(client: httpx.AsyncClient, cast: Cast) -> None:
    job_id = await submit(client, cast.ada, "solo piano", 2)
    url = f"/v1/music/{cast.ada.organization_id}/generations/{job_id}"
    job = await wait_for(finished(client, cast.ada, url))

    for_bea = await client.get(url, headers=cast.bea.headers)
    assert for_bea.status_code == 404
    query = "query($id: ID!) { node(id: $id) { id } }"
    assert await data(client, cast.bea, query, id=job["result_track_id"]) == {"node": None}
    assert await data(client, cast.ada, query, id=job["result_track_id"]) == {"node": {"id": job["result_track_id"]}}


async def test_a_signed_url_supports_head_ranges_etags_and_cors(client: httpx.AsyncClient, cast: Cast) -> None:
    job_id = await submit(client, cast.ada, "techno", 2)
    url = f"/v1/music/{cast.ada.organization_id}/generations/{job_id}"
    link = (await wait_for(finished(client, cast.ada, url)))["playback_url"]

    whole = await client.get(link, headers={"Origin": "https://elsewhere.example"})
    assert whole.headers["access-control-allow-origin"] == "*"
    assert whole.headers["accept-ranges"] == "bytes"
    size = len(whole.content)

    head = await client.head(link)
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(size), b"")

    part = await client.get(link, headers={"Range": "bytes=10-19"})
    assert part.status_code == 206
    assert part.headers["content-range"] == f"bytes 10-19/{size}"
    assert part.content == whole.content[10:20]

    unsatisfiable = await client.get(link, headers={"Range": f"bytes={size}-"})
    assert unsatisfiable.status_code == 416

    same = await client.get(link, headers={"If-None-Match": whole.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    stale = await client.get(link, headers={"Range": "bytes=0-0", "If-Range": '"other"'})
    assert (stale.status_code, len(stale.content)) == (200, size)


async def test_a_modified_signed_url_is_forbidden(client: httpx.AsyncClient, cast: Cast) -> None:
    job_id = await submit(client, cast.ada, "ambient", 2)
    url = f"/v1/music/{cast.ada.organization_id}/generations/{job_id}"
    link = httpx.URL((await wait_for(finished(client, cast.ada, url)))["playback_url"])
    expires = int(link.params["expires"])

    for wrong in (
        link.copy_set_param("expires", expires + 1),
        link.copy_set_param("expires", "never"),
        link.copy_set_param("name", "other.mp3"),
        link.copy_set_param("signature", "0" * 64),
        link.copy_remove_param("signature"),
        link.copy_with(path="/media/sha256/00/" + "0" * 64 + ".mp3"),
        link.copy_with(path="/media/..%2f..%2fsecrets/signing.key"),
    ):
        answer = await client.get(wrong)
        assert answer.status_code == 403, wrong
        assert answer.json()["error"]["code"] == "OPERATION_NOT_ALLOWED"
