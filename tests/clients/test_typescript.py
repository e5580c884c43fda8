"""The TypeScript client, compiled and run by Node, against a live server and worker."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from benchmarks import node_packages
from clients.typescript.generate import build, draft
from core.settings import PROJECT
from tests.support.processes.tcp_relay import relaying
from tests.support.remote.tone_files import tone_wav
from tests.support.users import Cast

pytestmark = pytest.mark.usefixtures("worker")

SCRIPT = PROJECT / "tests" / "clients" / "typescript.mjs"


class Story(Protocol):
    """Runs one story of the script."""

    def __call__(self, name: str, *arguments: str) -> Any: ...  # noqa: ANN401  each story has its own result


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    try:
        with draft() as folder:
            assert build(folder) == 0
            node = node_packages.find_node().node
            yield lambda name, *arguments: _run(node, folder, name, *arguments)
    except node_packages.NodeError as error:
        pytest.skip(str(error))


def _run(node: str, folder: Path, *arguments: str) -> Any:  # noqa: ANN401  see Story
    shutil.copy(SCRIPT, folder)
    done = subprocess.run(  # noqa: S603  our own script
        [node, SCRIPT.name, *arguments], cwd=folder, capture_output=True, text=True, timeout=180, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_track_is_made_downloaded_and_organized(story: Story, server_url: str, cast: Cast) -> None:
    found = story("track", server_url, cast.ada.key)
    progress = found.pop("progress")
    assert progress == sorted(progress)
    assert progress[-1] == 100
    assert found == {
        "tempo": 70,
        "track": [7, 70, True],
        "generations": [True],
        "wav": ["audio/wav", "RIFF"],
        "titles": [["Low Tide", ["evening"]]],
        "collected": ["Low Tide"],
        "shared": [True, False],
    }


def test_a_focus_session_is_followed_and_ended(story: Story, server_url: str, cast: Cast) -> None:
    assert story("focus", server_url, cast.ada.key) == [[0], "ENDED"]


def test_a_recording_is_declared_uploaded_listed_and_deleted(
    story: Story, server_url: str, cast: Cast, tmp_path: Path
) -> None:
    file = tmp_path / "demo.wav"
    file.write_bytes(tone_wav(1.5))
    found = story("uploads", server_url, cast.ada.key, str(file))
    assert (found["uploaded"], found["ids"]) == (["demo.wav", 1.5, None], [True])
    assert found["used"]["problems"][0]["message"].startswith("The engine studio does not support this field")
    assert found["missing"]["type"] == "NotFoundError"
    assert found["noAudio"]["type"] == "InvalidInputError"
    assert "not audio in MP3" in found["noAudio"]["problems"][0]["message"]


def test_errors_are_exceptions_with_their_details(
    story: Story, server_url: str, cast: Cast, unused_tcp_port: int
) -> None:
    nowhere = f"http://127.0.0.1:{unused_tcp_port}"
    found = story("errors", server_url, cast.ada.key, nowhere)
    assert found["invalid"]["problems"] == [{"path": ["durationSeconds"], "message": "Must be greater than 0."}]
    assert found["unreachable"]["message"].startswith(f"The server {nowhere} does not answer: ")
    assert {name: (error["type"], error.get("code")) for name, error in found.items()} == {
        "invalid": ("InvalidInputError", "VALIDATION_ERROR"),
        "missing": ("NotFoundError", "RESOURCE_NOT_FOUND"),
        "wrongType": ("NotFoundError", "RESOURCE_NOT_FOUND"),
        "stranger": ("AuthenticationError", "INVALID_API_KEY"),
        "strangerWaits": ("AuthenticationError", "INVALID_API_KEY"),
        "cancelled": ("GenerationEndedError", None),
        "unreachable": ("ConnectionFailedError", None),
    }


async def test_updates_go_on_after_an_interruption(story: Story, server_url: str, cast: Cast) -> None:
    async with relaying(server_url, interruptions=1) as relay:
        assert await asyncio.to_thread(story, "interruption", server_url, cast.ada.key, relay.url) is True
    assert relay.connection_count == 2
