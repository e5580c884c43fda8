"""Harmony players: held chords, stabs, arpeggios and strums from the voicings of the chords."""

from itertools import pairwise
from typing import Final

from engines.studio import seeds
from engines.studio.form import LAST_CHORD
from engines.studio.piece import Note, Span
from engines.studio.style import Player, Scene
from engines.studio.theory import nearest

STRENGTH: Final = {"X": 1.0, "x": 0.82, "o": 0.64, "g": 0.42, "?": 0.55}


def _chord(span: Span, beat: float, beats: float, velocity: float, shift: int, spread: float = 0.0) -> list[Note]:
    return [
        Note(beat + spread * place, beats - spread * place, pitch + shift, velocity * (0.94 + 0.02 * place))
        for place, pitch in enumerate(span.voicing)
    ]


def held(*, shift: int = 0, velocity: float = 0.55, spread: float = 0.0) -> Player:
    """Chords as long as they last; ``shift`` semitones away, rolled by ``spread`` beats from note to note."""

    def play(scene: Scene) -> list[Note]:
        swell = velocity * (0.85 + 0.3 * scene.section.energy)
        return [
            note
            for span in scene.spans
            for note in _chord(span, span.start, span.beats * 0.98, swell, shift, min(spread, span.beats / 8))
        ]

    return play


def stabs(*strips: str, shift: int = 0, velocity: float = 0.65, length: float = 0.9, spread: float = 0.0) -> Player:
    """Chords on the marks of one-bar strips (as in rhythm), one of which is chosen for every two bars.

    ``length`` is how much of the way to the next stroke they sound.
    """

    def play(scene: Scene) -> list[Note]:
        if scene.section.name == LAST_CHORD:
            span = scene.spans[-1]
            return _chord(span, span.start, span.beats, velocity, shift, spread)
        notes: list[Note] = []
        chosen = strips[0]
        for number, bar in enumerate(scene.bars):
            if number % 2 == 0:
                chosen = seeds.pick(scene.rng, strips)
            notes.extend(_struck(scene, bar, chosen, shift, velocity, length, spread))
        return notes

    return play


def _struck(
    scene: Scene, bar: float, marks: str, shift: int, velocity: float, length: float, spread: float
) -> list[Note]:
    size = 4.0 / len(marks)
    places = [p for p, m in enumerate(marks) if m != "." and (m != "?" or seeds.chance(scene.rng, 0.4))]
    notes: list[Note] = []
    for place, following in pairwise([*places, len(marks)]):
        beat = bar + place * size
        span = scene.at(beat)
        sounding = min((following - place) * size, span.end - beat) * length
        notes.extend(_chord(span, beat, max(0.1, sounding), velocity * STRENGTH[marks[place]], shift, spread))
    return notes


def arpeggio(
    rate: float = 0.5, *, order: str = "updown", shift: int = 0, velocity: float = 0.6, length: float = 0.9
) -> Player:
    """Broken chords, a note every ``rate`` beats, in the order "up", "down", "updown", "broken" or "wide"."""

    def play(scene: Scene) -> list[Note]:
        if scene.section.name == LAST_CHORD:
            return _chord(scene.spans[-1], scene.section.start, scene.section.beats, velocity, shift, 0.12)
        notes = []
        skip = 0.04 + 0.12 * (1.0 - scene.section.energy)
        mask = ALWAYS
        for turn in range(round(scene.section.beats / rate)):
            beat = scene.section.start + turn * rate
            if turn % 32 == 0 and rate < 1.0:
                mask = seeds.pick(scene.rng, MASKS if rate <= 0.25 else (*MASKS[:2], ALWAYS, ALWAYS))
            if mask[turn % 16] == "." or (beat % 4 and seeds.chance(scene.rng, skip)):
                continue
            span = scene.at(beat)
            figure = ORDERS[order](span.voicing)
            since = round((beat - span.start) / rate)
            accent = 1.0 if beat % 1 == 0 else 0.86
            wave = 1.0 + 0.08 * ((turn * 5) % 7 - 3) / 3
            pitch = figure[since % len(figure)] + shift
            notes.append(Note(beat, rate * length, pitch, min(1.0, velocity * accent * wave)))
        return notes

    return play


ALWAYS: Final = "x" * 16
MASKS: Final = ("xxxxxxx.xxxxxx.x", "x.xxxxxxx.xxxxxx", "xxx.xx.xxxx.xx.x", "xx.xxx.xx.xxx.xx", "x.xx.xx.xxx.xx.x")
"""Which steps of an arpeggio sound, two of its bars at a time: a pattern with holes swings, one without ticks."""


def _up(voicing: tuple[int, ...]) -> tuple[int, ...]:
    return (*voicing, voicing[0] + 12)


