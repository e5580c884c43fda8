"""Decides which of several named styles is the style of the track, and which only colour it.

The head of a noun phrase names the style: "funky disco" is disco, "jazz house" house, "rock électronique" rock. Words
after "with" and words such as "-influenced" colour it. Of styles that are listed side by side, the first counts, unless
it is the word for a family of genres and a later one belongs to that family ("classical, string quartet").
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from engines.studio.languages import LANGUAGES
from engines.studio.orchestration import default_parts
from engines.studio.prompt.genres import lexicon
from engines.studio.prompt.mentions import LABELS, SEPARATORS, Scanner, lookup
from engines.studio.prompt.phrases.phrase_meanings import ADJECTIVE_KINDS, INTERNATIONAL, PhraseKind, PhraseMatch
from engines.studio.prompt.text.tokens import normalize
from engines.studio.theory.metre import COMMON_TIME

COLOURINGS: Final = lookup("colourings")
"""Words that make the style after or before them a colour: "with", "-influenced"."""
BEFORE: Final = "before"
AFTER: Final = "after"
HEAD_INITIAL: Final = frozenset(language.code for language in LANGUAGES if language.is_head_initial)
"""Languages in which the head precedes what describes it: "rock électronique"."""
ADJECTIVE_ENDINGS: Final = {language.code: language.adjective_endings for language in LANGUAGES}
ADJECTIVES: Final = frozenset(normalize(word) for words in lexicon.ADJECTIVES.values() for word in words)
FAMILIES: Final = {normalize(word): keys for word, keys in lexicon.FAMILIES.items()}
ENSEMBLES: Final = frozenset({"quartet", "march"})
"""Styles that are ensembles. They head any compound: "string quartet metal cover"."""
LINKS: Final = ADJECTIVE_KINDS | {PhraseKind.DECADE, PhraseKind.FILLER}
"""What may stand between the words of a compound: "techno dark house"."""
SOLO_ENDING: Final = " solo"
"""The end of "piano solo", a section within another style; "solo piano" is a piano alone."""
MAX_WORDS_BACK: Final = 8
"""The most tokens between "with" and a style that it governs."""


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


@dataclass(frozen=True, slots=True)
class NamedStyle:
    """The style that a prompt names, the mentions that colour it, and those that lose to it.

    ``tokens`` are the indexes of the words that make a style a colour, such as "influenced".
    """

    head: StyleMention
    colours: tuple[StyleMention, ...]
    others: tuple[StyleMention, ...]
    tokens: frozenset[int]


def find_head(
    mentions: Sequence[StyleMention], scanner: Scanner, matches: Sequence[PhraseMatch], languages: Sequence[str]
) -> NamedStyle | None:
    """Return the named style of a prompt; None if it names none.

    ``matches`` are all phrases of the prompt, ``languages`` the codes of its languages, the main one first.
    """
    if not mentions:
        return None
    is_head_initial = bool(languages) and languages[0] in HEAD_INITIAL
    tokens: set[int] = set()
    marked = [_mark(mention, scanner, tokens) for mention in mentions]
    candidates = [m for m in marked if not m.is_colour] or marked
    if any(not (m.is_adjective or m.is_vague) for m in candidates):
        candidates = [m for m in candidates if not m.is_adjective]
    has_other = any(not (m.is_solo_piano or m.is_rhythm) for m in candidates)
    candidates = [m for m in candidates if m.is_solo_piano is not has_other] or candidates
    links = frozenset(index for match in matches if match.kind in LINKS for index in range(match.start, match.end))
    compounds = _compounds(candidates, scanner, links.union(_positions(marked)))
    heads = [_head_of(compound, is_head_initial=is_head_initial) for compound in compounds]
    head = next((m for m in candidates if m.style in heads[0].family and m.style != heads[0].style), heads[0])
    compound = next(group for group in compounds if head in group)
    beside = {m.match.start for m in candidates} - {m.match.start for m in compound}
    rest = [m for m in marked if m is not head]
    colours = tuple(m for m in rest if m.match.start not in beside)
    return NamedStyle(head, colours, tuple(m for m in rest if m.match.start in beside), frozenset(tokens))


def _mark(mention: StyleMention, scanner: Scanner, tokens: set[int]) -> StyleMention:
    """Return a mention with ``is_colour`` set if a word such as "with" or "influenced" makes it one."""
    match = mention.match
    index = match.end + (scanner.at(match.end).text == "-")
    found = scanner.longest(COLOURINGS, index)
    if found and any(word.value == AFTER for word in found[1]):
        tokens.update(range(index, found[0]))
        return replace(mention, is_colour=True, coloured=scanner.text.slice(match.start, found[0]))
    for index in range(match.start - 1, max(-1, match.start - 1 - MAX_WORDS_BACK), -1):
        token = scanner.tokens[index]
        if index in tokens or token.is_break or token.text in SEPARATORS or scanner.longest(LABELS, index):
            break
        found = scanner.longest(COLOURINGS, index)
        if found and found[0] <= match.start and any(word.value == BEFORE for word in found[1]):
            tokens.update(range(index, found[0]))
            return replace(mention, is_colour=True)
    return mention


def _positions(mentions: Sequence[StyleMention]) -> Iterator[int]:
    return (index for mention in mentions for index in range(mention.match.start, mention.match.end))


def _compounds(
    candidates: Sequence[StyleMention], scanner: Scanner, links: Collection[int]
) -> list[list[StyleMention]]:
    """Group the mentions that follow each other with nothing but hyphens and the tokens ``links`` between them."""
    groups = [[candidates[0]]]
    for previous, mention in pairwise(candidates):
        between = range(previous.match.end, mention.match.start)
        if all(index in links or scanner.at(index).text == "-" for index in between):
            groups[-1].append(mention)
        else:
            groups.append([mention])
    return groups


def _head_of(compound: Sequence[StyleMention], *, is_head_initial: bool) -> StyleMention:
    """Return the head of a compound: an ensemble, otherwise the first or the last noun, by the language."""
    nouns = [mention for mention in compound if not (mention.is_adjective or mention.is_rhythm or mention.is_vague)]
    nouns = nouns or [mention for mention in compound if not (mention.is_colouring_word or mention.is_vague)]
    nouns = nouns or list(compound)
    ensembles = [mention for mention in nouns if mention.style in ENSEMBLES]
    return (ensembles or nouns)[0 if is_head_initial else -1]
