"""Changes of parts: notes, effects, sends, instruments. Each takes a strength from 0 (unchanged) to 1."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Final

from engines.studio.effects.chains import DUCKING_EFFECTS
from engines.studio.instruments import CATALOGUE, STEMS
from engines.studio.instruments.groups import DRUM_KIT_PIECES, KIT_PIECES, excluded_members, members
from engines.studio.model.composition import LAST_CHORD, Note
from engines.studio.model.style import Part, PartWriter, SectionContext
from engines.studio.orchestration.note_changes import NotesChange

Parts = tuple[Part, ...]
PartsChange = Callable[[Parts, float], Parts]
PartChange = Callable[[Part, float], Part]

GUITARS: Final = frozenset({"nylon_guitar", "steel_guitar", "electric_guitar", "driven_guitar", "muted_guitar"})
DISTORTIONS: Final = frozenset({"drive", "crunch", "amp", "metal"})
HORNS: Final = frozenset({"trumpet", "brass"})
PITCHED: Final = ("bass", "harmony", "melody")


def matches(part: Part, name: str) -> bool:
    """Return whether a part belongs to a stem, or plays an instrument or a piece of a kit that ``name`` requests."""
    if name in STEMS:
        return part.stem == name
    keys = KIT_PIECES.get(name, frozenset())
    has_piece = part.stem == "drums" and bool((CATALOGUE[part.instrument].kit_keys - part.silent_keys) & keys)
    return has_piece or part.instrument in members(name)


def matches_any(part: Part, names: Iterable[str]) -> bool:
    return any(matches(part, name) for name in names)


def is_excluded(part: Part, excluded: Collection[str], included: Collection[str] = ()) -> bool:
    """Return whether exclusions remove a whole part: its stem or instrument, unless the request includes that by name.

    Excluded pieces of kits remove no part (drum_pieces).
    """
    named = [name for name in included if name not in excluded and name not in STEMS]
    is_named = any(matches(part, name) for name in named if name not in KIT_PIECES or name in DRUM_KIT_PIECES)
    if part.stem in excluded:
        return not is_named
    return part.instrument in excluded_members(excluded, included)


def with_effect(part: Part, effect: str | None) -> Part:
    return part if effect is None or effect in part.effects else replace(part, effects=(*part.effects, effect))


def change_parts(change: PartChange, *stems: str) -> PartsChange:
    """Change the parts of these stems, or all parts if no stem is given."""
    return lambda parts, strength: tuple(
        change(part, strength) if part.stem in stems or not stems else part for part in parts
    )


def change_notes(change: NotesChange, *stems: str) -> PartsChange:
    """Change the notes of the parts of these stems, except in the last chord."""

    def change_part(part: Part, strength: float) -> Part:
        def write(context: SectionContext) -> list[Note]:
            notes = part.writer(context)
            return notes if context.section.name == LAST_CHORD else change(notes, context, strength)

        return replace(part, writer=write)

    return change_parts(change_part, *stems)


def in_sequence(*changes: PartsChange) -> PartsChange:
    """Apply several changes, one after the other."""

    def change(parts: Parts, strength: float) -> Parts:
        for one in changes:
            parts = one(parts, strength)
        return parts

    return change


def add_effect(effect: str, *stems: str) -> PartsChange:
    return change_parts(lambda part, _: with_effect(part, effect), *stems)


def change_sends(reverb: float, offset: float, delay: float) -> PartsChange:
    """Scale the sends of reverb and delay, and add ``offset`` to that of the reverb."""

    def change(part: Part, strength: float) -> Part:
        level = part.reverb * (1.0 + (reverb - 1.0) * strength) + offset * strength
        return replace(part, reverb=min(0.9, level), delay=part.delay * (1.0 + (delay - 1.0) * strength))

    return change_parts(change)


def add_echo(part: Part, strength: float) -> Part:
    return replace(part, delay=max(part.delay, 0.4 * strength))


def add_sidechain(part: Part, _: float) -> Part:
    return part if DUCKING_EFFECTS.keys() & set(part.effects) else with_effect(part, "pump")


def spread_pan(part: Part, strength: float) -> Part:
    """Move a part away from the middle."""
    return replace(part, pan=max(-0.9, min(0.9, part.pan * (1.0 + strength))))


def replace_harmony_writer(writer: PartWriter) -> PartsChange:
    """Replace the writer of the first guitar in the harmony, or else of its first part."""

    def change(parts: Parts, _: float) -> Parts:
        candidates = [part for part in parts if part.stem == "harmony"]
        chosen = min(candidates, key=lambda part: part.instrument not in GUITARS, default=None)
        return tuple(replace(part, writer=writer) if part is chosen else part for part in parts)

    return change


def mute(parts: Parts, strength: float) -> Parts:
    """Mute guitars and horns, or else low-pass filter harmony and melody."""
    is_mutable = any(part.instrument in GUITARS | HORNS for part in parts)
    change = change_parts(_mute_part) if is_mutable else add_effect("dark", "harmony", "melody")
    return change(parts, strength)


def _mute_part(part: Part, _: float) -> Part:
    if part.instrument in GUITARS:
        return replace(part, instrument="muted_guitar", effects=())
    return with_effect(part, "mute") if part.instrument in HORNS else part


def remove_distortion(part: Part, _: float) -> Part:
    """Play without overdrive: a distorted guitar becomes a clean one."""
    effects = tuple(effect for effect in part.effects if effect not in DISTORTIONS)
    instrument = "electric_guitar" if part.instrument == "driven_guitar" else part.instrument
    return replace(part, effects=effects, instrument=instrument)


def transpose(semitones: int) -> PartsChange:
    """Transpose melody and harmony; harmony from half the strength on. Chords stay in their key: octaves only."""

    def change_part(part: Part, strength: float) -> Part:
        octaves = 1 if strength >= (0.25 if part.stem == "melody" else 0.5) else 0

        def write(context: SectionContext) -> list[Note]:
            return [replace(note, pitch=note.pitch + octaves * semitones) for note in part.writer(context)]

        return replace(part, writer=write) if octaves else part

    return change_parts(change_part, "harmony", "melody")


def keep_principal_parts(parts: Parts, strength: float) -> Parts:
    """Keep the first part of each stem but textures, from half the strength on."""
    if strength < 0.5:
        return parts
    first: dict[str, Part] = {}
    for part in parts:
        if part.max_energy > 1.0 and not part.only_sections:
            first.setdefault(part.stem, part)
    kept = tuple(part for part in parts if first.get(part.stem, part) is part and part.stem != "texture")
    return kept or parts


def play_early(parts: Parts, strength: float) -> Parts:
    """Let all parts play at lower energies."""
    return tuple(replace(part, min_energy=part.min_energy * (1.0 - 0.7 * strength)) for part in parts)
