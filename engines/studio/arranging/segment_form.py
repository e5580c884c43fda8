"""The form of one segment of a focus session: where it joins its neighbours, and the plateau between."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from engines.focus_port import BeatGrid, Segment
from engines.studio.model.composition import ChordSpan, Section
from engines.studio.model.plan import LAST_CHORD, Plan
from engines.studio.model.style import Style
from engines.studio.theory import related_keys
from engines.studio.theory.pitch import Key, parse_chord
from engines.studio.theory.voicing import Voicer

ARRIVAL, DEPARTURE = "arrival", "departure"
PHRASE_BARS: Final = 8
ENERGY_CONTRAST: Final = 0.5
"""How much of the contrast between a style's sections is left in a plateau."""
MAX_ENERGY_OFFSET: Final = 0.08
"""How far the energy of a section lies from that of the plateau at most."""
TEMPO_TOLERANCE: Final = 1.06
"""How far beyond its own tempi a style may be taken before it counts twice or half as many beats."""
OVERLAP_CHORDS: Final = {"major": ("Iadd9", "I69"), "minor": ("i7", "i11")}
"""What sounds while two segments overlap: the tonic of the one that leaves, without a note that could rub.

The one that arrives plays them the other way round and comes from another chord, so that hardly a voice of the two
is the same: what is the same on both sides adds up to more than equal power.
"""
PRECEDING_CHORDS: Final = ("V", "IV")
"""The chords from which the voices of the one that leaves and of the one that arrives come."""


@dataclass(frozen=True, slots=True)
class SegmentForm:
    """One segment in beats of its style: its length, its overlaps, the last chord's length, where it comes from.

    ``turn`` says which section of the style its plateau begins with.
    """

    tempo: float
    beats: float
    overlap_in: float
    overlap_out: float
    last_chord: float
    previous_key: Key | None
    first_section: int

    @property
    def is_last(self) -> bool:
        """Whether nothing follows."""
        return not self.overlap_out

    @property
    def handover_beats(self) -> tuple[float, float]:
        """The beats from which and up to which it carries drums, bass and tunes: the middles of its overlaps."""
        return self.overlap_in / 2, self.beats - self.overlap_out / 2

    @property
    def texture_changes(self) -> tuple[tuple[float, ...], float | None]:
        """Where its texture changes by design, in order, and where its last chord begins, if it has one."""
        beat = 60.0 / self.tempo
        edges = tuple(mark * beat for mark in self.handover_beats if 0.0 < mark < self.beats)
        return edges, (self.beats - self.last_chord) * beat if self.is_last else None

    @property
    def overlap_seconds(self) -> tuple[float, float]:
        """How many seconds it shares with the one before and with the one after."""
        return self.overlap_in * 60.0 / self.tempo, self.overlap_out * 60.0 / self.tempo

    def plan(self, style: Style, energy: float) -> Plan:
        """Sections that fill it without a gap; ``energy`` is what was asked, beside that of the style."""
        body = style.form.body
        level = sum(part[2] for part in body) / len(body) + 0.8 * (energy - style.energy)
        return Plan(self.tempo, self.beats, tuple(self._sections(style, level)))

    def _sections(self, style: Style, level: float) -> Iterator[Section]:
        start, visits = 0.0, dict[str, int]()
        rows = list(self._rows(style, level))
        for place, (name, theme, energy, beats) in enumerate(rows):
            visit = visits.get(name, self.first_section)
            visits[name] = visit + 1
            within = max(0.05, min(1.0, energy))
            yield Section(name, theme, start, beats, within, visit, place == 0, place == len(rows) - 1)
            start += beats

    def _rows(self, style: Style, level: float) -> Iterator[tuple[str, str, float, float]]:
        """Name, theme, energy and beats of each section."""
        if self.overlap_in:
            yield ARRIVAL, "A", level, self.overlap_in
        parts = style.form.body
        mean = sum(part[2] for part in parts) / len(parts)
        for turn, beats in enumerate(
            _phrases(self.beats - self.overlap_in - self.overlap_out - self.last_chord), self.first_section
        ):
            name, theme, energy = parts[turn % len(parts)]
            yield (
                name,
                theme,
                level + max(-MAX_ENERGY_OFFSET, min(MAX_ENERGY_OFFSET, ENERGY_CONTRAST * (energy - mean))),
                beats,
            )
        if self.overlap_out:
            yield DEPARTURE, "A", level, self.overlap_out
        if self.last_chord:
            yield LAST_CHORD, "A", min(level, style.form.outro[2]), self.last_chord

    def with_shared_chords(self, spans: tuple[ChordSpan, ...], key: Key, style: Style) -> tuple[ChordSpan, ...]:
        """The same chords, but for those in the overlaps: there the tonic of the one that leaves sounds."""
        is_rich = style.reharmonisation >= 0.2
        kept = [span for span in spans if self.overlap_in - 1e-6 <= span.start < self.beats - self.overlap_out - 1e-6]
        head = _overlap_spans(0.0, self.overlap_in, self.previous_key or key, Voicer(rootless=is_rich), arrives=True)
        tail = _overlap_spans(
            self.beats - self.overlap_out, self.overlap_out, key, Voicer(rootless=is_rich), arrives=False
        )
        return (*head, *kept, *tail)


