"""Reads requests that the studio understands and cannot realise: "accelerando", "rubato", "key change"."""

from collections.abc import Mapping
from typing import Final

from engines.remarks import RemarkCode
from engines.studio.prompt.mentions import Mention, Scanner, lookup
from engines.studio.prompt.phrases.phrase_table import PHRASE_TABLE
from engines.studio.prompt.requirements import Requirements

UNSUPPORTED: Final = lookup("unsupported")
SLOWING, ACCELERATING = "slowing", "accelerating"
REASONS: Final[Mapping[str, RemarkCode]] = {
    SLOWING: RemarkCode.TEMPO_CONSTANT,
    ACCELERATING: RemarkCode.TEMPO_CONSTANT,
    "free_tempo": RemarkCode.TEMPO_STEADY,
    "modulation": RemarkCode.KEY_CHANGE_UNAVAILABLE,
}
"""Why a request has no effect, by the keys of the languages' tables ``unsupported``."""


def read_unsupported(scanner: Scanner) -> list[Mention[str]]:
    """Return the phrases for what the studio cannot do, by the keys of REASONS. They take their tokens.

    A longer phrase that it can do has priority: "slows down" is not read in "slows down at the end".
    """
    found = []
    for index in range(len(scanner.tokens)):
        phrase = scanner.longest(UNSUPPORTED, index)
        other = PHRASE_TABLE.longest(scanner.tokens, index) if phrase else None
        if phrase and not (other and other[0] > phrase[0]):
            found.append(scanner.take(phrase[1][0].value, index, phrase[0]))
    return found


def add_unsupported(mentions: list[Mention[str]], requirements: Requirements) -> None:
    """Report the phrases as ignored, each with the reason."""
    for mention in mentions:
        requirements.ignored.append(mention.text)
        requirements.notes.append(REASONS[mention.value].write(words=mention.text))
