"""Requests for segments of focus sessions in the terms of an engine at a peer."""

import math
from dataclasses import replace

from core.focus import Goal, Intensity
from engines.capabilities import APPROXIMATED, IGNORED, Capability, Support
from engines.focus_port import FocusControls, Segment
from engines.port import Controls, EngineInfo
from engines.remote.focus.planner import plan_segment
from engines.remote.focus.requests import MAX_PROMPT_LENGTH, build_request


def segment(controls: FocusControls, index: int = 0, *, is_last: bool = False) -> Segment:
    grid = plan_segment(controls, 7, index, 20.0, None, session_seconds=600, is_last=is_last, max_seconds=300)
    return Segment(index, 7, controls, grid, is_last=is_last)


def test_what_the_engine_has_no_field_for_is_written_in_the_prompt(info: EngineInfo) -> None:
    planned = segment(FocusControls(Goal.RELAX, Intensity.LOW))
    request = build_request(planned, info)
    assert request.prompt == (
        "Ambient, warm, unhurried music to relax to, calm and sparse, instrumental, "
        f"{planned.grid.tempo_bpm:g} BPM, {planned.grid.key}, no intro, no ending, constant level throughout"
    )
    assert request.controls == Controls()
    assert (request.instrumental, request.title, request.segment) == (True, "Relax 1", None)
    assert request.duration_seconds == math.ceil(planned.grid.duration_seconds)


def test_controls_are_used_where_the_engine_takes_them(info: EngineInfo) -> None:
    capabilities = replace(
        info.capabilities,
        tempo_bpm=Capability(Support.APPROXIMATED, 30, 300),
        key=Capability(Support.APPROXIMATED, values=("major", "minor")),
        metre=Capability(Support.APPROXIMATED, values=("3/4", "4/4")),
    )
    planned = segment(FocusControls(Goal.ENERGIZE))
    request = build_request(planned, replace(info, capabilities=capabilities))
    assert request.controls == Controls(tempo_bpm=planned.grid.tempo_bpm, key=planned.grid.key, metre="4/4")
    assert "BPM" not in request.prompt
    assert planned.grid.key not in request.prompt
    narrow = replace(capabilities, tempo_bpm=Capability(Support.APPROXIMATED, 30, 60), key=IGNORED, metre=APPROXIMATED)
    request = build_request(planned, replace(info, capabilities=narrow))
    assert request.controls == Controls(metre="4/4")
    assert f"{planned.grid.tempo_bpm:g} BPM, {planned.grid.key}" in request.prompt


def test_the_listeners_prompt_comes_first_and_is_cut(info: EngineInfo) -> None:
    request = build_request(segment(FocusControls(Goal.CUSTOM_PROMPT, prompt="  rain on a roof ")), info)
    assert request.prompt.startswith("rain on a roof, continuous background music, instrumental, ")
    assert request.title == "Segment 1"
    long = build_request(segment(FocusControls(Goal.CUSTOM_PROMPT, prompt="x" * 2000)), info)
    assert len(long.prompt) == MAX_PROMPT_LENGTH
    assert long.prompt.endswith("constant level throughout")


def test_segments_have_seeds_of_their_own_and_the_last_one_an_ending(info: EngineInfo) -> None:
    controls = FocusControls(Goal.FOCUS)
    requests = [build_request(segment(controls, index), info) for index in (0, 1, 1)]
    assert requests[0].seed != requests[1].seed
    assert requests[1] == requests[2]
    assert build_request(segment(controls, 2, is_last=True), info).prompt.endswith("with a quiet ending")


def test_styles_differ_with_divergence_only(info: EngineInfo) -> None:
    def styles(divergence: float) -> set[str]:
        controls = FocusControls(Goal.FOCUS, divergence=divergence)
        return {build_request(segment(controls, index), info).prompt.partition(",")[0] for index in range(12)}

    assert styles(0.0) == {"Lofi hip hop"}
    assert len(styles(1.0)) == 3
