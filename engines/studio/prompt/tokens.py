"""A request as words: what is written is cut up, folded to plain letters, and struck out once it is understood."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

LONGEST: Final = 4000
"""Characters of a request that are read."""
ELIDED: Final = re.compile(r"\b(l|d|j|c|m|n|s|qu|dell|all|nell|dall|sull|un|senz|quell)'(?=\w)")
FUSED: Final = re.compile(r"\be-(?=(?:piano|gitarren?|bass|guitar)\b)")
WORD: Final = re.compile(r"[^\W_]+(?:['&][^\W_]+)*|[,;.]")
STOPS: Final = frozenset(",;.")


@cache
def folded(word: str) -> str:
    """A word in plain small letters, without accents: "Flöte" is "flote"."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", word) if not unicodedata.combining(letter))
    return plain.casefold().replace("œ", "oe").replace("ß", "ss")


def spellings(phrase: str) -> Iterator[tuple[str, ...]]:
    """A phrase as folded words, and once more with "ae" for "ä" where it has such letters."""
    umlauts = phrase.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    for spelling in dict.fromkeys((phrase, umlauts)):
        yield tuple(folded(word) for word in WORD.findall(ELIDED.sub(r"\1 ", FUSED.sub("e", spelling))))


@dataclass(frozen=True, slots=True)
class Word:
    """A word or comma: as it was written (in small letters), folded, and where it stands."""

    written: str
    plain: str
    start: int
    end: int

    @property
    def is_stop(self) -> bool:
        """Whether it is a comma or the like."""
        return self.plain in STOPS


class Text:
    """A request while it is read."""

    def __init__(self, written: str) -> None:
        plain = unicodedata.normalize("NFKC", written[:LONGEST]).lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
        self.all = FUSED.sub("e", ELIDED.sub(r"\1 ", plain))

    def take(self, pattern: re.Pattern[str], suits: Callable[[re.Match[str]], bool] = bool) -> re.Match[str] | None:
        """The first match that suits; it is struck out."""
        match = next((one for one in pattern.finditer(self.all) if suits(one)), None)
        if match:
            self.strike(match.start(), match.end())
        return match

    def strike(self, start: int, end: int) -> str:
        """Blanks a stretch; gives what stood there."""
        found = self.all[start:end].strip()
        self.all = self.all[:start] + " " * (end - start) + self.all[end:]
        return found

    def words(self) -> list[Word]:
        """The words that are left, in order."""
        return [Word(m.group(), folded(m.group()), m.start(), m.end()) for m in WORD.finditer(self.all)]


def listed(found: Iterable[str], limit: int = 40) -> tuple[str, ...]:
    """Words to be told: each once, no more than ``limit``, none longer than 40 characters, no broken characters."""
    return tuple(dict.fromkeys(" ".join(word.split())[:40].encode(errors="ignore").decode() for word in found))[:limit]
