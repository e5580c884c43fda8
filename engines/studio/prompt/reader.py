"""Reads a request: what a prompt and its tags say about style, tempo, key, form, mood, energy and instruments."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from engines.port import Approximation
from engines.studio.instruments.groups import GROUPS
from engines.studio.model.form_request import form_request_from_hints as shape_of
from engines.studio.model.music_request import Length, MusicRequest
from engines.studio.model.style import Style
from engines.studio.prompt import exclusion, numbers, vocabulary
from engines.studio.prompt.negation import Negations
from engines.studio.prompt.phrases import Kind, found
from engines.studio.prompt.requirements import Requirements
from engines.studio.prompt.tokens import Text, listed
from engines.studio.styles import STYLES

LIMIT: Final = 40
"""No more words than this are told of each class."""


def read(prompt: str, tags: Iterable[str]) -> MusicRequest:
    """Reads a prompt and its style tags, in five languages at once.

    Where words contradict each other, this order decides, from the strongest:

    1. figures and names: a tempo in BPM, a key, a metre ("slow, 170 bpm" is 170);
    2. instruments, and of those what is unwanted before what is wanted ("techno, no drums" has none);
    3. words of style, then words of form, then a decade (a decade chooses the style only where no word does);
    4. words of pace, mode and energy;
    5. moods, which lean the rest ("sad" is minor unless a key says otherwise).

    On one level the first that was named leads, and the tags stand before the prompt: a tag is a choice, a prompt a
    description. What comes second there is told as approximated. Moods and lifts of energy add up.
    """
    text = Text(" ; ".join([*tags, prompt]))
    wishes = Requirements()
    named = _figures(text, wishes)
    row = text.words()
    hits = found(text.all, row)
    negations = Negations(row, hits)
    wishes.hear(hits, negations, named.moments)
    wishes.alone(exclusion.marks(row, hits))
    known = {place for hit in hits for place in range(hit.first, hit.last)}
    for suffixed in negations.suffixed:
        wishes.unwanted.append(suffixed.stem)
        wishes.used.append((Kind.INSTRUMENT, row[suffixed.place].written))
        known.add(suffixed.place)
    wishes.spell(row, known)
    style = _style(wishes, named)
    ignored = [
        *wishes.ignored,
        *(word.written for place, word in enumerate(row) if place not in known and not word.is_stop),
    ]
    return _brief(style, wishes, named, ignored)


@dataclass(frozen=True, slots=True)
class _Named:
    tempo: numbers.Tempo | None
    key: numbers.NamedKey | None
    metre: str | None
    era: int | None
    moments: list[numbers.Clocked]
    length: Length | None


def _figures(text: Text, wishes: Requirements) -> _Named:
    moments = numbers.clocked(text)
    tempo, key, metre, decade = numbers.tempo(text), numbers.key(text), numbers.metre(text), numbers.decade(text)
    length = numbers.length(text)
    if tempo and tempo.playable == tempo.asked:
        wishes.figures.append(tempo.written)
    elif tempo:
        wishes.approximated.append(Approximation(tempo.written, f"{tempo.playable:g} bpm"))
    if key:
        wishes.figures.append(key.written)
    if metre:
        wishes.metre(*metre)
    if decade:
        wishes.decade(*decade)
    return _Named(tempo, key, metre[0] if metre else None, decade[0] if decade else None, moments, length)


def _style(wishes: Requirements, named: _Named) -> Style:
    chosen = wishes.styles[0].key if wishes.styles else wishes.near_style or wishes.dance
    if chosen is None and wishes.era is not None:
        chosen = next(
            (key for key in vocabulary.ERAS.get(wishes.era, ()) if key in STYLES and key not in wishes.unstyled), None
        )
    style = STYLES[chosen] if chosen else _suiting(wishes, named.tempo.playable if named.tempo else None)
    wishes.settle(style)
    return style


def _suiting(wishes: Requirements, tempo: float | None) -> Style:
    def suits(style: Style) -> float:
        seated = {part.instrument for part in style.parts}
        asked = frozenset().union(*(GROUPS.get(name, frozenset({name})) for name in wishes.wanted))
        share = sum(part.instrument in asked for part in style.parts) / len(style.parts)
        heard = share + sum(1.2 for name in wishes.wanted if GROUPS.get(name, frozenset({name})) & seated)
        felt = sum(1.0 / (1 + style.moods.index(mood) * 0.3) for mood in wishes.moods if mood in style.moods)
        near = 0.8 if tempo and style.tempo_range[0] <= tempo <= style.tempo_range[2] else 0.0
        return heard + felt + near - (9.0 if style.key in wishes.unstyled else 0.0)

    return max(STYLES.values(), key=suits)


def _brief(style: Style, wishes: Requirements, named: _Named, ignored: list[str]) -> MusicRequest:
    unwanted = tuple(dict.fromkeys(wishes.unwanted))
    moods = tuple(dict.fromkeys(wishes.moods))
    pace = max(-1.0, min(1.0, wishes.pace or 0.0))
    mode = (named.key.mode if named.key else None) or wishes.mode
    mode = mode or next((vocabulary.MOOD_MODE[mood] for mood in moods if mood in vocabulary.MOOD_MODE), None)
    lift = sum(vocabulary.MOOD_ENERGY[mood] for mood in moods) + 0.15 * pace + wishes.lift
    return MusicRequest(
        style,
        named.tempo.playable if named.tempo else None,
        pace,
        named.key.tonic if named.key else None,
        mode,
        moods,
        max(0.1, min(1.0, style.energy + lift)),
        tuple(dict.fromkeys(name for name in wishes.wanted if name not in unwanted)),
        unwanted,
        listed([*wishes.figures, *(written for _, written in sorted(wishes.used, key=lambda one: one[0]))], LIMIT),
        listed(ignored, LIMIT),
        _told(wishes.approximated),
        named.tempo.asked if named.tempo else None,
        wishes.metre_asked,
        wishes.era,
        shape_of(wishes.hints, wishes.pattern),
        is_style_named=bool(wishes.styles or wishes.near_style),
        is_solo=wishes.is_alone,
        has_era_sound=wishes.is_coloured,
        articulations=wishes.playing,
        length=named.length,
    )


def _told(approximated: list[Approximation]) -> tuple[Approximation, ...]:
    rows = {one.asked: one.given for one in reversed(approximated)}
    return tuple(
        Approximation(asked, rows[asked])
        for asked in listed((one.asked for one in approximated), LIMIT)
        if asked in rows
    )
