"""Marks above the staves in MusicXML: tempos, swing, section names and chord symbols."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final
from xml.etree import ElementTree as ET

from engines.studio.mixing.performance import TempoMap
from engines.studio.model.composition import Composition
from engines.studio.model.style import Style
from engines.studio.notation import spelling
from engines.studio.notation.quantisation import DIVISIONS
from engines.studio.notation.xml_elements import add
from engines.studio.theory.metre import metre_named
from engines.studio.theory.pitch import Chord, Key

SWUNG: Final = 0.55
"""The least swing that is written above the first bar."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something above the staff at a position in divisions: a tempo, a section name or a chord."""

    position: int
    write: Callable[[ET.Element], None]


def score_marks(composition: Composition, tempo_map: TempoMap, style: Style) -> tuple[Mark, ...]:
    """Return section names, tempos, the swing and chord symbols, ordered by position."""
    unit = metre_named(composition.metre).counted_beat
    marks = [Mark(_divisions(section.start), _rehearsal(section.name)) for section in composition.sections]
    ritardando = math.inf if tempo_map.ritardando_start is None else tempo_map.ritardando_start
    marks.extend(
        Mark(_divisions(beat), _tempo(tempo, unit, is_visible=beat < ritardando)) for beat, tempo in _tempos(tempo_map)
    )
    if style.swing > SWUNG:
        marks.append(Mark(0, _swing("eighth" if style.swing_grid >= 0.5 else "16th")))
    if tempo_map.ritardando_start is not None:
        marks.append(Mark(_divisions(tempo_map.ritardando_start), _ritardando))
    marks.extend(
        Mark(_divisions(span.start), _chord_symbol(span.chord, composition.key_map.at(span.start)))
        for span in composition.chords
    )
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
    direction = add(measure, "direction", placement="above")
    return direction, add(direction, "direction-type")


def _rehearsal(name: str) -> Callable[[ET.Element], None]:
    def write(measure: ET.Element) -> None:
        add(_direction(measure)[1], "rehearsal", name)

    return write


def _ritardando(measure: ET.Element) -> None:
    add(_direction(measure)[1], "words", "rit.")


def _swing(value: str) -> Callable[[ET.Element], None]:
    def write(measure: ET.Element) -> None:
        direction, kind = _direction(measure)
        add(kind, "words", "Swing" if value == "eighth" else "Swing 16ths")
        swing = add(add(direction, "sound"), "swing")
        for tag, text in (("first", 2), ("second", 1), ("swing-type", value)):
            add(swing, tag, text)

    return write


def _tempo(tempo: float, unit: float, *, is_visible: bool) -> Callable[[ET.Element], None]:
    def write(measure: ET.Element) -> None:
        if not is_visible:
            add(measure, "sound", tempo=f"{tempo:.3f}")
            return
        direction, kind = _direction(measure)
        metronome = add(kind, "metronome", parentheses="no")
        add(metronome, "beat-unit", "quarter")
        if unit != 1.0:
            add(metronome, "beat-unit-dot")
        add(metronome, "per-minute", f"{tempo / unit:.4g}")
        add(direction, "sound", tempo=f"{tempo:.3f}")

    return write


def _chord_symbol(chord: Chord, key: Key) -> Callable[[ET.Element], None]:
    def add_step(parent: ET.Element, tag: str, pitch_class: int) -> None:
        step, alteration = spelling.spell_in_chord(pitch_class, chord, key)
        element = add(parent, tag)
        add(element, f"{tag}-step", step)
        if alteration:
            add(element, f"{tag}-alter", alteration)

    def write(measure: ET.Element) -> None:
        harmony = add(measure, "harmony")
        add_step(harmony, "root", chord.root)
        kind, degrees = spelling.kind(chord)
        add(harmony, "kind", kind, text=chord.quality)
        if chord.bass != chord.root:
            add_step(harmony, "bass", chord.bass)
        for value, alteration in degrees:
            degree = add(harmony, "degree", **{"print-object": "no"})
            for tag, text in (("value", value), ("alter", alteration), ("type", "add")):
                add(degree, f"degree-{tag}", text)

    return write
