"""Writes a composition as compressed MusicXML 4.0 (W3C Community Group, "score-partwise"), the format of score editors.

The standard library suffices for the two dozen elements that are needed: music21 (BSD) and partitura (Apache) would
each be a larger dependency than the engine's other ones together.
"""

import io
from collections.abc import Callable, Sequence
from typing import Final
from xml.etree import ElementTree as ET
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from engines.studio.mixing.performance import TempoMap
from engines.studio.model.composition import Composition
from engines.studio.model.style import Part, Style
from engines.studio.notation import note_values
from engines.studio.notation.marks import score_marks
from engines.studio.notation.measures import add_part
from engines.studio.notation.part_list import add_part_description
from engines.studio.notation.quantisation import DIVISIONS
from engines.studio.notation.staves import write_staves
from engines.studio.notation.xml_elements import add
from engines.studio.theory.metre import metre_named

MEDIA_TYPE: Final = "application/vnd.recordare.musicxml"
SCORE_FILE: Final = "score.musicxml"
DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
CONTAINER: Final = (
    f'{DECLARATION}<container><rootfiles><rootfile full-path="score.musicxml" '
    'media-type="application/vnd.recordare.musicxml+xml"/></rootfiles></container>\n'
)
ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)
"""A constant date: the same composition gives the same bytes."""


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
    add(add(root, "work"), "work-title", title)
    add(add(add(root, "identification"), "encoding"), "software", "Music Studio")
    part_list = add(root, "part-list")
    end = max((group.end for group in groups), default=0)
    bars = max(1, -(-max(end, round(composition.beats * DIVISIONS)) // note_values.bar_length(metre)))
    marks = score_marks(composition, tempo_map, style)
    for number, group in enumerate(groups, 1):
        add_part_description(part_list, f"P{number}", group, number)
        add_part(root, f"P{number}", group, composition, bars, () if number > 1 else marks)
        heartbeat()
    return _compress((DECLARATION + ET.tostring(root, encoding="unicode")).encode())


def _compress(document: bytes) -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr(ZipInfo("mimetype", ZIP_DATE), MEDIA_TYPE, ZIP_STORED)
        archive.writestr(ZipInfo("META-INF/container.xml", ZIP_DATE), CONTAINER, ZIP_DEFLATED)
        archive.writestr(ZipInfo(SCORE_FILE, ZIP_DATE), document, ZIP_DEFLATED)
    return file.getvalue()
