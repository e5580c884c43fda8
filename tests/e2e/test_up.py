"""``studio up`` on an empty folder, and the examples that it prints."""

import json
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
import soundfile

from core import api_keys
from core.network import tls
from core.settings import PROJECT
from server.embedded import ports
from tests.support.processes.cli import run_forked
from tests.support.processes.studio_up import Up, run_command, start, stop

README = PROJECT / "README.md"


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """Start on an empty folder whose name contains a space."""
    folder = tmp_path_factory.mktemp("a newcomer")
    running = start(folder / "my data", folder / "output")
    yield running
    if running.child.poll() is None:
        stop(running)


def replay(command: str) -> httpx.Response:
    """Send the request of a curl command."""
    words = shlex.split(command.replace("\\\n", " "))
    headers = dict(words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "-H")
    url = next(word for word in words if word.startswith("http"))
    return httpx.post(
        url, headers=headers, content=words[words.index("-d") + 1], timeout=300, verify=tls.default_context()
    )


def commands(text: str) -> list[str]:
    """Return the curl commands of a text."""
    return re.findall(r"^curl (?:.*\\\n)*.*$", text, re.MULTILINE)


def test_up_prints_the_address_the_organization_and_the_api_key(up: Up) -> None:
    assert up.printed("address") == f"http://127.0.0.1:{up.port}"
    assert re.fullmatch(r"org_[0-9a-f]{24}", up.printed("organization"))
    assert api_keys.is_well_formed(up.printed("API key"))
    assert "\x1b" not in up.text


@pytest.mark.parametrize("host", ["0.0.0.0", "[::1]"])  # noqa: S104  a test of it
def test_up_on_another_address_prints_links_that_work(tmp_path: Path, host: str) -> None:
    running = start(tmp_path / "data", tmp_path / "output", "--host", host)
    try:
        address = running.printed("address")
        lan = ports.own_address("0.0.0.0") or "127.0.0.1"  # noqa: S104  looked up
        assert address == f"http://{lan if host == '0.0.0.0' else '[::1]'}:{running.port}"  # noqa: S104  compared
        rest, graphql = commands(running.text)
        assert replay(rest).status_code == 202
        assert replay(graphql).json()["data"]["createGeneration"]["__typename"] == "CreateGenerationPayload"
        assert httpx.get(f"{address}/openapi.json", timeout=300, verify=tls.default_context()).json()["servers"] == [
            {"url": address}
        ]
    finally:
        assert stop(running) == 0


def test_generate_saves_a_track_and_prints_its_properties(up: Up, tmp_path: Path) -> None:
    target = tmp_path / "track.mp3"
    options = ["--duration", "3", "-o", str(target), "--data-dir", str(up.data_dir)]
    status, output = run_command("generate", "warm lofi beat at 82 bpm with rhodes", *options)
    assert status == 0, output
    assert soundfile.info(target).frames == 3 * 44_100
    assert "82 bpm" in output
    assert "commercial use allowed" in output


def test_generate_prints_json(up: Up, tmp_path: Path) -> None:
    target = tmp_path / "track.mp3"
    options = ["--duration", "2", "-o", str(target), "--json", "--data-dir", str(up.data_dir)]
    explicit = [
        "--tempo",
        "96",
        "--key",
        "Gm",
        "--metre",
        "3/4",
        "--exclude",
        "drums",
        "--structure",
        "verse,chorus",
    ]
    status, output = run_command("generate", "techno at 130 bpm", *explicit, *options)
    assert status == 0, output
    track = json.loads(output.splitlines()[-1])
    assert (track["tempoBpm"], track["key"]) == (96, "G minor")
    assert track["file"] == str(target)
    assert track["licence"]["class"] == "COMMERCIAL_CLEARED"


def test_generate_prints_the_problems_of_an_invalid_request(up: Up) -> None:
    status, output = run_command("generate", "music", "--duration", "9999", "--data-dir", str(up.data_dir))
    assert status == 2
    assert "--duration: Must be at most 600 for this engine." in output


