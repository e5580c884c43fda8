"""Composes a track: key, form, chords and the notes of every part."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from engines.studio import random_streams
from engines.studio.arranging import presence, scoped_requests, tempo_fit
from engines.studio.arranging.key_changes import with_key_changes
from engines.studio.arranging.section_notes import Material, section_notes
from engines.studio.arranging.segment_form import SegmentForm
from engines.studio.arranging.tag_endings import find_tag
from engines.studio.composing import harmony, melody
from engines.studio.composing.drums import KICK
from engines.studio.model.composition import LAST_CHORD, Composition, Note, Plan
from engines.studio.model.music_request import MusicRequest
from engines.studio.model.style import Part
from engines.studio.orchestration import casting, ending_kinds
from engines.studio.theory import metre as metres
from engines.studio.theory.metre import COMMON_TIME
from engines.studio.theory.pitch import Key

MIN_DRUMS_ENERGY: Final = 0.5
"""The minimum energy of a section in which only drums play: some styles have no groove below it."""

TEMPO_SPREAD: Final = 0.9
"""How far the seed moves the tempo within the range of the style: 1 is to its slowest or fastest tempo."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """A composition, its parts in the order of the style, and the ranges of its scoped requests."""

    composition: Composition
    parts: tuple[Part, ...]
    scopes: tuple[scoped_requests.ResolvedScope, ...] = ()


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
    ending = ending_kinds.RING if segment_form else ending_kinds.choose_ending(request, seed)
    is_cold = ending == ending_kinds.COLD
    if segment_form:
        plan = segment_form.plan(style, request.energy)
    else:
        tempo = request.tempo and request.tempo * metre.counted_beat
        usual_tempo = _choose_tempo(request, seed) * metre.counted_beat
        plan = tempo_fit.fit(style, request.form, seconds, tempo, usual_tempo, metre, is_cold=is_cold)
        is_drums_only = request.is_solo and all(part.stem == "drums" for part in casting.cast_parts(request))
        min_energy = MIN_DRUMS_ENERGY if is_drums_only else 0.05
        plan = _shift_energies(plan, request.energy - style.energy, min_energy)
    is_static = request.form.variety == "static" and not request.form.sections
    if request.tonic is None and not segment_form and not is_static:
        plan = with_key_changes(plan, style, seed)
    scopes = scoped_requests.resolve(() if segment_form else request.form.scoped, plan, metre.progression_bar)
    plan = scoped_requests.with_scoped_requests(plan, scopes)
    chords = harmony.write_chords(style, plan, key, seed, metre, is_static=is_static)
    chords = segment_form.with_shared_chords(chords, key, style) if segment_form else chords
    tag = find_tag(plan.sections, metre.progression_bar) if ending == ending_kinds.TAG and not is_static else None
    chords = tag.with_chords(chords) if tag else chords
    themes = tuple(section.theme for section in plan.sections)
    motifs = dict(request.motifs) or melody.compose_themes(
        random_streams.stream(seed, "themes"), style.melody_feel, metre, themes
    )
    energy_offset = request.energy - style.energy
    parts = _balance_drums(casting.cast_parts(request), energy_offset)
    parts = presence.fill_gaps(parts, plan.sections)
    parts = presence.with_shares(parts, plan.sections, is_calm=energy_offset < -1e-6 and not segment_form)
    parts = presence.with_included(parts, plan.sections, request.included)
    material = Material(plan, metre, chords, key, motifs, seed, style, parts, is_static, is_cold)
    part_notes: dict[str, tuple[Note, ...]] = {}
    kick_beats: tuple[float, ...] = ()
    for part in sorted(parts, key=lambda part: part.stem != "drums"):
        notes: list[Note] = []
        for new_notes in section_notes(part, material, kick_beats):
            notes.extend(new_notes)
            heartbeat()
        notes = tag.with_notes(notes) if tag and part.stem != "drums" else notes
        rests = scoped_requests.rests(part, scopes, plan.beats)
        notes = scoped_requests.with_rests(_clip_notes(notes, plan.beats), rests)
        part_notes[part.name] = () if not rests and _is_ending_only(notes, plan) else tuple(notes)
        if part.stem == "drums":
            kick_beats = tuple(sorted({*kick_beats, *(note.start for note in notes if note.pitch == KICK)}))
    composition = Composition(key, plan.tempo, plan.beats, plan.sections, chords, part_notes, motifs, metre.name)
    return Arrangement(composition, parts, scopes)


def _is_ending_only(notes: list[Note], plan: Plan) -> bool:
    """Return whether a part of several sections plays in the last chord alone."""
    last = plan.sections[-1]
    return last.name == LAST_CHORD and not last.is_first and all(note.start > last.start - 0.1 for note in notes)


def _choose_key(request: MusicRequest, seed: int) -> Key:
    rng = random_streams.stream(seed, "key")
    mode = random_streams.pick(rng, request.style.modes)
    tonic = request.tonic if request.tonic is not None else int(rng.choice((0, 2, 3, 4, 5, 7, 8, 9, 10)))
    return Key(tonic, request.mode or mode, request.accidental if request.tonic is not None else None)


def _choose_tempo(request: MusicRequest, seed: int) -> float:
    slow, usual, fast = request.style.tempo_range
    lean = request.tempo_lean + 0.6 * (request.energy - request.style.energy)
    lean += (1.0 - min(0.8, abs(lean))) * float(
        random_streams.stream(seed, "tempo").uniform(-TEMPO_SPREAD, TEMPO_SPREAD)
    )
    lean = max(-1.0, min(1.0, lean))
    return usual + lean * ((fast - usual) if lean > 0 else (usual - slow))


def _shift_energies(plan: Plan, offset: float, min_energy: float) -> Plan:
    sections = tuple(
        replace(section, energy=max(min_energy, min(1.0, section.energy + 0.8 * offset))) for section in plan.sections
    )
    return replace(plan, sections=sections)


def _balance_drums(parts: tuple[Part, ...], energy_offset: float) -> tuple[Part, ...]:
    """Raise or lower the drums with the energy of the request relative to the style."""
    change = max(-3.0, min(2.0, 8.0 * energy_offset))
    return tuple(replace(part, level=part.level + change) if part.stem == "drums" else part for part in parts)


def _clip_notes(notes: list[Note], beats: float) -> list[Note]:
    return [
        note if note.start >= 0.0 and note.beats <= beats - note.start else _clipped(note, beats)
        for note in notes
        if note.start < beats - 0.05
    ]


def _clipped(note: Note, beats: float) -> Note:
    start = max(0.0, note.start)
    return Note(start, min(note.beats, beats - start), note.pitch, note.velocity)
