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
from engines.studio.prompt.genres import scorings
from engines.studio.prompt.genres.style_mention import StyleMention
from engines.studio.prompt.mentions import LABELS, SEPARATORS, Scanner, lookup
from engines.studio.prompt.phrases.phrase_meanings import ADJECTIVE_KINDS, PhraseKind, PhraseMatch

COLOURINGS: Final = lookup("colourings")
"""Words that make the style after or before them a colour: "with", "-influenced"."""
BEFORE: Final = "before"
AFTER: Final = "after"
HEAD_INITIAL: Final = frozenset(language.code for language in LANGUAGES if language.is_head_initial)
"""Languages in which the head precedes what describes it: "rock électronique"."""
ENSEMBLES: Final = frozenset({"quartet", "march"})
"""Styles that are ensembles. They head any compound: "string quartet metal cover"."""
LINKS: Final = ADJECTIVE_KINDS | {PhraseKind.DECADE, PhraseKind.FILLER}
"""What may stand between the words of a compound: "techno dark house"."""
MAX_WORDS_BACK: Final = 8
"""The most tokens between "with" and a style that it governs."""


@dataclass(frozen=True, slots=True)
class NamedStyle:
    """The style that a prompt names, the mentions that colour it, and those that lose to it.

    ``tokens`` are the indexes of the words that make a style a colour, such as "influenced". ``ensembles`` are those
    for which the style is scored; ``is_scored`` says that it is scored for the instruments of the prompt.
    """

    head: StyleMention
    colours: tuple[StyleMention, ...]
    others: tuple[StyleMention, ...]
    tokens: frozenset[int]
    ensembles: tuple[StyleMention, ...] = ()
    is_scored: bool = False


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
    links = frozenset(index for match in matches if match.kind in LINKS for index in range(match.start, match.end))
    ensembles = scorings.find_ensembles(marked, scanner, links)
    marked = [mention for mention in marked if mention not in ensembles]
    candidates = [m for m in marked if not m.is_colour] or marked
    if any(not (m.is_adjective or m.is_vague) for m in candidates):
        candidates = [m for m in candidates if not m.is_adjective]
    has_other = any(not (m.is_solo_piano or m.is_rhythm) for m in candidates)
    candidates = [m for m in candidates if m.is_solo_piano is not has_other] or candidates
    compounds = _compounds(candidates, scanner, links.union(_positions(marked)))
    heads = [_head_of(compound, is_head_initial=is_head_initial) for compound in compounds]
    head = next((m for m in candidates if m.style in heads[0].family and m.style != heads[0].style), heads[0])
    compound = next(group for group in compounds if head in group)
    beside = {m.match.start for m in candidates} - {m.match.start for m in compound}
    rest = [m for m in marked if m is not head]
    colours = tuple(m for m in rest if m.match.start not in beside)
    others = tuple(m for m in rest if m.match.start in beside)
    is_scored = scorings.is_scored(head, scanner, matches, links)
    return NamedStyle(head, colours, others, frozenset(tokens), ensembles, is_scored)


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