def build_segment_form(segment: Segment, style: Style) -> SegmentForm:
    """The layout of a segment in a style; its grid says it all."""
    grid, before = segment.grid, segment.before
    pace = _beat_ratio(style, grid)
    beats = pace * grid.duration_seconds * grid.tempo_bpm / 60.0
    tail = 0.0 if segment.is_last else pace * _overlap_beats(grid, grid)
    head = min(pace * _overlap_beats(before, grid), beats - tail) if before else 0.0
    ring = beats - head - 4.0 * max(0, int((beats - head) / 4.0 - 0.25)) if segment.is_last else 0.0
    earlier = related_keys.parse_key(before.key) if before else None
    whole = beats if segment.is_last else float(round(beats))
    return SegmentForm(pace * grid.tempo_bpm, whole, head, tail, ring, earlier, segment.index)


def _overlap_beats(one: BeatGrid, grid: BeatGrid) -> float:
    """How long a segment sounds on under the next, in beats of the grid."""
    return float(round(one.overlap_ms * grid.tempo_bpm / 60_000.0))


def _beat_ratio(style: Style, grid: BeatGrid) -> float:
    """How many beats the style counts to one of the grid: 1, or 2 or a half where it would be out of its element."""
    slow, _, fast = style.tempo_range
    is_even = grid.bars % 2 == 0 and _overlap_beats(grid, grid) % 8 == 0
    paces = (1.0, 2.0, 0.5) if is_even else (1.0, 2.0)
    return next(
        (pace for pace in paces if slow / TEMPO_TOLERANCE <= pace * grid.tempo_bpm <= fast * TEMPO_TOLERANCE), 1.0
    )


def _phrases(beats: float) -> Iterator[float]:
    """Phrases of eight bars; what is over is a shorter one among them, or lengthens the first."""
    size = 4.0 * PHRASE_BARS
    count, rest = divmod(beats, size)
    lengths = [size] * int(count)
    if rest >= size / 2 or (rest and not lengths):
        lengths.insert(len(lengths) // 2, rest)
    elif rest:
        lengths[0] += rest
    yield from lengths


def _overlap_spans(start: float, beats: float, key: Key, voicer: Voicer, *, arrives: bool) -> Iterator[ChordSpan]:
    """The tonic, in another colour in each half."""
    plain = replace(key, mode=key.family)
    voicer.voice(parse_chord(PRECEDING_CHORDS[arrives], plain))
    colours = OVERLAP_CHORDS[key.family]
    for turn, numeral in enumerate(reversed(colours) if arrives else colours):
        if beats:
            sound = parse_chord(numeral, plain)
            yield ChordSpan(start + turn * beats / 2, beats / 2, sound, voicer.voice(sound))
