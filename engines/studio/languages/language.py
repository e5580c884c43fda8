"""The vocabulary of one language: phrases for every meaning that the prompt reader knows."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import ClassVar, Final

from pydantic import ConfigDict, TypeAdapter

Phrases = tuple[str, ...]
MIN_INFLECTED_LETTERS: Final = 4
"""Shorter words of a phrase, such as prepositions, do not agree with its noun."""
MIN_STEM_LETTERS: Final = 2
"""The fewest letters that remain of a word without its ending."""


@dataclass(frozen=True, slots=True)
class Language:
    """Phrases by their meaning.

    - ``name``: the English name of the language.
    - ``has_spaces``: whether its words are separated by spaces.
    - ``moods``: by a mood of ``moods.MOOD_ENERGY``.
    - ``tempos``: by tempo, from -1 (slow) to 1 (fast).
    - ``energy``: by the offset that is added to the style's energy.
    - ``instruments``: by a concept of ``instrument_concepts``, the key of an instrument, or a stem.
    - ``styles``: by the keys of styles; of "a|b", the first that exists.
    - ``approximated_styles``: the same for words that a style only approximates.
    - ``scenes``: words for scenes and occasions, by a key of ``prompt/genres/scenes.toml``.
    - ``sounds``: those of the words for moods and scenes that are a sound beside a place ("rain in the intro"), by a
      concept of ``instrument_concepts``.
    - ``colourings``: words that make a style a colour of another one, by their position: "before" it ("with",
      "influenced by") or "after" it ("influenced", "elements").
    - ``is_head_initial``: whether a noun precedes what describes it ("rock électronique"). ``adjective_endings``:
      endings of style words that are adjectives.
    - ``sections``: by the name of a section: intro, verse, prechorus, chorus, bridge, drop, break, solo, outro; "part"
      has the words for any section ("section", "part").
    - ``sequence``: words that order the parts of a request: "first", "then", "last", "throughout".
    - ``forms``: by a feature of the form, as in ``form_request.form_request_of_features``.
    - ``positions``: by a share of the track's length, 0 to 1.
    - ``modes``, ``metres``, ``decades``: by a mode of ``pitch.MODES``, a metre ("3/4"), the first year of a decade.
    - ``transformations``: by a key of TRANSFORMATIONS or SWING_RATIOS in ``orchestration/transformation_table.py``.
    - ``properties``: nouns for what a transformation changes ("notes", "treble"), by the transformation that more of it
      means; less of it means the opposite.
    - ``exclusivity``: words that exclude all other instruments, by their position: "before" or "after" the instrument,
      "both", or "anywhere"; or by the key of the instrument that they imply.
    - ``labels``: words before the value of a property ("Tempo: 90"), by the property: tempo, key, metre, genre, mood,
      instruments, lyrics, length, exclude, structure, progression, title.
    - ``tempo_units``: words after or before a tempo in beats per minute.
    - ``notes``: names of notes besides the letters A to G, by note ("F", "F#", "Eb"). ``accidentals``: words after the
      name of a note, by "sharp" or "flat"; ``prefix_accidentals`` words before it.
    - ``tonic_modes``: words that are a mode only after a note ("d klein").
    - ``list_signs``: signs besides the comma that separate the items of a list, and no clauses.
    - ``numbers``: number words. ``length_units``: by their number of seconds. ``range_words``: words between the two
      numbers of a range ("90 to 100").
    - ``comparisons``: words before or after a number without a unit: "about", "below", "above", "between" (a range).
    - ``tempo_changes``: words for a tempo relative to that of the style, by their degree, from -2 (much slower) to 2.
    - ``halves``: words before or after a unit that add half of it ("2 and a half minutes", "1分半").
    - ``bar_units``: words after a number of bars.
    - ``ordinals``: words for the number of a section ("second"), by number; -1 is the last one.
    - ``bounds``: words before a section or time that make it a range: "in", "from", "until", "after";
      ``postponed_bounds``: the same for words after it.
    - ``presence``: verbs by which instruments "enter" or "leave"; ``presence_particles`` are the parts of separable
      verbs at the end of a clause ("setzt im Refrain aus").
    - ``decade_affixes``: words, by "before" or "after" the number of a decade ("80s", "anni 80").
    - ``time_prepositions``: words before a point in time ("at 0:30").
    - ``exceptions``: those of the negations that include what follows them after an excluded phrase ("no guitars
      except a banjo").
    - ``all_but``: those of the negations that except a phrase from everything ("everything but").
    - ``unsupported``: phrases that are understood and cannot be realised, by a key of ``unsupported.REASONS``.
    - ``postponed_negations``: words that exclude the phrase before them ("none"). ``reductions``: words that make the
      next phrase quieter or rarer ("less"). ``exclusions``: words that exclude an instrument or stem ("drumless"), by
      its key.
    - ``emphases``: words that make the next instrument louder ("more", "loud"); an adjective such as "quiet" may be a
      reduction or emphasis besides its meaning for the whole track.
    - ``degrees``: words before an adjective, by the strength of the transformation that follows, 0 to 1 ("slightly").
    - ``subjects``: words before what the music is about or for ("for my dog's birthday"), and
      ``possessives`` ("my").
    - ``disjunctions``: those of the conjunctions that exclude every item of a list ("no drums, bass or strings").
    - ``proclitics``: short words that are written together with the next word; with an apostrophe ("l'") or without.
    - ``negations``, ``fillers``, ``conjunctions``: words that exclude the next phrase, words that may occur between the
      two, words that continue a negation.
    - ``stop_words``: words without musical meaning.
    - ``inflections``: alternative endings by the ending that they replace, for the last word of moods, tempos, energy,
      modes and transformations. The longest matching ending applies.
    - ``superlatives``: endings of superlatives by the ending that they replace ("o": "issimo"), for single words for
      tempos and transformations.
    - ``noun_inflections``: the same for instruments and styles. With ``has_agreement`` every word of a phrase is
      inflected ("гитара": "электрическую гитару"), otherwise only the last one.
    - ``has_compounds``: whether nouns are written as one word ("Jazzklavier"); ``compound_heads`` are words that end
      one besides those for instruments, styles, sections and moods ("musik").
    - ``prefixes``, ``suffixes``: particles that are attached to a word without a space. They are words of their own.
    - ``negative_suffixes``: suffixes that exclude the instrument before them ("davulsuz", "schlagzeugfrei").
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    code: str
    moods: Mapping[str, Phrases]
    tempos: Mapping[float, Phrases]
    energy: Mapping[float, Phrases]
    instruments: Mapping[str, Phrases]
    styles: Mapping[str, Phrases]
    forms: Mapping[str, Phrases]
    positions: Mapping[float, Phrases]
    modes: Mapping[str, Phrases]
    metres: Mapping[str, Phrases]
    decades: Mapping[int, Phrases]
    transformations: Mapping[str, Phrases]
    exclusivity: Mapping[str, Phrases]
    negations: Phrases
    fillers: Phrases
    conjunctions: Phrases
    stop_words: Phrases
    name: str = ""
    has_spaces: bool = True
    approximated_styles: Mapping[str, Phrases] = field(default_factory=dict)
    scenes: Mapping[str, Phrases] = field(default_factory=dict)
    sounds: Mapping[str, Phrases] = field(default_factory=dict)
    colourings: Mapping[str, Phrases] = field(default_factory=dict)
    is_head_initial: bool = False
    adjective_endings: Phrases = ()
    sections: Mapping[str, Phrases] = field(default_factory=dict)
    sequence: Mapping[str, Phrases] = field(default_factory=dict)
    labels: Mapping[str, Phrases] = field(default_factory=dict)
    tempo_units: Phrases = ()
    notes: Mapping[str, Phrases] = field(default_factory=dict)
    accidentals: Mapping[str, Phrases] = field(default_factory=dict)
    prefix_accidentals: Mapping[str, Phrases] = field(default_factory=dict)
    tonic_modes: Mapping[str, Phrases] = field(default_factory=dict)
    list_signs: Phrases = ()
    numbers: Mapping[int, Phrases] = field(default_factory=dict)
    length_units: Mapping[float, Phrases] = field(default_factory=dict)
    range_words: Phrases = ()
    comparisons: Mapping[str, Phrases] = field(default_factory=dict)
    tempo_changes: Mapping[float, Phrases] = field(default_factory=dict)
    decade_affixes: Mapping[str, Phrases] = field(default_factory=dict)
    time_prepositions: Phrases = ()
    halves: Phrases = ()
    bar_units: Phrases = ()
    ordinals: Mapping[int, Phrases] = field(default_factory=dict)
    bounds: Mapping[str, Phrases] = field(default_factory=dict)
    postponed_bounds: Mapping[str, Phrases] = field(default_factory=dict)
    presence: Mapping[str, Phrases] = field(default_factory=dict)
    presence_particles: Mapping[str, Phrases] = field(default_factory=dict)
    postponed_negations: Phrases = ()
    exceptions: Phrases = ()
    all_but: Phrases = ()
    unsupported: Mapping[str, Phrases] = field(default_factory=dict)
    reductions: Phrases = ()
    emphases: Phrases = ()
    exclusions: Mapping[str, Phrases] = field(default_factory=dict)
    degrees: Mapping[float, Phrases] = field(default_factory=dict)
    properties: Mapping[str, Phrases] = field(default_factory=dict)
    subjects: Phrases = ()
    possessives: Phrases = ()
    disjunctions: Phrases = ()
    proclitics: Phrases = ()
    inflections: Mapping[str, Phrases] = field(default_factory=dict)
    superlatives: Mapping[str, Phrases] = field(default_factory=dict)
    noun_inflections: Mapping[str, Phrases] = field(default_factory=dict)
    has_agreement: bool = False
    has_compounds: bool = False
    compound_heads: Phrases = ()
    negative_suffixes: Phrases = ()
    prefixes: Phrases = ()
    suffixes: Phrases = ()

    def inflected_phrases(self, phrases: Phrases) -> Iterator[str]:
        """Yield each phrase with all endings of ``inflections``."""
        for phrase in phrases:
            yield from _with_endings(phrase, self.inflections)

    def superlatives_of(self, phrases: Phrases) -> Iterator[str]:
        """Yield the superlatives of the phrases that are single words."""
        for phrase in phrases:
            if " " not in phrase:
                yield from (form for form in _with_endings(phrase, self.superlatives) if form != phrase)

    def adjectives(self, phrases: Phrases) -> Phrases:
        """Return the words that are adjectives by their ending."""
        endings = tuple(self.adjective_endings)
        return tuple(phrase for phrase in phrases if endings and " " not in phrase and phrase.endswith(endings))

    def inflected_nouns(self, phrases: Phrases) -> Iterator[str]:
        """Yield each phrase with all endings of ``noun_inflections``."""
        for phrase in phrases:
            first, space, last = phrase.rpartition(" ")
            endings = _with_endings(last, self.noun_inflections)
            if self.has_agreement and first:
                forms = [self._forms_in_agreement(word) for word in first.split(" ")]
                yield from (" ".join(words) for words in product(*forms, endings))
            else:
                yield from (first + space + form for form in endings)

    def negated_nouns(self, phrases: Phrases) -> Iterator[str]:
        """Yield each phrase with all negative suffixes."""
        yield from (phrase + suffix for phrase in phrases for suffix in self.negative_suffixes)

    def _forms_in_agreement(self, word: str) -> tuple[str, ...]:
        is_inflected = len(word) >= MIN_INFLECTED_LETTERS
        return tuple(_with_endings(word, self.noun_inflections)) if is_inflected else (word,)


def _with_endings(phrase: str, inflections: Mapping[str, Phrases]) -> Iterator[str]:
    """Yield a phrase, and with the alternatives of its longest ending in the table."""
    yield phrase
    if not inflections:
        return
    for start in range(MIN_STEM_LETTERS, len(phrase) + 1):
        if phrase[start:] in inflections:
            yield from (phrase[:start] + suffix for suffix in inflections[phrase[start:]])
            return


_LANGUAGE: Final = TypeAdapter(Language)


def read_language(path: Path) -> Language:
    """Read the vocabulary of a language from its TOML file."""
    return _LANGUAGE.validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
