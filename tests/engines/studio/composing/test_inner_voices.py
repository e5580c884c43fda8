import numpy as np

from engines.studio import random_streams
from engines.studio.composing.inner_voices import MOVING_PROBABILITY, with_moving_voice
from engines.studio.model.composition import ChordSpan, Note, Section
from engines.studio.model.style import SectionContext
from engines.studio.theory.pitch import Key, parse_chord

KEY = Key(0, "major")
VOICING = (48, 55, 60, 64)


def context(beats: float, seed: int, track_seed: int | None = 1) -> SectionContext:
    """Return a section of one chord."""
    section = Section("verse", "A", 0.0, beats, 0.6, 0, is_first=False, is_last=False)
    spans = (ChordSpan(0.0, beats, parse_chord("I", KEY), VOICING),)
    rng = random_streams.stream(seed)
    return SectionContext(section, spans, KEY, {}, (), rng, theme_rng=np.random.default_rng(2), track_seed=track_seed)


def held(beats: float) -> list[Note]:
    return [Note(0.0, beats, pitch, 0.6) for pitch in VOICING]


def test_an_inner_voice_of_some_long_chords_moves_to_a_neighbour_and_back() -> None:
    moved = [found for seed in range(100) if len(found := with_moving_voice(held(4.0), context(4.0, seed))) > 4]
    assert abs(len(moved) / 100 - MOVING_PROBABILITY) < 0.15
    for notes in moved:
        kept = {note.pitch for note in notes if note.beats == 4.0}
        assert {VOICING[0], VOICING[-1]} <= kept
        first, neighbour, last = sorted((note for note in notes if note.beats < 4.0), key=lambda note: note.start)
        assert first.pitch == last.pitch
        assert neighbour.pitch in {pitch for pitch in range(48, 66) if pitch % 12 in KEY.scale}
        assert 1 <= abs(neighbour.pitch - first.pitch) <= 2
        assert first.beats + neighbour.beats + last.beats == 4.0


def test_short_chords_and_those_outside_a_track_stay() -> None:
    for seed in range(30):
        assert with_moving_voice(held(2.0), context(2.0, seed)) == held(2.0)
        assert with_moving_voice(held(4.0), context(4.0, seed, None)) == held(4.0)
