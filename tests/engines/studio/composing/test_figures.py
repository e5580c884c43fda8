from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from engines.studio.composing import figures
from engines.studio.composing.melody import melody_part
from engines.studio.composing.ornaments import in_parallel, ornamented
from engines.studio.model.composition import ChordSpan, Motif, Note, Section
from engines.studio.model.style import SectionContext
from engines.studio.theory.pitch import Key, parse_chord
from engines.studio.theory.voicing import Voicer

C_MAJOR = Key(0, "major")


def context(numerals: Sequence[str] = ("I", "IV", "V", "I"), key: Key = C_MAJOR) -> SectionContext:
    """Return a section of one bar of 4/4 for each chord."""
    voicer = Voicer(rootless=False)
    chords = [parse_chord(numeral, key) for numeral in numerals]
    spans = tuple(ChordSpan(4.0 * bar, 4.0, chord, voicer.voice(chord)) for bar, chord in enumerate(chords))
    section = Section("verse", "A", 0.0, 4.0 * len(numerals), 0.6, 0, is_first=False, is_last=False)
    motif = Motif(((0.0, 1.0), (1.0, 1.0), (2.0, 2.0), (4.0, 1.0), (5.0, 3.0)), (0, 1, 2, 1, 0))
    rng = np.random.default_rng
    return SectionContext(section, spans, key, {"A": motif}, (), rng(1), None, theme_rng=rng(2))


def bar_notes(notes: Sequence[Note], bar: int) -> list[Note]:
    return [note for note in notes if 4.0 * bar <= note.start < 4.0 * bar + 4.0]


def test_an_alberti_bass_plays_lowest_highest_middle_highest() -> None:
    notes = figures.alberti(52.0)(context())
    low, high, middle, again = (note.pitch for note in notes[:4])
    assert (low % 12, middle % 12, high % 12) == (0, 4, 7)
    assert low < middle < high == again
    assert len(notes) == 32


def test_a_tumbao_anticipates_the_next_root_on_beat_four() -> None:
    notes = figures.tumbao()(context())
    first_bar = {note.start: note.pitch % 12 for note in bar_notes(notes, 0)}
    assert first_bar == {0.0: 0, 1.5: 7, 3.0: 5}
    assert {note.start % 4.0 for note in notes} <= {0.0, 1.5, 3.0}


def test_a_montuno_plays_octaves_and_anticipates_chords() -> None:
    notes = figures.montuno()(context(("I", "bVII", "I", "bVII")))
    last = max(note.start for note in bar_notes(notes, 0))
    assert last == 3.5
    assert {note.pitch % 12 for note in notes if note.start == last} <= {10, 2, 5}
    pairs = sorted((note.start, note.pitch) for note in notes)
    assert all(high[1] - low[1] == 12 for low, high in zip(pairs[::2], pairs[1::2], strict=True))


def test_a_cluster_has_semitones() -> None:
    notes = figures.cluster()(context(("I",)))
    pitches = sorted(note.pitch for note in notes)
    assert sum(high - low == 1 for low, high in pairwise(pitches)) >= 2


def test_held_tones_stay_on_the_tonic_of_the_key() -> None:
    notes = figures.held_tones(50, 0, 7, beats=8.0)(context(key=Key(2, "dorian")))
    assert {note.pitch % 12 for note in notes} == {2, 9}
    assert [note.start for note in notes] == [0.0, 0.0, 8.0, 8.0]


def test_repeated_notes_fill_the_time_of_the_note() -> None:
    notes = figures.repeated(figures.held_tones(50, 0, beats=8.0), 0.5)(context(("I", "I")))
    assert len(notes) == 16
    assert all(abs(note.beats - 8.1 / 16) < 1e-9 for note in notes)


def test_ornaments_keep_the_melody() -> None:
    plain = melody_part(72)(context())
    trilled = ornamented(melody_part(72), graces=0.0, trills=1.0)(context())
    assert len(trilled) > len(plain)
    ends = {round(note.start + note.beats, 6): note.pitch for note in trilled}
    assert all(ends[round(note.start + note.beats, 6)] == note.pitch for note in plain)


def test_a_parallel_voice_lies_thirds_below_in_the_scale() -> None:
    notes = in_parallel(melody_part(72))(context())
    upper, lower = notes[: len(notes) // 2], notes[len(notes) // 2 :]
    distances = {high.pitch - low.pitch for high, low in zip(upper, lower, strict=True)}
    assert distances <= {3, 4}
    assert {note.pitch % 12 for note in lower} <= set(C_MAJOR.scale)


def test_an_imitation_enters_two_bars_later_with_the_same_rhythm() -> None:
    first, second = melody_part(76)(context(("I",) * 8)), melody_part(64, delay_bars=2)(context(("I",) * 8))
    subject = [round(note.start, 3) for note in first if note.start < 8.0]
    answer = [round(note.start - 8.0, 3) for note in second if note.start < 16.0]
    assert subject == answer
    assert min(note.start for note in second) == 8.0
    assert max(note.pitch for note in second) < max(note.pitch for note in first)