def test_an_api_key_can_be_created_listed_and_revoked_while_the_server_runs(up: Up) -> None:
    folder = ["--data-dir", str(up.data_dir)]
    _, made = run_command("keys", "create", "--name", "laptop", *folder)
    key = re.search(r"ak_\w+", made)
    key_id = re.search(r"key_\w+", made)
    assert key is not None
    assert key_id is not None
    viewer = {"query": "{ viewer { name } }"}
    url = f"http://127.0.0.1:{up.port}/graphql"
    assert (
        httpx.post(
            url, json=viewer, headers={"X-API-Key": key[0]}, timeout=300, verify=tls.default_context()
        ).status_code
        == 200
    )
    _, listed = run_command("keys", "list", *folder)
    assert "laptop" in listed
    assert key[0] not in listed
    assert run_command("keys", "revoke", key_id[0], *folder) == (0, f"{key_id[0]} is revoked.\n")
    assert (
        httpx.post(
            url, json=viewer, headers={"X-API-Key": key[0]}, timeout=300, verify=tls.default_context()
        ).status_code
        == 401
    )
    assert run_command("keys", "revoke", "key_nope", *folder) == (3, "studio: API key not found.\n")


def test_a_second_start_on_the_same_data_folder_fails_with_its_address(up: Up) -> None:
    status, output = run_command("up", "--port", "1", "--data-dir", str(up.data_dir), "--no-color")
    assert status == 1
    assert str(up.data_dir) in output
    assert "Traceback" not in output
    assert f"http://127.0.0.1:{up.port}" in output


def test_a_port_in_use_fails_with_one_sentence(up: Up, tmp_path: Path) -> None:
    status, output = run_command("up", "--port", str(up.port), "--data-dir", str(tmp_path / "other"), "--no-color")
    assert status == 1
    assert output.splitlines()[-1].startswith(f"studio: Port {up.port} on 127.0.0.1 is in use")
    assert "Traceback" not in output


def test_an_invalid_setting_is_reported_with_its_value() -> None:
    status, output = run_forked(["up"], {**os.environ, "MUSIC_STUDIO_SERVER__PORT": "eighty"})
    assert status == 1
    assert "MUSIC_STUDIO_SERVER__PORT" in output
    assert "'eighty'" in output
    assert "Traceback" not in output


def test_ctrl_c_stops_all_processes_and_a_second_start_keeps_all_data(tmp_path: Path) -> None:
    first = start(tmp_path / "data", tmp_path / "first")
    key, organization = first.printed("API key"), first.printed("organization")
    processes = psutil.Process(first.child.pid).children(recursive=True)
    assert len(processes) >= 4
    assert stop(first) == 0
    assert psutil.wait_procs(processes, timeout=300)[1] == []

    second = start(tmp_path / "data", tmp_path / "second")
    assert second.printed("organization") == organization
    assert "ak_" not in second.text
    assert f"see {tmp_path}/data/secrets/first-key; create another with: ./studio keys create" in second.text
    assert (tmp_path / "data" / "secrets" / "first-key").read_text() == f"{key}\n"
    url = f"http://127.0.0.1:{second.port}/graphql"
    answered = httpx.post(
        url,
        json={"query": "{ viewer { name } }"},
        headers={"X-API-Key": key},
        timeout=300,
        verify=tls.default_context(),
    )
    assert answered.json() == {"data": {"viewer": {"name": "Owner"}}}
    assert stop(second) == 0


# the last tests, because nothing waits for the tracks of the examples


def test_the_printed_examples_succeed(up: Up) -> None:
    rest, graphql = commands(up.text)
    assert replay(rest).status_code == 202
    created = replay(graphql).json()["data"]["createGeneration"]
    assert created["__typename"] == "CreateGenerationPayload"


def test_the_examples_of_the_readme_succeed(up: Up) -> None:
    text = README.read_text(encoding="utf-8")
    for name, value in (("ORG", up.printed("organization")), ("KEY", up.printed("API key"))):
        text = text.replace(f"${name}", value)
    text = text.replace("http://127.0.0.1:8080", f"http://127.0.0.1:{up.port}")
    found = commands(text)
    assert len(found) >= 2
    for command in found:
        response = replay(command)
        assert response.status_code in {200, 202}, response.text
        assert "errors" not in response.json()
