"""The notes of a part, section by section: its writer, the transformations of the section, and dynamics."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from engines.studio import random_streams
from engines.studio.arranging import presence
from engines.studio.arranging.section_shapes import SectionShape
from engines.studio.composing import pedals
from engines.studio.model.composition import LAST_CHORD, ChordSpan, Motif, Note, Plan, Section
from engines.studio.model.style import Part, SectionContext, Style
from engines.studio.orchestration import drum_pieces, transformations
from engines.studio.theory.metre import COMMON_TIME, Metre
from engines.studio.theory.pitch import Key

METRIC_ACCENTS: Final = (0.9, 0.95, 1.08)
"""Velocity factors by metric weight: between pulses, on a pulse, at the start of a bar."""


@dataclass(frozen=True, slots=True)
class Material:
    """What all parts of a composition share.

    With ``is_static`` every section repeats the notes of the first one; with ``is_cold`` the last chord is one stroke.
    """

    plan: Plan
    metre: Metre
    chords: tuple[ChordSpan, ...]
    key: Key
    motifs: Mapping[str, Motif]
    seed: int
    style: Style
    parts: tuple[Part, ...] = ()
    is_static: bool = False
    is_cold: bool = False

    def next_chord(self, section: Section) -> ChordSpan | None:
        return next((chord for chord in self.chords if chord.start >= section.end - 1e-6), None)

    def context(
        self, part: Part, index: int, kick_beats: tuple[float, ...], next_chord: ChordSpan | None
    ) -> SectionContext:
        section = self.plan.sections[index]
        chords = tuple(chord for chord in self.chords if section.start - 1e-6 <= chord.start < section.end - 1e-6)
        kicks = tuple(beat for beat in kick_beats if section.start <= beat < section.end)
        rng = random_streams.stream(self.seed, "play", part.name, index)
        theme_rng = random_streams.stream(self.seed, "theme", part.stem, section.theme)
        return SectionContext(
            section,
            chords or self.chords[-1:],
            section.key_from(self.key),
            self.motifs,
            kicks,
            rng,
            next_chord,
            self.metre,
            theme_rng,
            random_streams.derive_seed(self.seed, "part", part.name),
            self.style.approaches,
        )


def section_notes(part: Part, material: Material, kick_beats: tuple[float, ...]) -> Iterator[list[Note]]:
    """Yield the notes of a part for each section in which it plays."""
    sections, has_played = material.plan.sections, False
    first: list[Note] = []
    for index, section in enumerate(sections):
        if material.is_static and index and section.name != LAST_CHORD:
            if first:
                yield _repeated(first, section)
            continue
        if not presence.plays(part, section, sections, has_played=has_played):
            continue
        following = sections[min(index + 1, len(sections) - 1)]
        continues = following is not section and presence.plays(part, following, sections, has_played=True)
        next_chord = material.next_chord(section) if continues and not material.is_static else None
        context = material.context(part, index, kick_beats, next_chord)
        # drums are softer in quiet sections and harder in loud ones
        level = min(1.12, 0.7 + 0.5 * section.energy) if part.stem == "drums" else 1.0
        written = _written_notes(part, context)
        if not material.is_static:
            playing = [one for one in material.parts if presence.plays(one, section, sections, has_played=True)]
            tone = pedals.repeated_tone(part, playing, section, context.key, material.style, material.seed)
            written = written if tone is None else pedals.with_repeated_tone(written, tone, context)
            shape = SectionShape(section, following, playing, material.metre, material.seed)
            written = shape.apply(written, part)
        if material.is_cold and section.name == LAST_CHORD:
            written = _as_stroke(written, section, material.metre.counted_beat)
        notes = _with_dynamics(written, context, following, level)
        if material.is_static and not index:
            notes = first = [note for note in notes if note.start < section.end - 1e-6]
        yield notes
        has_played = has_played or bool(notes)


def _as_stroke(notes: list[Note], section: Section, beat: float) -> list[Note]:
    """Return the notes that start together at the start of a section, no longer than a beat."""
    first = [note for note in notes if note.start < section.start + beat / 2]
    return [replace(note, start=section.start, beats=min(note.beats, beat)) for note in first]


def _repeated(notes: list[Note], section: Section) -> list[Note]:
    """Repeat the notes of a section that starts at 0 in another one, as far as it lasts."""
    return [replace(note, start=note.start + section.start) for note in notes if note.start < section.beats - 1e-6]


def _written_notes(part: Part, context: SectionContext) -> list[Note]:
    """Return the notes that a part plays in a section, after the transformations of the section."""
    requested = context.section.requested
    if requested is None:
        return drum_pieces.audible_notes(part.writer(context), part)
    changed = transformations.apply_transformations((part,), requested.transformations)
    notes = [note for one in changed for note in one.writer(context)]
    return drum_pieces.audible_notes(notes, part, requested.excluded)


def _with_dynamics(notes: list[Note], context: SectionContext, following: Section, level: float) -> list[Note]:
    """Apply dynamics: the energy of the section, arched four-bar phrases and a crescendo into a louder section.

    Outside 4/4, whose patterns contain their own accents, the metric weight adds accents.
    """
    section, metre = context.section, context.metre
    phrase = 4 * metre.bar_length
    crescendo = max(0.0, following.energy - section.energy) * 0.35
    level *= 0.64 + 0.48 * section.energy
    result = []
    for note in notes:
        arch = 0.97 + 0.06 * math.sin(math.pi * ((note.start - section.start) % phrase) / phrase)
        progress = max(0.0, 1.0 - (section.end - note.start) / (phrase / 2))
        if metre is not COMMON_TIME:
            arch *= METRIC_ACCENTS[metre.metric_weight(note.start)]
        velocity = min(1.0, note.velocity * level * arch * (1.0 + crescendo * progress))
        result.append(Note(note.start, note.beats, note.pitch, velocity))
    return result
