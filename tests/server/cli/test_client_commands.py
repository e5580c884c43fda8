"""The commands that use the API, with a running server and worker: results, errors and exit statuses."""

import asyncio
import json
import signal
import zipfile
from pathlib import Path
from typing import Any

import mido
import pytest
from standardwebhooks import Webhook as Verifier
from typer.testing import CliRunner

from server.cli.commands import build_app
from tests.support.polling import wait_for, wait_until
from tests.support.processes import http_receiver, process_fork_server
from tests.support.users import Cast, Person

pytestmark = pytest.mark.usefixtures("worker")


class Terminal:
    """Runs commands as a user of a server."""

    def __init__(self, url: str, person: Person) -> None:
        self.connection = {"--url": url, "--api-key": person.key}

    def run(self, *words: str) -> tuple[int, str, str]:
        """Return the exit status, the output and the error messages."""
        given = {word.partition("=")[0] for word in words if word.startswith("--")}
        connection = [f"{name}={value}" for name, value in self.connection.items() if name not in given]
        done = CliRunner().invoke(build_app(words[0]), [*words, *connection])
        return done.exit_code, done.stdout, done.stderr

    def read(self, *words: str) -> Any:  # noqa: ANN401  any JSON
        """Return the JSON that a command prints."""
        status, output, errors = self.run(*words, "--json")
        assert status == 0, errors
        return json.loads(output)


@pytest.fixture
def terminal(server_url: str, cast: Cast) -> Terminal:
    return Terminal(server_url, cast.ada)


def test_a_track_is_generated_kept_organized_and_deleted(terminal: Terminal, tmp_path: Path) -> None:
    options = ["--duration", "5", "--seed", "7", "--loop", "--key", "Gm", "--format", "midi", "-o", str(tmp_path)]
    track = terminal.read("generate", "solo piano with theremin", *options)
    assert (track["seed"], track["key"], track["report"]["wordsApproximated"][0]["asked"]) == (7, "G minor", "theremin")
    assert mido.MidiFile(track["file"]).length == pytest.approx(5, abs=1)

    terminal.run("library", "tag", track["id"], "evening")
    status, output, _ = terminal.run("tracks", "list", "--tag", "evening")
    assert (status, output.split("\t")[0]) == (0, track["id"])
    [job] = terminal.read("jobs", "list")
    assert (job["id"], job["resultTrackId"]) == (track["generationId"], track["id"])

    collection = terminal.read("collections", "create", "Evenings", "--track", track["id"])
    assert [each["id"] for each in terminal.read("collections", "show", collection["id"])] == [track["id"]]
    shared = terminal.read("tracks", "share", track["id"], "--days", "1")
    assert [link["isActive"] for link in terminal.read("shares", "list")] == [True]
    terminal.run("shares", "revoke", shared["id"])
    assert terminal.read("shares", "list", "--active") == []

    archive = terminal.read("library", "export", "--track", track["id"], "-o", str(tmp_path))["file"]
    with zipfile.ZipFile(archive) as opened:
        assert [each["id"] for each in json.loads(opened.read("index.json"))["tracks"]] == [track["id"]]
    assert terminal.run("library", "export", "--track", "mtrack_0", "-o", str(tmp_path))[0] == 2

    assert (terminal.run("tracks", "delete", track["id"], "--yes"))[0] == 0
    assert (terminal.run("tracks", "show", track["id"]))[0] == 3


def test_the_end_is_sent_to_a_callback_url(terminal: Terminal, tmp_path: Path) -> None:
    with http_receiver.running() as receiver:
        options = ["--duration", "5", "--callback", receiver.url, "-o", str(tmp_path)]
        status, _, errors = terminal.run("generate", "solo piano", *options)
        assert status == 0, errors
        secret = errors.partition("The callback is signed with ")[2].split()[0]
        wait_until(lambda: bool(receiver.received))
        [(headers, body)] = receiver.received
        assert Verifier(secret).verify(body, headers)["type"] == "generation.succeeded"


