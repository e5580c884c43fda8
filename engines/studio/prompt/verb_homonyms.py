"""Distinguishes verbs from instruments of the same spelling: "drums kick in", "no kick in the intro"."""

from collections.abc import Sequence
from typing import Final

from engines.studio.prompt.phrases.phrase_meanings import PhraseKind
from engines.studio.prompt.phrases.phrase_table import PHRASE_TABLE
from engines.studio.prompt.text.tokens import Token

SUBJECTS: Final = frozenset({PhraseKind.INSTRUMENT, PhraseKind.FORM, PhraseKind.SECTION})
"""What precedes a verb such as "kick in"."""
PRONOUNS: Final = frozenset({"it", "they", "that", "which", "everything"})


def is_named_instrument(tokens: Sequence[Token], index: int) -> bool:
    """Return whether the first word of a verb is an instrument, because no subject precedes it."""
    own = PHRASE_TABLE.longest(tokens[index : index + 1], 0)
    if own is None or all(meaning.kind is not PhraseKind.INSTRUMENT for meaning in own[1]):
        return False
    before = tokens[index - 1] if index else None
    if before is None or not before.is_readable:
        return True
    found = PHRASE_TABLE.longest((before,), 0)
    return found is not None and before.key not in PRONOUNS and SUBJECTS.isdisjoint(one.kind for one in found[1])
