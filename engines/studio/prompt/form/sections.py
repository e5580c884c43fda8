"""Reads the names and numbers of sections: "[Verse 1]", "intro, verse, chorus", "AABA form", "5 sections"."""

from dataclasses import dataclass, replace
from typing import Final

from engines.studio.prompt.mentions import SEPARATORS, Labelled, Mention, Scanner, lookup
from engines.studio.prompt.phrases.phrase_lookup import PhraseLookup
from engines.studio.prompt.text.tokens import Text

THEME_ORDERS: Final = frozenset(
    {"aba", "aaba", "abab", "ababa", "ababcb", "abac", "abaca", "abacaba", "abc", "abcba", "aab", "aabb"}
)
MAX_THEMES: Final = max(map(len, THEME_ORDERS)) + 1
RONDO: Final = {"rondo": "abaca"}
MIN_LISTED: Final = 3
"""The fewest names of sections in a row that are a form, unless a label precedes them."""
MAX_SEPARATORS: Final = 3
MAX_SECTIONS: Final = 24
MAX_COUNT: Final = 16
MAX_REPEATS: Final = 8
SECTION_NAMES: Final[PhraseLookup[Labelled]] = lookup("sections", is_inflected=True)
PART: Final = "part"
"""The name of a section without a function, and the key of the words for it."""
BRACKETS: Final = {"[": "]", "(": ")"}
TAG_SIGNS: Final = frozenset(":-\u2013\u2014=")
CLAUSE_ENDS: Final = frozenset(".;|\n,")
MIN_LABELLED: Final = 2
LIST_BREAKS: Final = frozenset("-\u2013\u2014,、>→/|+\n")


@dataclass(frozen=True, slots=True)
class NamedSection:
    """A section in a tag or list: its name, and the range of token indexes that describes it."""

    name: str
    start: int
    end: int


def read_tags(scanner: Scanner) -> list[Mention[NamedSection]]:
    """Return the sections of all tags in brackets: "[Verse 1]", "[Chorus: loud]", "[Bridge x2]", "(Intro - piano)".

    Without brackets, the names of two or more sections with colons are tags ("Intro: piano. Verse: drums").
    """
    found: list[Mention[NamedSection]] = []
    opening = None
    for index, token in enumerate(scanner.tokens):
        if token.text in BRACKETS:
            opening = index
        elif opening is not None and token.text == BRACKETS[scanner.tokens[opening].text]:
            name = scanner.longest(SECTION_NAMES, opening + 1)
            if name and (token.text == "]" or _is_labelled(scanner, name[0], index)):
                end, repeats = _after_number(scanner, name[0])
                section = NamedSection(name[1][0].value, end, index)
                scanner.taken.update((*range(opening, end), index))
                found += [Mention(section, opening, index + 1, scanner.text.slice(opening, index + 1))] * repeats
            opening = None
    found = found or _labelled_sections(scanner)
    return _with_following_text(scanner, found[:MAX_SECTIONS])


def _is_labelled(scanner: Scanner, end: int, closing: int) -> bool:
    """Return whether a name in round brackets is a tag: "(Chorus - full band)", not "(verse and chorus)"."""
    return _after_number(scanner, end)[0] == closing or scanner.tokens[end].text in TAG_SIGNS


def _labelled_sections(scanner: Scanner) -> list[Mention[NamedSection]]:
    """Return the sections that begin a clause and that a colon follows, if there are two or more."""
    found: list[Mention[NamedSection]] = []
    for index in range(len(scanner.tokens)):
        is_start = index == 0 or scanner.tokens[index - 1].text in CLAUSE_ENDS
        name = scanner.longest(SECTION_NAMES, index) if is_start else None
        end = _after_number(scanner, name[0])[0] if name else index
        if name and scanner.at(end).text == ":" and name[1][0].value != PART:
            found.append(
                Mention(NamedSection(name[1][0].value, end, end), index, end + 1, scanner.text.slice(index, end))
            )
    if len(found) < MIN_LABELLED:
        return []
    for mention in found:
        scanner.taken.update(range(mention.start, mention.end))
    return found


