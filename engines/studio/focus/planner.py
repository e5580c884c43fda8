"""Plans the beat grids of focus sessions. Imports no audio code: servers use this module."""

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from core.focus import OPENING_SECONDS, SEGMENT_SECONDS, Goal
from engines.focus_port import BeatGrid, FocusControls
from engines.studio.focus import tempos
from engines.studio.focus.goals import ENERGY_OFFSETS, GOAL_PROFILES, arc_value
from engines.studio.focus.session_random import session_random
from engines.studio.theory import related_keys
from engines.studio.theory.pitch import Key

if TYPE_CHECKING:
    from engines.studio.model.music_request import MusicRequest

MAX_OVERLAP_SECONDS: Final = 10.0
"""Overlaps are the longest power of two of bars within this limit, so always more than half of it."""
METRE: Final = "4/4"
TONICS: Final = (0, 2, 3, 4, 5, 7, 8, 9, 10)
MIN_LUFS, MAX_LUFS = -20.0, -14.2
CACHED_PROMPTS: Final = 256
"""Prompts that are read once: all segments of a session have the same one."""
MODULATION_PERIOD: Final = 6
"""Segments from one modulation to the next without divergence: twelve minutes."""
MAX_HOME_DISTANCE: Final = 3
"""The largest distance from the first key at full divergence, in fifths; one without divergence."""


def plan_segment(
    controls: FocusControls,
    session_seed: int,
    index: int,
    stride_seconds: float,
    before: BeatGrid | None,
    *,
    session_seconds: float,
    is_last: bool,
) -> BeatGrid:
    """Plan the beat grid of a segment (see SegmentPlanner).

    All segments have the loudness of the first one; tempo, key and energy follow the arcs of the goal. A segment
    starts at a bar of the one before it, and ends at the bar closest to the start of the next that core.focus
    defines, so that rounding errors do not accumulate; the last one ends at the exact second.
    """
    request = read_prompt(controls)
    position = planned_start(index) / session_seconds
    tempo = tempos.choose_tempo(controls, request, session_seed, position, before)
    bar = 240.0 / tempo
    stride = stride_seconds - (before.drift_seconds if before else 0.0)
    lead_ms = before.overlap_ms if before and tempo != before.tempo_bpm else 0
    lead_bars = round(lead_ms * before.tempo_bpm / 240_000.0) if before else 0
    bars = max(1, round((stride - lead_ms / 1000.0) / bar))
    overlap = 0 if is_last else overlap_bars(tempo)
    overlap_ms = round(1000.0 * overlap * bar)
    seconds = max(bar, stride) if is_last else (lead_ms + overlap_ms) / 1000.0 + bars * bar
    own_bars = max(1, int((seconds - lead_ms / 1000.0) / bar + 1e-3)) if is_last else bars + overlap
    return BeatGrid(
        tempo_bpm=tempo,
        metre=METRE,
        bars=lead_bars + own_bars,
        first_downbeat_ms=float(lead_ms),
        key=choose_key(controls, request, session_seed, index, before),
        duration_seconds=seconds,
        overlap_ms=overlap_ms,
        fade_in_ms=before.overlap_ms if before else 0,
        fade_out_ms=overlap_ms,
        target_lufs=before.target_lufs if before else choose_lufs(controls, request),
        drift_seconds=seconds - overlap_ms / 1000.0 - stride,
        energy=round(arc_value(GOAL_PROFILES[controls.goal].energy_arc, position), 3),
    )


def overlap_bars(tempo: float) -> int:
    """Return the overlap of two segments in bars: one, two, four or eight, which last 5 to 10 seconds."""
    return max(bars for bars in (1, 2, 4, 8) if bars == 1 or bars * 240.0 / tempo <= MAX_OVERLAP_SECONDS)


def planned_start(index: int) -> float:
    """Return the start of a segment according to core.focus, in seconds from the start of the session."""
    return float(OPENING_SECONDS + SEGMENT_SECONDS * (index - 1)) if index else 0.0


def read_prompt(controls: FocusControls) -> "MusicRequest | None":
    """Read the prompt, if there is one. The first call takes two seconds because it loads the vocabulary."""
    return _read(controls.prompt) if controls.prompt and controls.prompt.strip() else None


@lru_cache(CACHED_PROMPTS)
def _read(prompt: str) -> "MusicRequest":
    from engines.studio.prompt import reader  # noqa: PLC0415  only sessions with a prompt need the vocabulary

    return reader.read(prompt, ())


def choose_key(
    controls: FocusControls, request: "MusicRequest | None", session_seed: int, index: int, before: BeatGrid | None
) -> str:
    """Choose the key of a segment: the previous key or a closely related one, towards the requested key if any.

    Without divergence the key moves every MODULATION_PERIOD segments and stays next to the first one.
    """
    if before is None:
        return _first_key(controls, request, session_seed).name
    previous, home = related_keys.parse_key(before.key), _first_key(controls, request, session_seed)
    related = related_keys.closely_related(previous)
    if request and request.tonic is not None:
        return min((previous, *related), key=lambda key: related_keys.distance(key, home)).name
    rng = session_random(session_seed, "key", index)
    phase = session_random(session_seed, "modulation").randrange(MODULATION_PERIOD)
    if rng.random() >= controls.divergence and index % MODULATION_PERIOD != phase:
        return previous.name
    limit = 1 + round((MAX_HOME_DISTANCE - 1) * controls.divergence)
    near = [key for key in related if related_keys.distance(key, home) <= limit]
    return rng.choice(near or [min(related, key=lambda key: related_keys.distance(key, home))]).name


def _first_key(controls: FocusControls, request: "MusicRequest | None", session_seed: int) -> Key:
    rng = session_random(session_seed, "key")
    tonic, families = rng.choice(TONICS), GOAL_PROFILES[controls.goal].key_families
    if request and (request.is_style_named or controls.goal is Goal.CUSTOM_PROMPT):
        families = tuple(Key(0, mode).family for mode in request.style.modes)
    family = rng.choice(families)
    if request and request.mode:
        family = Key(0, request.mode).family
    return Key(tonic if request is None or request.tonic is None else request.tonic, family)


def choose_lufs(controls: FocusControls, request: "MusicRequest | None") -> float:
    """Choose the loudness of a session."""
    if controls.goal is not Goal.CUSTOM_PROMPT or request is None:
        return GOAL_PROFILES[controls.goal].lufs
    loudness = -20.0 + 8.0 * (request.energy + ENERGY_OFFSETS[controls.intensity])
    return round(min(MAX_LUFS, max(MIN_LUFS, loudness)), 1)
