"""Groups of instruments and pieces of drum kits: what a request may include or exclude besides single instruments."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

SYNTH_BASSES: Final = (
    "synth_bass", "house_bass", "sub_bass", "acid_bass", "reese_bass", "wobble_bass", "chip_bass",
)  # fmt: skip
GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "guitar": ("electric_guitar", "steel_guitar", "nylon_guitar", "muted_guitar", "driven_guitar", "palm_mute"),
    "acoustic_guitar": ("steel_guitar", "nylon_guitar"),
    "electric_guitar": ("electric_guitar", "muted_guitar", "driven_guitar", "palm_mute"),
    "clean_guitar": ("electric_guitar", "muted_guitar"),
    "driven_guitar": ("driven_guitar", "palm_mute"),
    "piano": ("piano", "upright_piano", "felt_piano", "honky_tonk"),
    "grand_piano": ("piano",),
    "tine_piano": ("electric_piano",),
    "electric_piano": ("electric_piano", "reed_keys"),
    "keyboards": ("electric_piano", "reed_keys", "piano", "organ", "clavinet", "harpsichord"),
    "mallets": ("vibraphone", "marimba", "glockenspiel"),
    "finger_bass": ("electric_bass",),
    "electric_bass": ("electric_bass", "picked_bass", "slap_bass"),
    "synth_bass": SYNTH_BASSES,
    "electronic_drums": ("kit_909", "kit_808", "gated_kit", "hard_kit"),
    "strings": ("strings", "staccato_strings", "pizzicato"),
    "brass": ("brass", "horn"),
    "woodwinds": ("flute", "clarinet", "sax", "oboe", "bassoon", "piccolo"),
    "warm_pad": ("warm_pad", "glass_pad"),
    "saw_lead": ("lead",),
    "lead": ("lead", "soft_lead", "chip_lead"),
    "synth": ("lead", "soft_lead", "chip_lead", "pluck", "supersaw", "stab", "warm_pad", "glass_pad", "chip_pulse"),
}
"""Instruments that satisfy a request for a name, the one that a style without any gets first.

A name that is not listed is satisfied only by that instrument.
"""
WIDER_GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "piano": GROUPS["electric_piano"],
    "strings": ("violin", "viola", "cello"),
    "brass": ("trumpet", "trombone", "tuba"),
    "synth": SYNTH_BASSES,
    "choir": ("humming",),
    "voice": ("choir", "humming"),
}
"""Instruments that the exclusion of a name removes as well, although they do not satisfy a request for it."""
DRUM_SETS: Final = frozenset(
    ["acoustic_kit", "lofi_kit", "brush_kit", "kit_808", "kit_909", "gated_kit", "boombap_kit", "metal_kit", "hard_kit"]
)
"""Kits that replace each other. Other kits (taiko, tabla, sleigh bells) play beside these."""
KIT_PIECES: Final[Mapping[str, frozenset[int]]] = {
    "kick": frozenset({35, 36}),
    "snare": frozenset({38, 40}),
    "rim": frozenset({37}),
    "clap": frozenset({39}),
    "hi_hat": frozenset({42, 44, 46}),
    "open_hat": frozenset({46}),
    "toms": frozenset({41, 43, 45, 47, 48, 50}),
    "crash": frozenset({49, 52, 55, 57}),
    "ride": frozenset({51, 53, 59}),
    "cymbals": frozenset({49, 51, 52, 53, 55, 57, 59}),
    "tambourine": frozenset({54}),
    "cowbell": frozenset({56}),
    "vibraslap": frozenset({58}),
    "bongos": frozenset({60, 61}),
    "congas": frozenset({62, 63, 64}),
    "timbales": frozenset({65, 66}),
    "agogo": frozenset({67, 68}),
    "shaker": frozenset({69, 70, 82}),
    "guiro": frozenset({73, 74}),
    "claves": frozenset({75}),
    "wood_block": frozenset({76, 77}),
    "triangle": frozenset({80, 81}),
    "castanets": frozenset({85}),
    "surdo": frozenset({86, 87}),
}
"""The General MIDI keys of the pieces of drum kits and of small percussion."""
DRUM_KIT_PIECES: Final = frozenset(
    {"kick", "snare", "rim", "clap", "hi_hat", "open_hat", "toms", "crash", "ride", "cymbals"}
)
"""Pieces that the drum kit of a style plays if it has one; the others become parts of their own."""
PERCUSSION: Final = "percussion"
"""The name, among excluded ones, of all pieces of small percussion ("drums, no percussion")."""
OTHER_PIECES: Final = "other_drums"
"""The name, among excluded ones, of all pieces that a request does not include ("drums: only kick and hats")."""


_LABELS: Final = {
    "driven_guitar": "Distorted guitar",
    "hi_hat": "Hi-hat",
    "lead": "Synth lead",
    "open_hat": "Open hi-hat",
    "warm_pad": "Synth pad",
}


SMALL_PIECES: Final = frozenset(key for name, keys in KIT_PIECES.items() if name not in DRUM_KIT_PIECES for key in keys)


def members(name: str) -> tuple[str, ...]:
    """Return the instruments that satisfy a request for a name."""
    return GROUPS.get(name, (name,))


def excluded_members(excluded: Iterable[str], included: Collection[str] = ()) -> frozenset[str]:
    """Return the instruments that exclusions remove: all of a group but those that the request includes by name."""
    removed: set[str] = set()
    for name in excluded:
        group = {*members(name), *WIDER_GROUPS.get(name, ())}
        named = (set(members(other)) for other in included if other != name)
        removed |= group.difference(*(own for own in named if own < group))
    return frozenset(removed)


def piece_keys(names: Iterable[str]) -> frozenset[int]:
    """Return the General MIDI keys of the pieces among some names."""
    return frozenset(key for name in names for key in KIT_PIECES.get(name, SMALL_PIECES if name == PERCUSSION else ()))


def label(name: str) -> str:
    """Return the name of a stem, group or piece for users: "Hi-hat"."""
    return _LABELS.get(name) or name.replace("_", " ").capitalize()
