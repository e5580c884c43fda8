"""Who sits in the band: the style's players, changed by the instruments that were wanted and unwanted."""

from dataclasses import replace
from typing import Final

from engines.studio import bass, comping, words
from engines.studio.instruments import CATALOGUE
from engines.studio.melody import singer
from engines.studio.prompt import Brief
from engines.studio.rhythm import HAT, KICK, SNARE, Groove, drummer
from engines.studio.style import Part

BACKBEAT: Final = drummer(
    (
        Groove({KICK: ("X.......x.......",), HAT: ("x...o...x...o...",)}),
        Groove({KICK: ("X.....x.x....?..",), SNARE: ("....X..g.?..X..g",), HAT: ("x.o.x.o.x.o.x.o.",)}, enters=0.4),
    )
)
SINGERS: Final = frozenset(
    [
        "flute",
        "sax",
        "lead",
        "soft_lead",
        "chip_lead",
        "vibraphone",
        "glockenspiel",
        "bells",
        "kalimba",
        "marimba",
        "brass",
        "horn",
        "driven_guitar",
        "electric_guitar",
        "nylon_guitar",
        "steel_guitar",
        "pluck",
        "harp",
        "pizzicato",
        "violin",
        "trumpet",
        "clarinet",
        "harmonica",
        "melodica",
        "accordion",
    ]
)
FALLBACK: Final = Part("piano", "harmony", "piano", comping.held(velocity=0.6, spread=0.03), -18.0, reverb=0.25)


def seat(brief: Brief) -> tuple[Part, ...]:
    """The parts that play: unwanted ones go, wanted ones take the chair that suits them; nobody is left alone."""
    parts = [part for part in brief.style.parts if not any(_is(part, name) for name in brief.unwanted)]
    for name in brief.wanted:
        parts = _wished(parts, name)
    parts = [part for part in parts if not any(_is(part, name) for name in brief.unwanted)]
    if not any(part.stem in {"harmony", "melody", "bass"} for part in parts):
        parts.append(_spare(brief))
    return tuple(parts)


def _spare(brief: Brief) -> Part:
    for key in ("piano", "warm_pad", "vibraphone", "strings", "harp"):
        part = replace(FALLBACK, instrument=key)
        if not any(_is(part, name) for name in brief.unwanted):
            return part
    return FALLBACK


def _group(name: str) -> frozenset[str]:
    return words.GROUPS.get(name, frozenset({name}))


def _is(part: Part, name: str) -> bool:
    if name in words.STEMS:
        return part.stem == name
    return part.instrument in _group(name)


def _wished(parts: list[Part], name: str) -> list[Part]:
    if any(_is(part, name) for part in parts):
        return [replace(part, enters=min(part.enters, 0.3), level=part.level + 1.0) if _is(part, name) else part
                for part in parts]  # fmt: skip
    if name in words.STEMS:
        return [*parts, _added(name)]
    instrument = CATALOGUE[name]
    chair = _chair(parts, name)
    if chair is None:
        return [*parts, _extra(name)]
    taken = parts[chair]
    parts[chair] = replace(
        taken, instrument=instrument.key, enters=min(taken.enters, 0.3), effects=_kept(taken.effects), level=taken.level
    )
    return parts


def _kept(effects: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(effect for effect in effects if effect not in {"amp", "crunch"})


def _chair(parts: list[Part], name: str) -> int | None:
    instrument = CATALOGUE[name]
    stem = "harmony"
    if instrument.is_kit:
        stem = "drums"
    elif name.endswith("_bass"):
        stem = "bass"
    elif name in {"vinyl", "timpani"}:
        return None
    elif name in SINGERS:
        stem = "melody"
    return next((place for place, part in enumerate(parts) if part.stem == stem), None)


def _extra(name: str) -> Part:
    instrument = CATALOGUE[name]
    if instrument.is_kit:
        return replace(_added("drums"), instrument=name)
    if name.endswith("_bass"):
        return replace(_added("bass"), instrument=name)
    if name == "vinyl":
        return Part("vinyl", "texture", "vinyl", comping.drone(), -36.0, reverb=0.0)
    if name in SINGERS:
        return replace(_added("melody"), instrument=name)
    return replace(FALLBACK, name=name, instrument=name)


def _added(stem: str) -> Part:

    extras = {
        "drums": Part("drums", "drums", "acoustic_kit", BACKBEAT, -15.0, reverb=0.12),
        "bass": Part("bass", "bass", "electric_bass", bass.locked(), -17.0, reverb=0.0),
        "melody": Part("melody", "melody", "vibraphone", singer(72), -18.0, reverb=0.25),
    }
    return extras[stem]
