"""Progressions of a track: new ones in the language of a style, by a grammar that its examples define.

The written progressions of a style are examples. Two chords that follow each other in one of them (they repeat, so the
first follows the last) may follow each other in a new progression; a chord may also be replaced by one of the same
function. A new progression starts like an example, ends with the last bar of one and has the harmonic rhythm of one;
long examples also exchange their four-bar phrases.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np

from engines.studio import random_streams
from engines.studio.theory.functions import EXTENSIONS, NUMERAL, REPLACEMENTS
from engines.studio.theory.pitch import Key, parse_chord

Bars = tuple[tuple[str, ...], ...]
Weights = Mapping[str, Mapping[str, float]]

FURTHER_THEMES: Final = ("D", "E", "F", "G")
"""Themes of long and through-composed pieces, whose progressions are made of the examples of all themes."""
PHRASE_BARS: Final = 4
KEPT_EXAMPLES: Final = 0.12
"""The probability that an example is played as written."""
EXCHANGED_PHRASES: Final = 0.5
"""The probability that a progression of several phrases is composed of the phrases of examples."""
REPLACEMENT_WEIGHT: Final = 0.3
"""The weight of a chord of the same function relative to the chord of the example."""
DOMINANT: Final = re.compile(r"^(b|#)?[IV]+(7|9|13)(b9|#9)?(/.+)?$")
ATTEMPTS: Final = 6
USUAL_CHORDS: Final = 3
"""The number of different chords that a progression has unless an example has fewer."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """The permitted chord changes of a style with their weights, and the starts of its examples by theme."""

    changes: Weights
    examples: Mapping[str, tuple[Bars, ...]]


def compose_progressions(
    examples: Mapping[str, tuple[str, ...]], key: Key, seed: int, *, phrase_bars: int
) -> dict[str, Bars]:
    """Compose a progression for each theme of the examples and for FURTHER_THEMES."""
    grammar = _grammar(tuple((theme, tuple(lines)) for theme, lines in examples.items()), key)
    progressions: dict[str, Bars] = {}
    everything = tuple(bars for options in grammar.examples.values() for bars in options)
    for theme in (*grammar.examples, *(name for name in FURTHER_THEMES if name not in grammar.examples)):
        rng = random_streams.stream(seed, "progression", theme)
        options = grammar.examples.get(theme, everything)
        min_chords = min(USUAL_CHORDS, *(_chord_count(example) for example in options))
        for _ in range(ATTEMPTS):
            bars = _compose(grammar, options, rng, is_strict=phrase_bars > 8 and len(options[0]) > 8)
            if bars not in progressions.values() and _chord_count(bars) >= max(2, min_chords):
                break
        progressions[theme] = bars
    return progressions


def _chord_count(bars: Bars) -> int:
    """Return the number of different chords."""
    return len({chord for bar in bars for chord in bar})


@lru_cache(maxsize=256)
def _grammar(lines: tuple[tuple[str, tuple[str, ...]], ...], key: Key) -> Grammar:
    examples = {theme: tuple(_bars(line) for line in options) for theme, options in lines}
    attested: Counter[tuple[str, str]] = Counter()
    for options in examples.values():
        for bars in options:
            tokens = [token for bar in bars for token in bar]
            attested.update(pairwise([*tokens, tokens[0]]))
    vocabulary = Counter(token for pair in attested.elements() for token in pair)
    changes: dict[str, dict[str, float]] = {}
    for (first, second), count in attested.items():
        _add(changes, first, second, count**0.5)
        if DOMINANT.match(first):  # it resolves as in the examples
            continue
        for other in _replacements(second, vocabulary, key):
            _add(changes, first, other, REPLACEMENT_WEIGHT)
            for following, often in [(after, n) for (before, after), n in attested.items() if before == second]:
                if following != other:
                    _add(changes, other, following, REPLACEMENT_WEIGHT * often**0.5)
    return Grammar(changes, examples)


def _bars(line: str) -> Bars:
    return tuple(tuple(bar.split()) for bar in line.split("|"))


def _add(changes: dict[str, dict[str, float]], first: str, second: str, weight: float) -> None:
    followers = changes.setdefault(first, {})
    followers[second] = max(weight, followers.get(second, 0.0))


def _replacements(token: str, vocabulary: Mapping[str, int], key: Key) -> list[str]:
    """Return the chords that may replace a chord in root position, as the style plays them or else as it plays others.

    A replacement that the style does not play itself keeps to the scale of the key.
    """
    match = NUMERAL.match(token)
    if match is None:
        return []
    numeral, quality = match.groups()
    result = []
    for other in REPLACEMENTS[key.family].get(numeral, ()):
        known = [candidate for candidate in vocabulary if (found := NUMERAL.match(candidate)) and found[1] == other]
        if known:
            result.append(max(known, key=lambda candidate: (vocabulary[candidate], candidate)))
            continue
        has_seventh = any(digit in quality for digit in ("7", "9", "11", "13"))
        chord = other + (EXTENSIONS[key.family][other] if has_seventh or (other == "ii" and key.is_minor) else "")
        if set(parse_chord(chord, key).tones) <= set(key.scale):
            result.append(chord)
    return result


def _compose(grammar: Grammar, options: Sequence[Bars], rng: np.random.Generator, *, is_strict: bool) -> Bars:
    """Compose a progression like one of the options. A strict form only exchanges phrases."""
    base = random_streams.pick(rng, tuple(options))
    if random_streams.chance(rng, KEPT_EXAMPLES):
        return base
    if len(base) > PHRASE_BARS and (is_strict or random_streams.chance(rng, EXCHANGED_PHRASES)):
        return _exchange_phrases(base, options, rng)
    start = random_streams.pick(rng, tuple(options))[0][0]
    ending = random_streams.pick(rng, tuple(one for one in options if len(one[-1]) == len(base[-1])))[-1]
    lengths = [len(bar) for bar in base[:-1]]
    tokens = _walk(grammar.changes, start, ending[0], sum(lengths), rng)
    if tokens is None:
        return _exchange_phrases(base, options, rng)
    bars = []
    for length in lengths:
        bars.append(tuple(tokens[:length]))
        tokens = tokens[length:]
    return (*bars, ending)


def _exchange_phrases(base: Bars, options: Sequence[Bars], rng: np.random.Generator) -> Bars:
    bars: list[tuple[str, ...]] = []
    for start in range(0, len(base), PHRASE_BARS):
        phrases = tuple(one[start : start + PHRASE_BARS] for one in options if len(one) == len(base))
        bars.extend(random_streams.pick(rng, phrases))
    return tuple(bars)


def _walk(changes: Weights, start: str, goal: str, count: int, rng: np.random.Generator) -> list[str] | None:
    """Return ``count`` chords from ``start``, of which the last may precede ``goal``; None if there is no way."""
    reaching = [{goal}]
    for _ in range(count):
        reaching.append({first for first, followers in changes.items() if reaching[-1] & followers.keys()})
    if start not in reaching[count]:
        return None
    tokens = [start]
    while len(tokens) < count:
        possible = reaching[count - len(tokens)]
        weights = {
            token: weight * (0.2 if tokens[-2:] == [token, token] or tokens[-3:-1] == [token, tokens[-1]] else 1.0)
            for token, weight in changes[tokens[-1]].items()
            if token in possible
        }
        names = sorted(weights)
        shares = np.array([weights[name] for name in names])
        tokens.append(names[int(rng.choice(len(names), p=shares / shares.sum()))])
    return tokens