def _with_following_text(scanner: Scanner, tags: list[Mention[NamedSection]]) -> list[Mention[NamedSection]]:
    """Let the text after a tag describe its section, up to the next tag or, after the last one, to the end of the line.

    If no text separates the tags ("[Intro] [Verse] pop"), the text after the last one does not belong to it.
    """
    ends = [following.start for following in tags[1:]]
    is_text = any(
        any(scanner.at(index).is_readable for index in range(tag.end, end))
        for tag, end in zip(tags, ends, strict=False)
    )
    if not is_text:
        return tags
    last = tags[-1].end
    stops = {"\n", *BRACKETS} | (CLAUSE_ENDS if scanner.tokens[tags[-1].start].is_readable else frozenset())
    while last < len(scanner.tokens) and scanner.tokens[last].text not in stops:
        last += 1
    return [
        replace(tag, value=replace(tag.value, end=max(tag.value.end, end)))
        for tag, end in zip(tags, [*ends, last], strict=True)
    ]


def tags_of_lyrics(lyrics: str) -> list[str]:
    """Return the names of the sections that tags in lyrics lay out."""
    return [mention.value.name for mention in read_tags(Scanner(Text(lyrics)))]


def _after_number(scanner: Scanner, index: int) -> tuple[int, int]:
    """Return the index after "1" or "x2", and how often the section occurs."""
    times = scanner.at(index).key in {"x", "\u00d7"}
    number = scanner.at(index + times).number
    if number is None:
        return index, 1
    end = index + times + 1
    is_repeated = times or scanner.at(end).key == "x"
    end += scanner.at(end).key == "x"
    return end, min(MAX_REPEATS, max(1, int(number))) if is_repeated else 1


def read_lists(scanner: Scanner) -> list[Mention[tuple[str, ...]]]:
    """Return all lists of sections: "intro, verse, chorus, outro", "Structure: verse chorus verse"."""
    found, index = [], 0
    while index < len(scanner.tokens):
        label = scanner.is_label(index, "structure")
        start = label + (scanner.at(label).text in SEPARATORS) if label else index
        names, end = _names(scanner, start)
        if len(names) >= (1 if label and start > label else MIN_LISTED):
            end = scanner.is_label(end, "structure") or end
            found.append(scanner.take(tuple(names), index, end))
            index = end
        else:
            index = max(index + 1, end if len(names) > 1 else 0)
    return found


def _names(scanner: Scanner, start: int) -> tuple[list[str], int]:
    names: list[str] = []
    index = end = start
    while (name := scanner.longest(SECTION_NAMES, index)) and len(names) < MAX_SECTIONS:
        end, repeats = _after_number(scanner, name[0])
        names += [name[1][0].value] * repeats
        index = end
        for _ in range(MAX_SEPARATORS):
            index += scanner.at(index).text in LIST_BREAKS or (scanner.at(index).key in {"&", "then"} and bool(names))
    return names, end


def read_themes(scanner: Scanner) -> list[Mention[str]]:
    """Return all forms in letters: "AABA form", "A-B-A"."""
    found = []
    for index in range(len(scanner.tokens)):
        key, end = scanner.at(index).key, index + 1
        if len(key) == 1:
            while len(key) < MAX_THEMES and scanner.at(end).text == "-" and len(scanner.at(end + 1).key) == 1:
                key, end = key + scanner.at(end + 1).key, end + 2
        order = RONDO.get(key) or (key if key in THEME_ORDERS else None)
        if order:
            found.append(scanner.take(order, index, scanner.is_label(end, "structure") or end))
    return found


def read_counts(scanner: Scanner) -> list[Mention[int]]:
    """Return the numbers of sections: "5 sections", "three contrasting parts"."""
    found = []
    for index in range(len(scanner.tokens)):
        count, end = scanner.number_or_word(index) or (0.0, index)
        if not 1 < count <= MAX_COUNT:
            continue
        for position in (end, end + 1):
            name = scanner.longest(SECTION_NAMES, position)
            if name and name[1][0].value == PART:
                found.append(scanner.take(int(count), index, end))
                break
    return found
