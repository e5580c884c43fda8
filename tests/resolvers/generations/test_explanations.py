"""Every explicit value that validation accepts is understood by the studio engine."""

import itertools
from dataclasses import replace
from typing import Any

import pytest

from core.errors import InvalidInput
from engines.capabilities import Capabilities
from engines.port import ControlRanges
from engines.prompt_port import PromptReading
from engines.registry import INSTALLED_ENGINES, EngineRegistry, RegisteredEngine
from engines.studio.engine import StudioEngine
from engines.studio.info import STUDIO_INFO
from resolvers.access.validation import Unvalidated
from resolvers.generations import explanations
from resolvers.generations.commands import CreateGenerationGraphQL

RANGES = STUDIO_INFO.controls or ControlRanges(0, 0, (), ())
SHARPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
FLATS = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")


def read(registry: EngineRegistry | None = None, **fields: Any) -> PromptReading:  # noqa: ANN401  fields of a command
    request = Unvalidated(CreateGenerationGraphQL, {"engine": "studio", "prompt": "jazz", **fields})
    return explanations.read(registry or EngineRegistry(), request)[1]


def test_every_key_is_understood() -> None:
    misread = []
    for mode, (sharp, flat) in itertools.product(RANGES.modes, zip(SHARPS, FLATS, strict=True)):
        for tonic in {sharp, flat}:
            key = read(key=f"{tonic} {mode}").key
            if key not in {f"{sharp} {mode}", f"{flat} {mode}"}:
                misread.append((f"{tonic} {mode}", key))
    assert misread == []


def test_every_metre_and_the_ends_of_the_tempo_range_are_understood() -> None:
    assert [read(metre=metre).metre for metre in RANGES.metres] == list(RANGES.metres)
    tempos = (RANGES.min_tempo_bpm, RANGES.max_tempo_bpm)
    assert tuple(read(tempo_bpm=tempo).tempo_bpm for tempo in tempos) == tempos


def problems(registry: EngineRegistry, **fields: Any) -> list[tuple[tuple[str | int, ...], str]]:  # noqa: ANN401
    with pytest.raises(InvalidInput) as refused:
        read(registry, **fields)
    return [(problem.path, problem.message) for problem in refused.value.problems]


def test_an_engine_without_an_explainer_refuses_to_explain() -> None:
    registry = EngineRegistry(installed={"studio": RegisteredEngine(STUDIO_INFO, StudioEngine)})
    assert problems(registry) == [(("engine",), "This engine does not explain how it reads a prompt.")]


def test_an_engine_without_controls_refuses_them() -> None:
    installed = INSTALLED_ENGINES["studio"]
    info = replace(STUDIO_INFO, capabilities=Capabilities.of_prompt_only())
    registry = EngineRegistry(installed={"studio": replace(installed, info=info)})
    given: dict[str, Any] = {
        "tempo_bpm": 500.0,
        "key": "H",
        "metre": "x",
        "negative_prompt": "drums",
        "instruments": {"only": ["harp"]},
        "structure": ["verse"],
        "intensity": 0.5,
        "density": 0.5,
        "brightness": 0.5,
    }
    message = "The engine studio does not support {}. Leave it out."
    assert problems(registry, **given) == [
        ((name,), message.format("instruments.only" if name == "instruments" else "this field")) for name in given
    ]
    assert problems(registry, lyrics="[Verse] la") == [(("lyrics",), "This engine does not support lyrics.")]
    assert read(registry).style.key == "jazz"
