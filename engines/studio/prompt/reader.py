"""Reads a prompt and its style tags into a MusicRequest: style, tempo, key, form, moods, energy and instruments."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from engines.port import Approximation, Controls
from engines.studio.model.form_request import FormRequest, SectionRequest, form_request_from_hints
from engines.studio.model.music_request import MusicRequest
from engines.studio.model.style import Style
from engines.studio.prompt import (
    exclusivity,
    explicit_controls,
    negation,
    sections,
    sequence,
    style_choice,
    subject,
)  # fmt: skip
from engines.studio.prompt.instrument_concepts import without_percussion
from engines.studio.prompt.mentions import LABELS, SEPARATORS, Scanner
from engines.studio.prompt.moods import MOOD_ENERGY, MOOD_MODE
from engines.studio.prompt.negation import Negations
from engines.studio.prompt.phrases import PhraseMatch, find_phrases
from engines.studio.prompt.precedence import Level
from engines.studio.prompt.requirements import Requirements
from engines.studio.prompt.text import unread_scripts
from engines.studio.prompt.text.tokens import MAX_CHARACTERS, Text, unique_phrases
from engines.studio.prompt.values import DEFAULT_MODE, Values, add_values, read_values
from engines.studio.styles import STYLES

MAX_REPORTED_PHRASES: Final = 40
"""Most phrases that are reported as used, approximated or ignored, each."""


def read(
    prompt: str, tags: Iterable[str] = (), lyrics: str | None = None, controls: Controls | None = None
) -> MusicRequest:
    """Read a prompt, its style tags, the section tags of its lyrics and explicit controls, in all languages at once.

    If phrases contradict each other, the strongest wins: `resolution.Level` lists the levels. Within a level the first
    phrase wins, and tags precede the prompt, because a tag is a deliberate choice. The phrases that lose are reported
    as approximated or ignored. Moods and energy offsets add up.
    """
    controls = controls or Controls()
    requirements = Requirements()
    explicit_values = explicit_controls.read_controls(controls, requirements)
    explicit_instruments = tuple(requirements.included)
    scanner = Scanner(Text(" ; ".join([*tags, prompt])))
    excluded = negation.excluded_ranges(scanner)
    values = read_values(scanner)
    matches, languages = find_phrases(scanner.text, scanner.taken)
    negations = Negations(scanner.tokens, matches, excluded)
    form = _read_sections(scanner, matches, negations, values, requirements)
    add_values(values, explicit_values, requirements)
    requirements.add_phrases(matches, negations, values.clock_times, form.elsewhere)
    requirements.add_exclusivity_markers(form.markers)
    if controls.only:
        requirements.keep_only(explicit_instruments)
    for instrument, word in sequence.find_solos(scanner.tokens, matches):
        requirements.solo_sections.append(instrument)
        requirements.use(Level.FORM, word.text)
    if controls.negative_prompt:
        _read_negative_prompt(controls.negative_prompt, requirements)
    requirements.ignored.extend(_unknown_words(scanner, matches))
    _add_notes(scanner, prompt, requirements)
    evidence = _evidence(requirements, values, explicit_values)
    style = _choose_style(requirements, evidence)
    requirements.resolve_style(style)
    request = _build_request(style, requirements, values, explicit_values)
    return replace(
        request,
        form=_build_form(requirements, form, values, explicit_values, lyrics),
        languages=languages,
        style_note=None if request.is_style_named else style_choice.describe_choice(style, evidence),
        subject=values.title or subject.find_subject(scanner, matches),
        intensity=controls.intensity,
        density=controls.density,
        brightness=controls.brightness,
    )


@dataclass(frozen=True, slots=True)
class _Form:
    """The sections that phrases describe, words that belong to one of them, and markers of exclusivity for the rest."""

    sections: tuple[SectionRequest, ...]
    elsewhere: frozenset[int]
    markers: list[PhraseMatch]


def _read_sections(
    scanner: Scanner, matches: Sequence[PhraseMatch], negations: Negations, values: Values, requirements: Requirements
) -> _Form:
    markers = exclusivity.find_exclusivity_markers(scanner.tokens, matches)
    if values.tags:
        tags = [mention.value for mention in values.tags]
        steps = [sequence.Step(tag.name, tag.start, tag.end) for tag in tags]
        found = sequence.sections_of_tags(tags, matches, negations, markers)
        return _form_of_steps(found, steps, matches, markers, requirements)
    steps = sequence.find_steps(matches, len(scanner.tokens))
    found = sequence.sections_of_steps(steps, matches, negations, markers)
    if not found:
        return _Form((), frozenset(), markers)
    return _form_of_steps(found, steps, matches, markers, requirements)


def _form_of_steps(
    found: tuple[SectionRequest, ...],
    steps: Sequence[sequence.Step],
    matches: Sequence[PhraseMatch],
    markers: Sequence[PhraseMatch],
    requirements: Requirements,
) -> _Form:
    """Report the words that describe one section as used, and separate them from those for the whole track."""
    words = sequence.words_of(steps, matches)
    for text in (*(step.marker for step in steps if step.marker), *(word.text for word in words)):
        requirements.use(Level.FORM, text)
    inside = frozenset(
        marker.start
        for marker in markers
        if any(step.is_explicit and step.start <= marker.start < step.end for step in steps)
    )
    elsewhere = frozenset(word.start for word in words)
    return _Form(found, elsewhere, [marker for marker in markers if marker.start not in inside])


def _read_negative_prompt(text: str, requirements: Requirements) -> None:
    """Exclude everything that a negative prompt names."""
    scanner = Scanner(Text(text))
    matches, _ = find_phrases(scanner.text, ())
    negations = Negations(scanner.tokens, matches, [range(len(scanner.tokens))])
    requirements.add_phrases(matches, negations, ())
    requirements.ignored.extend(_unknown_words(scanner, matches))


def _unknown_words(scanner: Scanner, matches: Sequence[PhraseMatch]) -> Iterable[str]:
    """Yield the words that no phrase and no value has read; glued ones ("mp3") as one."""
    known = {index for match in matches for index in range(match.start, match.end)} | scanner.taken
    for index in range(len(scanner.tokens)):
        label = scanner.longest(LABELS, index)
        following = label[0] if label and label[0] < len(scanner.tokens) else None
        if label and following and (scanner.tokens[following].text in SEPARATORS or following in scanner.taken):
            known.update(range(index, label[0]))
    index, tokens = 0, scanner.tokens
    while index < len(tokens):
        end = index + 1
        if index not in known and tokens[index].is_readable:
            while end < len(tokens) and end not in known and tokens[end].is_readable and tokens[end].is_glued:
                end += 1
            yield scanner.text.slice(index, end)
        index = end


def _add_notes(scanner: Scanner, prompt: str, requirements: Requirements) -> None:
    unread = unread_scripts.unread_scripts(scanner.tokens)
    if unread:
        requirements.notes.append(unread_scripts.note(unread))
    if len(prompt) > MAX_CHARACTERS:
        requirements.notes.append(f"Only the first {MAX_CHARACTERS} characters of the prompt were read.")


def _evidence(
    requirements: Requirements, values: Values, explicit_values: explicit_controls.ExplicitValues
) -> style_choice.Evidence:
    named = explicit_values.tempo or (values.tempos[0].value if values.tempos else None)
    return style_choice.Evidence(
        tuple(dict.fromkeys(requirements.moods)),
        named.playable if named else None,
        requirements.tempo_lean or 0.0,
        tuple(dict.fromkeys(name for name in requirements.included if name not in requirements.excluded)),
        tuple(dict.fromkeys(requirements.concepts)),
        requirements.era,
        requirements.metre,
        requirements.energy_offset,
        frozenset(requirements.excluded_styles),
        frozenset(without_percussion(requirements.included, requirements.excluded)),
    )


def _choose_style(requirements: Requirements, evidence: style_choice.Evidence) -> Style:
    named = requirements.named_style
    return named if named and named.key in STYLES else style_choice.choose_style(evidence)


def _build_form(
    requirements: Requirements,
    form: _Form,
    values: Values,
    explicit_values: explicit_controls.ExplicitValues,
    lyrics: str | None,
) -> FormRequest:
    """Build the form: explicit sections, then tags in the prompt and in the lyrics, lists, sequences and solos."""
    order = values.themes[0].value if values.themes else None
    listed = tuple(map(SectionRequest, values.lists[0].value)) if values.lists else ()
    in_lyrics = tuple(map(SectionRequest, sections.tags_of_lyrics(lyrics or "")))
    solos = sequence.form_with_solos(requirements.solo_sections) if requirements.solo_sections else ()
    tagged = form.sections if values.tags else ()
    found = explicit_values.sections or tagged or in_lyrics or listed or form.sections or solos
    count = values.counts[0].value if values.counts and not found else None
    return replace(form_request_from_hints(requirements.form_hints, order), sections=found, section_count=count)


def _build_request(
    style: Style, requirements: Requirements, values: Values, explicit_values: explicit_controls.ExplicitValues
) -> MusicRequest:
    excluded = without_percussion(requirements.included, requirements.excluded)
    moods = tuple(dict.fromkeys(requirements.moods))
    tempo_lean = max(-1.0, min(1.0, requirements.tempo_lean or 0.0))
    named_tempo = explicit_values.tempo or (values.tempos[0].value if values.tempos else None)
    tonic, mode = _key(requirements, values, explicit_values)
    mode = mode or next((MOOD_MODE[mood] for mood in moods if mood in MOOD_MODE), None)
    offset = sum(MOOD_ENERGY[mood] for mood in moods) + 0.15 * tempo_lean + requirements.energy_offset
    used = (text for _, text in sorted(requirements.used, key=lambda used: used[0]))
    return MusicRequest(
        style,
        named_tempo.playable if named_tempo else None,
        tempo_lean,
        tonic,
        mode,
        moods,
        max(0.1, min(1.0, style.energy + offset)),
        tuple(dict.fromkeys(name for name in requirements.included if name not in excluded)),
        excluded,
        unique_phrases(used, MAX_REPORTED_PHRASES),
        unique_phrases(requirements.ignored, MAX_REPORTED_PHRASES),
        _unique_approximations(requirements.approximated),
        named_tempo.requested if named_tempo else None,
        requirements.metre,
        requirements.era,
        is_style_named=bool(requirements.styles or requirements.near_styles),
        is_style_exact=bool(requirements.styles),
        is_solo=requirements.is_solo,
        has_era_sound=requirements.has_era_sound,
        transformations=requirements.transformations,
        strengths=requirements.strengths,
        length=values.lengths[0].value if values.lengths else None,
        progression=values.progressions[0].value.notation if values.progressions else None,
        reduced=tuple(dict.fromkeys(name for name in requirements.reduced if name not in excluded)),
        notes=tuple(dict.fromkeys(requirements.notes)),
    )


def _key(
    requirements: Requirements, values: Values, explicit_values: explicit_controls.ExplicitValues
) -> tuple[int | None, str | None]:
    """Return tonic and mode: of the named key, or else of the chord progression."""
    named = explicit_values.key or (values.keys[0].value if values.keys else None)
    chords = values.progressions[0].value if values.progressions else None
    if named:
        return named.tonic, named.mode or requirements.mode or (chords and chords.mode) or DEFAULT_MODE
    if chords:
        return chords.tonic, chords.mode or requirements.mode
    return None, requirements.mode


def _unique_approximations(approximations: list[Approximation]) -> tuple[Approximation, ...]:
    """Return the first approximation of each phrase, without phrases that the report would have to shorten."""
    first = {approximation.asked: approximation for approximation in reversed(approximations)}
    phrases = unique_phrases((approximation.asked for approximation in approximations), MAX_REPORTED_PHRASES)
    return tuple(first[phrase] for phrase in phrases if phrase in first)
