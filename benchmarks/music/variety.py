"""Variety between the seeds of a style: composes tracks without rendering them and compares what was written.

A *beat* is the strokes of kick, snare, rim and clap in one bar, ghost notes included. In a style with FIXED_BEATS the
accents of all drums count, because the kick and the backbeat are its identity. Styles without drums
have no beat to compare.
"""

import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import Final

from benchmarks.music.tables import Table, percent
from engines.port import RenderRequest
from engines.studio.arranging import arrangement, interpretation
from engines.studio.arranging.arrangement import Arrangement
from engines.studio.composing.drums import BEAT_DRUMS
from engines.studio.mixing import mix_character
from engines.studio.model.composition import LAST_CHORD, Composition
from engines.studio.model.style import Style
from engines.studio.styles import STYLES
from engines.studio.theory.metre import metre_named

Bar = frozenset[tuple[int, int]]
"""Drum and position in twelfths of a quarter note of each stroke in a bar."""

SEEDS: Final = 10
HARMONY_SEEDS: Final = 40
"""Seeds over which the opening root sequences are counted; the other figures use the first SEEDS of them."""
SECONDS: Final = 90.0
OPENING_BARS: Final = 4
FIXED_BEATS: Final = frozenset({"amapiano", "bigroom", "cumbia", "disco", "march", "salsa", "samba", "trance"})
"""Styles whose kick and backbeat are the same in every track: four on the floor, clave, surdo, the beat of a march."""
SOLO_STYLES: Final = frozenset({"Solo piano", "Classical piano"})
"""Styles with one instrument, for which there is no aim of line-ups."""
ACCENT_VELOCITY: Final = 0.4
"""The velocity from which a stroke of any drum counts as an accent."""
MIN_LINE_UPS, MIN_FORMS, MIN_OPENINGS = 4, 4, 15
MAX_COMMON_BEAT, MAX_SHARED_BARS = 0.4, 0.5
"""The aims over SEEDS seeds; the minimum of openings over HARMONY_SEEDS."""


@dataclass(frozen=True, slots=True)
class Track:
    """What is compared between two tracks of a style.

    ``line_up`` are the names and instruments of the parts that play; ``opening`` are roots above the tonic, two a bar.
    """

    line_up: frozenset[tuple[str, str]]
    form: tuple[str, ...]
    opening: tuple[int, ...]
    beats: tuple[Bar, ...]
    fills: frozenset[Bar]
    tempo: float
    room: tuple[str, int]
    master: tuple[float, float, str]


@dataclass(frozen=True, slots=True)
class Variety:
    """The figures of one style."""

    style: str
    line_ups: int
    forms: int
    openings: int
    common_beat: float
    shared_bars: float
    tempo_spread: float
    fills: int
    rooms: int
    masters: int

    @property
    def missed_aims(self) -> tuple[str, ...]:
        checks = {
            "line-ups": self.line_ups >= MIN_LINE_UPS or self.style in SOLO_STYLES,
            "forms": self.forms >= MIN_FORMS,
            "openings": self.openings >= MIN_OPENINGS,
            "common beat": self.common_beat <= MAX_COMMON_BEAT + 1e-9,
            "shared bars": self.shared_bars <= MAX_SHARED_BARS + 1e-9,
        }
        return tuple(name for name, is_met in checks.items() if not is_met)


def measure(key: str, seeds: int = SEEDS, harmony_seeds: int = HARMONY_SEEDS, seconds: float = SECONDS) -> Variety:
    """Compose tracks of a style from its first keyword with the seeds from 1, and compare them."""
    tracks = [compose_track(STYLES[key], seed, seconds) for seed in range(1, max(seeds, harmony_seeds) + 1)]
    openings, tracks = {track.opening for track in tracks[:harmony_seeds]}, tracks[:seeds]
    favourites = Counter(Counter(track.beats).most_common(1)[0][0] for track in tracks if track.beats)
    tempos = [track.tempo for track in tracks]
    return Variety(
        STYLES[key].name,
        len({track.line_up for track in tracks}),
        len({track.form for track in tracks}),
        len(openings),
        max(favourites.values(), default=0) / len(tracks),
        _shared_bars(tracks),
        (max(tempos) - min(tempos)) / 2 / statistics.median(tempos),
        len(frozenset().union(*(track.fills for track in tracks))),
        len({track.room for track in tracks}),
        len({track.master for track in tracks}),
    )


def _shared_bars(tracks: Sequence[Track]) -> float:
    """Return the share of bars that also occur in the track of another seed."""
    bars = [(number, bar) for number, track in enumerate(tracks) for bar in track.beats]
    owners: dict[Bar, set[int]] = {}
    for number, bar in bars:
        owners.setdefault(bar, set()).add(number)
    return sum(len(owners[bar]) > 1 for _, bar in bars) / max(1, len(bars))


