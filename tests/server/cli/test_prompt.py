"""``studio prompt``: how a request is read, in the terminal."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.settings import Settings
from engines.port import Approximation
from engines.prompt_port import InstrumentReading, PromptReading, StyleOrigin, StyleReading
from server.cli.commands import build_app
from server.cli.prompt import describe
from tests.support.processes.cli import run_cli


def prompt(*arguments: str) -> tuple[int, str, str]:
    """Run the command in this process; return its exit status, output and error messages."""
    done = CliRunner().invoke(build_app("prompt"), ["prompt", *arguments])
    return done.exit_code, done.stdout, done.stderr


def test_it_needs_no_server_no_database_and_no_data_folder(settings: Settings, tmp_path: Path) -> None:
    elsewhere = settings.model_copy(update={"data_dir": tmp_path / "nowhere", "database_url": None, "redis_url": None})
    status, output = run_cli(elsewhere, "techno, 128 bpm", "--tag", "A minor", command="prompt")
    lines = [line.strip().split(maxsplit=1) for line in output.splitlines()]
    assert (status, lines[:2]) == (0, [["style", "Techno (named)"], ["tempo", "128 bpm"]])
    assert not (tmp_path / "nowhere").exists()


def test_the_json_object_is_that_of_the_graphql_query() -> None:
    status, output, _ = prompt("techno, 128 bpm, no bass, qwertz [/b]", "--json")
    reading = json.loads(output)
    assert status == 0
    assert reading["style"] == {"key": "techno", "name": "Techno", "origin": "NAMED"}
    assert (reading["tempoBpm"], reading["lengthSeconds"]) == (128.0, None)
    assert reading["instruments"] == {"included": [], "excluded": ["Bass"], "reduced": [], "isExclusive": False}
    assert reading["wordsIgnored"] == ["qwertz", "b"]


def test_a_table_has_a_row_for_each_property() -> None:
    reading = PromptReading(
        StyleReading("pop", "Pop", StyleOrigin.CHOSEN),
        tempo_bpm=92.5,
        key="D dorian",
        metre="6/8",
        moods=("calm", "dark"),
        instruments=InstrumentReading(("Flute",), ("Drums", "Bass"), ("Strings",), is_exclusive=True),
        transformations=(("bright", "sparkling"), ("wide", "wide")),
        sections=("intro", "verse"),
        progression="i | VI | III | VII",
        length_seconds=90.0,
        subject="my dog's birthday",
        languages=("English", "German"),
        words_used=("calm",),
        words_approximated=(Approximation("k-pop", "Pop"),),
        words_ignored=("[/x]",),
        notes=("One.", "Two."),
    )
    assert dict(describe(reading)) == {
        "style": "Pop (chosen by moods, tempo and instruments)",
        "tempo": "92.5 bpm",
        "key": "D dorian",
        "metre": "6/8",
        "moods": "calm, dark",
        "only": "Flute",
        "without": "Drums, Bass",
        "quieter": "Strings",
        "transformations": "bright (sparkling), wide (wide)",
        "sections": "intro, verse",
        "progression": "i | VI | III | VII",
        "length": "90 s",
        "subject": "my dog's birthday",
        "languages": "English, German",
        "words used": "calm",
        "words approximated": "k-pop as Pop",
        "words not used": "[/x]",
        "notes": "One.\nTwo.",
    }
    assert list(describe(PromptReading(reading.style, section_count=5)))[1:] == [("sections", "5")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([" "], "PROMPT: Must have at least 1 character(s)."),
        (["jazz", "--tempo", "300"], "--tempo-bpm: Must be from 40 to 220."),
        (["jazz", "--metre", "13/8"], "--metre: Must be one of "),
        (["jazz", "--tag", ""], "--tag: Must have at least 1 character(s)."),
        (["jazz", "--duration", "601"], "--duration: Must be at most 600 for this engine."),
        (["jazz", "--only", "x" * 65], "--only: Must have at most 64 characters."),
        (["jazz", "--negative-prompt", "x" * 1001], "--negative-prompt: Must have at most 1000 characters."),
        (
            ["jazz", "--lyrics-language", "de"],
            "--lyrics-language: Must be left out of a request without lyrics.",
        ),
        (["jazz", "--lyrics", "la la"], "--lyrics: This engine does not support lyrics."),
        (["jazz", "--engine", "nope"], "--engine: Must be an enabled engine: studio."),
    ],
)
def test_an_invalid_option_is_named(arguments: list[str], message: str) -> None:
    status, output, error = prompt(*arguments)
    assert (status, output, error.startswith(f"studio: {message}")) == (1, "", True), error


def test_a_missing_prompt_is_invalid_usage() -> None:
    assert prompt()[0] == 2
