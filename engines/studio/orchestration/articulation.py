"""Articulations and sound treatments: staccato, strumming, mutes, half time, sidechaining, the sound of an era."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from engines.studio.composing import comping
from engines.studio.model.composition import LAST_CHORD, Note
from engines.studio.model.music_request import MusicRequest
from engines.studio.model.style import Part, PartWriter, SectionContext

GUITARS: Final = frozenset({"nylon_guitar", "steel_guitar", "electric_guitar", "driven_guitar", "muted_guitar"})
HORNS: Final = frozenset({"trumpet", "brass"})
DUCKING_EFFECTS: Final = frozenset({"pump", "duck", "gate"})
STRUMS: Final = ("X..xo.xo", "X.xo.xox")


@dataclass(frozen=True, slots=True)
class EraSound:
    """The sound of an era: replacements of drum kits, and an effect for each stem."""

    name: str
    kits: Mapping[str, str] = field(default_factory=dict)
    effects: Mapping[str, str] = field(default_factory=dict)


OLD_RECORD: Final = EraSound("an old record's sound", {}, {"harmony": "dark", "melody": "dark"})
TAPE_WARMTH: Final = EraSound("tape warmth", {}, {"harmony": "tape", "melody": "warmth"})
ERA_SOUNDS: Final[Mapping[int, EraSound]] = {
    1920: OLD_RECORD,
    1930: OLD_RECORD,
    1940: OLD_RECORD,
    1950: TAPE_WARMTH,
    1960: TAPE_WARMTH,
    1970: TAPE_WARMTH,
    1980: EraSound(
        "gated drums and chorus", {"acoustic_kit": "gated_kit", "metal_kit": "gated_kit"}, {"harmony": "chorus"}
    ),
    1990: EraSound("sampled drums", {"acoustic_kit": "boombap_kit"}, {"harmony": "warmth"}),
}


def apply_articulations(parts: tuple[Part, ...], request: MusicRequest) -> tuple[Part, ...]:
    """Apply the sound of the era and the articulations of a request."""
    era_sound = ERA_SOUNDS.get(request.era or 0) if request.has_era_sound else None
    if era_sound:
        parts = tuple(_with_era_sound(part, era_sound, request.included) for part in parts)
    for name in request.articulations:
        change = ARTICULATIONS.get(name)
        parts = change(parts) if change else parts
    return parts


def is_audible(name: str, parts: Sequence[Part]) -> bool:
    """Return whether an articulation affects any of these parts."""
    stems = {part.stem for part in parts}
    if name in {"half_time", "double_time"}:
        return "drums" in stems
    if name == "sidechained":
        return "drums" in stems and len(stems) > 1
    if name in {"arpeggiated", "strummed", "fingerpicked"}:
        return "harmony" in stems
    return bool(stems - {"drums"}) or name in {"dry", "wet", "swung", "straight"}


def _with_era_sound(part: Part, era_sound: EraSound, included: Sequence[str]) -> Part:
    effect = era_sound.effects.get(part.stem)
    kit = part.instrument if part.instrument in included else era_sound.kits.get(part.instrument, part.instrument)
    return replace(part, instrument=kit, effects=_append_effect(part.effects, effect))


def _append_effect(effects: tuple[str, ...], effect: str | None) -> tuple[str, ...]:
    return effects if effect is None or effect in effects else (*effects, effect)


def _scale_lengths(factor: float) -> Callable[[PartWriter], PartWriter]:
    def change(writer: PartWriter) -> PartWriter:
        def write(context: SectionContext) -> list[Note]:
            notes = writer(context)
            if context.section.name == LAST_CHORD:
                return notes
            return [replace(note, beats=max(0.1, note.beats * factor)) for note in notes]

        return write

    return change


def _half_time(writer: PartWriter) -> PartWriter:
    """Play every second bar at half speed, so that the backbeat comes half as often."""

    def write(context: SectionContext) -> list[Note]:
        if context.section.name == LAST_CHORD:
            return writer(context)
        start, bar = context.section.start, context.metre.bar_length
        slowed = []
        for note in writer(context):
            number, position = divmod(note.start - start, bar)
            if number % 2 == 0:
                slowed.append(replace(note, start=start + number * bar + 2 * position))
        return [note for note in slowed if note.start < context.section.end]

    return write


def _double_time(writer: PartWriter) -> PartWriter:
    """Play every bar twice at double speed."""

    def write(context: SectionContext) -> list[Note]:
        if context.section.name == LAST_CHORD:
            return writer(context)
        start, bar = context.section.start, context.metre.bar_length
        doubled = []
        for note in writer(context):
            number, position = divmod(note.start - start, bar)
            first = start + number * bar + position / 2
            doubled += [replace(note, start=first), replace(note, start=first + bar / 2)]
        return doubled

    return write


PartsChange = Callable[[tuple[Part, ...]], tuple[Part, ...]]


def _change_writers(change: Callable[[PartWriter], PartWriter], *stems: str) -> PartsChange:
    return lambda parts: tuple(
        replace(part, writer=change(part.writer)) if part.stem in stems else part for part in parts
    )


def _add_effect(effect: str, *stems: str) -> PartsChange:
    return lambda parts: tuple(
        replace(part, effects=_append_effect(part.effects, effect)) if part.stem in stems else part for part in parts
    )


def _replace_harmony_writer(writer: PartWriter) -> PartsChange:
    """Replace the writer of the first guitar in the harmony, or else of its first part."""

    def change(parts: tuple[Part, ...]) -> tuple[Part, ...]:
        candidates = [part for part in parts if part.stem == "harmony"]
        chosen = next(
            (part for part in candidates if part.instrument in GUITARS), candidates[0] if candidates else None
        )
        return tuple(replace(part, writer=writer) if part is chosen else part for part in parts)

    return change


def _mute(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    if not any(part.instrument in GUITARS | HORNS for part in parts):
        return _add_effect("dark", "harmony", "melody")(parts)
    return tuple(
        replace(part, instrument="muted_guitar", effects=())
        if part.instrument in GUITARS
        else replace(part, effects=_append_effect(part.effects, "mute"))
        if part.instrument in HORNS
        else part
        for part in parts
    )


def _change_sends(reverb: float, offset: float, delay: float) -> PartsChange:
    return lambda parts: tuple(
        replace(part, reverb=min(0.9, part.reverb * reverb + offset), delay=part.delay * delay) for part in parts
    )


def _add_delay(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    return tuple(
        replace(part, delay=max(part.delay, 0.4)) if part.stem in {"harmony", "melody"} else part for part in parts
    )


def _add_sidechain(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    return tuple(
        replace(part, effects=(*part.effects, "pump"))
        if part.stem in {"bass", "harmony", "texture"} and not DUCKING_EFFECTS & set(part.effects)
        else part
        for part in parts
    )


ARTICULATIONS: Final[Mapping[str, PartsChange]] = {
    "staccato": _change_writers(_scale_lengths(0.4), "bass", "harmony", "melody"),
    "legato": _change_writers(_scale_lengths(1.25), "bass", "harmony", "melody"),
    "arpeggiated": _replace_harmony_writer(comping.arpeggio(0.5, order="updown")),
    "strummed": _replace_harmony_writer(comping.stabs(*STRUMS, length=0.9, spread=0.02)),
    "fingerpicked": _replace_harmony_writer(comping.arpeggio(0.5, order="wide", length=2.0)),
    "muted": _mute,
    "sidechained": _add_sidechain,
    "dry": _change_sends(0.2, 0.0, 0.0),
    "wet": _change_sends(1.6, 0.15, 1.0),
    "echoing": _add_delay,
    "half_time": _change_writers(_half_time, "drums"),
    "double_time": _change_writers(_double_time, "drums"),
    "distorted": _add_effect("drive", "harmony", "melody"),
    "tremolo": _add_effect("tremolo", "harmony"),
    "tape": _add_effect("tape", "harmony", "melody"),
}
"""The changes of parts by articulation. Swing belongs to the style (see arranging.interpretation)."""
SWING_RATIOS: Final[Mapping[str, float]] = {"swung": 0.64, "straight": 0.5}
OPPOSITES: Final[Mapping[str, str]] = {"wet": "dry", "echoing": "dry", "staccato": "legato", "swung": "straight"}
"""The articulations that apply if a request excludes their opposite."""
EXCLUSIVE_GROUPS: Final = ({"staccato", "legato"}, {"dry", "wet"}, {"half_time", "double_time"}, {"swung", "straight"},
                           {"arpeggiated", "strummed", "fingerpicked"}, {"dry", "echoing"})  # fmt: skip
"""Articulations that exclude each other."""


def is_conflicting(name: str, others: Container[str]) -> bool:
    """Return whether an articulation conflicts with one of the others."""
    return any(name in group and any(other in others for other in group - {name}) for group in EXCLUSIVE_GROUPS)
