"""From what was read to what is played: the form as it was wished, a loop, a track that goes on, a near metre."""

from dataclasses import dataclass, replace
from typing import Final

from engines.port import Approximation, RenderRequest
from engines.studio import continuation, prompt, seeds, shape
from engines.studio.piece import Piece
from engines.studio.prompt import Brief
from engines.studio.theory import MODES

TRIPLETS: Final = frozenset({"6/8", "9/8", "12/8"})
SHORT_BARS: Final = 8
"""A form with fewer bars than this has no room for wishes."""


@dataclass(frozen=True, slots=True)
class Intent:
    """A brief as it was read, the same as it is played, the seed, and sentences for whoever asked."""

    asked: Brief
    played: Brief
    seed: int
    notes: tuple[str, ...]


def of(request: RenderRequest) -> Intent:
    """What a request means, in the light of the track that it follows, if any."""
    asked = prompt.read(request.prompt, request.style_tags)
    earlier = continuation.read(request.continue_from) if request.continue_from else None
    notes = []
    if request.continue_from and not earlier:
        notes.append("The track to continue from left nothing that this engine can read: this is a piece of its own.")
    if request.lyrics:
        notes.append("The lyrics were ignored: this engine does not sing.")
    seed = seeds.derived(request.seed, asked.style.key)
    played = asked
    if earlier:
        seed = seeds.derived(request.seed, earlier.style, "after", earlier.seed)
        played = continuation.applied(asked, earlier, seed)
    wishes = replace(asked.shape, is_loop=request.loop, goes_on=earlier is not None)
    return Intent(asked, _formed(played, wishes), seed, tuple(notes))


def _formed(brief: Brief, wishes: shape.Shape) -> Brief:
    style = replace(brief.style, form=shape.shaped(brief.style.form, wishes))
    if not wishes.has_ending:
        style = replace(style, ritard=0.0)
    if brief.metre in TRIPLETS:
        style = replace(style, swing=2 / 3, swing_grid=0.5)
    return replace(brief, style=style, shape=wishes)


def approximated(intent: Intent, piece: Piece) -> tuple[Approximation, ...]:
    """What was only nearly met, now that the piece is there."""
    asked, told = intent.asked, list(intent.asked.words_approximated)
    if asked.tempo and abs(piece.tempo - asked.tempo) > 0.005 * asked.tempo:
        told.append(Approximation(f"{asked.tempo:g} bpm", f"{piece.tempo:.4g} bpm"))
    if asked.tonic is not None and piece.key.tonic != asked.tonic:
        told.append(Approximation("key", piece.key.name))
    if asked.mode and not _is_mode(asked.mode, piece.key.mode):
        told.append(Approximation(asked.mode, piece.key.mode))
    if asked.is_style_named and asked.style.key != intent.played.style.key:
        told.append(Approximation(asked.style.name, intent.played.style.name))
    if not asked.shape.is_plain and piece.beats < 4 * SHORT_BARS:
        told.append(Approximation("form", "too short to shape"))
    return tuple(dict.fromkeys(told))


def _is_mode(asked: str, given: str) -> bool:
    """Whether a mode is the one asked for, or of its kind where only "major" or "minor" was said."""
    return asked == given or (asked in {"major", "minor"} and MODES[asked][2] == MODES[given][2])