def _updown(voicing: tuple[int, ...]) -> tuple[int, ...]:
    rise = _up(voicing)
    return (*rise, *rise[-2:0:-1])


def _broken(voicing: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(voicing[place] for place in (0, len(voicing) - 1, len(voicing) // 2, len(voicing) - 1))


def _wide(voicing: tuple[int, ...]) -> tuple[int, ...]:
    low, high = voicing[0] - 12, voicing[-1]
    return (low, voicing[0], voicing[1], high, voicing[1] + 12, high, voicing[1], voicing[0])


ORDERS: Final = {
    "up": _up,
    "down": lambda voicing: _up(voicing)[::-1],
    "updown": _updown,
    "broken": _broken,
    "wide": _wide,
}


FIGURES: Final = (
    (0, 1, 2, 3, 2, 1, 2, 1),
    (0, 1, 2, 1, 3, 2, 1, 2),
    (0, 1, 2, 3, 1, 2, 3, 2),
    (0, 2, 1, 2, 3, 2, 1, 2),
)
"""Orders of bass, fifth, tenth and high fifth in a left hand's eighths."""


def accompaniment(velocity: float = 0.5) -> Player:
    """A pianist's left hand under the pedal: bass note, then fifth and tenth; quarters when calm, eighths otherwise."""

    def play(scene: Scene) -> list[Note]:
        if scene.section.name == LAST_CHORD:
            span = scene.spans[-1]
            return [Note(span.start + 0.15 * p, span.beats, x, velocity) for p, x in enumerate(_open(span)[:3])]
        return [note for span in scene.spans for note in _broken_under(scene, span, velocity)]

    return play


def _open(span: Span) -> tuple[int, int, int, int]:
    root = 36 + (span.chord.bass - 36) % 12
    fifth = root + (span.chord.fifth - root) % 12
    return root, fifth, root + 12 + (span.chord.third - root) % 12, fifth + 12


def _broken_under(scene: Scene, span: Span, velocity: float) -> list[Note]:
    pitches, figure = _open(span), seeds.pick(scene.rng, FIGURES)
    pace = 0.5 if scene.section.energy > 0.35 else 1.0
    notes = [Note(span.start, span.beats, pitches[0], velocity * 1.05)]
    for turn in range(1, round(span.beats / pace)):
        if turn % 2 and seeds.chance(scene.rng, 0.1):
            continue
        loud = velocity * (0.8 + 0.1 * (turn % 2)) * float(scene.rng.uniform(0.92, 1.06))
        beat = span.start + turn * pace
        notes.append(Note(beat, max(pace, span.end - beat), pitches[figure[turn % 8]], loud))
    return notes


def drone(pitch: int = 60, velocity: float = 0.5) -> Player:
    """One long sound in each section, overlapping a little: crackle, air and other textures."""

    def play(scene: Scene) -> list[Note]:
        size = min(8.0, scene.section.beats)
        count = max(1, round(scene.section.beats / size))
        share = scene.section.beats / count
        return [Note(scene.section.start + turn * share, share + 0.5, pitch, velocity) for turn in range(count)]

    return play


def lift(velocity: float = 0.7, beats: float = 8.0) -> Player:
    """A riser into the next section."""

    def play(scene: Scene) -> list[Note]:
        if scene.section.is_last or len(scene.bars) < 4:
            return []
        return [Note(scene.section.end - beats, beats, 60, velocity)]

    return play


def downbeat(pitch: int = 40, velocity: float = 0.8) -> Player:
    """One hit on the first beat of a section."""

    def play(scene: Scene) -> list[Note]:
        return [Note(scene.section.start, 3.0, pitch, velocity)]

    return play


def power(*strips: str, centre: float = 45.0, velocity: float = 0.75, length: float = 0.9) -> Player:
    """Root, fifth and octave low on a guitar, on the marks of one-bar strips."""

    def play(scene: Scene) -> list[Note]:
        notes: list[Note] = []
        chosen = strips[0]
        for number, bar in enumerate(scene.bars):
            if number % 2 == 0:
                chosen = seeds.pick(scene.rng, strips)
            marks = "X" if scene.section.name == LAST_CHORD else chosen
            beats = scene.section.beats if scene.section.name == LAST_CHORD else 4.0
            size = beats / len(marks)
            places = [place for place, mark in enumerate(marks) if mark != "."]
            for place, following in pairwise([*places, len(marks)]):
                span = scene.at(bar + place * size)
                root = nearest(centre, (span.chord.root,))
                fifth = root + (span.chord.fifth - root) % 12
                sounding = (following - place) * size * length
                strength = velocity * STRENGTH[marks[place]]
                notes.extend(Note(bar + place * size, sounding, p, strength) for p in (root, fifth, root + 12))
        return notes

    return play
