"""Writes the whole piece: form, key, chords, and for every section the lines of those who play in it."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from engines.studio import random_streams
from engines.studio.arranging import tempo_fit
from engines.studio.arranging.segment_form import SegmentForm
from engines.studio.composing import harmony, melody
from engines.studio.composing.drums import KICK
from engines.studio.model.composition import ChordSpan, Composition, Motif, Note, PartNotes, Section
from engines.studio.model.music_request import MusicRequest
from engines.studio.model.plan import LAST_CHORD, Plan
from engines.studio.model.style import Part, SectionContext
from engines.studio.orchestration import casting
from engines.studio.theory import metre as metres
from engines.studio.theory.metre import COMMON_TIME, Metre
from engines.studio.theory.pitch import Key

THEME_NAMES: Final = ("A", "B", "C")
MELODY_SHARE: Final = 0.6
"""How much of what lies between intro and outro has a tune, in a style that has one at all."""
MIN_DRUMS_ENERGY: Final = 0.5
"""The energy with which drums play when they are alone: below it a style may have no groove for them."""
METRIC_ACCENTS: Final = (0.9, 0.95, 1.08)
"""How much stronger or softer what falls between beats, on a beat and on a bar's first beat is played."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """A piece and the parts that play it, in the order of the style."""

    composition: Composition
    parts: tuple[Part, ...]


def compose(
    brief: MusicRequest,
    seconds: float,
    seed: int,
    layout: SegmentForm | None = None,
    heartbeat: Callable[[], None] = lambda: None,
) -> Arrangement:
    """A piece of ``seconds`` for a brief; the same brief and seed give the same piece.

    With a ``layout`` it is one of a focus session: its form and its joins are laid out already. ``heartbeat`` is called
    after each section of each line, and ends the work by what it raises.
    """
    style, metre = brief.style, COMMON_TIME if layout else metres.metre_named(brief.metre)
    key = _choose_key(brief, seed)
    if layout:
        plan = layout.plan(style, brief.energy)
    else:
        tempo = brief.tempo and brief.tempo * metre.counted_beat
        plan = tempo_fit.fit(style, seconds, tempo, _choose_tempo(brief, seed) * metre.counted_beat, metre)
        plan = _shift_energies(plan, brief.energy - style.energy, MIN_DRUMS_ENERGY if _is_drums_only(brief) else 0.05)
    spans = harmony.write_chords(style, plan, key, seed, metre)
    spans = layout.with_shared_chords(spans, key, style) if layout else spans
    motifs = dict(brief.motifs) or melody.compose_themes(
        random_streams.stream(seed, "themes"), style.melody_feel, THEME_NAMES, metre
    )
    parts = _balance_drums(casting.cast_parts(brief), brief.energy - style.energy)
    parts = _extend_melody(_fill_gaps(parts, plan.sections), plan.sections)
    lines: dict[str, PartNotes] = {}
    kicks: tuple[float, ...] = ()
    for part in sorted(parts, key=lambda one: one.stem != "drums"):
        notes: list[Note] = []
        for played in _section_notes(part, plan, metre, spans, key, motifs, kicks, seed):
            notes.extend(played)
            heartbeat()
        lines[part.name] = PartNotes(part.name, tuple(_clip_notes(notes, plan.beats)))
        if part.stem == "drums":
            kicks = tuple(sorted({*kicks, *(note.start for note in notes if note.pitch == KICK)}))
    return Arrangement(Composition(key, plan.tempo, plan.beats, plan.sections, spans, lines, motifs, metre.name), parts)


def _choose_key(brief: MusicRequest, seed: int) -> Key:
    rng = random_streams.stream(seed, "key")
    mode = random_streams.pick(rng, brief.style.modes)
    fitting = tuple(one for one in brief.style.modes if Key(0, one).family == brief.mode)
    if brief.mode:
        mode = brief.mode if brief.mode not in {"major", "minor"} or not fitting else random_streams.pick(rng, fitting)
    tonic = brief.tonic if brief.tonic is not None else int(rng.choice((0, 2, 3, 4, 5, 7, 8, 9, 10)))
    return Key(tonic, mode)


def _choose_tempo(brief: MusicRequest, seed: int) -> float:
    slow, usual, fast = brief.style.tempo_range
    lean = brief.tempo_lean + 0.6 * (brief.energy - brief.style.energy)
    lean += float(random_streams.stream(seed, "tempo").uniform(-0.35, 0.35))
    lean = max(-1.0, min(1.0, lean))
    return usual + lean * ((fast - usual) if lean > 0 else (usual - slow))


def _is_drums_only(brief: MusicRequest) -> bool:
    """Whether drums are all that there is."""
    return brief.is_solo and all(part.stem == "drums" for part in casting.cast_parts(brief))


def _shift_energies(plan: Plan, lift: float, least: float) -> Plan:
    sections = tuple(replace(one, energy=max(least, min(1.0, one.energy + 0.8 * lift))) for one in plan.sections)
    return Plan(plan.tempo, plan.beats, sections)


