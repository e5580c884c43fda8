"""Colours of chords: suspensions that resolve, and added seconds and sevenths, where a style has them."""

from typing import Final

import numpy as np

from engines.studio.model.style import Style
from engines.studio.theory.pitch import Key

Bars = list[tuple[str, ...]]

SUSPENSIONS: Final = {
    "V": ("Vsus4", "V"), "V7": ("V7sus4", "V7"), "V9": ("V9sus4", "V9"), "V13": ("V9sus4", "V13"), "I": ("Isus4", "I"),
    "I7": ("I7sus4", "I7"), "IV": ("IVsus2", "IV"), "i": ("isus4", "i"), "bVII": ("bVIIsus4", "bVII"),
    "i7": ("i7sus4", "i7"), "bVI": ("bVIsus2", "bVI"), "vi": ("visus4", "vi"), "ii7": ("ii7sus4", "ii7"),
}  # fmt: skip
"""Chords whose third is delayed by the fourth or the second."""
COLOURS: Final = {
    "I": "Iadd9", "IV": "IVadd9", "vi": "vi7", "ii": "ii7", "i": "iadd9", "bVI": "bVImaj7", "bIII": "bIIIadd9",
    "iv": "iv7", "bVII": "bVIIadd9", "I7": "I9", "IV7": "IV9", "i7": "i9", "iv7": "iv9", "ii7": "ii9", "vi7": "vi9",
    "Imaj7": "Imaj9", "IVmaj7": "IVmaj9", "bVImaj7": "bVImaj9", "bIIImaj7": "bIIImaj9", "V7": "V9",
}  # fmt: skip
"""Richer chords of the same root and function."""
MIN_COLOURED_SHARE: Final = 0.2
"""The share of sevenths and ninths in the examples of a style from which its other chords get colours, too."""
COLOUR_FACTOR: Final = 1.6


CYCLE_BARS: Final = 8
"""The bars after which the colours of a theme repeat: a returning loop keeps them."""


def with_suspensions(bars: Bars, style: Style, key: Key, rng: np.random.Generator) -> Bars:
    """Return the bars with some chords suspended or coloured, each with the probability ``style.suspensions``.

    The bars of a cycle of CYCLE_BARS are drawn once.
    """
    is_coloured = _is_coloured(style, key)
    draws = rng.random((CYCLE_BARS, 2))
    result: Bars = []
    for number, bar in enumerate(bars):
        suspension, colour = draws[number % CYCLE_BARS]
        if len(bar) == 1 and suspension < style.suspensions and bar[0] in SUSPENSIONS:
            result.append(SUSPENSIONS[bar[0]])
        elif is_coloured and colour < COLOUR_FACTOR * style.suspensions:
            result.append(tuple(COLOURS.get(token, token) for token in bar))
        else:
            result.append(bar)
    return result


def _is_coloured(style: Style, key: Key) -> bool:
    chords = [name for lines in style.themes(key).values() for line in lines for name in line.replace("|", "").split()]
    return sum("7" in name or "9" in name for name in chords) >= MIN_COLOURED_SHARE * len(chords)
