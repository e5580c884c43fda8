"""Plans the beat grids of focus sessions. Imports no audio code: servers use this module."""

import hashlib
from random import Random
from typing import TYPE_CHECKING, Final

from core.focus import OPENING_SECONDS, SEGMENT_SECONDS, Goal
from engines.focus_port import BeatGrid, FocusControls
from engines.studio.focus.goals import ENERGY_OFFSETS, GOAL_PROFILES
from engines.studio.theory import related_keys
from engines.studio.theory.pitch import Key

if TYPE_CHECKING:
    from engines.studio.model.music_request import MusicRequest

MAX_OVERLAP_SECONDS: Final = 10.0
"""Overlaps are the longest power of two of bars within this limit, so always more than half of it."""
METRE: Final = "4/4"
TONICS: Final = (0, 2, 3, 4, 5, 7, 8, 9, 10)
MIN_LUFS, MAX_LUFS = -20.0, -14.2


def plan_segment(
    controls: FocusControls,
    session_seed: int,
    index: int,
    stride_seconds: float,
    before: BeatGrid | None,
    *,
    is_last: bool,
) -> BeatGrid:
    """Plan the beat grid of a segment (see SegmentPlanner).

    All segments have the tempo and the loudness of the first one. Segments start at the bar closest to the start
    defined in core.focus, so that rounding errors do not accumulate; the last one ends at the exact second.
    """
    request = _read_prompt(controls)
    tempo = before.tempo_bpm if before else _choose_tempo(controls, request, session_seed)
    bar = 240.0 / tempo
    start, end = _planned_start(index), _planned_start(index) + stride_seconds
    first = round(start / bar)
    bars = max(1, round(end / bar) - first)
    overlap = 0 if is_last else overlap_bars(tempo)
    overlap_ms = round(1000.0 * overlap * bar)
    seconds = max(bar, end - first * bar) if is_last else bars * bar + overlap_ms / 1000.0
    return BeatGrid(
        tempo_bpm=tempo,
        metre=METRE,
        bars=max(1, int(seconds / bar + 1e-6)) if is_last else bars + overlap,
        first_downbeat_ms=0.0,
        key=_choose_key(controls, request, session_seed, index, before),
        duration_seconds=seconds,
        overlap_ms=overlap_ms,
        fade_in_ms=before.overlap_ms if before else 0,
        fade_out_ms=overlap_ms,
        target_lufs=before.target_lufs if before else _target_lufs(controls, request),
    )


def overlap_bars(tempo: float) -> int:
    """Return the overlap of two segments in bars: one, two, four or eight, which last 5 to 10 seconds."""
    return max(bars for bars in (1, 2, 4, 8) if bars == 1 or bars * 240.0 / tempo <= MAX_OVERLAP_SECONDS)


def session_random(session_seed: int, *purpose: str | int) -> Random:
    """Return a random generator that depends only on the session and the purpose."""
    digest = hashlib.sha256("/".join(str(word) for word in ("session", session_seed, *purpose)).encode()).digest()
    return Random(int.from_bytes(digest[:16], "big"))  # noqa: S311  music, not secrets


def _planned_start(index: int) -> float:
    """Return the start of a segment according to core.focus, in seconds from the start of the session."""
    return float(OPENING_SECONDS + SEGMENT_SECONDS * (index - 1)) if index else 0.0


def _read_prompt(controls: FocusControls) -> "MusicRequest | None":
    """Read the prompt, if there is one. The first call takes two seconds because it loads the vocabulary."""
    if not (controls.prompt or "").strip():
        return None
    from engines.studio.prompt import reader  # noqa: PLC0415  only sessions with a prompt need the vocabulary

    return reader.read(controls.prompt or "", ())


def _choose_tempo(controls: FocusControls, request: "MusicRequest | None", session_seed: int) -> float:
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
    options = [float(tempo) for tempo in range(42, 223, 6)]
    suitable = [tempo for tempo in options if slow <= tempo <= fast]
    return min(suitable or options, key=lambda tempo: abs(tempo - target))


def _choose_key(
    controls: FocusControls, request: "MusicRequest | None", session_seed: int, index: int, before: BeatGrid | None
) -> str:
    """Choose the key of a segment: the previous key or a closely related one, towards the requested key if any."""
    if before is None:
        return _first_key(controls, request, session_seed).name
    previous = related_keys.parse_key(before.key)
    related = related_keys.closely_related(previous)
    if request and request.tonic is not None:
        target = _first_key(controls, request, session_seed)
        return min((previous, *related), key=lambda key: related_keys.distance(key, target)).name
    rng = session_random(session_seed, "key", index)
    return (rng.choice(related) if rng.random() < controls.divergence else previous).name


def _first_key(controls: FocusControls, request: "MusicRequest | None", session_seed: int) -> Key:
    rng = session_random(session_seed, "key")
    tonic, families = rng.choice(TONICS), GOAL_PROFILES[controls.goal].key_families
    if request and (request.is_style_named or controls.goal is Goal.CUSTOM_PROMPT):
        families = tuple(Key(0, mode).family for mode in request.style.modes)
    family = rng.choice(families)
    if request and request.mode:
        family = Key(0, request.mode).family
    return Key(tonic if request is None or request.tonic is None else request.tonic, family)


def _target_lufs(controls: FocusControls, request: "MusicRequest | None") -> float:
    if controls.goal is not Goal.CUSTOM_PROMPT or request is None:
        return GOAL_PROFILES[controls.goal].lufs
    loudness = -20.0 + 8.0 * (request.energy + ENERGY_OFFSETS[controls.intensity])
    return round(min(MAX_LUFS, max(MIN_LUFS, loudness)), 1)
