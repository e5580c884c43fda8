from itertools import combinations, pairwise

import pytest

from engines.studio import random_streams
from engines.studio.composing.chorale import RANGES, SOPRANO, chorale, lead_voices
from engines.studio.model.composition import ChordSpan, Motif, Section
from engines.studio.model.style import SectionContext
from engines.studio.styles import STYLES
from engines.studio.theory.pitch import Key, parse_chord

CONTOUR = (0, 1, 2, 1, 0, -1)
LINES = [(mode, line) for mode in ("major", "minor") for line in STYLES["hymn"].progressions[f"{mode} A"]]


def context_of(numerals: str, mode: str = "major") -> SectionContext:
    key = Key(0, mode)
    spans = tuple(
        ChordSpan(float(beat), 1.0, parse_chord(numeral, key), ()) for beat, numeral in enumerate(numerals.split())
    )
    section = Section("verse", "A", 0.0, float(len(spans)), 0.5, 0, is_first=True, is_last=False)
    motifs = {"A": Motif(((0.0, 1.0),), CONTOUR)}
    return SectionContext(section, spans, key, motifs, (), random_streams.stream(1))


@pytest.mark.parametrize(("mode", "line"), LINES)
def test_a_chorale_has_complete_chords_in_range_without_parallel_fifths_or_octaves(mode: str, line: str) -> None:
    chords = tuple(parse_chord(numeral, Key(0, mode)) for numeral in line.replace("|", "").split())
    voicings = lead_voices(chords, CONTOUR)
    for chord, voicing in zip(chords, voicings, strict=True):
        assert voicing == tuple(sorted(voicing))
        assert all(low <= pitch <= high for pitch, (low, high) in zip(voicing, RANGES, strict=True))
        assert voicing[0] % 12 == chord.bass
        assert {chord.root, chord.third} <= {pitch % 12 for pitch in voicing} <= set(chord.tones)
    for first, second in pairwise(voicings):
        for low, high in combinations(range(4), 2):
            interval = (first[high] - first[low]) % 12
            is_parallel = interval in {0, 7} and interval == (second[high] - second[low]) % 12
            assert not is_parallel or first[low] == second[low]


def test_the_soprano_moves_mostly_by_step() -> None:
    context = context_of("I V^3 I IV I^5 V I I vi ii^3 V V I IV V I")
    pitches = [note.pitch for note in chorale(SOPRANO, passing=0.0)(context)]
    leaps = [abs(second - first) for first, second in pairwise(pitches)]
    assert max(leaps) <= 5
    assert sum(leap <= 2 for leap in leaps) > len(leaps) / 2


def test_parts_of_a_chorale_share_its_voices() -> None:
    numerals = "I V^3 I IV I^5 V I I"
    together = {(note.start, note.pitch) for note in chorale(passing=0.0)(context_of(numerals))}
    apart = {(note.start, note.pitch) for v in range(4) for note in chorale(v, passing=0.0)(context_of(numerals))}
    assert together == apart
    assert len(together) == 4 * 8
