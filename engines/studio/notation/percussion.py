"""Places of drums on a staff of five lines, and their names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Stroke:
    """A drum: its General MIDI name, the step and octave of its line in a treble staff, and its note head."""

    name: str
    step: str
    octave: int
    head: str = "normal"


STROKES: Final[Mapping[int, Stroke]] = {
    36: Stroke("Bass Drum 1", "F", 4),
    37: Stroke("Side Stick", "C", 5, "x"),
    38: Stroke("Acoustic Snare", "C", 5),
    39: Stroke("Hand Clap", "D", 5, "x"),
    42: Stroke("Closed Hi-Hat", "G", 5, "x"),
    44: Stroke("Pedal Hi-Hat", "D", 4, "x"),
    45: Stroke("Low Tom", "A", 4),
    46: Stroke("Open Hi-Hat", "G", 5, "circle-x"),
    47: Stroke("Low-Mid Tom", "D", 5),
    49: Stroke("Crash Cymbal 1", "A", 5, "x"),
    50: Stroke("High Tom", "E", 5),
    51: Stroke("Ride Cymbal 1", "F", 5, "x"),
    54: Stroke("Tambourine", "B", 5, "triangle"),
    56: Stroke("Cowbell", "E", 5, "triangle"),
    60: Stroke("High Bongo", "E", 5),
    61: Stroke("Low Bongo", "D", 5),
    62: Stroke("Mute High Conga", "B", 4, "x"),
    63: Stroke("Open High Conga", "B", 4),
    64: Stroke("Low Conga", "A", 4),
    65: Stroke("High Timbale", "E", 5),
    66: Stroke("Low Timbale", "D", 5),
    67: Stroke("High Agogo", "F", 5, "triangle"),
    68: Stroke("Low Agogo", "E", 5, "triangle"),
    70: Stroke("Maracas", "B", 5, "x"),
    73: Stroke("Short Guiro", "G", 5, "slash"),
    74: Stroke("Long Guiro", "G", 5, "slash"),
    75: Stroke("Claves", "B", 5),
    76: Stroke("High Wood Block", "E", 5, "triangle"),
    86: Stroke("Mute Surdo", "F", 4, "x"),
    87: Stroke("Open Surdo", "F", 4),
}
"""By General MIDI key (86 and 87: General MIDI 2), placed as in Weinberg, Guide to Standardized Drumset Notation."""


def stroke(key: int) -> Stroke:
    """Return the drum of a key; an unlisted one is on the middle line."""
    return STROKES.get(key, Stroke(f"Percussion {key}", "B", 4))
