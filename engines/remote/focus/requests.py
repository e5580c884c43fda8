"""Write the request for a segment of a focus session in words and controls that an engine at a peer takes."""

import math
from collections.abc import Mapping
from typing import Final

from core.focus import Goal, Intensity
from engines.capabilities import Capability
from engines.focus_port import BeatGrid, Segment
from engines.port import Controls, EngineInfo, RenderRequest
from engines.remote.focus.planner import follows
from engines.studio import random_streams
from engines.studio.focus.goals import GOAL_PROFILES
from engines.studio.focus.session_random import session_random
from engines.studio.styles import STYLES

MAX_PROMPT_LENGTH: Final = 2_000

_CHARACTERS: Final[Mapping[Goal, str]] = {
    Goal.FOCUS: "steady, unobtrusive background music for concentrated work",
    Goal.RELAX: "warm, unhurried music to relax to",
    Goal.SLEEP: "slow, soft music to fall asleep to, without drums",
    Goal.ENERGIZE: "driving, energetic music to move to",
    Goal.CUSTOM_PROMPT: "continuous background music",
}
_INTENSITIES: Final[Mapping[Intensity, str]] = {
    Intensity.LOW: "calm and sparse",
    Intensity.MEDIUM: "",
    Intensity.HIGH: "lively and dense",
}
_FORM: Final = "no intro, no ending, constant level throughout"
_LAST_FORM: Final = "with a quiet ending"


def build_request(segment: Segment, info: EngineInfo) -> RenderRequest:
    """Return the request for a segment. The same segment gives the same request.

    Properties for which the engine has no field are in the prompt. The title is that of the track.
    """
    controls = _controls(segment.grid, info)
    return RenderRequest(
        prompt=_prompt(segment, controls),
        duration_seconds=float(min(math.ceil(segment.grid.duration_seconds), info.max_duration_seconds)),
        seed=random_streams.derive_seed(segment.session_seed, "segment", segment.index),
        instrumental=True,
        title=_title(segment),
        controls=controls,
    )


def _controls(grid: BeatGrid, info: EngineInfo) -> Controls:
    capabilities = info.capabilities
    mode = grid.key.rpartition(" ")[2]
    return Controls(
        tempo_bpm=grid.tempo_bpm if _takes_number(capabilities.tempo_bpm, grid.tempo_bpm) else None,
        key=grid.key if _takes_text(capabilities.key, mode) else None,
        metre=grid.metre if _takes_text(capabilities.metre, grid.metre) else None,
    )


def _takes_number(capability: Capability, value: float) -> bool:
    is_within = (capability.minimum or value) <= value <= (capability.maximum or value)
    return follows(capability) and is_within


def _takes_text(capability: Capability, value: str) -> bool:
    return follows(capability) and (not capability.values or value in capability.values)


def _prompt(segment: Segment, taken: Controls) -> str:
    controls, grid = segment.controls, segment.grid
    phrases = [
        _CHARACTERS[controls.goal],
        _INTENSITIES[controls.intensity],
        "instrumental",
        "" if taken.tempo_bpm else f"{grid.tempo_bpm:g} BPM",
        "" if taken.key else grid.key,
        _LAST_FORM if segment.is_last else _FORM,
    ]
    rules = ", ".join(phrase for phrase in phrases if phrase)
    wish = (controls.prompt or "").strip() or _style_name(segment)
    return f"{wish[: MAX_PROMPT_LENGTH - len(rules) - 2]}, {rules}"


def _style_name(segment: Segment) -> str:
    """Return the name of a style of the goal: that of the session, or with divergence sometimes another."""
    controls = segment.controls
    styles = GOAL_PROFILES[controls.goal].styles[controls.intensity]
    rng = session_random(segment.session_seed, "style", segment.index)
    return STYLES[rng.choice(styles) if rng.random() < controls.divergence else styles[0]].name


def _title(segment: Segment) -> str:
    goal = segment.controls.goal
    name = "Segment" if goal is Goal.CUSTOM_PROMPT else goal.value.capitalize()
    return f"{name} {segment.index + 1}"
