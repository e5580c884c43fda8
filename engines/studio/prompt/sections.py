"""Reads sections: "[Verse 1]", "intro, verse, chorus", "5 sections", "starts with piano, then drums"."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engines.studio.model.form_request import SectionRequest
from engines.studio.prompt.lookup import PhraseLookup
from engines.studio.prompt.mentions import NUMBERS, SEPARATORS, Labelled, Mention, Reader, lookup
from engines.studio.prompt.phrases import PhraseKind, PhraseMatch
from engines.studio.prompt.tokens import Text

MIN_LISTED: Final = 3
"""The fewest names of sections in a row that are a form, unless a label precedes them."""
MAX_SECTIONS: Final = 24
MAX_COUNT: Final = 16
MAX_REPEATS: Final = 8
SECTION_NAMES: Final[PhraseLookup[Labelled]] = lookup("sections")
PART: Final = "part"
"""The name of a section without a function, and the key of the words for it."""
LIST_SIGNS: Final = frozenset("-\u2013\u2014,>→/|+\n")


@dataclass(frozen=True, slots=True)
class NamedSection:
    """A section in a tag or list: its name, and the range of token indexes that describes it."""

    name: str
    start: int
    end: int


def read_tags(reader: Reader) -> list[Mention[NamedSection]]:
    """Return the sections of all tags in square brackets: "[Verse 1]", "[Chorus: loud]", "[Bridge x2]"."""
    found = []
    opening = None
    for index, token in enumerate(reader.tokens):
        if token.text == "[":
            opening = index
        elif token.text == "]" and opening is not None:
            name = reader.longest(SECTION_NAMES, opening + 1)
            if name:
                end, repeats = _after_number(reader, name[0])
                section = NamedSection(name[1][0].value, end, index)
                reader.taken.update((*range(opening, end), index))
                found += [Mention(section, opening, index + 1, reader.text.slice(opening, index + 1))] * repeats
            opening = None
    return found[:MAX_SECTIONS]


def tags_of_lyrics(lyrics: str) -> list[str]:
    """Return the names of the sections that tags in lyrics lay out."""
    return [mention.value.name for mention in read_tags(Reader(Text(lyrics)))]


def _after_number(reader: Reader, index: int) -> tuple[int, int]:
    """Return the index after "1" or "x2", and how often the section occurs."""
    times = reader.at(index).key in {"x", "\u00d7"}
    number = reader.at(index + times).number
    if number is None:
        return index, 1
    end = index + times + 1
    is_repeated = times or reader.at(end).key == "x"
    end += reader.at(end).key == "x"
    return end, min(MAX_REPEATS, max(1, int(number))) if is_repeated else 1


def read_lists(reader: Reader) -> list[Mention[tuple[str, ...]]]:
    """Return all lists of sections: "intro, verse, chorus, outro", "Structure: verse chorus verse"."""
    found, index = [], 0
    while index < len(reader.tokens):
        label = reader.is_label(index, "structure")
        start = label + (reader.at(label).text in SEPARATORS) if label else index
        names, end = _names(reader, start)
        if len(names) >= (1 if label and start > label else MIN_LISTED):
            end = reader.is_label(end, "structure") or end
            found.append(reader.take(tuple(names), index, end))
            index = end
        else:
            index = max(index + 1, end if len(names) > 1 else 0)
    return found


def _names(reader: Reader, start: int) -> tuple[list[str], int]:
    names: list[str] = []
    index = end = start
    while (name := reader.longest(SECTION_NAMES, index)) and len(names) < MAX_SECTIONS:
        end, repeats = _after_number(reader, name[0])
        names += [name[1][0].value] * repeats
        index = end
        while reader.at(index).text in LIST_SIGNS or (reader.at(index).key in {"&", "then"} and names):
            index += 1
    return names, end


def read_counts(reader: Reader) -> list[Mention[int]]:
    """Return the numbers of sections: "5 sections", "three contrasting parts"."""
    found = []
    for index in range(len(reader.tokens)):
        number = reader.at(index).number
        word = reader.longest(NUMBERS, index) if number is None else None
        end = index + 1 if number is not None else word[0] if word else None
        count = number if number is not None else float(word[1][0].value) if word else 0.0
        if end is None or not 1 < count <= MAX_COUNT:
            continue
        for position in (end, end + 1):
            name = reader.longest(SECTION_NAMES, position)
            if name and name[1][0].value == PART:
                found.append(reader.take(int(count), index, end))
                reader.taken.update(range(position, name[0]))
                break
    return found


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a sequence: "first", "then" or "last", the section that it names, and its range of token indexes."""

    order: str
    start: int
    end: int
    name: str | None


def find_steps(matches: Sequence[PhraseMatch], token_count: int) -> list[Step]:
    """Return the steps into which "first", "then" and "finally" divide a prompt; none if there is only one."""
    markers = [
        (match, str(order)) for match in matches if (order := match.value_of(PhraseKind.SEQUENCE)) in {"first", "then", "last"}
    ]
    markers = [
        (match, order)
        for match, order in markers
        if match.kind in {PhraseKind.SEQUENCE, PhraseKind.POSITION, PhraseKind.STOP_WORD, PhraseKind.CONJUNCTION}
    ]
    if not markers:
        return []
    steps = []
    if markers[0][1] != "first":
        steps.append(Step("first", 0, markers[0][0].start, _name_in(matches, 0, markers[0][0].start)))
    for number, (match, order) in enumerate(markers):
        end = markers[number + 1][0].start if number + 1 < len(markers) else token_count
        if end > match.end:
            steps.append(Step(order, match.end, end, _name_in(matches, match.end, end)))
    return steps


def _name_in(matches: Sequence[PhraseMatch], start: int, end: int) -> str | None:
    return next(
        (
            str(name)
            for match in matches
            if start <= match.start < end and (name := match.value_of(PhraseKind.SECTION)) is not None
        ),
        None,
    )


def default_form(requested: SectionRequest) -> tuple[SectionRequest, ...]:
    """Return a form with one requested section, a solo or a bridge, before the last chorus."""
    return (
        SectionRequest("intro"),
        SectionRequest("verse"),
        SectionRequest("chorus"),
        requested,
        SectionRequest("chorus"),
        SectionRequest("outro"),
    )
