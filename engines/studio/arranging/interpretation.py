"""Interprets a render request: reads the prompt, applies the form and continues an earlier track."""

from dataclasses import dataclass, replace
from typing import Final

from engines.port import Approximation, RenderRequest
from engines.remarks import RemarkCode
from engines.studio import random_streams
from engines.studio.arranging import continuation
from engines.studio.arranging.track_style import choose_track_style
from engines.studio.model.composition import Composition
from engines.studio.model.form_request import FormRequest
from engines.studio.model.music_request import MusicRequest
from engines.studio.model.style import Style
from engines.studio.orchestration import casting, ending_kinds, transformations
from engines.studio.prompt import reader
from engines.studio.styles import STYLES
from engines.studio.theory import metre
from engines.studio.theory.pitch import Key

LENGTH_TOLERANCE: Final = 0.02
"""The relative difference up to which a length in the prompt counts as the requested duration."""
INTENSITY_ENERGY: Final = 0.7
"""The difference of energy between the lowest and the highest intensity."""
MIN_SHAPED_BARS: Final = 8
"""The minimum number of bars for a requested form."""


@dataclass(frozen=True, slots=True)
class Interpretation:
    """The music that was requested and the music that is composed instead, the seed, and notes for the report."""

    requested: MusicRequest
    effective: MusicRequest
    seed: int
    notes: tuple[str, ...]


def interpret(render_request: RenderRequest) -> Interpretation:
    """Interpret a render request, as a continuation if it names an earlier track."""
    requested = reader.read(
        render_request.prompt, render_request.style_tags, render_request.lyrics, render_request.controls
    )
    previous = None
    notes = list(requested.notes)
    if render_request.continue_from:
        previous = continuation.read_continuation(render_request.continue_from)
        if not previous:
            notes.append(RemarkCode.NEW_PIECE)
    if requested.style_note and not previous:
        notes.append(requested.style_note)
    requested, length_notes = _check_length(requested, render_request.duration_seconds)
    notes += length_notes
    if render_request.lyrics:
        notes.append(RemarkCode.LYRICS_NOT_SUNG)
    elif not render_request.instrumental:
        notes.append(RemarkCode.NO_VOCALS)
    seed = random_streams.derive_seed(render_request.seed, requested.style.key)
    if previous:
        seed = random_streams.derive_seed(render_request.seed, previous.style, "after", previous.seed)
        effective = continuation.continue_from(requested, previous, seed)
    else:
        effective = choose_track_style(requested, seed)
    form = replace(requested.form, is_loop=render_request.loop, is_continuation=previous is not None)
    reported = _without_inaudible_transformations(requested, effective)
    effective = ending_kinds.with_ritardando(_with_form(effective, form), seed)
    parts = casting.cast_parts(effective)
    notes += transformations.describe(effective, parts)
    return Interpretation(reported, effective, seed, tuple(notes))


def _check_length(request: MusicRequest, seconds: float) -> tuple[MusicRequest, list[str]]:
    """Report a length in the prompt as used or ignored: the duration of the render request takes precedence."""
    if request.length is None:
        return request, []
    written = (request.length.text,)
    if abs(request.length.seconds - seconds) <= LENGTH_TOLERANCE * seconds:
        return replace(request, words_used=(*written, *request.words_used)[: reader.MAX_REPORTED_PHRASES]), []
    ignored = (*written, *request.words_ignored)[: reader.MAX_REPORTED_PHRASES]
    note = RemarkCode.LENGTH_IGNORED.write(seconds=f"{seconds:g}", words=written[0])
    return replace(request, words_ignored=ignored), [note]


def _without_inaudible_transformations(request: MusicRequest, effective: MusicRequest) -> MusicRequest:
    """Report transformations as ignored if no part can play them."""
    parts = casting.cast_parts(effective)
    inaudible = [
        written for name, written in request.transformations.items() if not transformations.is_audible(name, parts)
    ]
    if not inaudible:
        return request
    used = tuple(word for word in request.words_used if word not in inaudible)
    return replace(
        request, words_used=used, words_ignored=(*request.words_ignored, *inaudible)[: reader.MAX_REPORTED_PHRASES]
    )


def _with_form(request: MusicRequest, form: FormRequest) -> MusicRequest:
    style = request.style
    if not form.has_ending:
        style = replace(style, ritardando=0.0)
    style = transformations.change_style(style, transformations.strengths_of(request))
    if metre.metre_named(request.metre or style.metre).grid != 1.0 and style.swing_grid == 0.5:
        style = replace(style, swing=0.5)
    if request.harmony:
        style = replace(style, progressions={**style.progressions, **STYLES[request.harmony].progressions})
    if request.progression:
        style = with_progression(style, request.progression)
    if request.intensity is not None:
        energy = style.energy + INTENSITY_ENERGY * (request.intensity - 0.5)
        request = replace(request, energy=max(0.1, min(1.0, energy)))
    return replace(request, style=style, form=form)


def with_progression(style: Style, progression: str) -> Style:
    """Give the main theme of a style the harmony of a request, which stays as written."""
    main_theme = dict.fromkeys(("major A", "minor A"), (progression,))
    progressions = {**style.progressions, **main_theme}
    form = replace(style.form, intro_bars=max(4, style.form.intro_bars))
    return replace(style, progressions=progressions, form=form, reharmonisation=0.0, suspensions=0.0)


def find_approximations(interpretation: Interpretation, composition: Composition) -> tuple[Approximation, ...]:
    """List the requested values that the composition meets only approximately."""
    requested, key = interpretation.requested, composition.key
    tempo, metre_name = composition.counted_tempo, composition.metre
    found = list(requested.words_approximated)
    if requested.tempo and abs(tempo - requested.tempo) > 0.005 * requested.tempo:
        found.append(Approximation(f"{requested.tempo:g} bpm", f"{tempo:.4g} bpm"))
    if requested.metre and metre_name != metre.metre_named(requested.metre).name:
        found.append(Approximation(requested.metre, metre_name))
    if requested.tonic is not None and key.tonic != requested.tonic:
        found.append(Approximation("key", key.name))
    if requested.mode and not _is_matching_mode(requested.mode, key.mode):
        found.append(Approximation(requested.mode, key.mode))
    if requested.is_style_named and requested.style.key != interpretation.effective.style.key:
        found.append(Approximation(requested.style.name, interpretation.effective.style.name))
    min_beats = metre.metre_named(metre_name).progression_bar * MIN_SHAPED_BARS
    if not requested.form.is_default and composition.beats < min_beats:
        found.append(Approximation("form", "too short to shape"))
    return tuple(dict.fromkeys(found))


def _is_matching_mode(requested: str, delivered: str) -> bool:
    """Return whether the modes are equal; "major" and "minor" match any mode with the same third."""
    return requested in {delivered, Key(0, delivered).family}
