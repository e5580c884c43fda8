"""Transformations and sound treatments: staccato, strumming, mutes, half time, sidechaining, the sound of an era."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from engines.studio.composing import comping
from engines.studio.effects.chains import DUCKING_EFFECTS
from engines.studio.model.composition import LAST_CHORD, Note
from engines.studio.model.music_request import MusicRequest
from engines.studio.model.style import Part, PartWriter, SectionContext

GUITARS: Final = frozenset({"nylon_guitar", "steel_guitar", "electric_guitar", "driven_guitar", "muted_guitar"})
HORNS: Final = frozenset({"trumpet", "brass"})
STRUMS: Final = ("X..xo.xo", "X.xo.xox")


@dataclass(frozen=True, slots=True)
class EraSound:
    """The sound of an era: replacements of drum kits, and an effect for each stem."""

    name: str
    kits: Mapping[str, str]
    effects: Mapping[str, str]


OLD_RECORD: Final = EraSound("an old record's sound", {}, {"harmony": "dark", "melody": "dark"})
TAPE_WARMTH: Final = EraSound("tape warmth", {}, {"harmony": "tape", "melody": "warmth"})
ERA_SOUNDS: Final[Mapping[int, EraSound]] = {
    **dict.fromkeys((1920, 1930, 1940), OLD_RECORD),
    **dict.fromkeys((1950, 1960, 1970), TAPE_WARMTH),
    1980: EraSound(
        "gated drums and chorus", {"acoustic_kit": "gated_kit", "metal_kit": "gated_kit"}, {"harmony": "chorus"}
    ),
    1990: EraSound("sampled drums", {"acoustic_kit": "boombap_kit"}, {"harmony": "warmth"}),
}


def apply_transformations(parts: tuple[Part, ...], request: MusicRequest) -> tuple[Part, ...]:
    """Apply the sound of the era and the transformations of a request."""
    era_sound = ERA_SOUNDS.get(request.era or 0) if request.has_era_sound else None
    if era_sound:
        parts = tuple(_with_era_sound(part, era_sound, request.included) for part in parts)
    for name in request.transformations:
        change = TRANSFORMATIONS.get(name)
        parts = change(parts) if change else parts
    return parts


def is_audible(name: str, parts: Sequence[Part]) -> bool:
    """Return whether a transformation affects any of these parts."""
    stems = {part.stem for part in parts}
    if name in {"half_time", "double_time"}:
        return "drums" in stems
    if name == "sidechained":
        return "drums" in stems and len(stems) > 1
    if name in {"arpeggiated", "strummed", "fingerpicked"}:
        return "harmony" in stems
    return bool(stems - {"drums"}) or name in {"dry", "wet", "swung", "straight"}


PartsChange = Callable[[tuple[Part, ...]], tuple[Part, ...]]
NotesChange = Callable[[list[Note], SectionContext], list[Note]]


def _with_era_sound(part: Part, era_sound: EraSound, included: Sequence[str]) -> Part:
    kit = part.instrument if part.instrument in included else era_sound.kits.get(part.instrument, part.instrument)
    return _with_effect(replace(part, instrument=kit), era_sound.effects.get(part.stem))


def _with_effect(part: Part, effect: str | None) -> Part:
    return part if effect is None or effect in part.effects else replace(part, effects=(*part.effects, effect))


def _change_parts(change: Callable[[Part], Part], *stems: str) -> PartsChange:
    """Change the parts of these stems, or all parts if no stem is given."""
    return lambda parts: tuple(change(part) if part.stem in stems or not stems else part for part in parts)


def _change_notes(change: NotesChange, *stems: str) -> PartsChange:
    """Change the notes of the parts of these stems, except in the last chord."""

    def change_part(part: Part) -> Part:
        def write(context: SectionContext) -> list[Note]:
            notes = part.writer(context)
            return notes if context.section.name == LAST_CHORD else change(notes, context)

        return replace(part, writer=write)

    return _change_parts(change_part, *stems)


def _scale_lengths(factor: float) -> NotesChange:
    return lambda notes, _: [replace(note, beats=max(0.1, note.beats * factor)) for note in notes]


def _half_time(notes: list[Note], context: SectionContext) -> list[Note]:
    """Play every second bar at half speed, so that the backbeat comes half as often."""
    start, bar = context.section.start, context.metre.bar_length
    slowed = []
    for note in notes:
        number, position = divmod(note.start - start, bar)
        if number % 2 == 0:
            slowed.append(replace(note, start=start + number * bar + 2 * position))
    return [note for note in slowed if note.start < context.section.end]


def _double_time(notes: list[Note], context: SectionContext) -> list[Note]:
    """Play every bar twice at double speed."""
    start, bar = context.section.start, context.metre.bar_length
    doubled = []
    for note in notes:
        number, position = divmod(note.start - start, bar)
        first = start + number * bar + position / 2
        doubled += [replace(note, start=first), replace(note, start=first + bar / 2)]
    return doubled


def _add_effect(effect: str, *stems: str) -> PartsChange:
    return _change_parts(lambda part: _with_effect(part, effect), *stems)


def _add_sidechain(part: Part) -> Part:
    return part if DUCKING_EFFECTS.keys() & set(part.effects) else _with_effect(part, "pump")


def _replace_harmony_writer(writer: PartWriter) -> PartsChange:
    """Replace the writer of the first guitar in the harmony, or else of its first part."""

    def change(parts: tuple[Part, ...]) -> tuple[Part, ...]:
        candidates = [part for part in parts if part.stem == "harmony"]
        chosen = min(candidates, key=lambda part: part.instrument not in GUITARS, default=None)
        return tuple(replace(part, writer=writer) if part is chosen else part for part in parts)

    return change


def _mute(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    is_mutable = any(part.instrument in GUITARS | HORNS for part in parts)
    return (_change_parts(_mute_part) if is_mutable else _add_effect("dark", "harmony", "melody"))(parts)


def _mute_part(part: Part) -> Part:
    if part.instrument in GUITARS:
        return replace(part, instrument="muted_guitar", effects=())
    return _with_effect(part, "mute") if part.instrument in HORNS else part


def _change_sends(reverb: float, offset: float, delay: float) -> PartsChange:
    return _change_parts(
        lambda part: replace(part, reverb=min(0.9, part.reverb * reverb + offset), delay=part.delay * delay)
    )


TRANSFORMATIONS: Final[Mapping[str, PartsChange]] = {
    "staccato": _change_notes(_scale_lengths(0.4), "bass", "harmony", "melody"),
    "legato": _change_notes(_scale_lengths(1.25), "bass", "harmony", "melody"),
    "arpeggiated": _replace_harmony_writer(comping.arpeggio(0.5, order="updown")),
    "strummed": _replace_harmony_writer(comping.stabs(*STRUMS, length=0.9, spread=0.02)),
    "fingerpicked": _replace_harmony_writer(comping.arpeggio(0.5, order="wide", length=2.0)),
    "muted": _mute,
    "sidechained": _change_parts(_add_sidechain, "bass", "harmony", "texture"),
    "dry": _change_sends(0.2, 0.0, 0.0),
    "wet": _change_sends(1.6, 0.15, 1.0),
    "echoing": _change_parts(lambda part: replace(part, delay=max(part.delay, 0.4)), "harmony", "melody"),
    "half_time": _change_notes(_half_time, "drums"),
    "double_time": _change_notes(_double_time, "drums"),
    "distorted": _add_effect("drive", "harmony", "melody"),
    "tremolo": _add_effect("tremolo", "harmony"),
    "tape": _add_effect("tape", "harmony", "melody"),
}
"""The changes of parts by transformations. Swing belongs to the style (see arranging.interpretation)."""
SWING_RATIOS: Final[Mapping[str, float]] = {"swung": 0.64, "straight": 0.5}
OPPOSITES: Final[Mapping[str, str]] = {"wet": "dry", "echoing": "dry", "staccato": "legato", "swung": "straight"}
"""The transformations that apply if a request excludes their opposite."""
EXCLUSIVE_GROUPS: Final = ({"staccato", "legato"}, {"dry", "wet"}, {"half_time", "double_time"}, {"swung", "straight"},
                           {"arpeggiated", "strummed", "fingerpicked"}, {"dry", "echoing"})  # fmt: skip
"""Transformations that exclude each other."""


def is_conflicting(name: str, others: Container[str]) -> bool:
    """Return whether a transformation conflicts with one of the others."""
    return any(name in group and any(other in others for other in group - {name}) for group in EXCLUSIVE_GROUPS)