async def test_ctrl_c_cancels_the_generation(terminal: Terminal, tmp_path: Path) -> None:
    log = tmp_path / "log"
    await asyncio.to_thread(log.touch)
    words = ["generate", "ambient pads", "--duration", "600", "-o", str(tmp_path)]
    words += [f"{name}={value}" for name, value in terminal.connection.items()]
    child = process_fork_server.shared().fork(words, {"NO_COLOR": "1"}, log)

    async def find_job() -> bool | None:
        return bool(terminal.read("jobs", "list")) or None

    await wait_for(find_job)
    child.send_signal(signal.SIGINT)
    assert await asyncio.to_thread(child.wait, 100) == 130
    [job] = terminal.read("jobs", "list")
    assert job["status"] == "CANCELLED"
    assert f"{job['id']} is cancelled; it costs nothing." in log.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["generate", "x", "--duration", "9999"], 2, "--duration: Must be at most 600 for this engine."),
        (["generate", "x", "--callback", "https://10.0.0.1"], 2, "--callback: The host 10.0.0.1 on port 443 is not"),
        (["generate", "x", "-o", "/nonexistent/track.mp3"], 2, "--output: the folder /nonexistent does not exist."),
        (["generate", "x", "-o", "track.ogg"], 2, "--output: track.ogg must end in .mp3, .flac, .wav, .zip, "),
        (
            ["generate", "x", "-o", "track.WAV", "--format", "flac"],
            2,
            "--output: track.WAV must end in .flac in this format.",
        ),
        (["generate", "x", "--tempo", "900"], 2, "--tempo: Must be from 40 to 220."),
        (["tracks", "show", "mtrack_0"], 3, "There is no track mtrack_0, or you cannot read it."),
        (["jobs", "cancel", "mgen_0"], 3, "The requested resource could not be found."),
        (["engines", "--api-key", "wrong"], 4, "The API key is not valid. Create a key with ./studio keys create"),
        (["engines", "--url", "localhost:8000"], 2, "--url: localhost:8000 must begin with http:// or https://."),
        (["engines", "--url", "http://127.0.0.1:9"], 5, "Start it with ./studio up, or name another with --url."),
    ],
)
def test_an_error_is_a_sentence_and_a_status(terminal: Terminal, words: list[str], status: int, message: str) -> None:
    found, output, errors = terminal.run(*words)
    assert (found, output) == (status, "")
    assert message in errors
    found, output, errors = terminal.run(*words, "--json")
    assert (found, output, json.loads(errors)["error"]["status"]) == (status, "", status)
    assert terminal.read("jobs", "list") == []


def test_a_server_without_tls_is_named(terminal: Terminal, server_url: str) -> None:
    secure = server_url.replace("http", "https", 1)
    status, _, errors = terminal.run("engines", f"--url={secure}")
    assert (status, errors) == (5, f"studio: The server {secure} does not use TLS: its URL begins with http://.\n")


def test_options_that_the_engine_does_not_honour_are_printed_before_the_track_is_paid(
    terminal: Terminal, tmp_path: Path
) -> None:
    words = ["generate", "waltz", "--duration", "5", "--style", "Waltz", "--density", "0.4", "--key", "Gm"]
    status, output, errors = terminal.run(*words, "--lyrics", "[Verse]", "--lyrics-language", "de", "-o", str(tmp_path))
    assert status == 0, errors
    assert errors.splitlines()[:4] == [
        "lyrics: approximated. It does not sing; section tags in the lyrics, such as [Verse], lay out the form.",
        "lyrics language: ignored. It does not sing.",
        "style tags: approximated. A style that it does not have is replaced by the nearest one.",
        "density: approximated. A single instrument has no more or fewer parts to play.",
    ]
    assert [line.split()[1] for line in output.splitlines() if line.startswith("key ")] == ["G"]


def test_the_file_name_chooses_the_format(terminal: Terminal, tmp_path: Path) -> None:
    track = terminal.read("generate", "solo piano", "--duration", "5", "-o", str(tmp_path / "piano.mp3"))
    score = terminal.read("tracks", "get", track["id"], "-o", str(tmp_path / "Score.MID"))["file"]
    assert mido.MidiFile(score).length == pytest.approx(5, abs=1)


def test_engines_and_usage_are_listed(terminal: Terminal) -> None:
    assert [engine["key"] for engine in terminal.read("engines")] == ["studio"]
    fields = [line.split("\t") for line in terminal.run("engines", "--capabilities")[1].splitlines()]
    [tempo] = [row for row in fields if row[1] == "tempo_bpm"]
    assert tempo[:4] == ["studio", "tempo_bpm", "honoured", "40 to 220"]
    assert {window["window"] for window in terminal.read("usage")} == {"DAY", "WEEK", "MONTH"}
    status, output, _ = terminal.run("usage")
    assert output.splitlines()[0].split("\t")[:3] == ["day", "0", "none"]
    webhook = terminal.read("webhooks", "create", "https://example.com/hook")
    assert [each["id"] for each in terminal.read("webhooks", "list")] == [webhook["id"]]
    assert (terminal.run("webhooks", "delete", webhook["id"]))[0] == status == 0


def test_the_styles_of_a_server_are_those_of_the_installation(terminal: Terminal) -> None:
    listed = terminal.read("styles")
    own = CliRunner().invoke(build_app("styles"), ["styles", "--json"])
    assert listed == json.loads(own.stdout)
    [waltz] = [style for style in listed if style["key"] == "waltz"]
    assert (waltz["name"], waltz["usualTempoBpm"], waltz["metre"]) == ("Waltz", 168.0, "3/4")
    assert terminal.run("styles", "--engine", "cello")[0] == 3
