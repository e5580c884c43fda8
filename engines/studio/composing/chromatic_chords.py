"""Chromatic chords in a progression: applied dominants, borrowed chords, diminished and Neapolitan chords, mediants."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from engines.studio import random_streams
from engines.studio.theory.functions import NUMERAL
from engines.studio.theory.pitch import degree_semitones

Bars = tuple[tuple[str, ...], ...]
Substitute = Callable[[str, str, bool], tuple[str, ...]]
"""Returns the chords that replace a chord before another one, none if it stays; the flag is True in minor keys."""

RAISED_DEGREES: Final[Mapping[int, str]] = {1: "#i", 3: "#ii", 6: "#iv", 8: "#v", 10: "#vi"}
"""The numerals of the degrees outside a major scale, by their semitones above the tonic."""
SEVENTHS: Final = ("7", "9", "11", "13")
BORROWED: Final[Mapping[bool, Mapping[str, tuple[str, str]]]] = {
    False: {"IV": ("iv", "iv7"), "ii": ("iv6", "ii7b5"), "vi": ("bVI", "bVImaj7"), "V": ("bVII", "bVII9"),
            "iii": ("bIII", "bIIImaj7")},
    True: {"v": ("V", "V7"), "bVII": ("V", "V7"), "iv": ("IV", "IV9"), "bIII": ("V", "V7")},
}  # fmt: skip
"""Chords of the parallel key, by the family of the key: a triad and a chord with a seventh. In minor keys these are
the dominant with the leading tone and the major subdominant."""
MEDIANTS: Final[Mapping[bool, Mapping[str, str]]] = {
    False: {"vi": "bVI", "iii": "bIII", "V": "III", "ii": "bVI", "IV": "bIII"},
    True: {"bVI": "bvi", "bIII": "biii", "bVII": "II", "iv": "bvi", "v": "bvi"},
}
"""Chords at a third from the tonic that share one tone with it, by the family of the key (Kopp 2002)."""


def with_chromatic_chords(
    bars: Bars, idioms: Sequence[str], share: float, rng: np.random.Generator, *, is_minor: bool
) -> Bars:
    """Return the bars with about a ``share`` of them changed by the ``idioms``, names of SUBSTITUTES.

    The first bar stays, and no two neighbours change: a chromatic chord contrasts with the scale. The last bar leads
    back to the first.
    """
    result = list(bars)
    wanted = share * len(bars)
    count = int(wanted) + random_streams.chance(rng, wanted % 1.0)
    changed: set[int] = set()
    for index in rng.permutation(range(1, len(bars))).tolist():
        if len(changed) >= count or changed & {index - 1, index + 1}:
            continue
        *kept, chord = bars[index]
        options = [
            chords
            for idiom in idioms
            if (chords := SUBSTITUTES[idiom](chord, bars[(index + 1) % len(bars)][0], is_minor))
            and len(kept) + len(chords) <= 2
        ]
        if options:
            result[index] = (*kept, *options[int(rng.integers(len(options)))])
            changed.add(index)
    return tuple(result)


def _applied(chord: str, following: str, _: bool) -> tuple[str, ...]:  # noqa: FBT001  the signature of Substitute
    """Return the dominant of the chord that follows: after a tonic chord in half a bar, else instead of the chord."""
    target = _degree(following)
    if not target or target in {"I", "i"} or "dim" in following or "/" in chord:
        return ()
    return (chord, f"V7/{target}") if _degree(chord) in {"I", "i"} else (f"V7/{target}",)


def _borrowed(chord: str, _: str, is_minor: bool) -> tuple[str, ...]:  # noqa: FBT001
    triad, seventh = BORROWED[is_minor].get(_degree(chord), ("", ""))
    substitute = seventh if chord.endswith(SEVENTHS) else triad
    return (substitute,) if substitute else ()


def _diminished(chord: str, following: str, _: bool) -> tuple[str, ...]:  # noqa: FBT001
    """Return the diminished seventh between two chords a tone apart."""
    first, second = (_degree(one) for one in (chord, following))
    if not first or not second:
        return ()
    place = (degree_semitones(second) - 1) % 12
    is_step = (degree_semitones(second) - degree_semitones(first)) % 12 == 2
    return (chord, f"{RAISED_DEGREES[place]}dim7") if is_step and place in RAISED_DEGREES else ()


def _tritone(chord: str, following: str, _: bool) -> tuple[str, ...]:  # noqa: FBT001
    """Return the dominant a semitone above the chord that follows, in half a bar."""
    target = _degree(following)
    if not target or "/" in chord:
        return ()
    return (chord, "bII7" if target in {"I", "i"} else f"bII7/{target}")


def _neapolitan(chord: str, following: str, is_minor: bool) -> tuple[str, ...]:  # noqa: FBT001
    """Return the major chord a semitone above the tonic before the dominant, and in minor keys before the tonic.

    Before the tonic of a major key it would replace the dominant.
    """
    goals = {"i", "v", "V"} if is_minor else {"v", "V"}
    if _degree(following) not in goals or _degree(chord) in {"i", "I"}:
        return ()
    return ("bIImaj7" if chord.endswith(SEVENTHS) else "bII",)


def _mediant(chord: str, _: str, is_minor: bool) -> tuple[str, ...]:  # noqa: FBT001
    substitute = MEDIANTS[is_minor].get(_degree(chord))
    return (substitute,) if substitute else ()


def _degree(chord: str) -> str:
    """Return the numeral of a chord in root position, "" of others."""
    match = NUMERAL.match(chord)
    return match[1] if match else ""


SUBSTITUTES: Final[Mapping[str, Substitute]] = {
    "applied": _applied, "borrowed": _borrowed, "diminished": _diminished, "tritone": _tritone,
    "neapolitan": _neapolitan, "mediant": _mediant,
}  # fmt: skip
