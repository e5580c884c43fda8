"""Changes of parts: notes, effects, sends, instruments. Each takes a strength from 0 (unchanged) to 1."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from engines.studio.composing.drums import BEAT_DRUMS, HAT
from engines.studio.effects.chains import DUCKING_EFFECTS
from engines.studio.instruments import CATALOGUE, STEMS
from engines.studio.instruments.groups import DRUM_KIT_PIECES, KIT_PIECES, excluded_members, members
from engines.studio.model.composition import LAST_CHORD, Note
from engines.studio.model.style import Part, PartWriter, SectionContext

Parts = tuple[Part, ...]
PartsChange = Callable[[Parts, float], Parts]
PartChange = Callable[[Part, float], Part]
NotesChange = Callable[[list[Note], SectionContext, float], list[Note]]

GUITARS: Final = frozenset({"nylon_guitar", "steel_guitar", "electric_guitar", "driven_guitar", "muted_guitar"})
DISTORTIONS: Final = frozenset({"drive", "crunch", "amp", "metal"})
HORNS: Final = frozenset({"trumpet", "brass"})
PITCHED: Final = ("bass", "harmony", "melody")
MIN_GAP: Final = 0.45
"""The quarter notes between two notes from which a busier part repeats the first one between them."""


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


def scale_lengths(factor: float) -> NotesChange:
    """Scale the lengths of notes by ``factor`` at full strength."""
    return lambda notes, _, strength: [
        replace(note, beats=max(0.1, note.beats * (1.0 + (factor - 1.0) * strength))) for note in notes
    ]


def scale_velocities(factor: float) -> NotesChange:
    """Scale the velocities of notes by ``factor`` at full strength."""
    return lambda notes, _, strength: [
        replace(note, velocity=min(1.0, note.velocity * (1.0 + (factor - 1.0) * strength))) for note in notes
    ]


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


def half_time(notes: list[Note], context: SectionContext, _: float) -> list[Note]:
    """Play every second bar at half speed, so that the backbeat comes half as often."""
    start, bar = context.section.start, context.metre.bar_length
    slowed = []
    for note in notes:
        number, position = divmod(note.start - start, bar)
        if number % 2 == 0:
            slowed.append(replace(note, start=start + number * bar + 2 * position))
    return [note for note in slowed if note.start < context.section.end]


def double_time(notes: list[Note], context: SectionContext, _: float) -> list[Note]:
    """Play every bar twice at double speed."""
    start, bar = context.section.start, context.metre.bar_length
    doubled = []
    for note in notes:
        number, position = divmod(note.start - start, bar)
        first = start + number * bar + position / 2
        doubled += [replace(note, start=first), replace(note, start=first + bar / 2)]
    return doubled


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


def thin_notes(notes: list[Note], context: SectionContext, strength: float) -> list[Note]:
    """Leave out a share of ``strength`` of the onsets of notes, between the beats first."""
    onsets = _onsets(notes)
    weights = [context.metre.metric_weight(round(onset - context.section.start, 3)) for onset in onsets]
    order = sorted(range(len(onsets)), key=lambda index: (weights[index], index * 7 % 5, index))
    omitted = {onsets[index] for index in order[: round(min(0.9, strength) * len(order))]}
    return [note for note in notes if _onset(note) not in omitted]


def thin_drums(notes: list[Note], context: SectionContext, strength: float) -> list[Note]:
    """Thin out the drums; kick and snare on the beats stay."""
    is_beat = [note.pitch in BEAT_DRUMS and context.metre.metric_weight(note.start) > 0 for note in notes]
    kept = [note for note, stays in zip(notes, is_beat, strict=True) if stays]
    others = [note for note, stays in zip(notes, is_beat, strict=True) if not stays]
    return sorted([*kept, *thin_notes(others, context, strength)], key=lambda note: note.start)


def add_notes(notes: list[Note], context: SectionContext, strength: float) -> list[Note]:
    """Repeat a share of ``strength`` of the notes halfway to the next ones, on sixteenths at least."""
    onsets = _onsets(notes)
    halves: dict[float, float] = {}
    for index, (onset, following) in enumerate(pairwise([*onsets, context.section.end])):
        if following - onset >= MIN_GAP and (index * 7 + 3) % 10 < 10 * strength:
            halves[onset] = max(0.25, round(4 * (following - onset) / 2) / 4)
    result = []
    for note in notes:
        half = halves.get(_onset(note))
        if half is None:
            result.append(note)
        else:
            result.append(replace(note, beats=min(note.beats, half)))
            result.append(replace(note, start=note.start + half, beats=half * 0.9, velocity=note.velocity * 0.8))
    return sorted(result, key=lambda note: note.start)


def add_hats(notes: list[Note], context: SectionContext, strength: float) -> list[Note]:
    """Add soft hi-hats on a share of ``strength`` of the sixteenths on which no drum plays."""
    taken = {round(4 * note.start) for note in notes}
    step = 0.25 if context.metre.grid == 1.0 else context.metre.grid / 2
    added = []
    for index in range(round(context.section.beats / step)):
        beat = context.section.start + index * step
        if round(4 * beat) not in taken and (index * 7 + 3) % 10 < 10 * strength:
            added.append(Note(beat, step, HAT, 0.42 if index % 2 else 0.5))
    return sorted([*notes, *added], key=lambda note: note.start)


def _onset(note: Note) -> float:
    return round(note.start, 3)


def _onsets(notes: Sequence[Note]) -> list[float]:
    """Return the onsets of notes in beats. Each note of a rolled chord has one."""
    return sorted({_onset(note) for note in notes})


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
