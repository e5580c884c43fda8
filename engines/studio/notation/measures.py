"""The measures of a part in MusicXML: attributes, marks, and voices on staves."""

from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as ET

from engines.studio.model.composition import Composition
from engines.studio.notation import note_values, spelling
from engines.studio.notation.marks import Mark
from engines.studio.notation.notes import NoteWriter
from engines.studio.notation.quantisation import DIVISIONS, WrittenChord
from engines.studio.notation.staves import VOICES_PER_STAFF, StaffGroup
from engines.studio.notation.xml_elements import add
from engines.studio.theory.metre import metre_named
from engines.studio.theory.pitch import Key


def add_part(
    root: ET.Element, part_id: str, group: StaffGroup, composition: Composition, bars: int, marks: Sequence[Mark]
) -> None:
    """Add a part of ``bars`` measures, with ``marks`` above it."""
    metre = metre_named(composition.metre)
    bar_length = note_values.bar_length(metre)
    part = add(root, "part", id=part_id)
    measures = [add(part, "measure", number=str(number + 1)) for number in range(bars)]
    keys = {min(round(beat * DIVISIONS / bar_length), bars - 1): key for beat, key in composition.key_map.changes}
    _add_first_attributes(measures[0], group, keys.pop(0), composition.metre)
    if not group.is_unpitched:
        for bar, key in keys.items():
            _add_key(add(measures[bar], "attributes"), key)
    _add_marks(measures, bar_length, marks)
    notes = NoteWriter(group, metre, spelling.Speller(composition.key_map, composition.chords), part_id)
    for staff_number, staff in enumerate(group.staves, 1):
        for voice_number, voice in enumerate(staff.voices, 1):
            place = (staff_number, (staff_number - 1) * VOICES_PER_STAFF + voice_number)
            by_bar = _chords_by_bar(voice, bar_length)
            for bar, measure in enumerate(measures):
                if bar in by_bar or voice_number == 1:  # a further voice may be silent
                    if place[1] > 1:
                        add(add(measure, "backup"), "duration", bar_length)
                    notes.add_bar(measure, bar, by_bar.get(bar, ()), place)
    add(add(measures[-1], "barline", location="right"), "bar-style", "light-heavy")


def _chords_by_bar(chords: Sequence[WrittenChord], bar_length: int) -> Mapping[int, Sequence[WrittenChord]]:
    by_bar: dict[int, list[WrittenChord]] = {}
    for chord in chords:
        for bar in range(chord.start // bar_length, -(-chord.end // bar_length)):
            by_bar.setdefault(bar, []).append(chord)
    return by_bar


def _add_marks(measures: Sequence[ET.Element], bar_length: int, marks: Sequence[Mark]) -> None:
    for mark in marks:
        number = min(mark.position // bar_length, len(measures) - 1)
        offset = mark.position - number * bar_length
        if offset:
            add(add(measures[number], "forward"), "duration", offset)
        mark.write(measures[number])
        if offset:
            add(add(measures[number], "backup"), "duration", offset)


def _add_first_attributes(measure: ET.Element, group: StaffGroup, key: Key, metre: str) -> None:
    attributes = add(measure, "attributes")
    add(attributes, "divisions", DIVISIONS)
    _add_key(attributes, None if group.is_unpitched else key)
    time = add(attributes, "time")
    beats, unit = metre.split("/")
    add(time, "beats", beats)
    add(time, "beat-type", unit)
    if len(group.staves) > 1:
        add(attributes, "staves", len(group.staves))
    for number, staff in enumerate(group.staves, 1):
        clef = add(attributes, "clef", **({"number": str(number)} if len(group.staves) > 1 else {}))
        add(clef, "sign", staff.clef.sign)
        add(clef, "line", staff.clef.line)
        if staff.clef.octaves:
            add(clef, "clef-octave-change", staff.clef.octaves)


def _add_key(attributes: ET.Element, key: Key | None) -> None:
    """Add the signature of a key, or one without accidentals."""
    element = add(attributes, "key")
    add(element, "fifths", spelling.signature(key) if key else 0)
    if key:
        add(element, "mode", spelling.mode(key))
