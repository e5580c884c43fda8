"""Inflects the vocabulary before the first prompt, in processes that fork one child per render."""

from string import ascii_lowercase
from typing import Final

from engines.studio.prompt import reader

EVERY_LETTER: Final = " ".join(f"{letter}x" for letter in ascii_lowercase)
COMPOUND: Final = "technobeat"


def inflect_vocabulary() -> None:
    """Read a word with each Latin letter, and a compound.

    Phrases are inflected when a word first begins like them, and the parts of compounds when a word is long enough to
    be one. This takes about a second, of which a child would spend a third on a prompt of a few words.
    """
    reader.read(f"{EVERY_LETTER} {COMPOUND}")
