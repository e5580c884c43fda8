"""Tasks of ACE-Step with source audio, in the terms of each server."""

from collections.abc import Mapping, Sequence
from typing import Final

from engines.capabilities import Capability, Support
from engines.port import RenderRequest
from engines.source_port import SourceAudio, SourcePart, SourceTask

TEXT_TO_MUSIC: Final = "text2music"

# TASK_INSTRUCTIONS in acestep/constants.py; the server fills no part into them
_INSTRUCTIONS: Final = {
    SourceTask.LEGO: "Generate the {} track based on the audio context:",
    SourceTask.EXTRACT: "Extract the {} track from the audio:",
    SourceTask.COMPLETE: "Complete the input track with {}:",
}
_OF_ALL_MODELS: Final = (SourceTask.COVER, SourceTask.REPAINT)
_NOTE: Final = "The music is as long as the source."
_BASE_ONLY: Final = f"{_NOTE} Other tasks need a base model, as the only kind in the setting `models`."


def task_name(request: RenderRequest) -> str:
    """Return the type of task of a request."""
    return request.source.task.value if request.source else TEXT_TO_MUSIC


def capability(models: Sequence[str]) -> Capability:
    """Return what models of these names do with source audio: turbo models know two tasks, base models all."""
    if models and all("base" in model.lower() for model in models):
        return Capability(Support.APPROXIMATED, values=tuple(SourceTask), note=_NOTE)
    return Capability(Support.APPROXIMATED, values=_OF_ALL_MODELS, note=_BASE_ONLY)


def fields(source: SourceAudio | None) -> Mapping[str, object]:
    """Return the fields that both servers have for source audio; None if the server chooses the value."""
    if source is None:
        return {}
    return {
        "audio_cover_strength": source.strength,
        "repainting_start": source.start_seconds,
        "repainting_end": source.end_seconds,
    }


def instruction(source: SourceAudio | None) -> str | None:
    """Return the instruction of a task with parts, which the server in Python takes; None for other tasks."""
    if source is None or source.task not in _INSTRUCTIONS:
        return None
    return _INSTRUCTIONS[source.task].format(part_names(source.parts))


def part_names(parts: Sequence[SourcePart]) -> str:
    """Return parts as the models were trained with them: "VOCALS | DRUMS"."""
    return " | ".join(part.value.upper() for part in parts)