def _section_notes(
    part: Part,
    plan: Plan,
    metre: Metre,
    spans: tuple[ChordSpan, ...],
    key: Key,
    motifs: dict[str, Motif],
    kicks: tuple[float, ...],
    seed: int,
) -> Iterator[list[Note]]:
    """What a part plays, section by section."""
    has_played = False
    for place, section in enumerate(plan.sections):
        if not _plays(part, section, plan, has_played=has_played):
            continue
        inside = tuple(span for span in spans if section.start - 1e-6 <= span.start < section.end - 1e-6)
        here = tuple(kick for kick in kicks if section.start <= kick < section.end)
        rng = random_streams.stream(seed, "play", part.name, place)
        following = plan.sections[min(place + 1, len(plan.sections) - 1)]
        leads_on = following is not section and _plays(part, following, plan, has_played=True)
        ahead = next((span for span in spans if span.start >= section.end - 1e-6), None) if leads_on else None
        memory = random_streams.stream(seed, "theme", part.stem, section.theme)
        scene = SectionContext(section, inside or spans[-1:], key, motifs, here, rng, ahead, metre, memory)
        touch = _drum_velocity(scene.section.energy) if part.stem == "drums" else 1.0
        yield _with_dynamics(part.writer(scene), scene, following, touch)
        has_played = True


def _drum_velocity(energy: float) -> float:
    """How a drummer hits beside the band: lighter where few play, harder where all do."""
    return min(1.12, 0.7 + 0.5 * energy)


def _with_dynamics(notes: list[Note], scene: SectionContext, following: Section, touch: float) -> list[Note]:
    """Dynamics: a section as loud as its energy, phrases of four bars that arch, a rise into what is louder.

    Where bars are not those of four, which every strip accents by itself, hands lean on their first beat.
    """
    section, metre = scene.section, scene.metre
    phrase, lean = 4 * metre.bar_length, (1.0, 1.0, 1.0) if metre is COMMON_TIME else METRIC_ACCENTS
    rise = max(0.0, following.energy - section.energy) * 0.35
    level = touch * (0.64 + 0.48 * section.energy)
    shaped = []
    for note in notes:
        arch = 0.97 + 0.06 * math.sin(math.pi * ((note.start - section.start) % phrase) / phrase)
        late = max(0.0, 1.0 - (section.end - note.start) / (phrase / 2))
        arch *= lean[metre.metric_weight(note.start)]
        shaped.append(replace(note, velocity=min(1.0, note.velocity * level * arch * (1.0 + rise * late))))
    return shaped


def _plays(part: Part, section: Section, plan: Plan, *, has_played: bool) -> bool:
    if section.name == LAST_CHORD:
        return has_played or section.is_first
    if part.only_sections and section.name not in part.only_sections:
        return False
    alone = len(plan.sections) <= 2 and part.stem != "texture"
    return alone or part.min_energy <= section.energy < part.max_energy


def _balance_drums(parts: tuple[Part, ...], lift: float) -> tuple[Part, ...]:
    """The drums forward where more energy is asked for than a style has, and back where it is less."""
    change = max(-3.0, min(2.0, 8.0 * lift))
    return tuple(replace(part, level=part.level + change) if part.stem == "drums" else part for part in parts)


def _fill_gaps(parts: tuple[Part, ...], sections: tuple[Section, ...]) -> tuple[Part, ...]:
    """Lets the first harmony, or else the first pitched part, play where otherwise nobody would."""
    pitched = [part for part in parts if part.stem in {"harmony", "melody", "bass"}]
    energies = [section.energy for section in sections]
    if not pitched or all(any(part.min_energy <= energy < part.max_energy for part in pitched) for energy in energies):
        return parts
    chosen = next((part for part in pitched if part.stem == "harmony"), pitched[0])
    return tuple(
        replace(part, min_energy=0.0, max_energy=1.01, only_sections=()) if part is chosen else part for part in parts
    )


def _extend_melody(parts: tuple[Part, ...], sections: tuple[Section, ...]) -> tuple[Part, ...]:
    """Lets the first tune in early enough to be heard, and known again, in most of the body."""
    body = sections[1:-2] or sections
    tunes = [part for part in parts if part.stem == "melody" and not part.only_sections]
    chosen = next((part for part in tunes if part.max_energy > 1.0), None)
    if chosen is None:
        return parts

    def share(enters: float) -> float:
        sung = (
            one.beats
            for one in body
            if one.energy >= enters or any(part.min_energy <= one.energy < part.max_energy for part in tunes)
        )
        return sum(sung) / sum(one.beats for one in body)

    floors = (chosen.min_energy, *sorted({section.energy for section in body}, reverse=True))
    enters = next(floor for floor in floors if share(floor) >= MELODY_SHARE)
    return tuple(replace(part, min_energy=min(part.min_energy, enters)) if part is chosen else part for part in parts)


def _clip_notes(notes: list[Note], beats: float) -> list[Note]:
    return [
        Note(max(0.0, note.start), min(note.beats, beats - note.start), note.pitch, note.velocity)
        for note in notes
        if note.start < beats - 0.05
    ]
