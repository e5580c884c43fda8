"""Descriptions of services: the example of the guide, its slots, and mistakes that are named."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from core.settings import PROJECT
from core.settings.remote_engines import RemoteEngineSettings
from engines.capabilities import Support
from engines.remote import kinds, templates
from engines.remote.port import RemoteState
from engines.remote.queue import service
from tests.support import guide_snippets
from tests.support.remote.engines import RENDER, SECRET, open_engine, remote_request
from tests.support.remote.http_peer import Reply, run_http_peer

GUIDE = PROJECT / "docs" / "guides" / "hosted-engines.md"
LOADED = guide_snippets.load_snippets(GUIDE)
SNIPPETS = {snippet.language: snippet.text for snippet in LOADED}
SETTINGS = [snippet.text.partition("=")[2] for snippet in LOADED if snippet.language == "ini"]


async def test_the_service_of_the_guide_works(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(SNIPPETS["toml"])
    async with run_http_peer() as peer, open_engine("queue", peer.url, {"service": str(path)}, key=None) as engine:
        job = {"id": 7, "state": "waiting", "place": 3, "percent": 0}
        peer.on("POST", "/jobs", Reply({"job": job}, 201))
        running = {**job, "state": "active", "percent": 40}
        peer.on("GET", "/jobs/7", Reply({"job": job}), Reply({"job": running}))
        peer.on("DELETE", "/jobs/7", Reply(b"", 204))
        request = remote_request(engine)

        assert engine.is_idempotent
        assert await engine.submit(request) == "7"
        assert (await engine.poll("7")).queue_position == 3
        assert await engine.poll("7") == replace(await engine.poll("7"), state=RemoteState.RUNNING, fraction=0.4)
        assert await engine.cancel("7")
        assert peer.received[0].headers["idempotency-key"] == request.key
        assert peer.received[0].json == {
            "text": "warm lofi beat, jazz. Instrumental, no vocals",
            "length": 30_000,
            "seed": RENDER.seed,
        }
        tempo = engine.info.capabilities.tempo_bpm
        assert (tempo.support, tempo.minimum, tempo.maximum) == (Support.APPROXIMATED, 60, 180)
        assert not engine.info.capabilities.lyrics.is_accepted


def test_the_settings_of_the_guide_create_engines() -> None:
    names = []
    for text in SETTINGS:
        ((key, values),) = json.loads(text).items()
        names.append(kinds.create(key, RemoteEngineSettings.model_validate({**values, "key": SECRET})).info.name)
    assert names == ["ACE-Step at fal", "ElevenLabs Music"]


def test_the_guide_lists_all_services_and_slots() -> None:
    text = GUIDE.read_text()
    assert all(f"`{path.stem}`" in text for path in service.FOLDER.glob("*.toml"))
    assert all(f"`{name}`" in text for name in templates.NAMES)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('name = "Our server"', "", "name: Field required"),
        ("[poll]", "[polling]", "polling: Unexpected keyword argument"),
        ('"{seed}"', '"{sede}"', "submit.body: unknown slots sede"),
        ('id = "job.id"', 'id = "job["', "submit.id: Value error, 'job[' is not a JMESPath expression"),
        ('id = "job.id"', "", 'poll and submit.id are for services that answer "job", and only for these'),
        ('audio = "job.file"', "", "result.audio is missing"),
        ('prompt = "approximated"', 'prompt = "well"', "support.prompt.support: Input should be 'honoured'"),
        ('prompt = "approximated"', 'words = "ignored"', "support.words.[key]: Input should be 'prompt'"),
    ],
)
def test_mistakes_are_named(before: str, after: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        service.parse(SNIPPETS["toml"].replace(before, after))


def test_an_unknown_service_and_a_missing_secret_are_named() -> None:
    with pytest.raises(ValueError, match=r"There is no service 'fall'\. .* one of: fal_ace_step, localai, lyria"):
        service.load("fall")
    settings = RemoteEngineSettings(kind="queue", url="https://queue.fal.run", options={"service": "fal_ace_step"})
    with pytest.raises(ValueError, match="needs the setting key: ACE-Step at fal requires a secret"):
        kinds.create("fal", settings)
