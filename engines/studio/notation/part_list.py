"""The list of parts of a MusicXML document: names, instruments and MIDI programs."""

from typing import Final
from xml.etree import ElementTree as ET

from engines.studio.notation import percussion
from engines.studio.notation.staves import StaffGroup
from engines.studio.notation.xml_elements import add

DRUM_MIDI_CHANNEL: Final = 10


def add_part_description(part_list: ET.Element, part_id: str, group: StaffGroup, number: int) -> None:
    part = add(part_list, "score-part", id=part_id)
    instrument = group.instrument
    add(part, "part-name", f"{group.name} ({instrument.name})")
    names = [(key, percussion.stroke(key).name if instrument.is_kit else instrument.name) for key in group.keys]
    for key, name in names or [(0, instrument.name)]:
        element = add(part, "score-instrument", id=f"{part_id}-I{key}")
        add(element, "instrument-name", name)
    channel = DRUM_MIDI_CHANNEL if instrument.is_kit else _melodic_channel(number)
    for key, _ in names or [(0, "")]:
        midi = add(part, "midi-instrument", id=f"{part_id}-I{key}")
        add(midi, "midi-channel", channel)
        add(midi, "midi-program", instrument.program + 1)
        if names:
            add(midi, "midi-unpitched", key + 1)


def _melodic_channel(number: int) -> int:
    """Return a MIDI channel, 1 to 16, that is not the drums'."""
    channel = (number - 1) % 15 + 1
    return channel + 1 if channel >= DRUM_MIDI_CHANNEL else channel
