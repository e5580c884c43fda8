"""Default stems of instruments, and parts for instruments and stems that a style lacks."""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import (
    CONGA,
    HAT,
    HIGH_TOM,
    KICK,
    LOW_TOM,
    MID_TOM,
    SHAKER,
    SNARE,
    TAMBOURINE,
    Groove,
    drum_part,
)
from engines.studio.composing.melody import melody_part
from engines.studio.instruments import CATALOGUE, STEMS
from engines.studio.instruments.groups import GROUPS, KIT_PIECES, excluded_members, members
from engines.studio.model.style import Part

BACKBEAT: Final = drum_part(
    (
        Groove({KICK: ("X.......x.......",), HAT: ("x...o...x...o...",)}),
        Groove({KICK: ("X.....x.x....?..",), SNARE: ("....X..g.?..X..g",), HAT: ("x.o.x.o.x.o.x.o.",)}, min_energy=0.4),
    )
)
PERCUSSION: Final = drum_part(
    (
        Groove({CONGA: ("..x...o...x...o.",), SHAKER: ("..o...o...o...o.",)}),
        Groove({CONGA: ("..xg..x...xg.ox.", "..xg..x...x.xg.x"), MID_TOM: ("......o.......x.",),
                LOW_TOM: ("...o............",), SHAKER: ("g.o.g.o.g.o.g.o.",)}, min_energy=0.4),
    ),
    "none",
    crash=False,
)  # fmt: skip
"""Hand percussion between the beats, for a kit beside another one."""
BIG_DRUMS: Final = drum_part(
    (
        Groove({LOW_TOM: ("X.......x.......",)}),
        Groove({LOW_TOM: ("X..x..x.X..x..x.", "X..x..x.X.x.x.xx"), MID_TOM: ("....X.......X.?.",),
                HIGH_TOM: ("..............x.", "............x.xx")}, min_energy=0.4),
    ),
    "none",
    crash=False,
)  # fmt: skip
JINGLES: Final = drum_part(
    (Groove({SHAKER: ("x.o.x.o.x.o.x.o.",), TAMBOURINE: ("....o.......o...",)}),), "none", crash=False
)
PERCUSSION_WRITERS: Final = {"taiko": BIG_DRUMS, "sleigh_bells": JINGLES, "percussion_set": JINGLES}
"""What kits play beside another one; the others play PERCUSSION."""
MELODY_INSTRUMENTS: Final = frozenset(
    ["flute", "sax", "lead", "soft_lead", "chip_lead", "vibraphone", "glockenspiel", "bells", "kalimba", "marimba",
     "brass", "horn", "driven_guitar", "electric_guitar", "nylon_guitar", "steel_guitar", "pluck", "harp", "pizzicato",
     "violin", "viola", "cello", "trumpet", "clarinet", "harmonica", "melodica", "accordion", "sitar", "koto", "oud",
     "bagpipes", "music_box", "cowbell", "voice"]
)  # fmt: skip
STEM_PARTS: Final = {
    "drums": Part("drums", "drums", "acoustic_kit", BACKBEAT, -15.0, reverb=0.12),
    "bass": Part("bass", "bass", "electric_bass", bass.kick_locked(), -17.0, reverb=0.0),
    "melody": Part("melody", "melody", "vibraphone", melody_part(72), -18.0, reverb=0.25),
}
"""The parts of stems that a style lacks."""
FALLBACK_PART: Final = Part(
    "piano", "harmony", "piano", comping.sustained(velocity=0.6, spread=0.03), -18.0, reverb=0.25
)
SOLO_WORDS: Final = re.compile(r"^(solo|just)|(alone|seul)$")
"""Keywords of the solo piano style that mean a solo even if the prompt names another style."""
ADDITIONAL_PARTS: Final = {
    "vinyl": Part("vinyl", "texture", "vinyl", comping.drone(), -36.0, reverb=0.0),
    "air": Part("wind", "texture", "air", comping.drone(pitch=60), -31.0, reverb=0.3),
    "rainfall": Part("rain", "texture", "rainfall", comping.drone(), -31.0, reverb=0.1),
    "riser": Part("riser", "texture", "riser", comping.riser(), -31.0, reverb=0.25),
    "impact": Part("impact", "texture", "impact", comping.impact(), -30.0, reverb=0.3),
    "timpani": Part("timpani", "harmony", "timpani", bass.pattern("X.....o.", (0, 0, -5), 43.0), -22.0, reverb=0.3),
}
"""The parts of instruments that replace no other part."""


def instrument_for(name: str, excluded: Collection[str] = ()) -> str:
    """Return the instrument of a group that a style without any gets: the first that is not excluded."""
    if name not in GROUPS:
        return name
    existing = [key for key in members(name) if key in CATALOGUE]
    removed = excluded_members(excluded)
    return next((key for key in existing if key not in removed), existing[0])


def default_stem(name: str) -> str:
    """Return the stem that an instrument, a group or a piece of a kit usually belongs to."""
    if name in STEMS:
        return name
    if name in KIT_PIECES and name not in CATALOGUE:
        return "drums"
    name = instrument_for(name)
    if name in ADDITIONAL_PARTS:
        return ADDITIONAL_PARTS[name].stem
    if CATALOGUE[name].is_kit:
        return "drums"
    if name.endswith("_bass") or name == "tuba":
        return "bass"
    return "melody" if name in MELODY_INSTRUMENTS else "harmony"


def part_for_instrument(name: str, others: Sequence[Part] = ()) -> Part:
    """Return a part for an instrument that replaces no other part, beside ``others``."""
    if name in ADDITIONAL_PARTS:
        return ADDITIONAL_PARTS[name]
    stem = default_stem(name)
    if stem == "harmony":
        return replace(FALLBACK_PART, name=name, instrument=name)
    writer = PERCUSSION_WRITERS.get(name, PERCUSSION)
    if stem == "drums" and any(CATALOGUE[part.instrument].is_kit for part in others):
        return replace(STEM_PARTS[stem], name="percussion", instrument=name, writer=writer, level=-21.0)
    return replace(STEM_PARTS[stem], instrument=name)
