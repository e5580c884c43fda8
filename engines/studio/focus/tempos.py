"""Chooses the tempos of a focus session. Imports no audio code: servers use this module."""

from random import Random
from typing import TYPE_CHECKING, Final

from core.focus import Goal
from engines.focus_port import BeatGrid, FocusControls
from engines.studio.focus.goals import ENERGY_OFFSETS, GOAL_PROFILES, arc_value
from engines.studio.focus.session_random import session_random

if TYPE_CHECKING:
    from engines.studio.model.music_request import MusicRequest

TEMPO_STEP: Final = 6
"""The largest change of the tempo between two segments, in BPM. Tempos are multiples of it."""
MAX_STEPS: Final = 2
"""The most steps from the tempo of a goal or a style; a session with a tempo farther away keeps it."""
MIN_TEMPO, MAX_TEMPO = 42, 222


def choose_tempo(
    controls: FocusControls,
    request: "MusicRequest | None",
    session_seed: int,
    position: float,
    before: BeatGrid | None,
) -> float:
    """Choose the tempo of a segment at a position (0 to 1) of its session.

    A tempo that the prompt names at the start of the session does not change. Any other follows the arc of the goal by
    one TEMPO_STEP at a time: at most one step from the first tempo without divergence, MAX_STEPS with full divergence.
    """
    home = first_tempo(controls, request, session_seed)
    if before is None:
        return home
    is_fixed = home % TEMPO_STEP or before.tempo_bpm % TEMPO_STEP or (request and request.tempo)
    if is_fixed or abs(before.tempo_bpm - home) > MAX_STEPS * TEMPO_STEP:
        return before.tempo_bpm
    steps = 1.0 + (MAX_STEPS - 1) * controls.divergence
    target = home + TEMPO_STEP * round(steps * arc_value(GOAL_PROFILES[controls.goal].tempo_arc, position))
    target = min(MAX_TEMPO, max(MIN_TEMPO, target))
    change = min(TEMPO_STEP, max(-TEMPO_STEP, target - before.tempo_bpm))
    return before.tempo_bpm + change


def first_tempo(controls: FocusControls, request: "MusicRequest | None", session_seed: int) -> float:
    """Choose the tempo of the first segment."""
    if request and request.tempo:
        return request.tempo
    rng = session_random(session_seed, "tempo")
    if request and (request.is_style_named or controls.goal is Goal.CUSTOM_PROMPT):
        return _style_tempo(request, ENERGY_OFFSETS[controls.intensity], rng)
    tempos = GOAL_PROFILES[controls.goal].tempos[controls.intensity]
    return float(rng.choice(tempos) + (6 * round(request.tempo_lean) if request else 0))


def _style_tempo(request: "MusicRequest", energy_offset: float, rng: Random) -> float:
    """Choose a multiple of six near the requested tempo, within the range of the style if it contains one."""
    slow, usual, fast = request.style.tempo_range
    lean = request.tempo_lean + 0.6 * (request.energy - request.style.energy + energy_offset) + rng.uniform(-0.3, 0.3)
    lean = max(-1.0, min(1.0, lean))
    target = usual + lean * ((fast - usual) if lean > 0 else (usual - slow))
    options = [float(tempo) for tempo in range(MIN_TEMPO, MAX_TEMPO + 1, TEMPO_STEP)]
    suitable = [tempo for tempo in options if slow <= tempo <= fast]
    return min(suitable or options, key=lambda tempo: abs(tempo - target))
