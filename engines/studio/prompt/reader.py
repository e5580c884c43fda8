"""Reads a prompt and its style tags into a MusicRequest: style, tempo, key, form, moods, energy and instruments."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from typing import Final

from engines.port import Approximation, Controls
from engines.remarks import RemarkCode
from engines.studio.model.music_request import MusicRequest
from engines.studio.model.style import Style
from engines.studio.prompt import exclusion_labels, explicit_controls, subject
from engines.studio.prompt.compounds import split_compounds
from engines.studio.prompt.form import form_reading, scoped_phrases, sequence
from engines.studio.prompt.genres import reporting, resolution
from engines.studio.prompt.instrument_concepts import without_percussion
from engines.studio.prompt.mentions import LABELS, SEPARATORS, Scanner
from engines.studio.prompt.moods import MOOD_ENERGY, MOOD_MODE
from engines.studio.prompt.negation import Negations
from engines.studio.prompt.phrases.phrase_matching import find_phrases
from engines.studio.prompt.phrases.phrase_meanings import PhraseMatch
from engines.studio.prompt.phrases.phrase_requirements import add_phrases
from engines.studio.prompt.precedence import Level
from engines.studio.prompt.quantities.tempo import Tempo, changed_tempo
from engines.studio.prompt.requirements import Requirements
from engines.studio.prompt.text import unread_scripts
from engines.studio.prompt.text.tokens import MAX_CHARACTERS, Text, unique_phrases
from engines.studio.prompt.values import DEFAULT_MODE, Values, add_values, read_values

MAX_REPORTED_PHRASES: Final = 40
"""Most phrases that are reported as used, approximated or ignored, each."""


def read(
    prompt: str, tags: Iterable[str] = (), lyrics: str | None = None, controls: Controls | None = None
) -> MusicRequest:
    """Read a prompt, its style tags, the section tags of its lyrics and explicit controls, in all languages at once.

    If phrases contradict each other, the strongest wins: `precedence.Level` lists the levels. Within a level the first
    phrase wins, and tags precede the prompt, because a tag is a deliberate choice. The phrases that lose are reported
    as approximated or ignored. Moods and energy offsets add up.
    """
    controls = controls or Controls()
    requirements = Requirements()
    explicit_values = explicit_controls.read_controls(controls, requirements)
    explicit_instruments = tuple(requirements.included)
    text = Text(" ; ".join([*tags, prompt]))
    split_compounds(text)
    scanner = Scanner(text)
    excluded = exclusion_labels.excluded_ranges(scanner)
    values = read_values(scanner)
    phrases = scoped_phrases.read_scoped_phrases(scanner, values, excluded)
    matches, negations = phrases.matches, phrases.negations
    form = form_reading.read_form(scanner, phrases, values, requirements)
    add_values(values, explicit_values, requirements)
    add_phrases(requirements, matches, negations, values.clock_times, form.elsewhere)
    requirements.add_exclusivity_markers(form.markers)
    if controls.only:
        requirements.keep_only(explicit_instruments)
    for instrument, word in sequence.find_solos(_outside(matches, form), has_place=form.solo_range is not None):
        requirements.solo_sections.append(instrument)
        requirements.use(Level.FORM, word.text)
    if controls.negative_prompt:
        _read_negative_prompt(controls.negative_prompt, requirements)
    about = subject.find_subject(scanner, matches)
    about_tokens = range(about.start, about.end) if about else range(0)
    tempo = explicit_values.tempo or (values.tempos[0].value if values.tempos else None)
    resolved = resolution.resolve_style(
        requirements, scanner, matches, phrases.languages, tempo.within(tempo.playable) if tempo else None
    )
    known = {index for index in range(len(scanner.tokens)) if index in form.known}
    requirements.ignored.extend(_unknown_words(scanner, matches, {*known, *about_tokens, *resolved.tokens}))
    _add_notes(scanner, prompt, requirements)
    reporting.report_styles(
        requirements, resolved.named, resolved.style, subject=about_tokens, has_harmony=bool(values.progressions)
    )
    request = _build_request(resolved, requirements, values, explicit_values)
    return replace(
        request,
        form=form_reading.build_form(requirements, form, values, explicit_values, lyrics),
        languages=phrases.languages,
        style_note=resolved.note,
        subject=values.title or (about.value if about else None),
        intensity=controls.intensity,
        density=controls.density,
        brightness=controls.brightness,
    )


def _read_negative_prompt(text: str, requirements: Requirements) -> None:
    """Exclude everything that a negative prompt names."""
    scanner = Scanner(Text(text))
    matches, _ = find_phrases(scanner.text, ())
    negations = Negations(scanner.tokens, matches, [range(len(scanner.tokens))])
    add_phrases(requirements, matches, negations, ())
    requirements.ignored.extend(_unknown_words(scanner, matches))


def _outside(matches: Sequence[PhraseMatch], form: form_reading.FormReading) -> list[PhraseMatch]:
    """Return the phrases that do not describe a section."""
    return [match for match in matches if match.start not in form.elsewhere]


def _unknown_words(
    scanner: Scanner, matches: Sequence[PhraseMatch], known_elsewhere: Container[int] = ()
) -> Iterable[str]:
    """Yield the words that no phrase and no value has read; glued ones ("mp3") as one."""
    known = {index for match in matches for index in range(match.start, match.end)} | scanner.taken
    known |= {index for index in range(len(scanner.tokens)) if index in known_elsewhere}
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
        requirements.notes.append(unread_scripts.describe(unread))
    if len(prompt) > MAX_CHARACTERS:
        requirements.notes.append(RemarkCode.PROMPT_TRUNCATED.write(count=MAX_CHARACTERS))


def _build_request(
    resolved: resolution.ResolvedStyle,
    requirements: Requirements,
    values: Values,
    explicit_values: explicit_controls.ExplicitValues,
) -> MusicRequest:
    excluded = without_percussion(requirements.included, requirements.excluded)
    moods = tuple(dict.fromkeys(requirements.moods))
    change = values.tempo_changes[0].value if values.tempo_changes else None
    tempo_lean = max(-1.0, min(1.0, requirements.tempo_lean or (change or 0.0) / 2))
    named_tempo = explicit_values.tempo or (values.tempos[0].value if values.tempos else None)
    tonic, mode = _key(requirements, values, explicit_values)
    named_key = explicit_values.key or (values.keys[0].value if values.keys else None)
    mode = mode or next((MOOD_MODE[mood] for mood in moods if mood in MOOD_MODE), None)
    offset = sum(MOOD_ENERGY[mood] for mood in moods) + 0.15 * tempo_lean + requirements.energy_offset
    approximated = {approximation.asked for approximation in requirements.approximated}
    used = (text for _, text in sorted(requirements.used, key=lambda used: used[0]) if text not in approximated)
    return MusicRequest(
        resolved.style,
        _tempo(resolved.style, named_tempo, change),
        tempo_lean,
        tonic,
        mode,
        moods,
        max(0.1, min(1.0, resolved.style.energy + offset)),
        tuple(dict.fromkeys(name for name in requirements.included if name not in excluded)),
        excluded,
        unique_phrases(used, MAX_REPORTED_PHRASES),
        unique_phrases(requirements.ignored, MAX_REPORTED_PHRASES),
        _unique_approximations(requirements.approximated),
        named_tempo.requested if named_tempo and not named_tempo.limit else None,
        requirements.metre,
        requirements.decade,
        is_style_named=resolved.named is not None,
        is_style_exact=resolved.named is not None and resolved.named.head.is_exact,
        harmony=requirements.harmony,
        is_solo=requirements.is_solo,
        has_decade_sound=requirements.has_decade_sound,
        transformations=requirements.transformations,
        strengths=requirements.strengths,
        length=values.lengths[0].value if values.lengths else None,
        progression=values.progressions[0].value.notation if values.progressions else None,
        reduced=tuple(dict.fromkeys(name for name in requirements.reduced if name not in excluded)),
        raised=tuple(dict.fromkeys(name for name in requirements.raised if name not in excluded)),
        accidental=named_key.accidental if named_key else None,
        notes=tuple(dict.fromkeys(requirements.notes)),
    )


def _tempo(style: Style, named: Tempo | None, change: float | None) -> float | None:
    """Return the named tempo, or the usual one of the style slower or faster as the prompt says."""
    usual = style.tempo_range[1]
    if named:
        return named.within(usual)
    return changed_tempo(usual, change) if change is not None else None


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
