"""A style: its parts, form, harmony and mix settings. Each module of ``engines.studio.styles`` defines one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from engines.studio.model.composition import ChordSpan, Motif, Note, Section
from engines.studio.theory.metre import COMMON_TIME, Metre
from engines.studio.theory.pitch import Key


@dataclass(frozen=True, slots=True)
class SectionContext:
    """The input of a part writer for one section: chords, key, motifs and kick drum.

    ``rng`` is independent for each section. ``theme_rng`` gives the same numbers whenever a theme returns, for riffs
    and patterns that listeners should recognise. ``track_seed`` is the same in all sections; without it patterns are
    played as written. ``approaches`` is the probability of chromatic approach notes.
    ``next_chord`` is the first chord of the next section, or None if the part pauses there.
    """

    section: Section
    chords: tuple[ChordSpan, ...]
    key: Key
    motifs: Mapping[str, Motif]
    kick_beats: tuple[float, ...]
    rng: np.random.Generator
    next_chord: ChordSpan | None = None
    metre: Metre = COMMON_TIME
    theme_rng: np.random.Generator = field(default_factory=np.random.default_rng)
    track_seed: int | None = None
    approaches: float = 0.0

    @property
    def bar_starts(self) -> tuple[float, ...]:
        return self.metre.bar_starts(self.section.start, self.section.beats)

    def chord_at(self, beat: float) -> ChordSpan:
        """Return the chord at a beat, or the last chord if the beat is after the end."""
        return next((span for span in self.chords if span.start <= beat + 1e-6 < span.end), self.chords[-1])


PartWriter = Callable[[SectionContext], list[Note]]
"""Writes the notes of one section, with beats counted from the start of the composition."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part: an instrument of CATALOGUE, its writer and its channel settings.

    ``level`` is its loudness in LU relative to the other parts; ``pan`` ranges from -1 (left) to 1; ``reverb`` and
    ``delay`` are send levels, 0 to 1; ``effects`` are keys of effects.chains. The part plays in sections with an energy
    from ``min_energy`` up to but not including ``max_energy``, and only in ``only_sections`` if there are any.
    A guest plays only in requested sections that include its instrument. ``silent_keys`` are the General MIDI keys of
    drums that the part leaves out.
    ``delay_ms`` is how far behind the beat it plays, ``timing_jitter_ms`` how much its timing scatters.
    """

    name: str
    stem: str
    instrument: str
    writer: PartWriter
    level: float
    pan: float = 0.0
    reverb: float = 0.15
    delay: float = 0.0
    effects: tuple[str, ...] = ()
    min_energy: float = 0.0
    max_energy: float = 1.01
    delay_ms: float = 0.0
    timing_jitter_ms: float = 6.0
    only_sections: tuple[str, ...] = ()
    is_swung: bool = True
    is_guest: bool = False
    silent_keys: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Form:
    """The sections of a style as (name, theme, energy). The body repeats to fill the length of the track.

    ``intro_bars`` is the length of the intro in tracks of 16 bars or more; 0 omits it.
    """

    intro: tuple[str, str, float]
    body: tuple[tuple[str, str, float], ...]
    outro: tuple[str, str, float]
    phrase_bars: int = 8
    intro_bars: int = 4


@dataclass(frozen=True, slots=True)
class Style:
    """A musical style.

    - ``tempo_range``: the slowest, usual and fastest tempo in BPM.
    - ``progressions``: by "major" or "minor" and the theme ("major A"); "|" separates the bars.
    - ``swing``: the position of the off-beat within a pair of ``swing_grid`` beats (0.5 straight, 0.667 triplets).
    - ``reverb``: decay time in seconds and cut-off frequency in hertz.
    - ``bus_compression``: the amount of bus compression, 0 to 1.
    - ``treble_db``: the gain of the treble in the mix; ``presence_db`` is that around 3 kHz, where attacks and voices
      are clear without more hiss.
    - ``ritardando``: how much the last bars slow down.
    - ``reharmonisation``: the probability that a returning progression is reharmonised.
    - ``suspensions``: the probability that a chord is suspended or coloured; 0 keeps chords as written.
    - ``chromatic_chords``: the kinds of chords outside the scale in its progressions, names of
      chromatic_chords.SUBSTITUTES; one that is named twice is twice as probable.
    - ``chromaticism``: the share of bars with such a chord.
    - ``approaches``: the probability that a short note off the beat, of a melody or a bass, leads to the next one by a
      semitone.
    - ``repeated_tones``: the probability that accompaniments keep one tone of the key throughout a theme.
    - ``key_changes``: semitones from the key to those of sections with a theme of their own (C and later).
    - ``lift``: the probability that the last sections before the outro are a whole tone higher, or a minor third lower.
    - ``cadence``: the chords of the bar before the last chord, in major and in minor.
    - ``melody_feel``: the rhythmic feel of its melodies, a key of melody.RHYTHM_CELLS.
    - ``line_up``: by part, the instruments of which the seed selects one: "-" leaves the part out, "=keys" is the
      instrument of the part "keys", and one that is named twice is twice as probable.
    - ``metre``: the metre if the request has none, a key of METRES. Its tempos count the beats of that metre.
    """

    key: str
    name: str
    keywords: tuple[str, ...]
    moods: tuple[str, ...]
    tempo_range: tuple[float, float, float]
    modes: tuple[str, ...]
    progressions: Mapping[str, tuple[str, ...]]
    parts: tuple[Part, ...]
    form: Form
    energy: float = 0.5
    swing: float = 0.5
    swing_grid: float = 0.5
    reverb: tuple[float, float] = (1.6, 6000.0)
    bus_compression: float = 0.5
    treble_db: float = 0.0
    presence_db: float = 3.0
    titles: tuple[str, ...] = field(default=())
    ritardando: float = 0.0
    reharmonisation: float = 0.25
    suspensions: float = 0.2
    chromatic_chords: tuple[str, ...] = ()
    chromaticism: float = 0.0
    approaches: float = 0.0
    repeated_tones: float = 1.0
    key_changes: tuple[int, ...] = ()
    lift: float = 0.0
    cadence: tuple[str, str] = ("V7", "V7")
    melody_feel: str = "flowing"
    metre: str = "4/4"
    line_up: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def themes(self, key: Key) -> Mapping[str, tuple[str, ...]]:
        """Return the progressions of each theme in the family of a key."""
        prefix = f"{key.family} "
        names = (name for name in self.progressions if name.startswith(prefix))
        return {name.removeprefix(prefix): self.progressions[name] for name in names}
