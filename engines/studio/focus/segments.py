"""Interprets the segments of focus sessions: chooses style, parts, progressions and motifs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from core.focus import Goal
from engines.focus_port import BeatGrid, Segment
from engines.port import Approximation, Report
from engines.remarks import RemarkCode
from engines.studio import random_streams
from engines.studio.arranging.continuation import vary_motifs
from engines.studio.arranging.interpretation import Interpretation
from engines.studio.composing import melody
from engines.studio.focus import planner
from engines.studio.focus.goals import ENERGY_OFFSETS, GOAL_PROFILES
from engines.studio.focus.session_random import session_random
from engines.studio.model.composition import Motif
from engines.studio.model.form_request import FormRequest
from engines.studio.model.music_request import MusicRequest
from engines.studio.model.style import Part, Style
from engines.studio.orchestration.part_changes import matches_any
from engines.studio.prompt import reader
from engines.studio.styles import STYLES
from engines.studio.theory import related_keys

SUBSTITUTES: Final[Mapping[str, tuple[str, ...]]] = {
    "electric_piano": ("reed_keys", "piano", "vibraphone"),
    "piano": ("electric_piano", "harp", "reed_keys"),
    "nylon_guitar": ("harp", "kalimba", "electric_guitar"),
    "steel_guitar": ("nylon_guitar", "harp"),
    "harp": ("nylon_guitar", "kalimba", "vibraphone"),
    "vibraphone": ("kalimba", "bells", "marimba", "soft_lead"),
    "bells": ("vibraphone", "kalimba", "glass_pad"),
    "trumpet": ("vibraphone", "flute", "soft_lead"),
    "flute": ("clarinet", "soft_lead", "vibraphone"),
    "sax": ("flute", "clarinet", "vibraphone"),
    "soft_lead": ("flute", "pluck", "bells"),
    "pluck": ("kalimba", "marimba", "soft_lead"),
    "lead": ("soft_lead", "pluck"),
    "stab": ("pluck", "electric_piano", "organ"),
    "warm_pad": ("glass_pad", "strings", "choir"),
    "glass_pad": ("warm_pad", "humming", "strings"),
    "choir": ("humming", "strings", "warm_pad"),
    "humming": ("choir", "strings"),
    "strings": ("warm_pad", "choir"),
    "organ": ("warm_pad", "strings"),
    "handpan": ("kalimba", "harp"),
    "upright_bass": ("electric_bass",),
    "electric_bass": ("upright_bass",),
}
"""Instruments of similar range and character, for variety between segments."""
SUBSTITUTION_PROBABILITIES: Final = (0.2, 0.7)
"""The probability that an instrument is substituted after the first segment: without and at full divergence."""
STYLE_CHANGE_DIVERGENCE: Final = 0.5
"""The divergence above which segments may have another style than the session."""
FORM_NOTE: Final = RemarkCode.FORM_IGNORED


def interpret_segment(segment: Segment) -> Interpretation:
    """Interpret the controls of a segment within its session."""
    controls, session_seed = segment.controls, segment.session_seed
    requested = _read_request(segment)
    seed = random_streams.derive_seed(session_seed, "segment", segment.index)
    key = related_keys.parse_key(segment.grid.key)
    style = _fix_progressions(requested.style, session_seed, seed, controls.divergence)
    effective = replace(
        requested,
        style=replace(style, parts=_choose_parts(style, requested, segment, seed), ritardando=0.0),
        tempo=segment.grid.tempo_bpm,
        tonic=key.tonic,
        mode=key.family,
        metre=planner.METRE,
        energy=max(0.1, min(1.0, requested.energy + ENERGY_OFFSETS[controls.intensity] + segment.grid.energy)),
        excluded=requested.excluded if GOAL_PROFILES[controls.goal].has_drums else (*requested.excluded, "drums"),
        motifs=_choose_motifs(style, session_seed, seed, controls.divergence),
        form=FormRequest(),
    )
    notes = () if requested.form.is_default else (FORM_NOTE,)
    return Interpretation(_with_grid_approximations(requested, segment.grid), effective, seed, notes)


def _with_grid_approximations(requested: MusicRequest, grid: BeatGrid) -> MusicRequest:
    """Report a requested tempo or metre as approximated if it differs from that of the session."""
    approximated = list(requested.words_approximated)
    if requested.tempo and abs(requested.tempo - grid.tempo_bpm) > 0.01:
        approximated.append(Approximation(f"{requested.tempo:g} bpm", f"{grid.tempo_bpm:g} bpm"))
    if requested.metre and requested.metre != grid.metre:
        approximated.append(Approximation(requested.metre, grid.metre))
    return replace(requested, tempo=None, words_approximated=tuple(approximated))


def _read_request(segment: Segment) -> MusicRequest:
    """Read the prompt of a segment. Unless it names a style, the style suits the goal."""
    controls = segment.controls
    request = reader.read(controls.prompt or "", ())
    if request.is_style_named or (controls.goal is Goal.CUSTOM_PROMPT and request.words_used):
        return request
    style = _choose_style(segment)
    return replace(request, style=style, energy=style.energy + request.energy - request.style.energy)


def _choose_style(segment: Segment) -> Style:
    """Choose one of the styles of the goal that suit the tempo: that of the session or, at times, another one."""
    controls, tempo = segment.controls, segment.grid.tempo_bpm
    styles = [STYLES[name] for name in GOAL_PROFILES[controls.goal].styles[controls.intensity]]
    suitable = [style for style in styles if 0.94 * style.tempo_range[0] <= tempo <= 1.06 * style.tempo_range[2]]
    options = suitable or styles
    session_style = max(options, key=lambda style: _preference(style, styles, segment.session_seed))
    rng = session_random(segment.session_seed, "style", segment.index)
    probability = (controls.divergence - STYLE_CHANGE_DIVERGENCE) / (1.0 - STYLE_CHANGE_DIVERGENCE)
    is_changed = segment.index > 0 and rng.random() < probability
    return rng.choice(options) if is_changed else session_style


def _preference(style: Style, styles: Sequence[Style], session_seed: int) -> float:
    """Return how much a session prefers a style, whatever the others are; the first one is the most likely."""
    weight = 2.0 if style is styles[0] else 1.0
    return float(session_random(session_seed, "style", style.key).random() ** (1.0 / weight))


def _fix_progressions(style: Style, session_seed: int, seed: int, divergence: float) -> Style:
    """Choose one progression for each theme: that of the session or, with the probability ``divergence``, another."""

    def choose(options: tuple[str, ...], family: str, theme: str) -> str:
        is_own = random_streams.chance(random_streams.stream(seed, "leaves", family, theme), divergence)
        rng = random_streams.stream(seed if is_own else session_seed, "chords", family, theme)
        return random_streams.pick(rng, options)

    return replace(
        style,
        progressions={name: (choose(options, *name.split()),) for name, options in style.progressions.items()},
    )


def _choose_motifs(style: Style, session_seed: int, seed: int, divergence: float) -> Mapping[str, Motif]:
    """Vary the motifs of the session or, with the probability ``divergence``, compose new ones."""
    rng = random_streams.stream(seed, "motifs")
    if random_streams.chance(rng, divergence):
        return melody.compose_themes(rng, style.melody_feel)
    session_rng = random_streams.stream(session_seed, "motifs")
    return vary_motifs(melody.compose_themes(session_rng, style.melody_feel), rng)


def _choose_parts(style: Style, request: MusicRequest, segment: Segment, seed: int) -> tuple[Part, ...]:
    """Substitute instruments that the prompt does not name, and set the level of melody parts for the goal."""
    controls = segment.controls
    melody_lu = GOAL_PROFILES[controls.goal].melody_lu
    low, high = SUBSTITUTION_PROBABILITIES
    probability = low + (high - low) * controls.divergence if segment.index else 0.0
    parts = [
        part if matches_any(part, request.included) else _substitute_instrument(part, probability, request, seed)
        for part in style.parts
    ]
    return tuple(replace(part, level=part.level + melody_lu) if part.stem == "melody" else part for part in parts)


def _substitute_instrument(part: Part, probability: float, request: MusicRequest, seed: int) -> Part:
    rng = random_streams.stream(seed, "seat", part.name)
    others = (replace(part, instrument=name) for name in SUBSTITUTES.get(part.instrument, ()))
    options = tuple(other.instrument for other in others if not matches_any(other, request.excluded))
    if not options or not random_streams.chance(rng, probability):
        return part
    return replace(part, instrument=random_streams.pick(rng, options))


def segment_title(segment: Segment, style: Style) -> str:
    """Return the goal, or the style for a custom prompt, and the number of the segment, for example "Focus 3"."""
    goal = segment.controls.goal
    name = style.name if goal is Goal.CUSTOM_PROMPT else goal.value.capitalize()
    return f"{name} {segment.index + 1}"


def with_grid(report: Report, grid: BeatGrid) -> Report:
    """Set the requested values of a report, and the delivered tempo, to those of the beat grid."""
    return replace(
        report,
        tempo_bpm=replace(report.tempo_bpm, requested=grid.tempo_bpm, delivered=grid.tempo_bpm),
        key=replace(report.key, requested=grid.key),
        duration_seconds=replace(report.duration_seconds, requested=grid.duration_seconds),
        loudness_lufs=replace(report.loudness_lufs, requested=grid.target_lufs),
    )
