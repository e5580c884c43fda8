"""``studio prompt``: show how an engine reads a request, without a server or a database."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any, Final

import typer
from pydantic.alias_generators import to_camel
from rich.table import Table
from rich.text import Text

from core.errors import InvalidInput
from engines.prompt_port import InstrumentReading, PromptReading, StyleOrigin
from engines.registry import create_registry
from resolvers.access.validation import Unvalidated
from resolvers.generations import explanations
from resolvers.generations.commands import CreateGenerationGraphQL
from server.cli import console, control_options
from server.cli.console import DataDir, out
from server.cli.control_options import (
    BrightnessOption,
    DensityOption,
    ExcludeOption,
    IncludeOption,
    IntensityOption,
    LyricsLanguageOption,
    MetreOption,
    MusicalKeyOption,
    NegativePromptOption,
    OnlyOption,
    StructureOption,
    TempoOption,
    Texts,
)


def prompt(
    prompt: Annotated[str, typer.Argument(help="Description of the music.")],
    tag: Annotated[Texts, typer.Option(help="Style tag. Can be repeated.")] = None,
    lyrics: Annotated[str | None, typer.Option(help="Lyrics with section tags, such as [Verse].")] = None,
    lyrics_language: LyricsLanguageOption = None,
    duration: Annotated[int | None, typer.Option(help="Length in seconds. Default: that in the prompt.")] = None,
    engine: Annotated[str | None, typer.Option(help="Engine. Default: that of the settings.")] = None,
    tempo_bpm: TempoOption = None,
    key: MusicalKeyOption = None,
    metre: MetreOption = None,
    negative_prompt: NegativePromptOption = None,
    include: IncludeOption = None,
    exclude: ExcludeOption = None,
    only: OnlyOption = None,
    structure: StructureOption = None,
    intensity: IntensityOption = None,
    density: DensityOption = None,
    brightness: BrightnessOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,  # noqa: FBT002
    data_dir: DataDir = None,
) -> None:
    """Show how an engine reads a request, without rendering it and without a server."""
    settings = console.load_settings(data_dir=data_dir).engines
    fields = {
        "engine": engine or settings.default,
        "prompt": prompt,
        "style_tags": tag or [],
        "instrumental": lyrics is None,
        "lyrics": lyrics,
        "lyrics_language": lyrics_language,
        "duration_seconds": duration,
        "tempo_bpm": tempo_bpm,
        "key": key,
        "metre": metre,
        "negative_prompt": negative_prompt,
        "instruments": control_options.instruments(include, exclude, only),
        "structure": control_options.section_names(structure),
        "intensity": intensity,
        "density": density,
        "brightness": brightness,
    }
    try:
        request = Unvalidated(CreateGenerationGraphQL, fields)
        _, reading = explanations.read(create_registry(settings), request)
    except InvalidInput as refusal:
        console.fail("\n".join(f"{_option(problem.path)}: {problem.message}" for problem in refusal.problems))
    if as_json:
        typer.echo(json.dumps(_as_json(reading), ensure_ascii=False))
        return
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in describe(reading):
        table.add_row(name, Text(value))
    out.print(table)


def _option(path: tuple[str | int, ...]) -> str:
    """Return the name of the argument or option that sets a field."""
    name = str(path[1] if path[0] == "instruments" and len(path) > 1 else path[0])
    return name.upper() if name == "prompt" else f"--{_OPTIONS.get(name, name.replace('_', '-'))}"


def _as_json(reading: PromptReading) -> dict[str, Any]:
    """Return a reading as the query ``explainPrompt`` does."""
    fields = {
        **asdict(reading),
        "style": {**asdict(reading.style), "origin": reading.style.origin.name},
        "transformations": [{"name": name, "words": words} for name, words in reading.transformations],
    }
    return {to_camel(name): value for name, value in fields.items()} | {
        "instruments": {to_camel(name): value for name, value in asdict(reading.instruments).items()}
    }


_OPTIONS: Final = {"style_tags": "tag", "duration_seconds": "duration"}
_STYLE_ORIGINS: Final = {
    StyleOrigin.NAMED: "named",
    StyleOrigin.APPROXIMATED: "approximated",
    StyleOrigin.CHOSEN: "chosen by moods, tempo and instruments",
}


def describe(reading: PromptReading) -> Iterator[tuple[str, str]]:
    """Yield a name and a value for each property that the request has."""
    yield "style", f"{reading.style.name} ({_STYLE_ORIGINS[reading.style.origin]})"
    properties: dict[str, Any] = {
        "tempo": f"{reading.tempo_bpm:g} bpm" if reading.tempo_bpm else None,
        "key": reading.key,
        "metre": reading.metre,
        "moods": ", ".join(reading.moods),
        **_instruments(reading.instruments),
        "transformations": ", ".join(f"{name} ({words})" for name, words in reading.transformations),
        "sections": ", ".join(reading.sections) or reading.section_count,
        "progression": reading.progression,
        "length": f"{reading.length_seconds:g} s" if reading.length_seconds else None,
        "subject": reading.subject,
        "languages": ", ".join(reading.languages),
        "words used": ", ".join(reading.words_used),
        "words approximated": ", ".join(f"{each.asked} as {each.given}" for each in reading.words_approximated),
        "words not used": ", ".join(reading.words_ignored),
        "notes": "\n".join(reading.notes),
    }
    yield from ((name, str(value)) for name, value in properties.items() if value)


def _instruments(instruments: InstrumentReading) -> dict[str, str]:
    return {
        "only" if instruments.is_exclusive else "instruments": ", ".join(instruments.included),
        "without": ", ".join(instruments.excluded),
        "quieter": ", ".join(instruments.reduced),
    }
