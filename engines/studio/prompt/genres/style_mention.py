"""The name of a style in a prompt, and what its words say beside the style."""

from dataclasses import dataclass
from typing import Final

from engines.studio.languages import LANGUAGES
from engines.studio.orchestration import default_parts
from engines.studio.prompt.genres import lexicon
from engines.studio.prompt.phrases.phrase_meanings import INTERNATIONAL, PhraseKind, PhraseMatch
from engines.studio.prompt.text.tokens import normalize
from engines.studio.theory.metre import COMMON_TIME

ADJECTIVE_ENDINGS: Final = {language.code: language.adjective_endings for language in LANGUAGES}
ADJECTIVES: Final = frozenset(normalize(word) for words in lexicon.ADJECTIVES.values() for word in words)
FAMILIES: Final = {normalize(word): keys for word, keys in lexicon.FAMILIES.items()}
SCORINGS: Final = {normalize(name): concepts for name, concepts in lexicon.ENSEMBLES.items()}
STRING_QUARTET: Final = SCORINGS["string quartet"]
SOLO_ENDING: Final = " solo"
"""The end of "piano solo", a section within another style; "solo piano" is a piano alone."""


@dataclass(frozen=True, slots=True)
class StyleMention:
    """The name of a style in a prompt. ``is_colour`` says that words such as "with" make it a colour of another one.

    ``coloured`` is the text with such a word that follows: "jazz chords".
    """

    style: str
    match: PhraseMatch
    is_exact: bool
    is_colour: bool = False
    coloured: str | None = None

    @property
    def text(self) -> str:
        return self.coloured or self.match.text

    @property
    def family(self) -> tuple[str, ...]:
        """The styles that it comprises if it is the word for a family of genres."""
        return FAMILIES.get(normalize(self.match.text), ())

    @property
    def scoring(self) -> tuple[str, ...]:
        """The concepts of the instruments that it consists of if it is the name of an ensemble."""
        usual = STRING_QUARTET if self.is_exact and self.style == "quartet" else ()
        return SCORINGS.get(normalize(self.match.text), usual)

    @property
    def is_vague(self) -> bool:
        """Whether it is no more than the word for a family ("electronic"); "rock" is also a style of its own."""
        return bool(self.family) and not self.is_exact

    @property
    def is_rhythm(self) -> bool:
        """Whether it names a metre, too: "lofi waltz" is lofi in 3/4."""
        return self.match.value_of(PhraseKind.METRE) not in {None, COMMON_TIME.name}

    @property
    def is_solo_piano(self) -> bool:
        """Whether it says "solo piano" or "piano solo", a line-up or a section of any other style."""
        is_solo = default_parts.SOLO_WORDS.search(self.match.text) or self.match.text.endswith(SOLO_ENDING)
        return self.style == "piano" and bool(is_solo)

    @property
    def is_colouring_word(self) -> bool:
        """Whether it is an adjective such as "jazzy", which rarely names a style without a noun."""
        return normalize(self.match.text) in ADJECTIVES

    @property
    def is_adjective(self) -> bool:
        word = normalize(self.match.text)
        endings = ADJECTIVE_ENDINGS.get(self._language, ())
        return self.is_colouring_word or (" " not in word and bool(endings) and word.endswith(endings))

    @property
    def _language(self) -> str:
        kinds = {PhraseKind.STYLE, PhraseKind.APPROXIMATED_STYLE}
        return next((meaning.language for meaning in self.match.meanings if meaning.kind in kinds), INTERNATIONAL)
