"""Writes a composition as compressed MusicXML 4.0 (W3C Community Group, "score-partwise"), the format of score editors.

The standard library suffices for the two dozen elements that are needed: music21 (BSD) and partitura (Apache) would
each be a larger dependency than the engine's other ones together.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final
from xml.etree import ElementTree as ET
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from engines.studio.mixing.performance import TempoMap
from engines.studio.model.composition import Composition
from engines.studio.model.style import Part, Style
from engines.studio.notation import note_values, percussion, spelling
from engines.studio.notation.note_values import Value
from engines.studio.notation.quantisation import DIVISIONS, WrittenChord
from engines.studio.notation.staves import StaffGroup, write_staves
from engines.studio.theory.metre import Metre, metre_named
from engines.studio.theory.pitch import Chord

MEDIA_TYPE: Final = "application/vnd.recordare.musicxml"
SCORE_FILE: Final = "score.musicxml"
CONTAINER: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<container><rootfiles><rootfile full-path="score.musicxml" '
    'media-type="application/vnd.recordare.musicxml+xml"/></rootfiles></container>\n'
)
ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)
"""A constant date: the same composition gives the same bytes."""
SWUNG: Final = 0.55
"""The least swing that is written above the first bar."""
DRUM_MIDI_CHANNEL: Final = 10


def write(
    composition: Composition,
    parts: Sequence[Part],
    tempo_map: TempoMap,
    title: str,
    style: Style,
    heartbeat: Callable[[], None] = lambda: None,
) -> bytes:
    """Return the score as an .mxl file: a ZIP archive with the MusicXML document.

    It contains every part with notes, the swing of the style as a mark, chord symbols and section names.
    ``heartbeat`` is called after each part; its exceptions abort the work.
    """
    metre = metre_named(composition.metre)
    groups = []
    for part in parts:
        if notes := composition.notes[part.name]:
            groups.append(write_staves(part.name, part.instrument, notes, metre))
            heartbeat()
    root = ET.Element("score-partwise", version="4.0")
    _add(_add(root, "work"), "work-title", title)
    _add(_add(_add(root, "identification"), "encoding"), "software", "Music Studio")
    part_list = _add(root, "part-list")
    end = max((group.end for group in groups), default=0)
    bars = max(1, -(-max(end, round(composition.beats * DIVISIONS)) // note_values.bar_length(metre)))
    marks = _marks(composition, tempo_map, style)
    for number, group in enumerate(groups, 1):
        _add_part_description(part_list, f"P{number}", group, number)
        _PartWriter(group, composition, metre, bars, f"P{number}", () if number > 1 else marks).write(root)
        heartbeat()
    return _compress(ET.tostring(root, encoding="UTF-8", xml_declaration=True))


def _compress(document: bytes) -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr(ZipInfo("mimetype", ZIP_DATE), MEDIA_TYPE, ZIP_STORED)
        archive.writestr(ZipInfo("META-INF/container.xml", ZIP_DATE), CONTAINER, ZIP_DEFLATED)
        archive.writestr(ZipInfo(SCORE_FILE, ZIP_DATE), document, ZIP_DEFLATED)
    return file.getvalue()


def _add(parent: ET.Element, tag: str, content: object = None, /, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, tag, attributes)
    if content is not None:
        element.text = str(content)
    return element


@dataclass(frozen=True, slots=True)
class _Mark:
    """Something above the staff at a position in divisions: a tempo, a section name or a chord."""

    position: int
    write: Callable[[ET.Element], None]


def _marks(composition: Composition, tempo_map: TempoMap, style: Style) -> tuple[_Mark, ...]:
    """Return section names, tempos, the swing and chord symbols, ordered by position."""
    unit = metre_named(composition.metre).counted_beat
    marks = [_Mark(_divisions(section.start), _rehearsal(section.name)) for section in composition.sections]
    tempos = list(_tempos(tempo_map))
    marks.extend(
        _Mark(_divisions(beat), _tempo(tempo, unit, is_visible=number == 0 or not style.ritardando))
        for number, (beat, tempo) in enumerate(tempos)
    )
    if style.swing > SWUNG:
        marks.append(_Mark(0, _swing("eighth" if style.swing_grid >= 0.5 else "16th")))
    if len(tempos) > 1 and style.ritardando:
        marks.append(_Mark(_divisions(tempos[1][0]), _ritardando))
    marks.extend(_Mark(_divisions(span.start), _chord_symbol(span.chord, composition)) for span in composition.chords)
    return tuple(sorted(marks, key=lambda mark: mark.position))


def _tempos(tempo_map: TempoMap) -> Iterator[tuple[float, float]]:
    """Yield each change of the tempo as beat and quarter notes per minute; smaller changes are rounding errors."""
    last = 0.0
    for (beat, second), (next_beat, next_second) in pairwise(zip(tempo_map.beats, tempo_map.seconds, strict=True)):
        tempo = 60.0 * float(next_beat - beat) / float(next_second - second)
        if abs(tempo / (last or 1e9) - 1.0) > 0.005:
            yield float(beat), tempo
            last = tempo


def _divisions(beat: float) -> int:
    """Return a position on the grid of sixteenths, on which sections and chords change."""
    return DIVISIONS // 4 * round(beat * 4)


def _direction(measure: ET.Element) -> tuple[ET.Element, ET.Element]:
    direction = _add(measure, "direction", placement="above")
    return direction, _add(direction, "direction-type")


def _rehearsal(name: str) -> Callable[[ET.Element], None]:
    def write(measure: ET.Element) -> None:
        _add(_direction(measure)[1], "rehearsal", name)

    return write


def _ritardando(measure: ET.Element) -> None:
    _add(_direction(measure)[1], "words", "rit.")


def _swing(value: str) -> Callable[[ET.Element], None]:
    def write(measure: ET.Element) -> None:
        direction, kind = _direction(measure)
        _add(kind, "words", "Swing" if value == "eighth" else "Swing 16ths")
        swing = _add(_add(direction, "sound"), "swing")
        for tag, text in (("first", 2), ("second", 1), ("swing-type", value)):
            _add(swing, tag, text)

    return write


def _tempo(tempo: float, unit: float, *, is_visible: bool) -> Callable[[ET.Element], None]:
    def write(measure: ET.Element) -> None:
        if not is_visible:
            _add(measure, "sound", tempo=f"{tempo:.3f}")
            return
        direction, kind = _direction(measure)
        metronome = _add(kind, "metronome", parentheses="no")
        _add(metronome, "beat-unit", "quarter")
        if unit != 1.0:
            _add(metronome, "beat-unit-dot")
        _add(metronome, "per-minute", f"{tempo / unit:.4g}")
        _add(direction, "sound", tempo=f"{tempo:.3f}")

    return write


def _chord_symbol(chord: Chord, composition: Composition) -> Callable[[ET.Element], None]:
    key = composition.key

    def add_step(parent: ET.Element, tag: str, pitch_class: int) -> None:
        step, alteration = spelling.spell(pitch_class, key)
        element = _add(parent, tag)
        _add(element, f"{tag}-step", step)
        if alteration:
            _add(element, f"{tag}-alter", alteration)

    def write(measure: ET.Element) -> None:
        harmony = _add(measure, "harmony")
        add_step(harmony, "root", chord.root)
        kind, degrees = spelling.kind(chord)
        _add(harmony, "kind", kind, text=chord.quality)
        if chord.bass != chord.root:
            add_step(harmony, "bass", chord.bass)
        for value, alteration in degrees:
            degree = _add(harmony, "degree", **{"print-object": "no"})
            for tag, text in (("value", value), ("alter", alteration), ("type", "add")):
                _add(degree, f"degree-{tag}", text)

    return write


def _add_part_description(part_list: ET.Element, part_id: str, group: StaffGroup, number: int) -> None:
    part = _add(part_list, "score-part", id=part_id)
    instrument = group.instrument
    _add(part, "part-name", f"{group.name} ({instrument.name})")
    names = [(key, percussion.stroke(key).name if instrument.is_kit else instrument.name) for key in group.keys]
    for key, name in names or [(0, instrument.name)]:
        element = _add(part, "score-instrument", id=f"{part_id}-I{key}")
        _add(element, "instrument-name", name)
    channel = DRUM_MIDI_CHANNEL if instrument.is_kit else _melodic_channel(number)
    for key, _ in names or [(0, "")]:
        midi = _add(part, "midi-instrument", id=f"{part_id}-I{key}")
        _add(midi, "midi-channel", channel)
        _add(midi, "midi-program", instrument.program + 1)
        if names:
            _add(midi, "midi-unpitched", key + 1)


def _melodic_channel(number: int) -> int:
    """Return a MIDI channel, 1 to 16, that is not the drums'."""
    channel = (number - 1) % 15 + 1
    return channel + 1 if channel >= DRUM_MIDI_CHANNEL else channel


