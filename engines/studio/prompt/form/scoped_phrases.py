"""Finds the phrases of a prompt together with the places in the track to which they belong."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from engines.studio.prompt.form import places, sequence
from engines.studio.prompt.form.scopes import ScopeReader, Scopes
from engines.studio.prompt.mentions import Scanner
from engines.studio.prompt.negation import Negations
from engines.studio.prompt.phrases.phrase_matching import find_phrases, split_phrase
from engines.studio.prompt.phrases.phrase_meanings import NON_MUSICAL_KINDS, Meaning, PhraseKind, PhraseMatch
from engines.studio.prompt.phrases.phrase_neighbours import read_in_context
from engines.studio.prompt.values import Values

MAX_SOUND_DISTANCE: Final = 8
"""The most tokens between a sound and its place."""


@dataclass(frozen=True, slots=True)
class ScopedPhrases:
    """The phrases of a prompt, their languages and negations, and the places that it names."""

    matches: Sequence[PhraseMatch]
    languages: tuple[str, ...]
    negations: Negations
    scopes: Scopes


def read_scoped_phrases(scanner: Scanner, values: Values, excluded: Sequence[range]) -> ScopedPhrases:
    """Find the phrases and the places of a prompt.

    Places without content give their tokens back. Points in time that are places are removed from ``values``.
    """
    bound = [place for place in places.find_bound_places(scanner) if not _is_in_tag(place, values)]
    taken = {index for place in bound for index in range(place.start, place.end)}
    times = [places.place_of_time(scanner, time) for time in values.clock_times]
    found = _read_scopes(scanner, excluded, values, [*bound, *times], taken)
    unused = [place for place in bound if place not in found.scopes.used_places]
    if unused:
        bound = [place for place in bound if place not in unused]
        taken = {index for place in bound for index in range(place.start, place.end)}
        found = _read_scopes(scanner, excluded, values, [*bound, *times], taken)
    used = {place.start for place in found.scopes.used_places}
    values.clock_times[:] = [time for time in values.clock_times if time.start not in used]
    return found


def _read_scopes(
    scanner: Scanner,
    excluded: Sequence[range],
    values: Values,
    found: Sequence[places.Place],
    taken: set[int],
) -> ScopedPhrases:
    matches, languages = find_phrases(scanner.text, scanner.taken | taken)
    matches = read_in_context(scanner, matches)
    matches = _with_solo_styles_split(scanner, matches, languages, values, found)
    matches = _with_sounds(scanner, matches, found)
    negations = Negations(scanner.tokens, matches, excluded)
    tags = [mention.value for mention in values.tags]
    outside = [match for match in matches if not any(tag.start <= match.start < tag.end for tag in tags)]
    return ScopedPhrases(matches, languages, negations, ScopeReader(scanner, outside, negations, found).read())


def _is_in_tag(place: places.Place, values: Values) -> bool:
    return any(tag.value.start <= place.start < tag.value.end for tag in values.tags)


def _with_solo_styles_split(
    scanner: Scanner,
    matches: Sequence[PhraseMatch],
    languages: Sequence[str],
    values: Values,
    found: Sequence[places.Place],
) -> list[PhraseMatch]:
    """Read "solo piano" as an instrument alone, and not as a style, where it describes a section."""
    steps = sequence.find_steps(matches, len(scanner.tokens))
    ranges = [(step.start, step.end) for step in steps if step.is_explicit]
    ranges += [(mention.value.start, mention.value.end) for mention in values.tags]
    ranges += [_clause(scanner, place.start, place.end) for place in found]
    result: list[PhraseMatch] = []
    for match in matches:
        is_scoped = match.kind is PhraseKind.STYLE and any(start <= match.start < end for start, end in ranges)
        words = split_phrase(match, scanner.tokens, languages) if is_scoped else []
        result.extend(words if _is_solo(words) else [match])
    return result


def _with_sounds(scanner: Scanner, matches: Sequence[PhraseMatch], found: Sequence[places.Place]) -> list[PhraseMatch]:
    """Read "rain" beside a place as a sound, and not as a mood or a scene: "rain for the first 20 seconds"."""
    return [
        replace(match, meanings=(Meaning(PhraseKind.INSTRUMENT, sound, match.language),))
        if (sound := match.value_of(PhraseKind.SOUND)) is not None
        and any(_is_beside(scanner, match, place, matches) for place in found)
        else match
        for match in matches
    ]


def _is_beside(scanner: Scanner, match: PhraseMatch, place: places.Place, matches: Sequence[PhraseMatch]) -> bool:
    """Return whether at most verbs, articles and further sounds or instruments lie between a sound and a place."""
    gap = range(match.end, place.start) if match.end <= place.start else range(place.end, match.start)
    if len(gap) > MAX_SOUND_DISTANCE or any(scanner.tokens[index].is_break for index in gap):
        return False
    inside = [other for other in matches if other.start in gap]
    has_list = any(other.kind is PhraseKind.CONJUNCTION for other in inside)
    return all(
        other.kind in NON_MUSICAL_KINDS
        or other.value_of(PhraseKind.SOUND) is not None
        or (has_list and other.kind is PhraseKind.INSTRUMENT)
        for other in inside
    )


def _is_solo(words: Sequence[PhraseMatch]) -> bool:
    """Return whether words are an instrument and "only" or "solo"."""
    has_instrument = any(word.kind is PhraseKind.INSTRUMENT for word in words)
    return has_instrument and any(word.value_of(PhraseKind.EXCLUSIVITY) is not None for word in words)


def _clause(scanner: Scanner, start: int, end: int) -> tuple[int, int]:
    while start > 0 and not scanner.tokens[start - 1].is_break:
        start -= 1
    while end < len(scanner.tokens) and not scanner.tokens[end].is_break:
        end += 1
    return start, end
