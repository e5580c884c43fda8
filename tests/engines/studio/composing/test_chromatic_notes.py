import numpy as np

from engines.studio import random_streams
from engines.studio.composing.chromatic_notes import with_approaches
from engines.studio.model.composition import ChordSpan, Note, Section
from engines.studio.model.style import SectionContext
from engines.studio.theory.pitch import Key, parse_chord

KEY = Key(0, "major")


def context(approaches: float) -> SectionContext:
    section = Section("verse", "A", 0.0, 4.0, 0.6, 0, is_first=False, is_last=False)
    spans = (ChordSpan(0.0, 4.0, parse_chord("I", KEY), (48, 52, 55)),)
    rng = np.random.default_rng
    return SectionContext(
        section, spans, KEY, {}, (), random_streams.stream(1), theme_rng=rng(2), approaches=approaches
    )


def pitches(approaches: float, *notes: tuple[float, float, int]) -> list[int]:
    written = [Note(start, beats, pitch, 0.7) for start, beats, pitch in notes]
    return [note.pitch for note in with_approaches(written, context(approaches))]


def test_a_short_note_off_the_beat_leads_to_a_chord_tone_from_its_side() -> None:
    assert pitches(1.0, (0.5, 0.5, 62), (1.0, 1.0, 64)) == [63, 64]
    assert pitches(1.0, (0.5, 0.5, 69), (1.0, 1.0, 67)) == [68, 67]
    assert pitches(1.0, (0.5, 0.5, 60), (1.0, 1.0, 60)) == [59, 60]


def test_other_notes_stay() -> None:
    assert pitches(0.0, (0.5, 0.5, 62), (1.0, 1.0, 64)) == [62, 64]
    assert pitches(1.0, (0.5, 0.5, 60), (1.0, 1.0, 62)) == [60, 62]
    assert pitches(1.0, (0.5, 0.5, 60), (1.0, 1.0, 67)) == [60, 67]
    assert pitches(1.0, (0.0, 1.0, 62), (1.0, 1.0, 64)) == [62, 64]
    assert pitches(1.0, (0.5, 0.5, 62), (2.0, 1.0, 64)) == [62, 64]