def compose_track(style: Style, seed: int, seconds: float = SECONDS) -> Track:
    """Compose a track of a style and extract what is compared."""
    interpreted = interpretation.interpret(RenderRequest(style.keywords[0], seconds, seed))
    effective = interpreted.effective
    arranged = arrangement.compose(effective, seconds, interpreted.seed)
    composition = arranged.composition
    character = mix_character.choose_character(effective.style, interpreted.seed)
    sections = [section for section in composition.sections if section.name != LAST_CHORD]
    beats = dict(_beats(arranged, style.key))
    bar = metre_named(composition.metre).bar_length
    last_bars = {round((section.end - bar) / bar) for section in sections[:-1]}
    return Track(
        frozenset((part.name, part.instrument) for part in arranged.parts if composition.notes[part.name]),
        tuple(f"{section.name} {section.theme}" for section in sections),
        _opening(composition, OPENING_BARS if style.form.phrase_bars != 12 else 12),
        tuple(beats.values()),
        frozenset(drums for number, drums in _bars(arranged, lambda pitch, _: pitch > 0) if number in last_bars),
        composition.counted_tempo,
        (character.room, character.room_seed),
        (effective.style.bus_compression, effective.style.treble_db, character.chain),
    )


def _opening(composition: Composition, bars: int) -> tuple[int, ...]:
    """Return the roots of the first bars of theme A after the intro, in half bars."""
    bar = metre_named(composition.metre).progression_bar
    sections = [section for section in composition.sections if section.name != LAST_CHORD]
    start = next((section.start for section in sections[1:] if section.theme == "A"), sections[0].start)
    beats = [start + bar * half / 2 for half in range(2 * bars)]
    spans = [
        next((span for span in composition.chords if span.start <= beat + 1e-6 < span.end), None) for beat in beats
    ]
    return tuple((span.chord.root - composition.key.tonic) % 12 for span in spans if span)


def _beats(arranged: Arrangement, key: str) -> Iterator[tuple[int, Bar]]:
    if key in FIXED_BEATS:
        return _bars(arranged, lambda _, velocity: velocity >= ACCENT_VELOCITY)
    return _bars(arranged, lambda pitch, _: pitch in BEAT_DRUMS)


def _bars(arranged: Arrangement, counts: Callable[[int, float], bool]) -> Iterator[tuple[int, Bar]]:
    composition = arranged.composition
    bar = metre_named(composition.metre).bar_length
    end = next((section.start for section in composition.sections if section.name == LAST_CHORD), composition.beats)
    strokes: dict[int, set[tuple[int, int]]] = {}
    for part in arranged.parts:
        for note in composition.notes[part.name] if part.stem == "drums" else ():
            if note.start < end - 1e-6 and counts(note.pitch, note.velocity):
                number, position = divmod(round(12 * note.start), round(12 * bar))
                strokes.setdefault(number, set()).add((note.pitch, position))
    return ((number, frozenset(strokes[number])) for number in sorted(strokes))


def measure_all(styles: Sequence[str], jobs: int = 1, seconds: float = SECONDS) -> list[Variety]:
    """Measure styles in concurrent processes."""
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        return list(pool.map(partial(measure, seconds=seconds), styles))


def variety_table(varieties: Sequence[Variety]) -> Table:
    """Return a table with a row for each style; a missed aim is bold."""
    note = (
        f"{SEEDS} seeds of {SECONDS:g} s for each style, opening root sequences over {HARMONY_SEEDS}. Aims: at least "
        f"{MIN_LINE_UPS} line-ups, {MIN_FORMS} orders of sections and {MIN_OPENINGS} openings; at most "
        f"{percent(MAX_COMMON_BEAT)} of the tracks with the same most frequent beat and {percent(MAX_SHARED_BARS)} of "
        "the bars in the track of another seed."
    )
    columns = ("style", "line-ups", "forms", "openings", "most common beat", "shared bars", "tempo spread", "fills",
               "rooms", "masters", "missed")  # fmt: skip
    return Table("Variety between seeds", note, columns, tuple(_row(variety) for variety in varieties))


def _row(variety: Variety) -> tuple[str, ...]:
    missed = ", ".join(variety.missed_aims)
    beats = (variety.common_beat, variety.shared_bars)
    counts = (variety.line_ups, variety.forms, variety.openings)
    return (
        variety.style,
        *(str(count) for count in counts),
        *(percent(share) if variety.common_beat else "-" for share in beats),
        f"± {percent(variety.tempo_spread)}",
        *(str(count) for count in (variety.fills, variety.rooms, variety.masters)),
        f"**{missed}**" if missed else "-",
    )
