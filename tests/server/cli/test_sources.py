"""``studio generate --source``: uploads, the declaration of rights, and a cover by acestep.cpp's interface."""

import json
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner, Result

from core.settings import Settings
from server.cli.commands import build_app
from server.cli.console import ExitStatus
from storage.postgres.database import Database
from storage.tables import Generation, ReferenceAudio
from tests.support import factories
from tests.support.processes import configured_server
from tests.support.remote import peer_engine
from tests.support.remote.ace_step.adapters import CPP
from tests.support.remote.tone_files import tone_wav
from tests.support.users import Cast

SECONDS: Final = 10.5


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    path = tmp_path / "demo.wav"
    path.write_bytes(tone_wav(SECONDS))
    return path


def generate(url: str, cast: Cast, prompt: str, *words: str) -> Result:
    connection = [f"--url={url}", f"--api-key={cast.ada.key}", "--json"]
    return CliRunner().invoke(build_app("generate"), ["generate", prompt, *words, *connection])


async def test_a_file_is_uploaded_and_covered(
    settings: Settings, database: Database, redis_url: str, cast: Cast, demo: Path
) -> None:
    remote = peer_engine.engine_settings("http://127.0.0.1:9", kind=CPP).remote
    with configured_server.run_server(settings, redis_url, engines={"remote": remote}) as url:
        options = ["--engine", peer_engine.KEY, "--source", str(demo), "--strength", "0.4", "--rights", "own-work"]
        # the policy ends the job at once; what an engine makes of a source is tested in tests/workers/remote
        done = generate(url, cast, "a cover of Bohemian Rhapsody by Queen", *options)
    assert done.exit_code == ExitStatus.NO_TRACK, done.stderr
    [row] = await factories.load_all(database, Generation)
    assert (row.duration_seconds, row.source) == (
        11,
        {"task": "cover", "strength": 0.4, "duration_seconds": SECONDS},
    )
    [uploaded] = await factories.load_all(database, ReferenceAudio)
    assert (uploaded.id, uploaded.name, uploaded.basis) == (row.reference_audio_id, "demo.wav", "own_work")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--source", "nothing.wav", "--rights", "own-work"], "there is no file nothing.wav"),
        (["--source", "DEMO"], "--rights: state why you may use demo.wav: own-work, licensed or public-domain"),
        (["--source", "DEMO", "--rights", "mine"], "mine is not one of"),
        (["--source", "DEMO", "--rights", "own-work", "--task", "remix"], "remix is not one of"),
        (["--task", "cover"], "need --source"),
        (["--source", "DEMO", "--rights", "own-work"], "--source: the engine studio makes no tracks from audio."),
    ],
)
async def test_what_is_missing_is_named_before_anything_is_sent(
    server_url: str, database: Database, cast: Cast, demo: Path, words: list[str], message: str
) -> None:
    done = generate(server_url, cast, "jazz", *[word.replace("DEMO", str(demo)) for word in words])
    assert done.exit_code == 2
    assert message in json.loads(done.stderr)["error"]["message"]
    assert await factories.load_all(database, ReferenceAudio) == []
