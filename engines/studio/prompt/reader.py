"""Reads a prompt and its style tags into a MusicRequest: style, tempo, key, form, moods, energy and instruments."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from engines.port import Approximation, Controls
from engines.studio.instruments import GROUPS
from engines.studio.model.form_request import form_request_from_hints
from engines.studio.model.music_request import Length, MusicRequest
from engines.studio.model.style import Style
from engines.studio.prompt import exclusion, numbers, vocabulary
from engines.studio.prompt.negation import Negations
from engines.studio.prompt.phrases import PhraseKind, find_phrases
from engines.studio.prompt.requirements import Requirements
from engines.studio.prompt.tokens import RequestText, unique_phrases
from engines.studio.styles import STYLES

MAX_REPORTED_PHRASES: Final = 40
"""Most phrases that are reported as used, approximated or ignored, each."""


def read(
    prompt: str,
    tags: Iterable[str] = (),
    lyrics: str | None = None,  # noqa: ARG001
    controls: Controls | None = None,  # noqa: ARG001
) -> MusicRequest:
    """Read a prompt, its style tags, the section tags of its lyrics and explicit controls, in all languages at once.

    If phrases contradict each other, the strongest wins, in this order:

    1. numbers and names: a tempo in BPM, a key, a metre ("slow, 170 bpm" is 170);
    2. instruments, excluded before included ones ("techno, no drums" has none);
    3. styles, then forms, then a decade (which chooses the style only if no phrase does);
    4. words for tempo, mode and energy;
    5. moods, which influence all other properties ("sad" is minor unless a key is named).

    Within a level the first phrase wins, and tags precede the prompt, because a tag is a deliberate choice. The phrases
    that lose are reported as approximated. Moods and energy offsets add up.
    """
    text = RequestText(" ; ".join([*tags, prompt]))
    requirements = Requirements()
    values = _parse_numbers(text, requirements)
    tokens = text.tokens()
    matches = find_phrases(text.remaining, tokens)
    negations = Negations(tokens, matches)
    requirements.add_phrases(matches, negations, values.clock_times)
    requirements.add_exclusivity_markers(exclusion.find_exclusivity_markers(tokens, matches))
    known = {index for match in matches for index in range(match.start, match.end)}
    for stem, index in negations.suffix_negations:
        requirements.excluded.append(stem)
        requirements.used.append((PhraseKind.INSTRUMENT, tokens[index].text))
        known.add(index)
    requirements.add_theme_order(tokens, known)
    style = _choose_style(requirements, values)
    requirements.resolve_style(style)
    unknown = (token.text for index, token in enumerate(tokens) if index not in known and not token.is_punctuation)
    return _build_request(style, requirements, values, [*requirements.ignored, *unknown])


@dataclass(frozen=True, slots=True)
class _NumericValues:
    tempo: numbers.Tempo | None
    key: numbers.NamedKey | None
    clock_times: list[numbers.ClockTime]
    length: Length | None


def _parse_numbers(text: RequestText, requirements: Requirements) -> _NumericValues:
    # each pattern blanks out its match, so the order matters
    clock_times = numbers.parse_clock_times(text)
    tempo, key = numbers.parse_tempo(text), numbers.parse_key(text)
    metre, decade = numbers.parse_metre(text), numbers.parse_decade(text)
    length = numbers.parse_length(text)
    if tempo and tempo.playable == tempo.requested:
        requirements.numeric_phrases.append(tempo.text)
    elif tempo:
        requirements.approximated.append(Approximation(tempo.text, f"{tempo.playable:g} bpm"))
    if key:
        requirements.numeric_phrases.append(key.text)
    if metre:
        requirements.add_metre(*metre)
    if decade:
        requirements.add_decade(*decade)
    return _NumericValues(tempo, key, clock_times, length)


def _choose_style(requirements: Requirements, values: _NumericValues) -> Style:
    if requirements.styles:
        return requirements.styles[0]
    key = requirements.near_style or requirements.dance_style
    if key is None and requirements.era is not None:
        era_styles = vocabulary.ERA_STYLES.get(requirements.era, ())
        key = next((key for key in era_styles if key in STYLES and key not in requirements.excluded_styles), None)
    return STYLES[key] if key else _best_style(requirements, values.tempo.playable if values.tempo else None)


def _best_style(requirements: Requirements, tempo: float | None) -> Style:
    """Return the style that best matches the instruments, moods and tempo; of equals the one with the fewest parts."""
    requested = frozenset().union(*(GROUPS.get(name, frozenset({name})) for name in requirements.included))

    def score(style: Style) -> float:
        instruments = {part.instrument for part in style.parts}
        share = sum(part.instrument in requested for part in style.parts) / len(style.parts)
        available = sum(1.2 for name in requirements.included if GROUPS.get(name, frozenset({name})) & instruments)
        moods = sum(1.0 / (1 + style.moods.index(mood) * 0.3) for mood in requirements.moods if mood in style.moods)
        tempo_score = 0.8 if tempo and style.tempo_range[0] <= tempo <= style.tempo_range[2] else 0.0
        return share + available + moods + tempo_score - (9.0 if style.key in requirements.excluded_styles else 0.0)

    return max(STYLES.values(), key=lambda style: (score(style), -len(style.parts)))


def _build_request(
    style: Style, requirements: Requirements, values: _NumericValues, ignored: list[str]
) -> MusicRequest:
    excluded = tuple(dict.fromkeys(requirements.excluded))
    moods = tuple(dict.fromkeys(requirements.moods))
    tempo_lean = max(-1.0, min(1.0, requirements.tempo_lean or 0.0))
    mode = (values.key.mode if values.key else None) or requirements.mode
    mode = mode or next((vocabulary.MOOD_MODE[mood] for mood in moods if mood in vocabulary.MOOD_MODE), None)
    offset = sum(vocabulary.MOOD_ENERGY[mood] for mood in moods) + 0.15 * tempo_lean + requirements.energy_offset
    used = (text for _, text in sorted(requirements.used, key=lambda used: used[0]))
    return MusicRequest(
        style,
        values.tempo.playable if values.tempo else None,
        tempo_lean,
        values.key.tonic if values.key else None,
        mode,
        moods,
        max(0.1, min(1.0, style.energy + offset)),
        tuple(dict.fromkeys(name for name in requirements.included if name not in excluded)),
        excluded,
        unique_phrases([*requirements.numeric_phrases, *used], MAX_REPORTED_PHRASES),
        unique_phrases(ignored, MAX_REPORTED_PHRASES),
        _unique_approximations(requirements.approximated),
        values.tempo.requested if values.tempo else None,
        requirements.requested_metre,
        requirements.era,
        form_request_from_hints(requirements.form_hints, requirements.theme_order),
        is_style_named=bool(requirements.styles or requirements.near_style or requirements.dance_style),
        is_style_exact=bool(requirements.styles),
        is_solo=requirements.is_solo,
        has_era_sound=requirements.has_era_sound,
        transformations=requirements.transformations,
        length=values.length,
    )


def _unique_approximations(approximations: list[Approximation]) -> tuple[Approximation, ...]:
    """Return the first approximation of each phrase, without phrases that the report would have to shorten."""
    first = {approximation.asked: approximation for approximation in reversed(approximations)}
    phrases = unique_phrases((approximation.asked for approximation in approximations), MAX_REPORTED_PHRASES)
    return tuple(first[phrase] for phrase in phrases if phrase in first)
