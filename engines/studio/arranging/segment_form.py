"""The form of a focus session segment: sections of similar energy between its overlaps with its neighbours."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from engines.focus_port import BeatGrid, Segment
from engines.studio.model.composition import LAST_CHORD, ChordSpan, Plan, consecutive_sections
from engines.studio.model.style import Style
from engines.studio.theory import related_keys
from engines.studio.theory.pitch import Key, parse_chord
from engines.studio.theory.voicing import Voicer

ARRIVAL, DEPARTURE = "arrival", "departure"
PHRASE_BARS: Final = 8
ENERGY_CONTRAST: Final = 0.5
"""The factor by which the energy differences between the sections of a style are reduced."""
MAX_ENERGY_OFFSET: Final = 0.08
"""The maximum difference between the energy of a section and the energy of the segment."""
TEMPO_TOLERANCE: Final = 1.06
"""The factor by which a tempo may lie outside the range of a style before the style counts double or half beats."""
OVERLAP_CHORDS: Final = {"major": ("Iadd9", "I69"), "minor": ("i7", "i11")}
"""The chords in an overlap: tonic chords of the outgoing segment, without clashing notes.

The incoming segment plays them in reverse order and leads its voices from another chord, so that the two segments share
few pitches: equal pitches in both add up to more than an equal-power crossfade.
"""
MIN_LEAD_SECONDS: Final = 0.01
"""Smaller differences of an overlap from whole beats are rounding errors."""
PRECEDING_CHORDS: Final = ("V", "IV")
"""The chords from which the voices of the outgoing and of the incoming segment move into the overlap."""


@dataclass(frozen=True, slots=True)
class SegmentForm:
    """The length, overlaps and last chord of a segment in beats of its style.

    ``previous_key`` is the key of the segment before it, ``first_section`` the index of its first section in the body
    of the style, ``overlap_in_seconds`` the length of its first overlap, in which it has the tempo of that segment.
    """

    tempo: float
    beats: float
    overlap_in: float
    overlap_out: float
    last_chord: float
    previous_key: Key | None
    first_section: int
    overlap_in_seconds: float

    @property
    def is_last(self) -> bool:
        return not self.overlap_out

    @property
    def handover_beats(self) -> tuple[float, float]:
        """The middles of the overlaps, between which the segment plays drums, bass and melody."""
        return self.overlap_in / 2, self.beats - self.overlap_out / 2

    @property
    def texture_changes(self) -> tuple[tuple[float, ...], float | None]:
        """The seconds at which the texture changes, and the start of the last chord if there is one."""
        changes = tuple(self.seconds_at(position) for position in self.handover_beats if 0.0 < position < self.beats)
        return changes, self.seconds_at(self.beats - self.last_chord) if self.is_last else None

    @property
    def overlap_seconds(self) -> tuple[float, float]:
        """The lengths of the overlaps with the previous and with the next segment."""
        return self.overlap_in_seconds, self.overlap_out * 60.0 / self.tempo

    @property
    def lead(self) -> tuple[float, float] | None:
        """The beat and the second at which the tempo of the segment begins, if the one before it has another."""
        is_same = abs(self.overlap_in_seconds - self.overlap_in * 60.0 / self.tempo) < MIN_LEAD_SECONDS
        return None if is_same else (self.overlap_in, self.overlap_in_seconds)

    def seconds_at(self, beat: float) -> float:
        """Return the time of a beat."""
        if beat < self.overlap_in:
            return self.overlap_in_seconds * beat / self.overlap_in
        return self.overlap_in_seconds + (beat - self.overlap_in) * 60.0 / self.tempo

    def plan(self, style: Style, energy: float) -> Plan:
        """Plan the sections of the segment. ``energy`` is the requested energy, 0 to 1."""
        body = style.form.body
        level = sum(section[2] for section in body) / len(body) + 0.8 * (energy - style.energy)
        rows = (
            (name, theme, max(0.05, min(1.0, section_energy)), beats)
            for name, theme, section_energy, beats in self._section_rows(style, level)
        )
        return Plan(self.tempo, self.beats, consecutive_sections(rows, self.first_section))

    def _section_rows(self, style: Style, level: float) -> Iterator[tuple[str, str, float, float]]:
        """Yield name, theme, energy and beats of each section."""
        if self.overlap_in:
            yield ARRIVAL, "A", level, self.overlap_in
        body = style.form.body
        mean = sum(section[2] for section in body) / len(body)
        phrases = _phrases(self.beats - self.overlap_in - self.overlap_out - self.last_chord)
        for index, beats in enumerate(phrases, self.first_section):
            name, theme, energy = body[index % len(body)]
            offset = max(-MAX_ENERGY_OFFSET, min(MAX_ENERGY_OFFSET, ENERGY_CONTRAST * (energy - mean)))
            yield name, theme, level + offset, beats
        if self.overlap_out:
            yield DEPARTURE, "A", level, self.overlap_out
        if self.last_chord:
            yield LAST_CHORD, "A", min(level, style.form.outro[2]), self.last_chord

    def with_shared_chords(self, chords: tuple[ChordSpan, ...], key: Key, style: Style) -> tuple[ChordSpan, ...]:
        """Replace the chords in the overlaps by tonic chords of the outgoing segment."""
        rootless = style.reharmonisation >= 0.2
        out_start = self.beats - self.overlap_out
        middle = [chord for chord in chords if self.overlap_in - 1e-6 <= chord.start < out_start - 1e-6]
        incoming_key = self.previous_key or key
        first = _overlap_chords(0.0, self.overlap_in, incoming_key, Voicer(rootless=rootless), is_incoming=True)
        last = _overlap_chords(out_start, self.overlap_out, key, Voicer(rootless=rootless), is_incoming=False)
        return (*first, *middle, *last)


def build_segment_form(segment: Segment, style: Style) -> SegmentForm:
    """Build the form of a segment in a style from its beat grid."""
    grid, before = segment.grid, segment.before
    ratio = _beat_ratio(style, grid)
    lead_seconds = grid.first_downbeat_ms / 1000.0
    lead = ratio * _overlap_beats(before) if before and lead_seconds else 0.0
    beats = lead + ratio * (grid.duration_seconds - lead_seconds) * grid.tempo_bpm / 60.0
    overlap_out = 0.0 if segment.is_last else ratio * _overlap_beats(grid)
    overlap_in = min(ratio * _overlap_beats(before), beats - overlap_out) if before else 0.0
    last_chord = 0.0
    if segment.is_last:
        last_chord = beats - overlap_in - 4.0 * max(0, int((beats - overlap_in) / 4.0 - 0.25))
    previous_key = related_keys.parse_key(before.key) if before else None
    length = beats if segment.is_last else float(round(beats))
    tempo = ratio * grid.tempo_bpm
    overlap_in_seconds = lead_seconds or overlap_in * 60.0 / tempo
    return SegmentForm(
        tempo, length, overlap_in, overlap_out, last_chord, previous_key, segment.index, overlap_in_seconds
    )


def _overlap_beats(grid: BeatGrid) -> float:
    """Return the overlap of a segment with the next one in beats, which both play in its tempo."""
    return float(round(grid.overlap_ms * grid.tempo_bpm / 60_000.0))


def _beat_ratio(style: Style, grid: BeatGrid) -> float:
    """Return the beats of the style per beat of the grid: 1, or 2 or 0.5 if the tempo does not suit the style."""
    slow, _, fast = style.tempo_range
    is_even = grid.bars % 2 == 0 and _overlap_beats(grid) % 8 == 0
    for ratio in (1.0, 2.0, 0.5) if is_even else (1.0, 2.0):
        if slow / TEMPO_TOLERANCE <= ratio * grid.tempo_bpm <= fast * TEMPO_TOLERANCE:
            return ratio
    return 1.0


def _phrases(beats: float) -> Iterator[float]:
    """Yield phrases of eight bars. A remainder becomes a shorter phrase in the middle or extends the first one."""
    size = 4.0 * PHRASE_BARS
    count, rest = divmod(beats, size)
    lengths = [size] * int(count)
    if rest >= size / 2 or (rest and not lengths):
        lengths.insert(len(lengths) // 2, rest)
    elif rest:
        lengths[0] += rest
    yield from lengths


def _overlap_chords(start: float, beats: float, key: Key, voicer: Voicer, *, is_incoming: bool) -> Iterator[ChordSpan]:
    """Yield a tonic chord for each half of an overlap."""
    plain_key = replace(key, mode=key.family)
    voicer.voice(parse_chord(PRECEDING_CHORDS[is_incoming], plain_key))
    numerals = OVERLAP_CHORDS[key.family]
    for index, numeral in enumerate(reversed(numerals) if is_incoming else numerals):
        if beats:
            chord = parse_chord(numeral, plain_key)
            yield ChordSpan(start + index * beats / 2, beats / 2, chord, voicer.voice(chord))
