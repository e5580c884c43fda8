"""Composes a track: key, form, chords and the notes of every part."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from engines.studio import random_streams
from engines.studio.arranging import tempo_fit
from engines.studio.arranging.segment_form import SegmentForm
from engines.studio.composing import harmony, melody
from engines.studio.composing.drums import KICK
from engines.studio.model.composition import LAST_CHORD, ChordSpan, Composition, Motif, Note, Plan, Section
from engines.studio.model.music_request import MusicRequest
from engines.studio.model.style import Part, SectionContext
from engines.studio.orchestration import casting
from engines.studio.theory import metre as metres
from engines.studio.theory.metre import COMMON_TIME, Metre
from engines.studio.theory.pitch import Key

MELODY_SHARE: Final = 0.6
"""The minimum share of the body with a melody, in styles that have one."""
MIN_DRUMS_ENERGY: Final = 0.5
"""The minimum energy of a section in which only drums play: some styles have no groove below it."""
METRIC_ACCENTS: Final = (0.9, 0.95, 1.08)
"""Velocity factors by metric weight: between pulses, on a pulse, at the start of a bar."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """A composition and its parts, in the order of the style."""

    composition: Composition
    parts: tuple[Part, ...]


def compose(
    request: MusicRequest,
    seconds: float,
    seed: int,
    segment_form: SegmentForm | None = None,
    heartbeat: Callable[[], None] = lambda: None,
) -> Arrangement:
    """Compose ``seconds`` of music. The same request and seed give the same composition.

    ``segment_form`` is the form of a segment of a focus session, including its overlaps. ``heartbeat`` is called after
    each section of each part; an exception that it raises cancels the composition.
    """
    style = request.style
    metre = COMMON_TIME if segment_form else metres.metre_named(request.metre or style.metre)
    key = _choose_key(request, seed)
    if segment_form:
        plan = segment_form.plan(style, request.energy)
    else:
        tempo = request.tempo and request.tempo * metre.counted_beat
        usual_tempo = _choose_tempo(request, seed) * metre.counted_beat
        plan = tempo_fit.fit(style, request.form, seconds, tempo, usual_tempo, metre)
        is_drums_only = request.is_solo and all(part.stem == "drums" for part in casting.cast_parts(request))
        min_energy = MIN_DRUMS_ENERGY if is_drums_only else 0.05
        plan = _shift_energies(plan, request.energy - style.energy, min_energy)
    chords = harmony.write_chords(style, plan, key, seed, metre)
    chords = segment_form.with_shared_chords(chords, key, style) if segment_form else chords
    motifs = dict(request.motifs) or melody.compose_themes(
        random_streams.stream(seed, "themes"), style.melody_feel, metre
    )
    parts = _balance_drums(casting.cast_parts(request), request.energy - style.energy)
    parts = _extend_melody(_fill_gaps(parts, plan.sections), plan.sections)
    part_notes: dict[str, tuple[Note, ...]] = {}
    kick_beats: tuple[float, ...] = ()
    for part in sorted(parts, key=lambda part: part.stem != "drums"):
        notes: list[Note] = []
        for section_notes in _section_notes(part, plan, metre, chords, key, motifs, kick_beats, seed):
            notes.extend(section_notes)
            heartbeat()
        part_notes[part.name] = tuple(_clip_notes(notes, plan.beats))
        if part.stem == "drums":
            kick_beats = tuple(sorted({*kick_beats, *(note.start for note in notes if note.pitch == KICK)}))
    composition = Composition(key, plan.tempo, plan.beats, plan.sections, chords, part_notes, motifs, metre.name)
    return Arrangement(composition, parts)


def _choose_key(request: MusicRequest, seed: int) -> Key:
    rng = random_streams.stream(seed, "key")
    mode = random_streams.pick(rng, request.style.modes)
    fitting = tuple(option for option in request.style.modes if Key(0, option).family == request.mode)
    if request.mode:
        is_exact = request.mode not in {"major", "minor"} or not fitting
        mode = request.mode if is_exact else random_streams.pick(rng, fitting)
    tonic = request.tonic if request.tonic is not None else int(rng.choice((0, 2, 3, 4, 5, 7, 8, 9, 10)))
    return Key(tonic, mode)


def _choose_tempo(request: MusicRequest, seed: int) -> float:
    slow, usual, fast = request.style.tempo_range
    lean = request.tempo_lean + 0.6 * (request.energy - request.style.energy)
    lean += float(random_streams.stream(seed, "tempo").uniform(-0.35, 0.35))
    lean = max(-1.0, min(1.0, lean))
    return usual + lean * ((fast - usual) if lean > 0 else (usual - slow))


def _shift_energies(plan: Plan, offset: float, min_energy: float) -> Plan:
    sections = tuple(
        replace(section, energy=max(min_energy, min(1.0, section.energy + 0.8 * offset))) for section in plan.sections
    )
    return replace(plan, sections=sections)


def _section_notes(
    part: Part,
    plan: Plan,
    metre: Metre,
    chords: tuple[ChordSpan, ...],
    key: Key,
    motifs: dict[str, Motif],
    kick_beats: tuple[float, ...],
    seed: int,
) -> Iterator[list[Note]]:
    """Yield the notes of a part for each section in which it plays."""
    has_played = False
    for index, section in enumerate(plan.sections):
        if not _plays(part, section, plan, has_played=has_played):
            continue
        section_chords = tuple(chord for chord in chords if section.start - 1e-6 <= chord.start < section.end - 1e-6)
        section_kicks = tuple(beat for beat in kick_beats if section.start <= beat < section.end)
        rng = random_streams.stream(seed, "play", part.name, index)
        following = plan.sections[min(index + 1, len(plan.sections) - 1)]
        continues = following is not section and _plays(part, following, plan, has_played=True)
        next_chord = next((chord for chord in chords if chord.start >= section.end - 1e-6), None) if continues else None
        theme_rng = random_streams.stream(seed, "theme", part.stem, section.theme)
        context = SectionContext(
            section, section_chords or chords[-1:], key, motifs, section_kicks, rng, next_chord, metre, theme_rng
        )
        # drums are softer in quiet sections and harder in loud ones
        level = min(1.12, 0.7 + 0.5 * section.energy) if part.stem == "drums" else 1.0
        yield _with_dynamics(part.writer(context), context, following, level)
        has_played = True


def _with_dynamics(notes: list[Note], context: SectionContext, following: Section, level: float) -> list[Note]:
    """Apply dynamics: the energy of the section, arched four-bar phrases and a crescendo into a louder section.

    Outside 4/4, whose patterns contain their own accents, the metric weight adds accents.
    """
    section, metre = context.section, context.metre
    phrase = 4 * metre.bar_length
    accents = (1.0, 1.0, 1.0) if metre is COMMON_TIME else METRIC_ACCENTS
    crescendo = max(0.0, following.energy - section.energy) * 0.35
    level *= 0.64 + 0.48 * section.energy
    result = []
    for note in notes:
        arch = 0.97 + 0.06 * math.sin(math.pi * ((note.start - section.start) % phrase) / phrase)
        progress = max(0.0, 1.0 - (section.end - note.start) / (phrase / 2))
        arch *= accents[metre.metric_weight(note.start)]
        velocity = min(1.0, note.velocity * level * arch * (1.0 + crescendo * progress))
        result.append(replace(note, velocity=velocity))
    return result


def _plays(part: Part, section: Section, plan: Plan, *, has_played: bool) -> bool:
    if section.name == LAST_CHORD:
        return has_played or section.is_first
    if part.only_sections and section.name not in part.only_sections:
        return False
    is_short = len(plan.sections) <= 2 and part.stem != "texture"
    return is_short or part.min_energy <= section.energy < part.max_energy


def _balance_drums(parts: tuple[Part, ...], energy_offset: float) -> tuple[Part, ...]:
    """Raise or lower the drums with the energy of the request relative to the style."""
    change = max(-3.0, min(2.0, 8.0 * energy_offset))
    return tuple(replace(part, level=part.level + change) if part.stem == "drums" else part for part in parts)


def _fill_gaps(parts: tuple[Part, ...], sections: tuple[Section, ...]) -> tuple[Part, ...]:
    """Let the first harmony part, or else the first pitched part, play throughout if a section had none."""
    pitched = [part for part in parts if part.stem in {"harmony", "melody", "bass"}]
    energies = [section.energy for section in sections]
    if not pitched or all(any(part.min_energy <= energy < part.max_energy for part in pitched) for energy in energies):
        return parts
    chosen = next((part for part in pitched if part.stem == "harmony"), pitched[0])
    return tuple(
        replace(part, min_energy=0.0, max_energy=1.01, only_sections=()) if part is chosen else part for part in parts
    )


def _extend_melody(parts: tuple[Part, ...], sections: tuple[Section, ...]) -> tuple[Part, ...]:
    """Lower the minimum energy of the first melody part until MELODY_SHARE of the body has a melody."""
    body = sections[1:-2] or sections
    melodies = [part for part in parts if part.stem == "melody" and not part.only_sections]
    chosen = next((part for part in melodies if part.max_energy > 1.0), None)
    if chosen is None:
        return parts

    def share(min_energy: float) -> float:
        with_melody = (
            section.beats
            for section in body
            if section.energy >= min_energy
            or any(part.min_energy <= section.energy < part.max_energy for part in melodies)
        )
        return sum(with_melody) / sum(section.beats for section in body)

    options = (chosen.min_energy, *sorted({section.energy for section in body}, reverse=True))
    min_energy = next(option for option in options if share(option) >= MELODY_SHARE)
    return tuple(
        replace(part, min_energy=min(part.min_energy, min_energy)) if part is chosen else part for part in parts
    )


def _clip_notes(notes: list[Note], beats: float) -> list[Note]:
    return [
        Note(max(0.0, note.start), min(note.beats, beats - note.start), note.pitch, note.velocity)
        for note in notes
        if note.start < beats - 0.05
    ]
