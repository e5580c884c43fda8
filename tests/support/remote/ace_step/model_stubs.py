"""Replacements for what needs weights, torch or Gradio in the package of ACE-Step. The rest of its code is genuine.

The folder of the server contains ``hold`` while renders wait, and ``calls.jsonl`` with what the model was given.
"""

import json
import random
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Final
from uuid import uuid4

import soundfile

from tests.support.remote.ace_step import tones

FAILING_CAPTION: Final = "a render that fails"
_RECORDED: Final = (
    "captions", "lyrics", "vocal_language", "bpm", "key_scale", "time_signature", "audio_duration", "inference_steps",
    "batch_size", "task_type", "instruction",
)  # fmt: skip
_RECORDED_OF_SOURCES: Final = ("audio_cover_strength", "repainting_start", "repainting_end")


def install(root: Path) -> None:
    """Put the replacements into ``sys.modules``. ``root`` is the folder of the server."""

    class AceStepHandler:
        dtype = None
        device = "cpu"

        def initialize_service(self, **_: object) -> tuple[str, bool]:
            return "ready", True

        def prepare_seeds(self, batch_size: int, seed: str, use_random_seed: bool) -> tuple[list[int], str]:  # noqa: FBT001  the caller's
            """Return a seed for each item; as in ACE-Step, an empty text is a random one."""
            given = [] if use_random_seed else [int(text) for text in seed.split(",") if text.strip()]
            missing = max(batch_size - len(given), 0)
            seeds = [*given, *(random.getrandbits(32) for _ in range(missing))][:batch_size]
            return seeds, ", ".join(map(str, seeds))

        def generate_music(self, **given: Any) -> dict[str, Any]:  # noqa: ANN401  the model's many parameters
            _record_call(root / "calls.jsonl", given)
            while (root / "hold").exists():
                time.sleep(0.01)
            if given["captions"] == FAILING_CAPTION:
                raise RuntimeError(f"out of memory at {root}/checkpoints")
            tensor = tones.tone(int(given["bpm"] or 0), given["audio_duration"])
            audios = [{"tensor": tensor, "sample_rate": tones.SAMPLE_RATE}] * given["batch_size"]
            return {"success": True, "audios": audios, "status_message": "ready", "extra_outputs": {}}

    class LLMHandler:
        llm_initialized = False

        def initialize(self, **_: object) -> tuple[str, bool]:
            self.llm_initialized = True
            return "ready", True

        def generate_with_stop_condition(self, **_: object) -> dict[str, Any]:
            """Return what the language model returns for values that it leaves open."""
            unknown = dict.fromkeys(("bpm", "keyscale", "timesignature", "duration"), "N/A")
            return {"success": True, "metadata": unknown, "audio_codes": "", "extra_outputs": {}}

    class AudioSaver:
        def __init__(self, default_format: str) -> None:
            self.default_format = default_format

        def save_audio(self, audio: Any, path: str, sample_rate: int, **_: object) -> str:  # noqa: ANN401  an array
            soundfile.write(path, audio, sample_rate, format=self.default_format.upper())
            return path

    _add_module("acestep.handler", AceStepHandler=AceStepHandler)
    _add_module("acestep.llm_inference", LLMHandler=LLMHandler)
    _add_module("acestep.audio_utils", AudioSaver=AudioSaver, generate_uuid_from_params=_random_name)
    _add_module("acestep.gradio_ui")
    _add_module("acestep.gradio_ui.events")
    _add_module("acestep.gradio_ui.events.results_handlers", _build_generation_info=_no_text)


def _record_call(path: Path, given: Mapping[str, Any]) -> None:
    recorded = {name: given[name] for name in _RECORDED}
    if given["src_audio"]:
        recorded |= {name: given[name] for name in _RECORDED_OF_SOURCES}
        recorded["source"] = str(soundfile.info(given["src_audio"]))
    with path.open("a") as file:
        file.write(json.dumps(recorded) + "\n")


def _random_name(_: Mapping[str, object]) -> str:
    return uuid4().hex


def _no_text(**_: object) -> str:
    return ""


def _add_module(name: str, **members: object) -> None:
    module = ModuleType(name)
    vars(module).update(members)
    sys.modules[name] = module
