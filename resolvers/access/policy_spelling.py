"""Recognize names that are misspelled by one letter, for the content policy."""

from collections.abc import Iterable
from typing import Final

MIN_MISSPELLED: Final = 7
"""Letters of the shortest name that is recognized with an error; shorter ones resemble too many ordinary words."""

MAX_REST: Final = 2
"""Letters in which two words differ when two neighbours are swapped."""


class Spelling:
    """Find the name that a word misspells: one letter is missing, added or wrong, or two neighbours are swapped.

    Names are indexed by themselves and by their spellings without one letter, as in the algorithm SymSpell.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names: dict[str, list[str]] = {}
        for name in sorted(set(names)):
            if len(name) >= MIN_MISSPELLED:
                for spelling in _shorten(name):
                    self._names.setdefault(spelling, []).append(name)

    def correct(self, word: str) -> str | None:
        """Return the first name with at most one error, which is neither the first nor the last letter, or None.

        The last letter of ordinary words changes with their gender, case and number.
        """
        if len(word) < MIN_MISSPELLED:
            return None
        candidates = (name for spelling in _shorten(word) for name in self._names.get(spelling, ()))
        return next(
            (
                name
                for name in candidates
                if name[0] == word[0] and name[-1] == word[-1] and _differ_by_one_error(name, word)
            ),
            None,
        )


def _shorten(word: str) -> Iterable[str]:
    return dict.fromkeys([word, *(word[:at] + word[at + 1 :] for at in range(len(word)))])


def _differ_by_one_error(first: str, second: str) -> bool:
    start = 0
    while start < min(len(first), len(second)) and first[start] == second[start]:
        start += 1
    first, second = first[start:], second[start:]
    while first and second and first[-1] == second[-1]:
        first, second = first[:-1], second[:-1]
    is_swapped = len(first) == MAX_REST and first == second[::-1]
    return is_swapped or (len(first) <= 1 and len(second) <= 1)
