"""Four-part chorale: soprano, alto, tenor and bass move together, one chord a beat, by the rules of part writing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations, product
from typing import Final

from engines.studio import random_streams
from engines.studio.composing import harmony
from engines.studio.model.composition import LAST_CHORD, ChordSpan, Note
from engines.studio.model.style import PartWriter, SectionContext
from engines.studio.theory.metre import Metre
from engines.studio.theory.pitch import Chord, nearest_pitch

Voicing = tuple[int, int, int, int]
"""The pitches of bass, tenor, alto and soprano."""

BASS, TENOR, ALTO, SOPRANO = range(4)
RANGES: Final = ((40, 60), (48, 67), (55, 74), (60, 79))
"""The comfortable range of each voice, from the bass to the soprano."""
CENTRES: Final = (48, 58, 64, 70)
MAX_SPACING: Final = 12
"""The largest interval between tenor and alto, and between alto and soprano, in semitones."""
BEAM_WIDTH: Final = 10
"""The number of voice leadings that are followed at once."""
PARALLEL_COST: Final = 9.0
CONTOUR_SEMITONES: Final = 2.2
"""The average size of a scale step of the motif whose contour the soprano follows."""


@dataclass(frozen=True, slots=True)
class _Path:
    cost: float
    voicings: tuple[Voicing, ...] = ()


def chorale(*voices: int, shift: int = 0, velocity: float = 0.6, passing: float = 0.35) -> PartWriter:
    """Write some voices of a chorale (BASS to SOPRANO), or all four, transposed by ``shift`` semitones.

    All parts of a section share the same four voices. ``passing`` is the probability of a passing note where a voice
    moves by a third.
    """

    def write(context: SectionContext) -> list[Note]:
        slots = _slots(context.chords, context.metre, is_last=context.section.name == LAST_CHORD)
        contour = context.motifs.get(context.section.theme, context.motifs["A"]).contour
        voicings = lead_voices(tuple(slot.chord for slot in slots), contour)
        return [
            replace(note, pitch=note.pitch + shift)
            for voice in voices or range(4)
            for note in _voice_notes(context, slots, [voicing[voice] for voicing in voicings], velocity, passing)
        ]

    return write


def _slots(chords: Sequence[ChordSpan], metre: Metre, *, is_last: bool) -> list[ChordSpan]:
    """Divide long chords into beats. The last chord of a phrase of two bars rests, and so does the last of all."""
    slots: list[ChordSpan] = []
    for span in chords:
        is_rest = is_last or (span.end % (2 * metre.progression_bar) == 0 and span.beats <= metre.bar_length / 2)
        count = 1 if is_rest else max(1, round(span.beats / metre.counted_beat))
        beats = span.beats / count
        slots.extend(replace(span, start=span.start + index * beats, beats=beats) for index in range(count))
    return slots


@lru_cache(maxsize=64)
def lead_voices(chords: tuple[Chord, ...], contour: tuple[int, ...]) -> tuple[Voicing, ...]:
    """Return voicings with little motion and without parallel fifths and octaves; the soprano follows the contour."""
    paths = [_Path(0.0)]
    for index, chord in enumerate(chords):
        target = CENTRES[SOPRANO] + CONTOUR_SEMITONES * contour[index % len(contour)]
        options = list(_voicings(chord))
        extended = [
            _Path(path.cost + _cost(path.voicings, voicing, target), (*path.voicings, voicing))
            for path, voicing in product(paths, options)
        ]
        paths = sorted(extended, key=lambda path: (path.cost, path.voicings[-1]))[:BEAM_WIDTH]
    return paths[0].voicings


def _voicings(chord: Chord) -> Iterator[Voicing]:
    """Yield the complete voicings of a chord with its bass lowest; the fifth of a seventh chord may be missing."""
    tones = dict.fromkeys(chord.tones[:4])
    needed = {chord.bass, chord.root, chord.third, *([chord.fifth] if len(tones) == 3 else chord.tones[3:4])}
    pitches = [[pitch for pitch in range(low, high + 1) if pitch % 12 in tones] for low, high in RANGES]
    pitches[BASS] = [pitch for pitch in pitches[BASS] if pitch % 12 == chord.bass]
    for bass, soprano in product(pitches[BASS], pitches[SOPRANO]):
        for alto in pitches[ALTO]:
            if not 0 < soprano - alto <= MAX_SPACING:
                continue
            for tenor in pitches[TENOR]:
                voicing = (bass, tenor, alto, soprano)
                if bass < tenor < alto <= tenor + MAX_SPACING and needed <= {pitch % 12 for pitch in voicing}:
                    yield voicing


def _cost(previous: Sequence[Voicing], voicing: Voicing, target: float) -> float:
    cost = 0.4 * abs(voicing[SOPRANO] - target)
    cost += sum(0.06 * abs(pitch - centre) for pitch, centre in zip(voicing, CENTRES, strict=True))
    if not previous:
        return cost
    last = previous[-1]
    moves = [abs(pitch - old) for pitch, old in zip(voicing, last, strict=True)]
    cost += 0.5 * (moves[TENOR] + moves[ALTO]) + 0.15 * moves[BASS]
    cost += 2.6 if moves[SOPRANO] == 0 else 0.3 * moves[SOPRANO] + max(0, moves[SOPRANO] - 4)
    parallels = sum(
        (voicing[high] - voicing[low]) % 12 == (last[high] - last[low]) % 12 in {0, 7} and moves[low] > 0
        for low, high in combinations(range(4), 2)
    )
    return cost + PARALLEL_COST * parallels


def _voice_notes(
    context: SectionContext, slots: Sequence[ChordSpan], pitches: Sequence[int], velocity: float, passing: float
) -> Iterator[Note]:
    for index, (slot, pitch) in enumerate(zip(slots, pitches, strict=True)):
        following = pitches[min(index + 1, len(pitches) - 1)]
        level = velocity * (1.05 if context.metre.is_strong(slot.start) else 0.95)
        is_third = abs(following - pitch) in {3, 4} and slot.beats <= context.metre.counted_beat
        if is_third and random_streams.chance(context.rng, passing):
            scale = harmony.chord_scale(slot.chord, context.key)
            between = nearest_pitch((pitch + following) / 2, scale)
            half = slot.beats / 2
            yield Note(slot.start, half * 0.98, pitch, level)
            yield Note(slot.start + half, half * 0.98, between, level * 0.9)
        else:
            yield Note(slot.start, slot.beats * 0.97, pitch, level)
