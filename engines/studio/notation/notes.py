"""Notes and rests of a part in MusicXML."""

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from engines.studio.notation import note_values, percussion
from engines.studio.notation.note_values import Value
from engines.studio.notation.quantisation import DIVISIONS, WrittenChord
from engines.studio.notation.spelling import Speller
from engines.studio.notation.staves import StaffGroup
from engines.studio.notation.xml_elements import add
from engines.studio.theory.metre import Metre

Place = tuple[int, int]
"""The numbers of a staff and of a voice; both are counted from 1 in a part."""


class NoteWriter:
    """Writes the notes of a part."""

    def __init__(self, group: StaffGroup, metre: Metre, speller: Speller, part_id: str) -> None:
        self._group, self._metre, self._speller, self._part_id = group, metre, speller, part_id
        self._bar = note_values.bar_length(metre)

    def add_bar(self, measure: ET.Element, bar: int, chords: Sequence[WrittenChord], place: Place) -> None:
        """Add the chords of a voice in a bar, with rests between them."""
        start, end = bar * self._bar, (bar + 1) * self._bar
        if not chords:
            self._add_rest_of_a_bar(measure, place)
            return
        position = start
        for chord in chords:
            self._add_chord(measure, WrittenChord(position, chord.start, ()), (start, end), place)
            self._add_chord(measure, chord, (start, end), place)
            position = max(position, chord.end)
        self._add_chord(measure, WrittenChord(position, end, ()), (start, end), place)

    def _add_rest_of_a_bar(self, measure: ET.Element, place: Place) -> None:
        note = add(measure, "note")
        add(note, "rest", measure="yes")
        add(note, "duration", self._bar)
        self._add_instrument(note, None)
        add(note, "voice", place[1])
        self._add_staff(note, place)

    def _add_chord(self, measure: ET.Element, chord: WrittenChord, bar: tuple[int, int], place: Place) -> None:
        """Add the values of a chord in a bar, tied together; without pitches they are rests."""
        start, end = max(chord.start, bar[0]), min(chord.end, bar[1])
        for value in note_values.split(start, end, self._metre, self._group.triplets):
            for number, pitch in enumerate(chord.pitches or (None,)):
                note = add(measure, "note")
                if number:
                    add(note, "chord")
                self._add_note(note, chord, pitch, value, place)

    def _add_note(self, note: ET.Element, chord: WrittenChord, pitch: int | None, value: Value, place: Place) -> None:
        ties = _ties(chord, value)
        self._add_pitch(note, chord, pitch)
        add(note, "duration", value.length)
        for kind in ties:
            add(note, "tie", type=kind)
        self._add_instrument(note, pitch)
        add(note, "voice", place[1])
        _add_value(note, value)
        if pitch is not None and self._group.instrument.is_kit and (head := percussion.stroke(pitch).head) != "normal":
            add(note, "notehead", head)
        self._add_staff(note, place)
        _add_notations(note, value, ties, is_first=pitch is None or pitch == chord.pitches[0])

    def _add_instrument(self, note: ET.Element, pitch: int | None) -> None:
        if self._group.is_unpitched:
            add(note, "instrument", id=f"{self._part_id}-I{self._group.keys[0] if pitch is None else pitch}")

    def _add_staff(self, note: ET.Element, place: Place) -> None:
        if len(self._group.staves) > 1:
            add(note, "staff", place[0])

    def _add_pitch(self, note: ET.Element, chord: WrittenChord, pitch: int | None) -> None:
        if pitch is None:
            add(note, "rest")
        elif self._group.is_unpitched:
            stroke = percussion.stroke(pitch if self._group.instrument.is_kit else -1)
            element = add(note, "unpitched")
            add(element, "display-step", stroke.step)
            add(element, "display-octave", stroke.octave)
        else:
            step, alteration, octave = self._speller.spell(pitch, chord.start / DIVISIONS)
            element = add(note, "pitch")
            add(element, "step", step)
            if alteration:
                add(element, "alter", alteration)
            add(element, "octave", octave)


def _ties(chord: WrittenChord, value: Value) -> list[str]:
    edges = (("stop", value.start > chord.start), ("start", value.start + value.length < chord.end))
    return [kind for kind, is_tied in edges if is_tied and chord.pitches]


def _add_value(note: ET.Element, value: Value) -> None:
    add(note, "type", value.type)
    for _ in range(value.dots):
        add(note, "dot")
    if value.tuplet:
        actual, normal, kind = note_values.TUPLETS[value.tuplet]
        modification = add(note, "time-modification")
        add(modification, "actual-notes", actual)
        add(modification, "normal-notes", normal)
        if kind != value.type or value.dots:
            add(modification, "normal-type", kind)


def _add_notations(note: ET.Element, value: Value, ties: Sequence[str], *, is_first: bool) -> None:
    """Add ties, and the bracket of triplets to the first note of a chord."""
    position = value.start % DIVISIONS
    edges = (("start", position == 0), ("stop", position + value.length == DIVISIONS))
    brackets = [kind for kind, is_edge in edges if is_edge and value.tuplet and is_first]
    if ties or brackets:
        notations = add(note, "notations")
        for kind in ties:
            add(notations, "tied", type=kind)
        for kind in brackets:
            add(notations, "tuplet", type=kind, number="1")