class _PartWriter:
    """Writes the measures of one part; ``marks`` are written above it."""

    def __init__(
        self,
        group: StaffGroup,
        composition: Composition,
        metre: Metre,
        bars: int,
        part_id: str,
        marks: Sequence[_Mark],
    ) -> None:
        self._group, self._composition, self._metre = group, composition, metre
        self._bars, self._id, self._marks = bars, part_id, marks
        self._bar = note_values.bar_length(metre)

    def write(self, root: ET.Element) -> None:
        part = _add(root, "part", id=self._id)
        measures = [_add(part, "measure", number=str(number + 1)) for number in range(self._bars)]
        self._add_attributes(measures[0])
        for mark in self._marks:
            number = min(mark.position // self._bar, self._bars - 1)
            offset = mark.position - number * self._bar
            if offset:
                _add(_add(measures[number], "forward"), "duration", offset)
            mark.write(measures[number])
            if offset:
                _add(_add(measures[number], "backup"), "duration", offset)
        for staff_number, staff in enumerate(self._group.staves, 1):
            for voice_number, voice in enumerate(staff.voices, 1):
                first = voice_number == 1
                self._add_voice(measures, voice, staff_number, (staff_number - 1) * 4 + voice_number, is_first=first)
        barline = _add(measures[-1], "barline", location="right")
        _add(barline, "bar-style", "light-heavy")

    def _add_attributes(self, measure: ET.Element) -> None:
        attributes = _add(measure, "attributes")
        _add(attributes, "divisions", DIVISIONS)
        key = _add(attributes, "key")
        _add(key, "fifths", 0 if self._group.is_unpitched else spelling.signature(self._composition.key))
        _add(key, "mode", spelling.mode(self._composition.key))
        time = _add(attributes, "time")
        beats, unit = self._composition.metre.split("/")
        _add(time, "beats", beats)
        _add(time, "beat-type", unit)
        staves = self._group.staves
        if len(staves) > 1:
            _add(attributes, "staves", len(staves))
        for number, staff in enumerate(staves, 1):
            clef = _add(attributes, "clef", **({"number": str(number)} if len(staves) > 1 else {}))
            _add(clef, "sign", staff.clef.sign)
            _add(clef, "line", staff.clef.line)
            if staff.clef.octaves:
                _add(clef, "clef-octave-change", staff.clef.octaves)

    def _add_voice(
        self, measures: Sequence[ET.Element], chords: Sequence[WrittenChord], staff: int, voice: int, *, is_first: bool
    ) -> None:
        """Add a voice, with rests between its chords. Bars in which a further voice is silent are left out."""
        by_bar: dict[int, list[WrittenChord]] = {}
        for chord in chords:
            for bar in range(chord.start // self._bar, -(-chord.end // self._bar)):
                by_bar.setdefault(bar, []).append(chord)
        for bar, measure in enumerate(measures):
            found = by_bar.get(bar, [])
            if not found and not is_first:
                continue
            if voice > 1:
                _add(_add(measure, "backup"), "duration", self._bar)
            self._add_bar(measure, bar, found, staff, voice)

    def _add_bar(self, measure: ET.Element, bar: int, chords: Sequence[WrittenChord], staff: int, voice: int) -> None:
        position, end = bar * self._bar, (bar + 1) * self._bar
        if not chords:
            note = _add(measure, "note")
            _add(note, "rest", measure="yes")
            _add(note, "duration", self._bar)
            if self._group.is_unpitched:
                _add(note, "instrument", id=f"{self._id}-I{self._group.keys[0]}")
            _add(note, "voice", voice)
            self._add_staff(note, staff)
            return
        for chord in chords:
            self._add_chord(measure, WrittenChord(position, chord.start, ()), (position, end), staff, voice)
            self._add_chord(measure, chord, (position, end), staff, voice)
            position = max(position, chord.end)
        self._add_chord(measure, WrittenChord(position, end, ()), (position, end), staff, voice)

    def _add_chord(
        self, measure: ET.Element, chord: WrittenChord, bar: tuple[int, int], staff: int, voice: int
    ) -> None:
        """Add the values of a chord in a bar, tied together; without pitches they are rests."""
        start, end = max(chord.start, bar[0]), min(chord.end, bar[1])
        for value in note_values.split(start, end, self._metre, self._group.triplets):
            ties = [
                kind
                for kind, is_tied in (
                    ("stop", value.start > chord.start),
                    ("start", value.start + value.length < chord.end),
                )
                if is_tied and chord.pitches
            ]
            for number, pitch in enumerate(chord.pitches or (None,)):
                note = _add(measure, "note")
                if number:
                    _add(note, "chord")
                self._add_pitch(note, pitch)
                _add(note, "duration", value.length)
                for kind in ties:
                    _add(note, "tie", type=kind)
                if self._group.is_unpitched:
                    _add(note, "instrument", id=f"{self._id}-I{self._group.keys[0] if pitch is None else pitch}")
                _add(note, "voice", voice)
                _add_value(note, value)
                head = (
                    percussion.stroke(pitch).head if self._group.instrument.is_kit and pitch is not None else "normal"
                )
                if head != "normal":
                    _add(note, "notehead", head)
                self._add_staff(note, staff)
                _add_notations(note, value, ties, is_first=number == 0)

    def _add_staff(self, note: ET.Element, staff: int) -> None:
        if len(self._group.staves) > 1:
            _add(note, "staff", staff)

    def _add_pitch(self, note: ET.Element, pitch: int | None) -> None:
        if pitch is None:
            _add(note, "rest")
        elif self._group.is_unpitched:
            stroke = percussion.stroke(pitch if self._group.instrument.is_kit else -1)
            element = _add(note, "unpitched")
            _add(element, "display-step", stroke.step)
            _add(element, "display-octave", stroke.octave)
        else:
            step, alteration, octave = spelling.spell_pitch(pitch, self._composition.key)
            element = _add(note, "pitch")
            _add(element, "step", step)
            if alteration:
                _add(element, "alter", alteration)
            _add(element, "octave", octave)


def _add_value(note: ET.Element, value: Value) -> None:
    _add(note, "type", value.type)
    for _ in range(value.dots):
        _add(note, "dot")
    if value.tuplet:
        actual, normal, kind = note_values.TUPLETS[value.tuplet]
        modification = _add(note, "time-modification")
        _add(modification, "actual-notes", actual)
        _add(modification, "normal-notes", normal)
        if kind != value.type or value.dots:
            _add(modification, "normal-type", kind)


def _add_notations(note: ET.Element, value: Value, ties: Sequence[str], *, is_first: bool) -> None:
    """Add ties, and the bracket of triplets to the first note of a chord."""
    position = value.start % DIVISIONS
    edges = (("start", position == 0), ("stop", position + value.length == DIVISIONS))
    brackets = [kind for kind, is_edge in edges if is_edge and value.tuplet and is_first]
    if ties or brackets:
        notations = _add(note, "notations")
        for kind in ties:
            _add(notations, "tied", type=kind)
        for kind in brackets:
            _add(notations, "tuplet", type=kind, number="1")
