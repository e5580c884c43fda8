"""Reads how often sections occur: "four verses", "two verses and three choruses"."""

from collections.abc import Mapping
from typing import Final

from engines.studio.prompt.form.sections import MAX_REPEATS, SECTION_NAMES
from engines.studio.prompt.mentions import BOUNDS, ORDINALS, Mention, Scanner

COUNTED: Final = frozenset({"verse", "chorus", "bridge", "break", "drop"})
MAX_CONTEXT: Final = 2
"""The tokens before a number that may make it a place: "after the two verses"."""


def read_section_counts(scanner: Scanner) -> Mention[tuple[str, ...]] | None:
    """Return a form with as many verses, choruses, bridges, breaks and drops as the prompt names, or None."""
    counts: dict[str, int] = {}
    spans: list[tuple[int, int]] = []
    for index in range(len(scanner.tokens)):
        found = _count(scanner, index)
        if found:
            name, count, end = found
            counts.setdefault(name, count)
            spans.append((index, end))
    if not counts or max(counts.values()) == 1:
        return None
    for start, end in spans:
        scanner.taken.update(range(start, end))
    start, end = spans[0][0], spans[-1][1]
    return Mention(_form(counts), start, end, scanner.text.slice(start, end))


def _count(scanner: Scanner, index: int) -> tuple[str, int, int] | None:
    number = scanner.number_or_word(index)
    name = scanner.longest(SECTION_NAMES, number[1]) if number else None
    if number is None or name is None or name[1][0].value not in COUNTED:
        return None
    count, end = int(number[0]), number[1]
    before = range(max(0, index - MAX_CONTEXT), index)
    is_place = any(scanner.longest(words, at) for at in before for words in (BOUNDS, ORDINALS))
    is_number = bool(scanner.longest(SECTION_NAMES, index - 1)) or scanner.at(end).is_glued  # "verse 2 chorus"
    if is_place or is_number or not 1 <= count <= MAX_REPEATS:
        return None
    return name[1][0].value, count, name[0]


def _form(counts: Mapping[str, int]) -> tuple[str, ...]:
    """Alternate verses and choruses; the other sections precede the last chorus, or the last verse."""
    if "drop" in counts and not counts.keys() & {"verse", "chorus"}:
        names = [name for _ in range(counts["drop"]) for name in ("break", "drop")]
    else:
        verses = counts.get("verse", counts.get("chorus", 2))
        choruses = counts.get("chorus", verses)
        rounds = range(max(verses, choruses))
        names = [name for i in rounds for name, count in (("verse", verses), ("chorus", choruses)) if i < count]
    others = [name for name in ("bridge", "break", "drop") for _ in range(counts.get(name, 0)) if name not in names]
    return ("intro", *names[:-1], *others, names[-1], "outro")
