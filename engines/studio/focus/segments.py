"""What a segment of a focus session is to be: the style, band and motifs that session, controls and turn ask for."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from core.focus import Goal
from engines.focus_port import BeatGrid, Controls, Segment
from engines.port import Approximation, Report
from engines.studio import random_streams
from engines.studio.arranging.continuation import vary_motifs
from engines.studio.arranging.interpretation import Interpretation
from engines.studio.composing import melody
from engines.studio.focus import planner
from engines.studio.focus.goals import ENERGY_OFFSETS, GOAL_PROFILES
from engines.studio.model import form_request
from engines.studio.model.composition import Motif
from engines.studio.model.music_request import MusicRequest
from engines.studio.model.style import Part, Style
from engines.studio.orchestration import substitutes
from engines.studio.prompt import reader
from engines.studio.styles import STYLES
from engines.studio.theory import related_keys

THEME_NAMES: Final = ("A", "B", "C")
MAX_SUBSTITUTION_PROBABILITY: Final = 0.7
"""How likely another player takes a seat at full divergence."""
STYLE_CHANGE_DIVERGENCE: Final = 0.5
"""The divergence from which on a segment may leave the style of its session."""
FORM_NOTE: Final = "A segment of a session has a form of its own: what was asked of form does not apply."


def interpret_segment(segment: Segment) -> Interpretation:
    """What is played for a segment; the words of its controls are what was asked."""
    controls, session = segment.controls, segment.session_seed
    asked = _read_request(segment)
    seed = random_streams.derive_seed(session, "segment", segment.index)
    key = related_keys.parse_key(segment.grid.key)
    style = _fix_progressions(asked.style, session, seed, controls.divergence)
    played = replace(
        asked,
        style=replace(style, parts=_choose_parts(style, controls, seed), ritardando=0.0),
        tempo=segment.grid.tempo_bpm,
        tonic=key.tonic,
        mode=key.family,
        metre=planner.METRE,
        energy=max(0.1, min(1.0, asked.energy + ENERGY_OFFSETS[controls.intensity])),
        excluded=asked.excluded if GOAL_PROFILES[controls.goal].has_drums else (*asked.excluded, "drums"),
        motifs=_choose_motifs(style, session, seed, controls.divergence),
        form=form_request.FormRequest(),
    )
    return Interpretation(
        _with_grid_approximations(asked, segment.grid), played, seed, () if asked.form.is_default else (FORM_NOTE,)
    )


def _with_grid_approximations(asked: MusicRequest, grid: BeatGrid) -> MusicRequest:
    """The brief, in which what the session's tempo and metre do not follow is told as approximated."""
    told = list(asked.words_approximated)
    if asked.tempo and abs(asked.tempo - grid.tempo_bpm) > 0.01:
        told.append(Approximation(f"{asked.tempo:g} bpm", f"{grid.tempo_bpm:g} bpm"))
    if asked.metre and asked.metre != grid.metre:
        told.append(Approximation(asked.metre, grid.metre))
    return replace(asked, tempo=None, words_approximated=tuple(told))


def _read_request(segment: Segment) -> MusicRequest:
    """What the words say, in the style of the goal unless they name another."""
    controls = segment.controls
    brief = reader.read(controls.prompt or "", ())
    if brief.is_style_named or (controls.goal is Goal.CUSTOM_PROMPT and brief.words_used):
        return brief
    style = _choose_style(segment)
    return replace(brief, style=style, energy=style.energy + brief.energy - brief.style.energy)


def _choose_style(segment: Segment) -> Style:
    """The session's home, one of the goal's styles that can be played in its tempo; far journeys leave it at times."""
    controls, tempo = segment.controls, segment.grid.tempo_bpm
    options = [STYLES[name] for name in GOAL_PROFILES[controls.goal].styles[controls.intensity]]
    options = [one for one in options if 0.94 * one.tempo_range[0] <= tempo <= 1.06 * one.tempo_range[2]] or options
    home = planner.session_random(segment.session_seed, "style").choice([options[0], *options])
    die = planner.session_random(segment.session_seed, "style", segment.index)
    leaves = segment.index > 0 and die.random() < (controls.divergence - STYLE_CHANGE_DIVERGENCE) / (
        1.0 - STYLE_CHANGE_DIVERGENCE
    )
    return die.choice(options) if leaves else home


def _fix_progressions(style: Style, session: int, seed: int, divergence: float) -> Style:
    """A style with one progression for each theme: the session's, or the segment's own with the divergence."""
    return replace(
        style,
        progressions={
            family: {
                theme: (_choose_progression(options, session, seed, divergence, family, theme),)
                for theme, options in table.items()
            }
            for family, table in style.progressions.items()
        },
    )


def _choose_progression(
    options: tuple[str, ...], session: int, seed: int, divergence: float, family: str, theme: str
) -> str:
    is_own = random_streams.chance(random_streams.stream(seed, "leaves", family, theme), divergence)
    return random_streams.pick(random_streams.stream(seed if is_own else session, "chords", family, theme), options)


def _choose_motifs(style: Style, session: int, seed: int, divergence: float) -> Mapping[str, Motif]:
    """The session's themes, varied; a journey has new ones."""
    rng = random_streams.stream(seed, "motifs")
    if random_streams.chance(rng, divergence):
        return melody.compose_themes(rng, style.melody_feel, THEME_NAMES)
    return vary_motifs(
        melody.compose_themes(random_streams.stream(session, "motifs"), style.melody_feel, THEME_NAMES), rng
    )


def _choose_parts(style: Style, controls: Controls, seed: int) -> tuple[Part, ...]:
    """The style's band, its tunes as far back as the goal wants them."""
    back = GOAL_PROFILES[controls.goal].melody_lu
    seats = substitutes.substitute_instruments(style.parts, MAX_SUBSTITUTION_PROBABILITY * controls.divergence, seed)
    return tuple(replace(part, level=part.level + back) if part.stem == "melody" else part for part in seats)


def segment_title(segment: Segment, style: Style) -> str:
    """The goal, or the style where words are the goal; and which of the session's segments it is."""
    goal = segment.controls.goal
    name = style.name if goal is Goal.CUSTOM_PROMPT else goal.value.capitalize()
    return f"{name} {segment.index + 1}"


def with_grid(report: Report, grid: BeatGrid) -> Report:
    """A report in which the grid is what was asked, and its tempo what was delivered."""
    return replace(
        report,
        tempo_bpm=replace(report.tempo_bpm, requested=grid.tempo_bpm, delivered=grid.tempo_bpm),
        key=replace(report.key, requested=grid.key),
        duration_seconds=replace(report.duration_seconds, requested=grid.duration_seconds),
        loudness_lufs=replace(report.loudness_lufs, requested=grid.target_lufs),
    )
