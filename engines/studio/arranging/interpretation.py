"""From what was read to what is played: the form as it was wished, a loop, a track that goes on, a near metre."""

from dataclasses import dataclass, replace
from typing import Final

from engines.port import Approximation, RenderRequest
from engines.studio import random_streams
from engines.studio.arranging import continuation
from engines.studio.model import form_request
from engines.studio.model.composition import Composition
from engines.studio.model.music_request import MusicRequest
from engines.studio.orchestration import articulation, casting
from engines.studio.prompt import reader
from engines.studio.theory import metre
from engines.studio.theory.pitch import MODES

LENGTH_TOLERANCE: Final = 0.02
"""Share of its length by which a piece may differ from one that was named in passing and still count as it."""
MIN_SHAPED_BARS: Final = 8
"""A form with fewer bars than this has no room for wishes."""


@dataclass(frozen=True, slots=True)
class Interpretation:
    """A brief as it was read, the same as it is played, the seed, and sentences for whoever asked."""

    requested: MusicRequest
    effective: MusicRequest
    seed: int
    notes: tuple[str, ...]


def interpret(request: RenderRequest) -> Interpretation:
    """What a request means, in the light of the track that it follows, if any."""
    asked = reader.read(request.prompt, request.style_tags)
    earlier = continuation.read_continuation(request.continue_from) if request.continue_from else None
    notes = []
    if request.continue_from and not earlier:
        notes.append("The track to continue from left nothing that this engine can read: this is a piece of its own.")
    asked, told = _check_length(asked, request.duration_seconds)
    notes += told
    if request.lyrics:
        notes.append("The lyrics were ignored: this engine does not sing.")
    seed = random_streams.derive_seed(request.seed, asked.style.key)
    played = asked
    if earlier:
        seed = random_streams.derive_seed(request.seed, earlier.style, "after", earlier.seed)
        played = continuation.continue_from(asked, earlier, seed)
    wishes = replace(asked.form, is_loop=request.loop, is_continuation=earlier is not None)
    return Interpretation(
        _without_inaudible_articulations(asked, played), _with_form(played, wishes), seed, tuple(notes)
    )


def _check_length(asked: MusicRequest, seconds: float) -> tuple[MusicRequest, list[str]]:
    """A brief whose length, if it named one, is told as used or ignored: the request's own length wins."""
    if asked.length is None:
        return asked, []
    written = (asked.length.text,)
    if abs(asked.length.seconds - seconds) <= LENGTH_TOLERANCE * seconds:
        return replace(asked, words_used=(*written, *asked.words_used)[: reader.MAX_REPORTED_PHRASES]), []
    ignored = (*written, *asked.words_ignored)[: reader.MAX_REPORTED_PHRASES]
    note = f'The length is that of the request, {seconds:g} seconds; "{written[0]}" in the prompt was ignored.'
    return replace(asked, words_ignored=ignored), [note]


def _without_inaudible_articulations(asked: MusicRequest, played: MusicRequest) -> MusicRequest:
    """A brief that tells ways of playing as ignored where no part can show them."""
    parts = casting.cast_parts(played)
    idle = [written for way, written in asked.articulations.items() if not articulation.is_audible(way, parts)]
    if not idle:
        return asked
    used = tuple(word for word in asked.words_used if word not in idle)
    return replace(asked, words_used=used, words_ignored=(*asked.words_ignored, *idle)[: reader.MAX_REPORTED_PHRASES])


def _with_form(brief: MusicRequest, wishes: form_request.FormRequest) -> MusicRequest:
    style = replace(brief.style, form=form_request.shaped(brief.style.form, wishes))
    if not wishes.has_ending:
        style = replace(style, ritardando=0.0)
    swing = next(
        (articulation.SWING_RATIOS[way] for way in brief.articulations if way in articulation.SWING_RATIOS), None
    )
    if swing is not None:
        style = replace(style, swing=swing)
    if metre.metre_named(brief.metre).grid != 1.0 and style.swing_grid == 0.5:
        style = replace(style, swing=0.5)
    return replace(brief, style=style, form=wishes)


def find_approximations(intent: Interpretation, piece: Composition) -> tuple[Approximation, ...]:
    """What was only nearly met, now that the piece is there."""
    asked, told = intent.requested, list(intent.requested.words_approximated)
    if asked.tempo and abs(piece.counted_tempo - asked.tempo) > 0.005 * asked.tempo:
        told.append(Approximation(f"{asked.tempo:g} bpm", f"{piece.counted_tempo:.4g} bpm"))
    if asked.metre and piece.metre != metre.metre_named(asked.metre).name:
        told.append(Approximation(asked.metre, piece.metre))
    if asked.tonic is not None and piece.key.tonic != asked.tonic:
        told.append(Approximation("key", piece.key.name))
    if asked.mode and not _is_matching_mode(asked.mode, piece.key.mode):
        told.append(Approximation(asked.mode, piece.key.mode))
    if asked.is_style_named and asked.style.key != intent.effective.style.key:
        told.append(Approximation(asked.style.name, intent.effective.style.name))
    if not asked.form.is_default and piece.beats < metre.metre_named(piece.metre).progression_bar * MIN_SHAPED_BARS:
        told.append(Approximation("form", "too short to shape"))
    return tuple(dict.fromkeys(told))


def _is_matching_mode(asked: str, given: str) -> bool:
    """Whether a mode is the one asked for, or of its kind where only "major" or "minor" was said."""
    return asked == given or (asked in {"major", "minor"} and MODES[asked][2] == MODES[given][2])
