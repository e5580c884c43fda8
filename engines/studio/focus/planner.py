"""Lays out focus sessions: tempo, bars, key, overlap and loudness of each segment. Loads nothing that makes sound."""

import hashlib
from random import Random
from typing import TYPE_CHECKING, Final

from core.focus import OPENING_SECONDS, SEGMENT_SECONDS, Goal
from engines.focus_port import BeatGrid, Controls
from engines.studio.focus.goals import ENERGY_OFFSETS, GOAL_PROFILES, GoalProfile
from engines.studio.theory import related_keys
from engines.studio.theory.pitch import Key

if TYPE_CHECKING:
    from engines.studio.model.music_request import MusicRequest

MAX_OVERLAP_SECONDS: Final = 10.0
"""Seconds. Overlaps are a power of two of bars, the longest that stays below: always more than half of this."""
METRE: Final = "4/4"
TONICS: Final = (0, 2, 3, 4, 5, 7, 8, 9, 10)
MIN_LUFS, MAX_LUFS = -20.0, -14.2


def plan_segment(
    controls: Controls,
    session_seed: int,
    index: int,
    stride_seconds: float,
    before: BeatGrid | None,
    *,
    is_last: bool,
) -> BeatGrid:
    """See Planner.

    Tempo and loudness are those of the first segment for the whole session. Segments begin on the bar that is nearest
    to where core.focus wants them, so that nothing adds up, and the last one ends to the second.
    """
    brief = _read_prompt(controls)
    tempo = before.tempo_bpm if before else _choose_tempo(controls, brief, session_seed)
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
        key=_choose_key(controls, brief, session_seed, index, before),
        duration_seconds=seconds,
        overlap_ms=overlap_ms,
        fade_in_ms=before.overlap_ms if before else 0,
        fade_out_ms=overlap_ms,
        target_lufs=before.target_lufs if before else _target_lufs(controls, brief),
    )


def overlap_bars(tempo: float) -> int:
    """How many bars a segment sounds on under the next: one, two, four or eight, 5 to 10 seconds."""
    bars = 1
    while 2 * bars * 240.0 / tempo <= MAX_OVERLAP_SECONDS:
        bars *= 2
    return bars


def session_random(session_seed: int, *purpose: str | int) -> Random:
    """A die that depends on the session and the purpose alone, in any process."""
    digest = hashlib.sha256("/".join(str(word) for word in ("session", session_seed, *purpose)).encode()).digest()
    return Random(int.from_bytes(digest[:16], "big"))  # noqa: S311  music, not secrets


def _planned_start(index: int) -> float:
    """Where core.focus wants a segment to begin, in seconds from the start of its session."""
    return float(OPENING_SECONDS + SEGMENT_SECONDS * (index - 1)) if index else 0.0


def _read_prompt(controls: Controls) -> "MusicRequest | None":
    """What the listener's words say; a first reading loads the vocabulary, which takes a tenth of a second."""
    if not (controls.prompt or "").strip():
        return None
    from engines.studio.prompt import reader  # noqa: PLC0415  only sessions with words need the vocabulary

    return reader.read(controls.prompt or "", ())


def _choose_tempo(controls: Controls, brief: "MusicRequest | None", session_seed: int) -> float:
    if brief and brief.tempo:
        return brief.tempo
    die = session_random(session_seed, "tempo")
    if brief and (brief.is_style_named or controls.goal is Goal.CUSTOM_PROMPT):
        return _style_tempo(brief, ENERGY_OFFSETS[controls.intensity], die)
    aim = GOAL_PROFILES[controls.goal]
    tempi = aim.tempi[controls.intensity]
    return float(die.choice(tempi) + (6 * round(brief.tempo_lean) if brief else 0))


def _style_tempo(brief: "MusicRequest", lift: float, die: Random) -> float:
    """A multiple of six near what the style and the words ask for, inside the style's range where there is one."""
    slow, usual, fast = brief.style.tempo_range
    lean = max(
        -1.0, min(1.0, brief.tempo_lean + 0.6 * (brief.energy - brief.style.energy + lift) + die.uniform(-0.3, 0.3))
    )
    wanted = usual + lean * ((fast - usual) if lean > 0 else (usual - slow))
    whole = [float(six) for six in range(42, 223, 6)]
    inside = [six for six in whole if slow <= six <= fast]
    return min(inside or whole, key=lambda six: abs(six - wanted))


def _choose_key(
    controls: Controls, brief: "MusicRequest | None", session_seed: int, index: int, before: BeatGrid | None
) -> str:
    """The first key is free; later ones stay or move by a step, towards a key that was named if there is one."""
    if before is None:
        return _first_key(controls, brief, session_seed).name
    home = related_keys.parse_key(before.key)
    wanted = _first_key(controls, brief, session_seed) if brief and brief.tonic is not None else None
    die = session_random(session_seed, "key", index)
    if wanted:
        return min((home, *related_keys.closely_related(home)), key=lambda one: related_keys.distance(one, wanted)).name
    return (die.choice(related_keys.closely_related(home)) if die.random() < controls.divergence else home).name


def _first_key(controls: Controls, brief: "MusicRequest | None", session_seed: int) -> Key:
    die = session_random(session_seed, "key")
    tonic, families = die.choice(TONICS), GOAL_PROFILES[controls.goal].key_families
    if brief and (brief.is_style_named or controls.goal is Goal.CUSTOM_PROMPT):
        families = tuple(Key(0, mode).family for mode in brief.style.modes)
    family = die.choice(families)
    if brief and brief.mode:
        family = Key(0, brief.mode).family
    return Key(tonic if brief is None or brief.tonic is None else brief.tonic, family)


def _target_lufs(controls: Controls, brief: "MusicRequest | None") -> float:
    aim: GoalProfile = GOAL_PROFILES[controls.goal]
    if controls.goal is not Goal.CUSTOM_PROMPT or brief is None:
        return aim.lufs
    return round(min(MAX_LUFS, max(MIN_LUFS, -20.0 + 8.0 * (brief.energy + ENERGY_OFFSETS[controls.intensity]))), 1)
